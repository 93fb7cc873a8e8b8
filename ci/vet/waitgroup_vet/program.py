"""The functions of a translation unit, and what each call may do, as seen from the function that calls."""

import re
from typing import Any

from . import events as known
from .events import NONZERO, TIMEOUT, Event, Events, Outcome
from .paths import LOOPS, Walk
from .places import CALLABLE, NAMES, Place, Places
from .tree import Node, Unit, fields, once

MOST_OUTCOMES = 40


class Function:
    """A function or lambda with a body here."""

    def __init__(self, node: Node, body: Node, outer: "Function | None", program: "Program") -> None:
        self.program, self.node, self.body, self.name = program, node, body, node.name
        self.parameters = [child for child in node.children if child.kind == "PARM_DECL"]
        self.places: Places = Places(body.below, self.parameters, outer.places if outer else None)
        self.places.construct(node)
        self.variables = [inner for inner in body.below if inner.kind == "VAR_DECL"]
        self.locals: set[Place] = {(variable.key,) for variable in self.variables if not variable.static}
        self.own = self.locals | set(self.places.parameters)  # what no other thread changes
        # What a call binds: the object of a method, and what the parameters point to; what a lambda may capture.
        this: list[Place] = [("this", "*")] if node.kind in ("CXX_METHOD", "CONSTRUCTOR", "DESTRUCTOR") else []
        self.captured: list[Place] = outer.formals if outer and node.kind == "LAMBDA_EXPR" else []
        self.formals: list[Place] = self.captured + this + [(parameter.key, "*") for parameter in self.parameters]
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

    @once
    def groups(self) -> list[Place]:
        """The groups that it leaves, as a task does."""
        events = [event for way in self.outcomes() for event in way.events]
        return list({event.place: None for event in events if event.kind == "done" and event.place})

    def opaque(self) -> bool:
        """Whether there are too many ways for those that call it."""
        return len(self.outcomes()) > MOST_OUTCOMES or self.unclear


class Program:
    """All functions of a unit."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.functions: dict[int, Function] = {}
        self.named: dict[str, Function] = {}
        self.reaching: dict[str, bool] = {}
        self.tables = Places([node for node in unit.declarations if node.kind == "VAR_DECL"], [], None)
        self.asked_for: set[int | str] = set()  # by loops around a wait for a condition: what, and pointers of which type
        for declaration in unit.declarations:
            self.collect(declaration, None)
        calls = [self.look_at(function) for function in self.functions.values()]
        if not any(name.startswith("waitgroup_") for names in calls for name in names):
            self.functions = {}  # nothing that a task could leave

    def collect(self, node: Node, outer: Function | None) -> None:
        if node.kind == "FUNCTION_DECL" and node.place[0].endswith("waitgroup.h"):
            return
        body = node.children[-1] if node.children else node
        if body.kind == "COMPOUND_STMT" and (node.kind in CALLABLE or node.kind in ("DESTRUCTOR", "LAMBDA_EXPR")):
            outer = Function(node, body, outer, self)
            self.functions[node.id if node.kind == "LAMBDA_EXPR" else node.key] = self.named[node.name] = outer
        for child in node.children:
            self.collect(child, outer)

    def look_at(self, function: Function) -> set[str]:
        """Notes who calls whom; the names of what is called."""
        nodes = function.body.below
        calls = [node for node in nodes if node.kind == "CALL_EXPR"]
        for called in [self.called(call, function) for call in calls]:
            if called and called is not function:
                called.callers.add(function)
        if any(map(waits, calls)):
            loops = [node for node in nodes if node.kind in LOOPS and any(map(waits, node.below))]
            asked = [part for loop in loops if not any(inner in loop.below[1:] for inner in loops)
                     for part in loop.below if part.kind in NAMES]
            self.asked_for.update([part.key for part in asked] + [part.type for part in asked if part.pointer])
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

    def at(self, place: Place | None) -> Function | None:
        """The function that a place is."""
        return self.functions.get(place[0]) if place and len(place) == 1 else None

    def called(self, call: Node, function: Function) -> Function | None:
        """The function of this file that is called."""
        if call.ref and call.ref.kind in CALLABLE and call.name != "operator()":
            return None if virtual(call.ref) else self.functions.get(call.key)
        return self.at(function.places.target(call.operands[0])) if call.operands else None

    def scoped(self, variable: Node, function: Function) -> tuple[Events, tuple[Outcome, ...]]:
        """What happens at the begin of a variable, and at its end: a lock guard, a cleanup or destructor, a join."""
        value, class_name = variable.initializer, variable.class_name
        if variable.name.startswith("waitgroup_deferred_"):
            return (), (Outcome((Event("done", function.places.target(value), variable),)),)
        if class_name in known.JOIN_AT_END:
            return (), (Outcome((Event("meet", None, variable, "join"),)),)
        if class_name in known.GUARDS:
            mutex = function.places.place(value.bare.operands[0]) if value and value.bare.operands else None
            lock = Event("lock", mutex, variable, class_name)
            return (lock,), (Outcome((lock._replace(kind="unlock"),)),)
        attributes = [child.text for child in variable.children if child.kind == "UNEXPOSED_ATTR"]
        cleanup = re.search(r"cleanup_*\s*\(\s*(\w+)", variable.text + " ".join(attributes))
        called = self.named.get(cleanup[1] if cleanup else "~" + class_name)
        if called:
            return (), self.inline(called, function, {called.formals[0]: (variable.key,)}, variable)
        return (), ((Outcome((Event("unseen", None, variable),)),) if attributes else ())

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
            return (Outcome((Event("wait", first, call, "deadline"),), 0), Outcome((), TIMEOUT))
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
        group = target(given[0]) if name == "waitgroup_go" else None
        routines = routine.bare.operands[1:] if routine.bare.kind == "CONDITIONAL_OPERATOR" else [routine]
        if not self.at(target(routines[0])):
            routines = self.in_table(function.places.place(routine), function) or routines
        given_places = tuple(map(target, values))
        started = []
        for routine_place in map(target, routines):
            task = self.at(routine_place)
            extra = (routine_place, *(task.captured if task else ()), *given_places)
            started.append(Outcome((Event("start", group, call, extra),), 0))
        return (*started, Outcome((), NONZERO)) if used and name in known.STARTS else tuple(started)

    def in_table(self, place: Place | None, function: Function) -> list[Node]:
        """The functions in a table, or in all tables with such a field, whichever element is meant."""
        stores = [*self.tables.stores.items(), *function.places.stores.items()] if place else []
        field = -1 if place and str(place[-1]).startswith(".") else 0
        return [value for entry, values in stores for value in values if value and place and entry[field] == place[field]]

    def locks(self, call: Node, function: Function) -> tuple[Outcome, ...]:
        """lock() and unlock() of C++, of a mutex or by way of a guard."""
        if call.name not in known.METHODS or not call.operands or not call.operands[0].operands:
            return ()
        owner = call.operands[0].operands[0].bare
        place = function.places.place(owner)
        stored = function.places.stored(place) if place and owner.class_name in known.GUARDS else []
        if stored and isinstance(stored[0], Node) and stored[0].bare.operands:
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
        if ours and call.ref and call.ref.kind == "CXX_METHOD" and call.operands[0].kind == "MEMBER_REF_EXPR":
            handed += (function.places.object(call.operands[0]),)
        if not ours or not handed and call.ref and call.ref.kind in CALLABLE:
            return (Outcome((Event("call", None, call),)),)
        took = Event("unseen", None, call, handed or None)
        if not used or call.type == "void":
            return (Outcome((took,)),)
        by_truth = call.canonical.kind.name in ("BOOL", "POINTER")
        return (Outcome((took,), NONZERO if by_truth else 0),
                Outcome((took._replace(kind="refused"),), 0 if by_truth else NONZERO))

    def call_here(self, called: Function, call: Node, function: Function) -> tuple[Outcome, ...]:
        places = function.places
        bound: dict[Place, Place | None] = {}
        if called.formals[:1] == [("this", "*")] and not called.captured:
            member = call.operands and call.operands[0].kind == "MEMBER_REF_EXPR"
            bound[("this", "*")] = places.object(call.operands[0]) if member else places.constructed.get(call.id)
        for parameter, value in zip(called.parameters, call.arguments):
            reference = parameter.type.endswith("&")
            bound[(parameter.key, "*")] = places.place(value) if reference else places.target(value)
            if not reference and not parameter.pointer:
                bound[(parameter.key,)] = places.place(value)
        return self.inline(called, function, bound, call)

    def inline(self, called: Function, function: Function, bound: dict[Place, Place | None], node: Node) -> tuple[Outcome, ...]:
        """The ways of a function of this file, in the places of the one that calls it."""
        if called.opaque():
            return (Outcome((Event("unclear", None, node),)),)

        function.places.adopt(called.places, bound)

        def here(event: Event) -> Event:
            translate = function.places.translate
            extra = tuple(translate(place, bound) for place in event.extra) if isinstance(event.extra, tuple) else event.extra
            return event._replace(place=translate(event.place, bound), extra=extra)

        return tuple(way._replace(events=tuple(here(event) for event in way.events if event.kind != "goto"), end=node)
                     for way in called.outcomes())


def virtual(declared: Node) -> bool:
    return declared.kind == "CXX_METHOD" and bool(declared.cursor.is_virtual_method())


def waits(node: Node) -> bool:
    return node.kind == "CALL_EXPR" and bool(known.CONDITION_WAITS.search(node.name))
