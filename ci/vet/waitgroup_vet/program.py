"""The functions of a translation unit, and what each call may do, as seen from the function that calls."""

import re
from typing import Any

from . import events as known
from .events import NONZERO, TIMEOUT, Event, Outcome, Start
from .paths import LOOPS, Walk
from .places import NAMES, Place, Places
from .tree import Node, Unit, fields

MOST_OUTCOMES = 40
CALLABLE = ("FUNCTION_DECL", "CXX_METHOD", "CONSTRUCTOR")


class Function:
    """A function or lambda with a body here."""

    def __init__(self, node: Node, body: Node, outer: "Function | None", program: "Program") -> None:
        self.program, self.node, self.body, self.name = program, node, body, node.name
        self.parameters = [child for child in node.children if child.kind == "PARM_DECL"]
        self.places: Places = Places(body, self.parameters, outer.places if outer else None)
        self.variables = [inner for inner in body.below if inner.kind == "VAR_DECL"]
        self.locals: set[Place] = {(variable.key,) for variable in self.variables if not variable.static}
        self.own = self.locals | set(self.places.parameters)  # what no other thread changes
        # What a call binds: the object of a method, and what the parameters point to.
        this: list[Place] = [("this", "*")] if node.kind in ("CXX_METHOD", "CONSTRUCTOR", "DESTRUCTOR") else []
        self.formals = this + [(parameter.key, "*") for parameter in self.parameters]
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
        self.named: dict[str, Function] = {}
        self.variables: set[int] = set()
        self.reaching: dict[str, bool] = {}
        self.asked_for: set[int] = set()  # by loops around a wait for a condition
        for declaration in unit.declarations:
            self.collect(declaration, None)
        calls = [self.look_at(function) for function in list(self.functions.values())]
        if not any(name.startswith("waitgroup_") for names in calls for name in names):
            self.functions = {}  # nothing that a task could leave

    def collect(self, node: Node, outer: Function | None) -> None:
        body = node.children[-1] if node.children else node
        if node.place[0].endswith("/waitgroup.h") if outer is None else False:
            return
        if body.kind == "COMPOUND_STMT" and (node.kind in CALLABLE or node.kind in ("DESTRUCTOR", "LAMBDA_EXPR")):
            outer = Function(node, body, outer, self)
            self.functions[node.id if node.kind == "LAMBDA_EXPR" else node.key] = self.named[node.name] = outer
        if node.kind in ("VAR_DECL", "PARM_DECL"):
            self.variables.add(node.key)
        for child in node.children:
            self.collect(child, outer)

    def look_at(self, function: Function) -> set[str]:
        """Notes who calls whom; the names of what is called."""
        nodes = function.body.below
        calls = [node for node in nodes if node.kind == "CALL_EXPR"]
        for called in [self.called(call, function) for call in calls]:
            if called and called is not function:
                called.callers.add(function)
        if any(known.CONDITION_WAITS.search(call.name) for call in calls):
            self.asked_for.update(part.key for node in nodes if node.kind in LOOPS for part in node.below if part.kind in NAMES)
        return {call.name for call in calls}

    def reaches(self, type_: Any, seen: frozenset[str] = frozenset()) -> bool:
        """Whether a group can be reached by a pointer, which may be one to anything, or from a record."""
        type_ = type_.get_canonical()
        name = type_.spelling
        if name in self.reaching or name in seen:
            return self.reaching.get(name, False)
        if type_.kind.name == "POINTER":
            pointee = type_.get_pointee()
            found = pointee.kind.name == "VOID" or self.reaches(pointee, seen | {name})
        else:
            inner = [field.type for field in fields(type_) if field.type.get_canonical().spelling != "void *"]
            found = self.unit.holds(type_) or any(self.reaches(field, seen | {name}) for field in inner)
        if found or not seen:
            self.reaching[name] = found
        return found

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
        if node.operator == "&" or node.kind in ("CALL_EXPR", "MEMBER_REF_EXPR") and len(parts) == 1:  # a conversion
            return self.routines(parts[0], function, depth)
        if node.kind == "CONDITIONAL_OPERATOR":
            return Start(sum((self.routines(part, function, depth).tasks for part in parts[1:]), ()))
        found = self.functions.get(node.id if node.kind == "LAMBDA_EXPR" else node.key if node.kind == "DECL_REF_EXPR" else 0)
        if found or node.kind != "DECL_REF_EXPR":
            return Start((found,) if found else ())
        stored = function.places.stored((node.key,))
        if (node.key,) in function.places.parameters and not stored:
            return Start((), (), (node.key,))
        return self.routines(stored[0], function, depth - 1) if len(stored) == 1 and stored[0] and depth else Start()

    # ---- variables at whose begin or end something happens ----

    def dies(self, variable: Node) -> bool:
        return variable.class_name in known.GUARDS | known.JOIN_AT_END or "~" + variable.class_name in self.named or any(
            child.kind == "UNEXPOSED_ATTR" for child in variable.children)

    def declared(self, variable: Node, function: Function) -> tuple[Event, ...]:
        """A lock guard locks."""
        value = variable.initializer.bare if variable.initializer else None
        if variable.class_name in known.GUARDS and value and value.operands:
            return (Event("lock", function.places.place(value.operands[0]), variable, variable.class_name),)
        return ()

    def left(self, variable: Node, function: Function) -> tuple[Outcome, ...]:
        """A lock guard unlocks, a cleanup or destructor is called, a thread is joined."""
        if variable.name.startswith("waitgroup_deferred_"):
            return (Outcome((Event("done", function.places.target(variable.initializer), variable),)),)
        if variable.class_name in known.JOIN_AT_END:
            return (Outcome((Event("meet", None, variable, "join"),)),)
        if variable.class_name in known.GUARDS:
            return (Outcome(tuple(event._replace(kind="unlock") for event in self.declared(variable, function))),)
        text = variable.text + " ".join(child.text for child in variable.children)
        cleanup = re.search(r"cleanup_*\s*\(\s*(\w+)", text)
        called = self.named.get(cleanup[1] if cleanup else "~" + variable.class_name)
        if called:
            return self.inline(called, function, {called.formals[0]: (variable.key,)}, variable, {})
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
        if name == "waitgroup_add":
            amount = given[1].bare
            kind = "done" if amount.operator == "-" or (amount.value or 0) < 0 else "add"
            return (Outcome((Event(kind, first, call, amount.value),)),)
        if name == "waitgroup_clockwait":
            return (Outcome((Event("wait", first, call, "deadline"),), 0), Outcome((Event("late", first, call),), TIMEOUT))
        if name in known.ENDS_THREAD:
            return (Outcome(how="exits"),)
        if known.ENDS_PROCESS.fullmatch(name) or self.never_returns(call):
            return ()
        return self.starts(call, function, used) or self.locks(call, function) or self.unseen(call, function, used)

    def never_returns(self, call: Node) -> bool:
        if not call.ref or not self.unit.ours(call.ref):
            return False
        file, begin, end = call.ref.span
        text = re.split("[;}]", self.unit.source(file)[max(0, begin - 60):end])[-1]
        return "noreturn" in (text + call.ref.canonical.spelling).lower()

    def starts(self, call: Node, function: Function, used: bool) -> tuple[Outcome, ...]:
        """A thread is started, or it is not."""
        name, given, target = call.name, call.arguments, function.places.target
        if name in known.STARTS:
            routine, values = given[known.STARTS[name][0]], [given[known.STARTS[name][1]]]
        elif given and (name in known.THREADS and "thread" in call.type or name == "async" or name == "emplace_back"
                        and "thread" in call.operands[0].operands[0].type):
            policy = name == "async" and given[0].type.endswith("launch")
            routine, values = given[policy], given[policy + 1:]
        else:
            return ()
        start = self.routines(routine, function)._replace(arguments=tuple(target(value) for value in values))
        event = Event("start", target(given[0]) if name == "waitgroup_go" else None, call, start)
        failed = (Outcome((event._replace(kind="failed"),), NONZERO),) if used and name in known.STARTS else ()
        return (Outcome((event,), 0), *failed)

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
        ours = call.ref is None or self.unit.ours(call.ref)
        handed = tuple(target(value) for value in given if self.reaches(value.bare.canonical)) if ours else ()
        if not ours or not handed and call.ref and call.ref.kind in CALLABLE:
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
                passed = routines.get(extra.routine or (), Start())
                extra = Start(extra.tasks + passed.tasks, tuple(map(here, extra.arguments)), passed.routine)
            elif isinstance(extra, tuple):
                extra = tuple(map(here, extra))
            return event._replace(place=here(event.place), extra=extra)

        return tuple(way._replace(events=tuple(translated(event) for event in way.events if event.kind != "goto"), end=node)
                     for way in outcomes)
