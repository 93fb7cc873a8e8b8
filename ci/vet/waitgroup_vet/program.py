"""The functions of a translation unit, and what each may do: every way through it, as a row of events."""

import re
from collections.abc import Iterator

from . import events as known
from .events import NONZERO, TIMEOUT, Event, Outcome, Result, Start
from .flow import Flow, arguments, initializer
from .paths import Walk
from .places import Place, Places
from .tree import Node, Unit, fields

BODIES = ("FUNCTION_DECL", "CXX_METHOD", "CONSTRUCTOR", "DESTRUCTOR", "CONVERSION_FUNCTION", "LAMBDA_EXPR")


class Function:
    """A function or lambda with a body here."""

    def __init__(self, program: "Program", node: Node, outer: "Function | None") -> None:
        self.program = program
        self.node = node
        self.body = next(child for child in reversed(node.children) if child.kind == "COMPOUND_STMT")
        self.parameters = [child for child in node.children if child.kind == "PARM_DECL"]
        self.outer = outer
        self.known: tuple[Outcome, ...] | None = None
        self.walking = False
        self.unclear = False
        self.locals = {(node.unit.key(variable.cursor),) for variable in self.body.walk() if variable.kind == "VAR_DECL"
                       and variable.cursor.storage_class.name != "STATIC"}

    @property
    def places(self) -> Places:
        outer = self.outer.places if self.outer else None
        return self.node.ask("places", lambda: Places(self.body, self.parameters, outer))  # type: ignore[no-any-return]

    def outcomes(self) -> tuple[Outcome, ...]:
        """Every way through the function; none if there are too many to tell."""
        if self.known is None:
            self.walking = True
            flow = Flow(self.body, self.program.dies)
            found = None if flow.unclear else Walk(self, flow).outcomes()
            self.unclear = found is None
            self.known = tuple(found or ())
            self.walking = False
        return self.known


class Program:
    """All functions of a unit. It tells what a call may do, as seen from the function that calls."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.functions: dict[object, Function] = {}
        self.callers: dict[Function, set[Function]] = {}
        self.reaching: dict[str, bool] = {}
        self.variables: set[int] = set()
        self.flags: set[str] = set()
        self.read_in_tasks: set[object] = set()
        for declaration in unit.declarations:
            self.collect(declaration, None)
        for function in list(self.functions.values()):
            self.look_at(function)

    def look_at(self, function: Function) -> None:
        """Who calls whom; which fields decide beside an add; what loops around a wait for a condition ask for."""
        names = set()
        for node in function.body.own():
            if node.kind == "CALL_EXPR":
                names.add(node.name)
                called = self.called(node, function)
                if called and called is not function:
                    self.callers.setdefault(called, set()).add(function)
        for node in function.body.own():
            if node.kind == "IF_STMT" and known.ADDS in names and names & set(known.STARTS):
                self.flags.update(inner.name for inner in node.children[0].walk() if inner.kind == "MEMBER_REF_EXPR")
            if node.kind in ("WHILE_STMT", "FOR_STMT", "DO_STMT") and any(re.search("cond_wait|cnd_wait", name) for name in names):
                for inner in node.walk():
                    if inner.kind in ("DECL_REF_EXPR", "MEMBER_REF_EXPR") and inner.ref is not None:
                        self.read_in_tasks.add(self.unit.key(inner.ref))

    def collect(self, node: Node, outer: Function | None) -> None:
        if node.kind == "FUNCTION_DECL" and node.name.startswith("waitgroup_") and node.place[0].endswith("waitgroup.h"):
            return  # the library's own
        if node.kind in BODIES and any(child.kind == "COMPOUND_STMT" for child in node.children):
            key = node.cursor.data[1] if node.kind == "LAMBDA_EXPR" else self.unit.key(node.cursor)
            outer = self.functions[key] = Function(self, node, outer)
        if node.kind in ("VAR_DECL", "PARM_DECL"):
            self.variables.add(self.unit.key(node.cursor))
        for child in node.children:
            self.collect(child, outer)

    def roots(self) -> Iterator[Function]:
        """The functions that nobody calls here: what the others do is a part of theirs."""
        for function in self.functions.values():
            if function not in self.callers:
                yield function

    def dies(self, variable: Node) -> bool:
        """Whether something happens when the variable goes out of scope."""
        return any(child.kind == "UNEXPOSED_ATTR" for child in variable.children) or self.destructor(variable) is not None \
            or class_of(variable) in known.GUARDS or class_of(variable) in known.JOINS_AT_END

    def destructor(self, variable: Node) -> Function | None:
        return next((f for f in self.functions.values() if f.node.kind == "DESTRUCTOR"
                     and f.node.name == "~" + variable.type.split("::")[-1]), None)

    def reaches(self, type_: object, depth: int = 4) -> bool:
        """Whether a group can be reached from a value of this type."""
        type_ = type_.get_canonical()  # type: ignore[attr-defined]
        name = type_.spelling
        if name not in self.reaching or not self.reaching[name]:
            self.reaching[name] = False
            if type_.kind.name == "POINTER":
                inner = type_.get_pointee().get_canonical()
                self.reaching[name] = inner.kind.name == "VOID" or depth > 0 and self.reaches(inner, depth - 1)
            elif self.unit.holds(type_):
                self.reaching[name] = True
            elif type_.kind.name == "RECORD" and depth > 0:
                definition = type_.get_declaration().get_definition()
                self.reaching[name] = definition is not None and any(
                    field.type.get_canonical().kind.name in ("POINTER", "RECORD", "CONSTANTARRAY")
                    and field.type.get_canonical().spelling != "void *" and self.reaches(field.type, depth - 1)
                    for field in fields(definition))
        return self.reaching[name]

    def called(self, call: Node, function: Function) -> Function | None:
        """The function of this file that is called."""
        if call.ref is not None and self.unit.key(call.ref) in self.functions:
            return self.functions[self.unit.key(call.ref)]
        found = self.routines(call.operands()[0], function).tasks if call.operands() and call.name in ("operator()", "") else ()
        return found[0] if len(found) == 1 else None

    def routines(self, node: Node, function: Function, depth: int = 4) -> Start:
        """The functions that an expression may stand for."""
        node = node.strip()
        parts = node.operands()
        converts = node.kind in ("CALL_EXPR", "MEMBER_REF_EXPR") and len(parts) == 1
        if node.kind == "UNARY_OPERATOR" and node.operator == "&" or converts:
            return self.routines(parts[0], function, depth)
        if node.kind == "CONDITIONAL_OPERATOR" and len(parts) == 3:
            return Start(sum((self.routines(part, function, depth).tasks for part in parts[1:]), ()), ())
        if node.kind == "LAMBDA_EXPR":
            return Start((self.functions[node.cursor.data[1]],), ())
        if node.kind != "DECL_REF_EXPR" or node.ref is None:
            return Start((), ())
        key = self.unit.key(node.ref)
        if key in self.functions:
            return Start((self.functions[key],), ())
        stored = function.places.stored((key,))
        if (key,) in function.places.parameters and not stored:
            return Start((), (), (key,))
        if len(stored) == 1 and stored[0] is not None and depth:
            return self.routines(stored[0], function, depth - 1)
        return Start((), ())

    def declared(self, variable: Node, function: Function) -> tuple[Event, ...]:
        """What happens when a variable begins: a lock guard locks."""
        guard = class_of(variable)
        value = initializer(variable)
        if guard in known.GUARDS and value is not None and value.strip().operands():
            return (Event("lock", function.places.place(value.strip().operands()[0]), variable, known.GUARDS[guard]),)
        return ()

    def left(self, variable: Node, function: Function) -> tuple[Outcome, ...]:
        """What happens when a variable goes out of scope."""
        key = self.unit.key(variable.cursor)
        value = initializer(variable)
        if variable.name.startswith("waitgroup_deferred_"):
            return (Outcome((Event("done", function.places.target(value) if value else None, variable),)),)
        destructor = self.destructor(variable)
        if destructor:
            return self.inline(destructor, function, {("this",): (key,)}, variable, {})
        if class_of(variable) in known.JOINS_AT_END:
            return (Outcome((Event("meet", None, variable),)),)
        if guard := self.declared(variable, function):
            return (Outcome((guard[0]._replace(kind="unlock"),)),)
        cleanup = re.search(r"cleanup_*\s*\(\s*(\w+)", variable.text + " ".join(child.text for child in variable.children))
        found = [f for f in self.functions.values() if cleanup and f.node.name == cleanup[1]]
        if found and found[0].parameters:
            parameter = (self.unit.key(found[0].parameters[0].cursor), "*")
            return self.inline(found[0], function, {parameter: (key,)}, variable, {})
        return (Outcome((Event("unseen", None, variable),)),)

    def call(self, call: Node, function: Function, used: bool) -> tuple[Outcome, ...]:
        """The ways that a call may take."""
        name, given = call.name, arguments(call)
        target = function.places.target
        first = target(given[0]) if given else None
        called = self.called(call, function)
        if called and not name.startswith("waitgroup_"):
            return self.call_here(called, call, given, function)
        if name == known.ADDS and len(given) > 1:
            amount = given[1].strip().value
            return (Outcome((Event("done" if (amount or 0) < 0 or negative(given[1]) else "add", first, call, amount),)),)
        if name == known.DONES:
            return (Outcome((Event("done", first, call),)),)
        if name == known.WAITS:
            return (Outcome((Event("wait", first, call),)),)
        if name == known.CLOCKWAITS:
            waited = Outcome((Event("wait", first, call, "deadline"),), 0)
            return (waited, Outcome((Event("late", first, call),), TIMEOUT)) if used else (Outcome((Event("late", first, call),)), waited)
        if name in known.LOCKS:
            return (Outcome((Event("lock", first, call, known.LOCKS[name]),), 0),)
        if name in known.UNLOCKS:
            return (Outcome((Event("unlock", first, call),), 0),)
        if name in known.DESTROYS:
            return (Outcome((Event("destroy", first, call),), 0),)
        if name in known.ENDS_THREAD:
            return (Outcome((), None, "thread", call),)
        if name in known.ENDS_PROCESS or self.never_returns(call):
            return ()
        return self.starts(call, given, function, used) or self.method(call, function) or self.unseen(call, given, function, used)

    def never_returns(self, call: Node) -> bool:
        if call.ref is None:
            return False
        text = call.ref.type.spelling + " ".join(child.spelling for child in call.ref.get_children() if child.kind.is_attribute())
        file, begin, end = self.unit.span(call.ref)
        return "noreturn" in text or "oreturn" in self.unit.source(file)[max(0, begin - 60):end].split(";")[-1].split("}")[-1]

    def starts(self, call: Node, given: list[Node], function: Function, used: bool) -> tuple[Outcome, ...]:
        """A thread is started, or it is not."""
        name = call.name
        if name in known.STARTS and len(given) > max(known.STARTS[name]):
            routine, argument = (given[at] for at in known.STARTS[name])
            values = [argument]
        elif (name in known.THREADS and "thread" in call.type or name == "async"
              or name == "emplace_back" and "thread" in call.operands()[0].children[0].type) and given:
            given = given[1:] if name == "async" and given[0].type.endswith("launch") else given
            routine, values = given[0], given[1:]
        else:
            return ()
        start = self.routines(routine, function)._replace(arguments=tuple(function.places.target(value) for value in values))
        group = function.places.target(given[0]) if name == known.GOES else None
        began = Outcome((Event("start", group, call, start),), 0)
        if name == "async" and call.ignored:
            return (Outcome(began.events + (Event("meet", None, call),)),)
        return (began, Outcome((Event("failed", group, call, start),), NONZERO)) if used else (began,)

    def method(self, call: Node, function: Function) -> tuple[Outcome, ...]:
        """lock() and unlock() of C++."""
        if call.name not in ("lock", "unlock", "lock_shared", "unlock_shared") or not call.operands():
            return ()
        owner = call.operands()[0].strip()
        target = owner.operands()[0].strip() if owner.operands() else owner
        place = function.places.place(target)
        if place and class_of(target) in known.GUARDS:
            stored = function.places.stored(place)
            held = stored[0].strip().operands() if stored and stored[0] is not None else []
            place = function.places.place(held[0]) if held else None
        if call.name.startswith("lock"):
            return (Outcome((Event("lock", place, call, "read" if "shared" in call.name else "write"),)),)
        return (Outcome((Event("unlock", place, call),)),)

    def unseen(self, call: Node, given: list[Node], function: Function, used: bool) -> tuple[Outcome, ...]:
        """A function of another file. One that is handed what reaches a group may do anything with it; if it tells
        that it failed, it has at least not taken a count over."""
        name = call.name
        if name == "__pthread_register_cancel":  # pthread_cleanup_push()
            return (Outcome((Event("unclear", None, call),)),)
        system = call.ref is not None and not self.unit.ours(call.ref)
        if known.MEETS.search(name) and not name.startswith("waitgroup_"):
            first = function.places.target(given[0]) if given else None
            return (Outcome((Event("meet", first, call, name),)),)
        if name in known.POSTS:
            return (Outcome((Event("post", function.places.target(given[0]), call),)),)
        other = (Event("call", None, call),)
        if system:
            return (Outcome(other),)
        indirect = call.ref is None or call.ref.kind.name not in ("FUNCTION_DECL", "CXX_METHOD", "CONSTRUCTOR")
        handed = tuple(function.places.target(value) for value in given if self.reaches(value.strip().cursor.type))
        if not handed and not indirect:
            return (Outcome((Event("call", None, call, "unseen"),)),)
        took = Event("unseen", None, call, handed or None)
        kind = call.cursor.type.get_canonical().kind.name
        success: Result = NONZERO if kind in ("BOOL", "POINTER") else 0
        if not used or kind == "VOID":
            return (Outcome((took,)),)
        failure = Outcome((took._replace(kind="refused"),), known.opposite(success) and NONZERO)
        return (Outcome((took,), success), failure)

    def call_here(self, called: Function, call: Node, given: list[Node], function: Function) -> tuple[Outcome, ...]:
        bound: dict[Place, Place | None] = {}
        routines: dict[Place, Start] = {}
        for parameter, value in zip(called.parameters, given):
            key = (self.unit.key(parameter.cursor),)
            if ")" in parameter.type:
                routines[key] = self.routines(value, function)
            elif value.strip().type.endswith(("*", "]")) or parameter.type.endswith("*"):
                bound[key + ("*",)] = function.places.target(value)
            elif parameter.type.endswith("&"):
                bound[key + ("*",)] = function.places.place(value)
            else:
                bound[key] = function.places.place(value)
        callee = call.operands()[0].strip() if call.operands() else None
        if called.node.kind in ("CXX_METHOD",) and callee and callee.kind == "MEMBER_REF_EXPR":
            bound[("this", "*")] = function.places.member_base(callee)
        return self.inline(called, function, bound, call, routines)

    def inline(self, called: Function, function: Function, bound: dict[Place, Place | None], node: Node,
               routines: dict[Place, Start]) -> tuple[Outcome, ...]:
        """The ways of a function of this file, in the places of the one that calls it."""
        if called.walking:
            return (Outcome((Event("unclear", None, node),)),)
        outcomes = called.outcomes()
        if called.unclear or len(outcomes) > 40:
            return (Outcome((Event("unclear", None, node),)),)

        def here(place: Place | None) -> Place | None:
            for formal, actual in bound.items():
                if place is not None and place[:len(formal)] == formal:
                    return function.places.follow(actual, place[len(formal):])
            return place

        def translated(event: Event) -> Event:
            extra = event.extra
            if isinstance(extra, Start):
                tasks = extra.tasks + (routines[extra.routine].tasks if extra.routine in routines else ())
                passed = routines[extra.routine].routine if extra.routine in routines else None
                extra = Start(tasks, tuple(here(place) for place in extra.arguments), passed)
            elif isinstance(extra, tuple):
                extra = tuple(here(place) for place in extra)
            return event._replace(place=here(event.place), extra=extra)

        return tuple(Outcome(tuple(translated(event) for event in outcome.events), outcome.result, outcome.end,
                             node if outcome.end == "thread" else None) for outcome in outcomes)


def class_of(node: Node) -> str:
    return node.type.split("<")[0].split("::")[-1]


def negative(amount: Node) -> bool:
    inner = amount.strip()
    return inner.kind == "UNARY_OPERATOR" and inner.operator == "-"
