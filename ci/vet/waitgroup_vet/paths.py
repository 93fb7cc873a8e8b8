"""Every way through one function, as far as the conditions on it agree with each other.

In one file: the walk is one machine, whose steps call each other for every kind of statement and expression."""

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from .events import ATOMICS, CLAIMS, NONZERO, SOME, TIMEOUT, Event, Outcome, Result
from .places import NAMES, Place, Places
from .tree import Node, code

if TYPE_CHECKING:
    from .program import Function

CONSTANTS = ("INTEGER_LITERAL", "CHARACTER_LITERAL", "CXX_BOOL_LITERAL_EXPR", "CXX_NULL_PTR_LITERAL_EXPR")
COMPARISONS = ("==", "!=", "<", ">", "<=", ">=")
INVERSE = {"!=": "==", ">=": "<", "<=": ">"}
LOOPS = ("WHILE_STMT", "DO_STMT", "FOR_STMT", "CXX_FOR_RANGE_STMT")
TOLD_ONCE = ("meet", "claim", "null", "flag", "unseen", "refused", "unclear", "round")
MOST_STATES, MOST_STEPS = 400, 20_000
ROUNDS = 2

Facts = frozenset[tuple[Place, Result]]


class TooMany(Exception):
    """More ways than can be told."""


class State(NamedTuple):
    facts: Facts = frozenset()
    events: tuple[Event, ...] = ()


States = dict[State, None]  # a set in a fixed order
ONE: States = {State(): None}


class Jumps(NamedTuple):
    """Who leaves a loop or a switch, and how many variables are alive there."""

    alive: int
    breaks: States
    continues: States | None


class Walk:
    """Runs a function on all states at once, statement by statement."""

    def __init__(self, function: "Function") -> None:
        self.function = function
        self.places: Places = function.places
        self.program = function.program
        self.ends: dict[Outcome, None] = {}
        self.steps = 0
        self.alive: list[Node] = []  # variables at whose end something happens
        self.jumps: list[Jumps] = []
        self.gotos: dict[str, States] = {}
        self.switches: list[tuple[Node, States, list[int | None]]] = []
        self.tested: Counter[Place] = Counter()
        self.used: set[int] = set()
        self.look_for_conditions(list(function.body.walk(into_lambdas=False)))

    def outcomes(self) -> tuple[Outcome, ...] | None:
        try:
            self.end(self.function.body, self.run(self.function.body, ONE))
        except TooMany:
            return None
        return None if any(self.gotos.values()) else tuple(self.ends)

    def look_for_conditions(self, nodes: list[Node]) -> None:
        """Only what conditions ask for is worth to be remembered, and only results that they see make two ways."""
        returned: set[Place] = set()
        for node in nodes:
            decides = node.kind in ("IF_STMT", "SWITCH_STMT", "CONDITIONAL_OPERATOR", *LOOPS)
            asks = [part for part in node.children[:3] if decides and not part.kind.endswith("_STMT")]
            for part in [inner for ask in asks for inner in ask.walk(into_lambdas=False)]:
                if part.bare is part and (part.kind in NAMES or part.operator in COMPARISONS):
                    self.tested[self.key(part)] += 1
                self.used.add(part.id)
            for part in node.walk(into_lambdas=False) if node.kind == "RETURN_STMT" else ():
                self.used.add(part.id)
                returned.update([self.key(part)] if part.kind in NAMES else [])
        for node in nodes:
            target = (node.key,) if node.kind == "VAR_DECL" else self.key(node.operands[0].bare) if node.kind.endswith(
                "OPERATOR") and node.assigns else ()
            if target and (self.tested[target] or target in returned and node.kind != "COMPOUND_ASSIGNMENT_OPERATOR"):
                self.used.update(inner.id for inner in node.walk(into_lambdas=False))
        self.tested.update(returned)

    # ---- statements ----

    def run(self, node: Node, states: States) -> States:
        self.steps += len(states)
        if len(states) > MOST_STATES or self.steps > MOST_STEPS:
            raise TooMany
        method = getattr(self, node.kind.lower(), None)
        if method:
            return method(node, states)  # type: ignore[no-any-return]
        node.bare.ignored = True
        return self.evaluate(node, states)

    def null_stmt(self, node: Node, states: States) -> States:
        return states

    def compound_stmt(self, node: Node, states: States) -> States:
        outer, at, backwards = len(self.alive), 0, 0
        past: States = {}
        labels = {child.name: i for i, child in enumerate(node.children) if child.kind == "LABEL_STMT"}
        while at < len(node.children):
            states = self.run(node.children[at], states)
            at += 1
            again = [label for label in labels if self.gotos.get(label)] if at == len(node.children) else []
            if again and backwards < ROUNDS:
                at, backwards, past, states = labels[again[0]], backwards + 1, past | states, {}
            elif again:
                self.gotos.pop(again[0])
        states = self.leave(outer, past | states)
        del self.alive[outer:]
        return states

    def decl_stmt(self, node: Node, states: States) -> States:
        for variable in node.children:
            states = self.var_decl(variable, states) if variable.kind == "VAR_DECL" else states
        return states

    def var_decl(self, node: Node, states: States) -> States:
        states = self.evaluate(node.initializer, states) if node.initializer else states
        if self.program.dies(node):
            self.alive.append(node)
        happens = self.program.declared(node, self.function)
        return {State(self.set((node.key,), self.value(node.initializer, state.facts), state.facts),
                      join(state.events, happens)): None for state in states}

    def if_stmt(self, node: Node, states: States) -> States:
        first = [part for part in node.children[:2] if part.kind in ("DECL_STMT", "VAR_DECL")]
        for part in first:
            states = self.run(part, states)
        condition, *branches = node.children[len(first):]
        yes, no = self.condition(condition, states)
        yes = self.run(branches[0], yes)
        return yes | (self.run(branches[1], no) if branches[1:] else no)

    def loop(self, node: Node, states: States) -> States:
        parts = loop_parts(node)
        if parts is None:
            raise TooMany  # a macro's loop, of which not all parts can be told
        first, condition, increment, body = parts
        states = self.run(first, states) if first else states
        jumps = Jumps(len(self.alive), {}, {})
        self.jumps.append(jumps)
        rounds = Event("round", None, node)
        for turn in range(ROUNDS + 1):
            if turn or node.kind != "DO_STMT":
                states, out = self.condition(condition, states) if condition else (states, {})
                jumps.breaks.update(out)
            if turn == ROUNDS and condition:
                break
            states = self.run(body, self.happen(states, rounds)) | (jumps.continues or {})
            (jumps.continues or {}).clear()
            states = self.run(increment, states) if increment else states
            states = {State(self.own_facts(state.facts), state.events): None for state in states}
        self.jumps.pop()
        if not condition or condition.bare.value:
            self.ends.update((Outcome(state.events, None, node, "goes on"), None) for state in states)
        return self.happen(jumps.breaks, rounds._replace(extra="end"))

    while_stmt = do_stmt = for_stmt = cxx_for_range_stmt = loop

    def switch_stmt(self, node: Node, states: States) -> States:
        *first, condition, body = node.children
        for part in first:
            states = self.run(part, states)
        states = self.evaluate(condition, states)
        cases = [inner.children[0].bare.value for inner in body.walk() if inner.kind == "CASE_STMT"]
        self.switches.append((condition.bare, states, cases))
        self.jumps.append(Jumps(len(self.alive), {}, None))
        after = self.run(body, {})
        if not any(inner.kind == "DEFAULT_STMT" for inner in body.walk()):
            after = after | self.entering(None)
        self.switches.pop()
        return after | self.jumps.pop().breaks

    def entering(self, number: int | None) -> States:
        """The states of the switch that go to a case; None is the default."""
        condition, states, cases = self.switches[-1]
        found: States = {}
        for state in states:
            value = self.value(condition, state.facts)
            if value is None or value == number or number is None and value not in cases or value == NONZERO and number:
                facts = self.learn(self.key(condition), number, state.facts) if number is not None else state.facts
                found[state._replace(facts=facts)] = None
        return found

    def case_stmt(self, node: Node, states: States) -> States:
        number = node.children[0].bare.value if node.kind == "CASE_STMT" else None
        return self.run(node.children[-1], states | self.entering(number))

    default_stmt = case_stmt

    def break_stmt(self, node: Node, states: States) -> States:
        self.jumps[-1].breaks.update(self.leave(self.jumps[-1].alive, states))
        return {}

    def continue_stmt(self, node: Node, states: States) -> States:
        loop = next(jumps for jumps in reversed(self.jumps) if jumps.continues is not None)
        (loop.continues if loop.continues is not None else {}).update(self.leave(loop.alive, states))
        return {}

    def goto_stmt(self, node: Node, states: States) -> States:
        label = node.children[0].name if node.children else ""
        inside = [block for block in self.function.body.walk() if block.kind == "COMPOUND_STMT" and any(
            inner.kind == "LABEL_STMT" and inner.name == label for inner in block.walk())]
        kept = sum(any(variable in [inner for child in block.children for inner in child.children] for block in inside)
                   for variable in self.alive)
        states = self.leave(kept, states)
        self.gotos.setdefault(label, {}).update(self.happen(states, Event("goto", None, node)))
        return {}

    def label_stmt(self, node: Node, states: States) -> States:
        states = states | self.gotos.pop(node.name, {})
        for child in node.children:
            states = self.run(child, states)
        return states

    def return_stmt(self, node: Node, states: States) -> States:
        value = node.children[0] if node.children else None
        self.end(node, self.evaluate(value, states) if value else states, value)
        return {}

    def cxx_try_stmt(self, node: Node, states: States) -> States:
        return self.run(node.children[0], states)  # what is thrown is not followed

    def end(self, node: Node, states: States, value: Node | None = None, how: str = "returns") -> None:
        for state in self.leave(0, states) if how != "goes on" else states:
            self.ends[Outcome(state.events, self.value(value, state.facts), node, how)] = None

    def leave(self, kept: int, states: States) -> States:
        """What happens to variables at their end, the last one first."""
        for variable in reversed(self.alive[kept:]):
            ways = self.program.left(variable, self.function)
            states = {state._replace(events=join(state.events, way.events)): None for state in states for way in ways}
        return states

    def happen(self, states: States, *events: Event) -> States:
        return {state._replace(events=join(state.events, events)): None for state in states}

    # ---- expressions ----

    def evaluate(self, node: Node, states: States) -> States:
        """The calls and assignments in an expression."""
        node = node.bare
        parts = node.operands
        if node.kind == "LAMBDA_EXPR" or not parts and node.kind != "CALL_EXPR" or not states:
            return states
        if node.kind == "StmtExpr":
            return self.run(node.children[0], states)
        if node.kind == "CONDITIONAL_OPERATOR" and len(parts) == 3:
            parts[1].bare.ignored = parts[2].bare.ignored = node.ignored
            yes, no = self.condition(parts[0], states)
            return self.evaluate(parts[1], yes) | self.evaluate(parts[2], no)
        if node.operator in ("&&", "||"):
            yes, no = self.condition(node, states)
            return yes | no
        if node.operator == ",":
            parts[0].bare.ignored = True
        for part in parts:
            states = self.evaluate(part, states)
        if node.kind == "CALL_EXPR":
            return self.call(node, states)
        return {self.assign(node, state): None for state in states} if node.assigns else states

    def call(self, node: Node, states: States) -> States:
        used = node.id in self.used and not node.ignored
        found: States = {}
        for way in self.program.call(node, self.function, used):
            for state in states:
                facts = state.facts
                for part in node.operands if facts else ():
                    if part.bare.operator == "&":
                        facts = self.set(self.key(part.bare.operands[0].bare), None, facts)
                if any(event.kind in ("meet", "lock", "unlock") for event in way.events):
                    facts = self.own_facts(facts)
                facts = self.set(("node", node.id), way.result, facts) if used else facts
                after = State(facts, join(state.events, way.events))
                if way.how == "returns":
                    found[after] = None
                else:
                    self.end(node, {after: None}, None, way.how)
        return found

    def assign(self, node: Node, state: State) -> State:
        target = node.operands[0].bare
        old, value = dict(state.facts).get(self.key(target)), None
        if node.operator == "=":
            value = self.value(node.operands[1], state.facts)
        elif node.operator == "++" and isinstance(old, int):
            value = old + 1 if old < 1 else SOME
        elif node.operator == "|=":
            given = self.value(node.operands[1], state.facts)
            value = given if old == 0 else NONZERO if old or given else None
        events = state.events
        if target.kind in NAMES[:2] and target.ref and target.key in self.program.asked_for:
            events += (Event("write", self.places.place(target), node),)
        return State(self.set(self.key(target), value, state.facts), events)

    def condition(self, node: Node, states: States) -> tuple[States, States]:
        """The states in which it is true, and those in which it is false."""
        node = node.bare
        parts = node.operands
        if node.operator == "!":
            yes, no = self.condition(parts[0], states)
            return no, yes
        if node.operator in ("&&", "||"):
            yes, no = self.condition(parts[0], states)
            after, other = self.condition(parts[1], yes if node.operator == "&&" else no)
            return (after, no | other) if node.operator == "&&" else (yes | after, other)
        if node.kind == "CALL_EXPR" and node.name == "__builtin_expect":
            return self.condition(node.arguments[0], states)
        hidden = not node.operator and node.kind in ("UNARY_OPERATOR", "BINARY_OPERATOR")
        if hidden and any(part.id in self.used and part.kind == "CALL_EXPR" for part in node.walk()):
            states = self.happen(states, Event("unclear", None, node))  # by a macro: the result may mean anything
        ways: tuple[States, States] = {}, {}
        for state in self.evaluate(node, states):
            truth = self.value(node, state.facts)
            signs = node.operator in COMPARISONS[2:] and any(self.value(part, state.facts) == NONZERO for part in parts)
            for way in (True, False) if truth is None else (truth != 0,):
                facts = self.assume(node, way, state.facts) if truth is None else state.facts
                ways[not way][State(facts, join(state.events, self.told(node, way) + (
                    [Event("unclear", None, node)] if signs and truth is None else [])))] = None
        return ways

    def told(self, node: Node, way: bool) -> list[Event]:
        """What a branch tells besides."""
        events = []
        pointer, null = node, not way
        if node.operator in ("==", "!="):
            left, right = (part.bare for part in node.operands)
            pointer, null = (right if left.kind in CONSTANTS else left), way == (node.operator == "==")
        zero = pointer is node or any(self.value(part, frozenset()) == 0 for part in node.operands)
        if null and zero and pointer.pointer and self.program.reaches(pointer.canonical):
            events.append(Event("null", self.places.target(pointer), node))
        if self.claims(node):
            events.append(Event("claim", None, node))
        elif ATOMICS.search(node.text):
            events.append(Event("meet", None, node, "atomic"))
        for member in node.walk():
            if member.kind == "MEMBER_REF_EXPR" and member.name in self.program.flags:
                events.append(Event("flag", None, node, f"{member.name} {way}"))
        return events

    def claims(self, node: Node, depth: int = 2) -> bool:
        """Whether it is about a decision that one of several tasks takes for all."""
        if CLAIMS.search(node.text):
            return True
        for inner in node.walk(into_lambdas=False):
            place = self.places.place(inner.operands[0]) if inner.operator in ("++", "--") else None
            if place and (len(place) > 1 or place not in self.function.locals | set(self.places.parameters)):
                return True
            stored = self.places.stored(self.key(inner)) if inner.kind == "DECL_REF_EXPR" and depth else []
            if any(value and self.claims(value, depth - 1) for value in stored):
                return True
        return False

    # ---- what is known on a way ----

    def key(self, node: Node) -> Place:
        """A name for the value of an expression, the same each time it is written."""
        place = self.places.place(node) if node.kind in NAMES or node.operator == "*" else None
        if place:
            return place
        if node.operator in COMPARISONS:
            return ("compare", INVERSE.get(node.operator, node.operator), *(self.key(part.bare) for part in node.operands))
        return ("number", node.value) if node.kind in CONSTANTS else ("node", node.id)

    def value(self, node: Node | None, facts: Facts) -> Result:
        if node is None:
            return None
        node = node.bare
        parts = node.operands
        constant = node.kind == "DECL_REF_EXPR" and node.ref and node.ref.kind.name == "ENUM_CONSTANT_DECL"
        if node.kind in CONSTANTS or constant:
            return node.value or 0
        if node.operator == "!":
            inner = self.value(parts[0], facts)
            return None if inner is None else int(inner == 0)
        if node.operator == "-" and len(parts) == 1:
            inner = self.value(parts[0], facts)
            return -inner if isinstance(inner, int) else inner
        if node.operator == "=":
            return self.value(parts[1], facts)
        known = dict(facts).get(self.key(node))
        if node.operator in COMPARISONS:
            answer = compare(node.operator, self.value(parts[0], facts), self.value(parts[1], facts))
            return answer if known is None else int((known != 0) != (node.operator in INVERSE))
        return known

    def assume(self, node: Node, way: bool, facts: Facts) -> Facts:
        """What is known after a condition was true or false."""
        if node.operator == "=":
            facts = self.assume(node.operands[0].bare, way, facts)
            return self.assume(node.operands[1].bare, way, facts)
        if node.operator in ("==", "!="):
            value = self.value(node.operands[1], facts)
            equal = way == (node.operator == "==")
            if value == 0:
                return self.assume(node.operands[0].bare, not equal, facts)
            if value is not None and equal:
                return self.learn(self.key(node.operands[0].bare), value, facts)
        if node.operator in COMPARISONS:
            return self.learn(self.key(node), int(way != (node.operator in INVERSE)), facts)
        return self.learn(self.key(node), NONZERO if way else 0, facts)

    def learn(self, key: Place, value: Result, facts: Facts) -> Facts:
        return frozenset(fact for fact in facts if fact[0] != key) | {(key, value)} if self.tested[key] > 1 else facts

    def own_facts(self, facts: Facts) -> Facts:
        """What other threads do not change: what is known of local variables."""
        return frozenset(fact for fact in facts if self.own(fact[0]))

    def own(self, key: Place) -> bool:
        if key[0] == "compare":
            return all(self.own(part) for part in key[2:])
        return key in self.function.locals or key in self.places.parameters or key[0] in ("node", "number")

    def set(self, key: Place, value: Result, facts: Facts) -> Facts:
        """After a change, what was known of it, or by way of it, is forgotten."""
        kept = frozenset(fact for fact in facts if not mentions(fact[0], key))
        return kept | {(key, value)} if value is not None and (self.tested[key] or key[0] == "node") else kept


def join(events: tuple[Event, ...], more: "tuple[Event, ...] | list[Event]") -> tuple[Event, ...]:
    """Calls without a meaning of their own count only as the first thing that happens; of jumps, the last."""
    for event in more:
        repeated = event.kind in TOLD_ONCE and events and event == events[-1]
        if event.kind == "round" and event.extra and events and events[-1].node is event.node:
            events = events[:-1]  # a round in which nothing happened
        if event.kind == "goto":
            events = tuple(earlier for earlier in events if earlier.kind != "goto")
        if not (event.kind == "call" and events or repeated):
            events += (event,)
    return events


def mentions(key: Place, changed: Place) -> bool:
    if key[0] == "compare":
        return any(mentions(part, changed) for part in key[2:])
    return key[:len(changed)] == changed


def compare(operator: str, left: Result, right: Result) -> int | None:
    if isinstance(left, int) and isinstance(right, int):
        return int({"==": left == right, "!=": left != right, "<": left < right, ">": left > right,
                    "<=": left <= right, ">=": left >= right}[operator])
    decides = {0, TIMEOUT} & {left, right}  # a result that timed out is the error that it is compared with
    if None in (left, right) or operator not in ("==", "!=") or not decides:
        return None
    return int((operator == "==") == (left != 0 and right != 0))


def loop_parts(node: Node) -> tuple[Node | None, Node | None, Node | None, Node] | None:
    """What stands where: libclang leaves out what is empty."""
    if node.kind == "DO_STMT":
        return None, node.children[1], None, node.children[0]
    *parts, body = node.children
    if node.kind == "WHILE_STMT":
        return (parts[0] if parts[1:] else None), parts[-1], None, body
    if node.kind == "CXX_FOR_RANGE_STMT":
        return None, parts[-1], None, body
    places: list[Node | None] = [None, None, None]
    for at, part in enumerate(parts):
        file, begin, _ = node.span
        before = node.unit.source(file)[begin:part.span[1]]
        if len(parts) < 3 and (part.span[0] != file or part.span[1] <= begin):
            return None
        places[at if len(parts) == 3 else min(code(before).count(";"), 2)] = part
    return places[0], places[1], places[2], body
