"""The functions of a translation unit, and what each call may do, as seen from the function that calls."""

import re
from typing import Any

from . import events as known
from .events import CONDITION_WAITS, NONZERO, TIMEOUT, Event, Outcome, Start
from .paths import LOOPS, Walk
from .places import NAMES, Place, Places
from .tree import Node, Unit, fields

BODIES = ("FUNCTION_DECL", "CXX_METHOD", "CONSTRUCTOR", "DESTRUCTOR", "LAMBDA_EXPR")
MOST_OUTCOMES = 40


class Function:
    """A function or lambda with a body here."""

    def __init__(self, program: "Program", node: Node, outer: "Function | None") -> None:
        self.program, self.node, self.name = program, node, node.name
        self.body = next(child for child in node.children if child.kind == "COMPOUND_STMT")
        self.parameters = [child for child in node.children if child.kind == "PARM_DECL"]
        self.places: Places = Places(self.body, self.parameters, outer.places if outer else None)
        variables = [node for node in self.body.walk() if node.kind == "VAR_DECL"]
        self.locals: set[Place] = {(node.key,) for node in variables if node.cursor.storage_class.name != "STATIC"}
        self.callers: set[Function] = set()
        self.known: tuple[Outcome, ...] | None = None
        self.unclear = False  # while it is walked, and if it has too many ways

    def outcomes(self) -> tuple[Outcome, ...]:
        """Every way through the function; none if there are too many."""
        if self.known is None and not self.unclear:
            self.unclear = True
            self.known = Walk(self).outcomes()
            self.unclear = self.known is None
        return self.known or ()


class Program:
    """All functions of a unit."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.functions: dict[int, Function] = {}
        self.variables: set[int] = set()
        self.reaching: dict[str, bool] = {}
        self.flags: set[str] = set()  # fields that decide in functions that add and start
        self.counts = False  # whether there is any call about a group
        self.asked_for: set[int] = set()  # by loops around a wait for a condition
        for declaration in unit.declarations:
            self.collect(declaration, None)
        for function in list(self.functions.values()):
            self.look_at(function)
        if not self.counts:  # nothing that a task could leave
            self.functions = {}
        self.roots = [function for function in self.functions.values() if not function.callers]

    def collect(self, node: Node, outer: Function | None) -> None:
        if node.kind == "FUNCTION_DECL" and node.name.startswith("waitgroup_") and node.place[0].endswith("waitgroup.h"):
            return
        if node.kind in BODIES and any(child.kind == "COMPOUND_STMT" for child in node.children):
            key = node.id if node.kind == "LAMBDA_EXPR" else node.unit.key(node.cursor)
            outer = self.functions[key] = Function(self, node, outer)
        if node.kind in ("VAR_DECL", "PARM_DECL"):
            self.variables.add(node.key)
        for child in node.children:
            self.collect(child, outer)

    def look_at(self, function: Function) -> None:
        nodes = list(function.body.walk(into_lambdas=False))
        calls = [node for node in nodes if node.kind == "CALL_EXPR"]
        names = {call.name for call in calls}
        for called in [self.called(call, function) for call in calls]:
            if called and called is not function:
                called.callers.add(function)
        self.counts = self.counts or any(name.startswith("waitgroup_") for name in names)
        counts = "waitgroup_add" in names and bool(names & set(known.STARTS))
        waits = any(CONDITION_WAITS.search(name) for name in names)
        for node in nodes:
            if counts and node.kind == "IF_STMT":
                self.flags.update(part.name for part in node.children[0].walk() if part.kind == "MEMBER_REF_EXPR")
            if waits and node.kind in LOOPS:
                self.asked_for.update(part.key for part in node.walk() if part.kind in NAMES[:2] and part.ref)

    def reaches(self, type_: Any, depth: int = 4) -> bool:
        """Whether a group can be reached by a pointer, which may be one to anything, or from a record."""
        type_ = type_.get_canonical()
        name = f"{type_.spelling} {depth}"
        if name not in self.reaching:
            self.reaching[name] = False
            if type_.kind.name == "POINTER":
                pointee = type_.get_pointee()
                self.reaching[name] = pointee.kind.name == "VOID" or depth > 0 and self.reaches(pointee, depth - 1)
            elif type_.kind.name == "RECORD":
                inner = [field.type for field in fields(type_) if field.type.get_canonical().spelling != "void *"]
                self.reaching[name] = self.unit.holds(type_) or depth > 0 and any(
                    self.reaches(field, depth - 1) for field in inner)
        return self.reaching[name]

    def called(self, call: Node, function: Function) -> Function | None:
        """The function of this file that is called."""
        found = self.functions.get(call.key) if call.ref else None
        if not found and call.operands and call.name in ("operator()", ""):
            tasks = self.routines(call.operands[0], function).tasks
            return tasks[0] if len(tasks) == 1 else None
        return found

    def routines(self, node: Node, function: Function, depth: int = 4) -> Start:
        """The functions that an expression may stand for."""
        node, parts = node.bare, node.bare.operands
        converts = node.kind in ("CALL_EXPR", "MEMBER_REF_EXPR") and len(parts) == 1
        if node.operator == "&" or converts:
            return self.routines(parts[0], function, depth)
        if node.kind == "CONDITIONAL_OPERATOR" and len(parts) == 3:
            return Start(sum((self.routines(part, function, depth).tasks for part in parts[1:]), ()))
        if node.kind == "LAMBDA_EXPR":
            return Start((self.functions[node.id],) if node.id in self.functions else ())
        if node.kind != "DECL_REF_EXPR" or not node.ref:
            return Start(())
        stored = function.places.stored((node.key,))
        if node.key in self.functions:
            return Start((self.functions[node.key],))
        if (node.key,) in function.places.parameters and not stored:
            return Start((), (), (node.key,))
        single = len(stored) == 1 and stored[0] and depth
        return self.routines(stored[0], function, depth - 1) if single and stored[0] else Start(())

    # ---- variables at whose begin or end something happens ----

    def dies(self, variable: Node) -> bool:
        return variable.class_name in known.GUARDS | known.JOIN_AT_END or self.destructor(variable) is not None or any(
            child.kind == "UNEXPOSED_ATTR" for child in variable.children)

    def destructor(self, variable: Node) -> Function | None:
        return next((function for function in self.functions.values() if function.name == "~" + variable.class_name), None)

    def declared(self, variable: Node, function: Function) -> tuple[Event, ...]:
        """A lock guard locks."""
        value = variable.initializer.bare if variable.initializer else None
        if variable.class_name in known.GUARDS and value and value.operands:
            return (Event("lock", function.places.place(value.operands[0]), variable, variable.class_name),)
        return ()

    def left(self, variable: Node, function: Function) -> tuple[Outcome, ...]:
        """A lock guard unlocks, a cleanup or destructor is called, a thread is joined."""
        places, key = function.places, variable.key
        if variable.name.startswith("waitgroup_deferred_") and variable.initializer:
            return (Outcome((Event("done", places.target(variable.initializer), variable),)),)
        if variable.class_name in known.JOIN_AT_END:
            return (Outcome((Event("meet", None, variable, "join"),)),)
        destructor = self.destructor(variable)
        if destructor:
            return self.inline(destructor, function, {("this", "*"): (key,)}, variable, {})
        if locked := self.declared(variable, function):
            return (Outcome((locked[0]._replace(kind="unlock"),)),)
        text = variable.text + " ".join(child.text for child in variable.children)
        named = re.search(r"cleanup_*\s*\(\s*(\w+)", text)
        for cleanup in self.functions.values():
            if named and cleanup.name == named[1] and cleanup.parameters:
                return self.inline(cleanup, function, {(cleanup.parameters[0].key, "*"): (key,)}, variable, {})
        return (Outcome((Event("unseen", None, variable),)),)

    # ---- calls ----

    def call(self, call: Node, function: Function, used: bool) -> tuple[Outcome, ...]:
        """The ways that a call may take; a result that nobody sees is taken for a success."""
        name, given = call.name, call.arguments
        first = function.places.target(given[0]) if given else None
        called = self.called(call, function)
        if called:
            return self.call_here(called, call, function)
        if name in known.SIMPLE:
            return (Outcome((Event(known.SIMPLE[name], first, call, name if name in known.READ_LOCKS else None),), 0),)
        if name == "waitgroup_add" and len(given) > 1:
            amount = given[1].bare
            kind = "done" if amount.operator == "-" or (amount.value or 0) < 0 else "add"
            return (Outcome((Event(kind, first, call, amount.value),)),)
        if name == "waitgroup_clockwait":
            return (Outcome((Event("wait", first, call, "deadline"),), 0), Outcome((Event("late", first, call),), TIMEOUT))
        if name in known.ENDS_THREAD:
            return (Outcome(how="exits"),)
        if known.ENDS_PROCESS.fullmatch(name) or self.never_returns(call):
            return ()
        return self.starts(call, given, function, used) or self.locks(call, function) or self.unseen(call, function, used)

    def never_returns(self, call: Node) -> bool:
        if not call.ref or not self.unit.ours(call.ref):
            return False
        file, begin, end = Node(self.unit, call.ref).span
        text = re.split("[;}]", self.unit.source(file)[max(0, begin - 60):end])[-1]
        return "noreturn" in (text + call.ref.type.spelling).lower()

    def starts(self, call: Node, given: list[Node], function: Function, used: bool) -> tuple[Outcome, ...]:
        """A thread is started, or it is not."""
        name, target = call.name, function.places.target
        if name in known.STARTS and len(given) > max(known.STARTS[name]):
            routine, values = given[known.STARTS[name][0]], [given[known.STARTS[name][1]]]
        elif given and (name in known.THREADS and "thread" in call.type or name == "async" or name == "emplace_back"
                        and "thread" in call.operands[0].operands[0].type):
            policy = name == "async" and given[0].type.endswith("launch")
            routine, values = given[policy], given[policy + 1:]
        else:
            return ()
        start = self.routines(routine, function)._replace(arguments=tuple(target(value) for value in values))
        event = Event("start", target(given[0]) if name == "waitgroup_go" else None, call, start)
        joined = (Event("meet", None, call, "join"),) if name == "async" and call.ignored else ()
        failed = (Outcome((event._replace(kind="failed"),), NONZERO),) if used and name in known.STARTS else ()
        return (Outcome((event, *joined), 0), *failed)

    def locks(self, call: Node, function: Function) -> tuple[Outcome, ...]:
        """lock() and unlock() of C++, of a mutex or by way of a guard."""
        if call.name not in known.METHODS or not call.operands or not call.operands[0].operands:
            return ()
        owner = call.operands[0].operands[0].bare
        place = function.places.place(owner)
        stored = function.places.stored(place) if place and owner.class_name in known.GUARDS else []
        if stored and stored[0] and stored[0].bare.operands:
            place = function.places.place(stored[0].bare.operands[0])
        return (Outcome((Event(known.METHODS[call.name], place, call, call.name),)),)

    def unseen(self, call: Node, function: Function, used: bool) -> tuple[Outcome, ...]:
        """A function of another file. One that is handed what reaches a group may do anything with it; if it tells
        that it failed, it has at least not taken a count over."""
        name, target, given = call.name, function.places.target, call.arguments
        if known.MEETS.search(name):
            return (Outcome((Event("meet", target(given[0]) if given else None, call, name),)),)
        if name == "__pthread_register_cancel":  # pthread_cleanup_push()
            return (Outcome((Event("unclear", None, call),)),)
        indirect = not call.ref or call.ref.kind.name not in ("FUNCTION_DECL", "CXX_METHOD", "CONSTRUCTOR")
        handed = tuple(target(value) for value in given if self.reaches(value.bare.canonical))
        if call.ref and not self.unit.ours(call.ref) or not handed and not indirect:
            return (Outcome((Event("call", None, call),)),)
        took = Event("unseen", None, call, handed or None)
        if not used or call.type == "void":
            return (Outcome((took,)),)
        by_truth = call.canonical.kind.name in ("BOOL", "POINTER")
        return (Outcome((took,), NONZERO if by_truth else 0),
                Outcome((took._replace(kind="refused"),), 0 if by_truth else NONZERO))

    def call_here(self, called: Function, call: Node, function: Function) -> tuple[Outcome, ...]:
        bound: dict[Place, Place | None] = {}
        routines: dict[Place, Start] = {}
        for parameter, value in zip(called.parameters, call.arguments):
            if ")" in parameter.type:
                routines[(parameter.key,)] = self.routines(value, function)
            elif parameter.pointer:
                bound[(parameter.key, "*")] = function.places.target(value)
            else:
                reference = parameter.type.endswith("&")
                bound[(parameter.key, "*") if reference else (parameter.key,)] = function.places.place(value)
        if called.node.kind == "CXX_METHOD" and call.operands and call.operands[0].kind == "MEMBER_REF_EXPR":
            bound[("this", "*")] = function.places.object(call.operands[0])
        return self.inline(called, function, bound, call, routines)

    def inline(self, called: Function, function: Function, bound: dict[Place, Place | None], node: Node,
               routines: dict[Place, Start]) -> tuple[Outcome, ...]:
        """The ways of a function of this file, in the places of the one that calls it."""
        outcomes = called.outcomes()
        if called.unclear or len(outcomes) > MOST_OUTCOMES:
            return (Outcome((Event("unclear", None, node),)),)

        def here(place: Place | None) -> Place | None:
            for formal, actual in bound.items():
                if place and place[:len(formal)] == formal:
                    return function.places.follow(actual, place[len(formal):])
            return place

        def translated(event: Event) -> Event:
            extra = event.extra
            if isinstance(extra, Start):
                passed = routines.get(extra.routine or (), Start((), (), None))
                extra = Start(extra.tasks + passed.tasks, tuple(map(here, extra.arguments)), passed.routine)
            elif isinstance(extra, tuple):
                extra = tuple(map(here, extra))
            return event._replace(place=here(event.place), extra=extra)

        return tuple(way._replace(events=tuple(translated(event) for event in way.events if event.kind != "goto"), end=node)
                     for way in outcomes)
