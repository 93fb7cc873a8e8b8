"""Every way through one function, as far as the conditions on it agree with each other.

In one file: the walk is one machine, whose steps call each other for every kind of statement and expression."""

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from .events import ATOMICS, CLAIMS, NONZERO, SOME, TIMEOUT, Event, Events, Outcome, Result
from .places import NAMES, Place
from .tree import Node, code

if TYPE_CHECKING:
    from .program import Function

CONSTANTS = ("INTEGER_LITERAL", "CHARACTER_LITERAL", "CXX_BOOL_LITERAL_EXPR", "CXX_NULL_PTR_LITERAL_EXPR")
INVERSE = {"!=": "==", ">=": "<", "<=": ">"}
COMPARISONS = (*INVERSE, *INVERSE.values())
LOOPS = ("WHILE_STMT", "DO_STMT", "FOR_STMT", "CXX_FOR_RANGE_STMT")
MOST_STATES, MOST_STEPS = 400, 20_000
ROUNDS = 2

Facts = frozenset[tuple[Place, Result]]


class TooMany(Exception):
    """More ways than can be told."""


class State(NamedTuple):
    """What is known, what happened, what happens when blocks are left, and where a jump goes."""

    facts: Facts = frozenset()
    events: Events = ()
    scopes: tuple[tuple[Node, tuple[Outcome, ...]], ...] = ()
    jump: str = ""

    def then(self, *events: Event) -> "State":
        """Calls without a meaning of their own count only as the first thing that happens."""
        new = tuple(event for event in events if event.kind != "call" or not self.events)
        return State(self.facts, self.events + new, self.scopes, self.jump) if new else self

    def leave(self, block: Node | None = None) -> list["State"]:
        """What happens to the variables of a block, or of all blocks, at their end, the last one first."""
        if not self.scopes or block not in (None, self.scopes[-1][0]):
            return [self]
        state = self._replace(scopes=self.scopes[:-1])
        return [left for way in self.scopes[-1][1] for left in state.then(*way.events).leave(block)]


States = dict[State, None]  # a set in a fixed order


def happen(states: States, *events: Event) -> States:
    return {state.then(*events): None for state in states}


def caught(states: States, *jumps: str) -> tuple[States, States]:
    """The states that go on here, after one of these jumps; and the others, which jump farther."""
    if "" in jumps and not any(state.jump for state in states):
        return states, {}
    here = {state._replace(jump=""): None for state in states if state.jump in jumps}
    return here, {state: None for state in states if state.jump not in jumps}


class Walk:
    """Runs a function on all states at once, statement by statement."""

    def __init__(self, function: "Function") -> None:
        self.function, self.places, self.program = function, function.places, function.program
        self.ends: dict[Outcome, None] = {}
        self.steps = 0
        self.block = function.body  # the innermost one
        self.switches: list[tuple[Node, States, list[int | None]]] = []
        self.asked: Counter[Place] = Counter()
        self.used: set[int] = set()
        self.look_for_conditions()

    def outcomes(self) -> tuple[Outcome, ...] | None:
        try:
            states, lost = caught(self.run(self.function.body, {State(): None}), "")
        except TooMany:
            return None
        self.end(self.function.body, states)
        return None if lost else tuple(self.ends)

    def look_for_conditions(self) -> None:
        """Only what conditions ask for is worth to be remembered, and only results that they see make two ways."""
        nodes = self.function.body.below
        for node in nodes:
            if node.kind in ("IF_STMT", "SWITCH_STMT", "CONDITIONAL_OPERATOR", "RETURN_STMT", *LOOPS):
                asks = (part for part in node.children[:3] if not part.kind.endswith("_STMT"))
                for part in (inner for ask in asks for inner in ask.below):
                    self.used.add(part.id)
                    if part.kind in NAMES or part.operator in COMPARISONS:
                        self.asked[self.key(part)] += 1
        for node in nodes:
            target = (node.key,) if node.kind == "VAR_DECL" else self.key(node.operands[0]) if node.operator == "=" else ()
            if self.asked[target]:
                self.used.update(inner.id for inner in node.below)

    # ---- statements ----

    def run(self, node: Node, states: States) -> States:
        self.steps += len(states)
        if len(states) > MOST_STATES or self.steps > MOST_STEPS:
            raise TooMany
        method = getattr(self, node.kind.lower(), None)
        if method:
            return method(node, states)  # type: ignore[no-any-return]
        self.used.discard(node.bare.id)
        return self.evaluate(node, states)

    def compound_stmt(self, node: Node, states: States) -> States:
        outer, self.block = self.block, node
        labels = {child.name for child in node.children if child.kind == "LABEL_STMT"}
        past: States = {}
        for _ in range(ROUNDS + 1 if labels else 1):  # a goto may lead back
            for child in node.children:
                arrived, rest = caught(states, "", child.name) if child.kind == "LABEL_STMT" else caught(states, "")
                states = self.run(child, arrived) | rest
            past.update((state, None) for state in states if state.jump not in labels)
            states = {state: None for state in states if state.jump in labels}
        self.block = outer
        return {left: None for state in past for left in state.leave(node)}

    def null_stmt(self, node: Node, states: States) -> States:
        return states

    def first_child(self, node: Node, states: States) -> States:
        return self.run(node.children[0], states)  # what is thrown is not followed

    cxx_try_stmt = stmtexpr = label_stmt = first_child

    def decl_stmt(self, node: Node, states: States) -> States:
        for variable in node.children:
            states = self.run(variable, states)
        return states

    def var_decl(self, node: Node, states: States) -> States:
        states = self.evaluate(node.initializer, states) if node.initializer else states
        begin, end = self.program.scoped(node, self.function)
        scope = ((self.block, end),) if end else ()
        return {self.put((node.key,), self.value(node.initializer, state.facts), state._replace(
            scopes=state.scopes + scope).then(*begin)): None for state in states}

    def before_condition(self, node: Node, states: States) -> tuple[list[Node], States]:
        """The parts of an if or switch after what is declared there."""
        parts = list(node.children)
        while parts[0].kind in ("DECL_STMT", "VAR_DECL"):
            states = self.run(parts.pop(0), states)
        return parts, states

    def if_stmt(self, node: Node, states: States) -> States:
        (condition, then, *otherwise), states = self.before_condition(node, states)
        yes, no = self.condition(condition, states)
        return self.run(then, yes) | (self.run(otherwise[0], no) if otherwise else no)

    def loop(self, node: Node, states: States) -> States:
        first, condition, increment, body = loop_parts(node)
        states = self.run(first, states) if first else states
        out: States = {}
        for turn in range(ROUNDS + 1):
            if condition and (turn or node.kind != "DO_STMT"):
                states, no = self.condition(condition, states)
                out.update(no)
            if turn == ROUNDS:
                break
            states, left = caught(self.run(body, happen(states, Event("round", None, node))), "", "continue")
            out.update(left)
            states = self.run(increment, states) if increment else states
            states = {self.own(state): None for state in states}
        if not condition or condition.bare.value:
            self.ends.update((Outcome(state.events, None, node, "goes on"), None) for state in states)
        out, left = caught(out, "", "break")
        return happen(out, Event("round", None, node, "end")) | left

    while_stmt = do_stmt = for_stmt = cxx_for_range_stmt = loop

    def switch_stmt(self, node: Node, states: States) -> States:
        (condition, body), states = self.before_condition(node, states)
        labels = [inner for inner in body.below if inner.kind in ("CASE_STMT", "DEFAULT_STMT")]
        self.switches.append((condition.bare, self.evaluate(condition, states), [number(label) for label in labels]))
        after, left = caught(self.run(body, {}), "", "break")
        after |= self.entering(None) if None not in self.switches[-1][2] else {}
        self.switches.pop()
        return after | left

    def entering(self, case: int | None) -> States:
        """The states of the switch that go to a case; None is the default."""
        condition, states, cases = self.switches[-1]
        found: States = {}
        for state in states:
            value = self.value(condition, state.facts)
            if value in (None, case) or case is None and value not in cases or value == NONZERO and case:
                found[self.learn(self.key(condition), case, state) if case is not None else state] = None
        return found

    def case_stmt(self, node: Node, states: States) -> States:
        return self.run(node.children[-1], states | self.entering(number(node)))

    default_stmt = case_stmt

    def jump(self, node: Node, states: States) -> States:
        label = {"BREAK_STMT": "break", "CONTINUE_STMT": "continue"}.get(node.kind) or node.children[0].name
        states = happen(states, Event("goto", None, node)) if node.kind == "GOTO_STMT" else states
        return {state._replace(jump=label): None for state in states}

    break_stmt = continue_stmt = goto_stmt = jump

    def return_stmt(self, node: Node, states: States) -> States:
        value = node.children[0] if node.children else None
        self.end(node, self.evaluate(value, states) if value else states, value)
        return {}

    def end(self, node: Node, states: States, value: Node | None = None, how: str = "returns") -> None:
        for state in states:
            result = self.value(value, state.facts)
            self.ends.update((Outcome(left.events, result, node, how), None) for left in state.leave())

    # ---- expressions ----

    def evaluate(self, node: Node, states: States) -> States:
        """The calls and assignments in an expression."""
        node = node.bare
        parts = node.operands
        if node.kind == "LAMBDA_EXPR" or not states:
            return states
        if node.kind == "StmtExpr":
            return self.run(node, states)
        if node.kind == "CONDITIONAL_OPERATOR" and len(parts) == 3:
            ways, used = zip(parts[1:], self.condition(parts[0], states)), node.id in self.used
            return {self.put(("node", node.id), self.value(part, state.facts) if used else None, state): None
                    for part, way in ways for state in self.evaluate(part, way)}
        if node.operator in ("&&", "||"):
            yes, no = self.condition(node, states)
            return yes | no
        for part in parts:
            states = self.evaluate(part, states)
        if node.kind == "CALL_EXPR":
            return self.call(node, states)
        return {self.assign(node, state): None for state in states} if node.assigns else states

    def call(self, node: Node, states: States) -> States:
        used = node.id in self.used
        given = [self.key(part.bare.operands[0]) for part in node.arguments if part.bare.operator == "&"]
        found: States = {}
        for way in self.program.call(node, self.function, used):
            for state in states:
                for place in given if state.facts else ():
                    state = self.put(place, None, state)
                if any(event.kind in ("meet", "lock", "unlock") for event in way.events):
                    state = self.own(state)
                after = self.put(("node", node.id), way.result if used else None, state).then(*way.events)
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
        # By way of a pointer to the last link of a list, its type is all that is known.
        if (target.type if target.operator == "*" else target.key) in self.program.asked_for:
            state = state.then(Event("write", self.places.place(target), node))
        return self.put(self.key(target), value, state)

    def condition(self, node: Node, states: States) -> tuple[States, States]:
        """The states in which it is true, and those in which it is false."""
        node = node.bare
        if node.operator == "!":
            yes, no = self.condition(node.operands[0], states)
            return no, yes
        if node.operator in ("&&", "||"):
            yes, no = self.condition(node.operands[0], states)
            after, other = self.condition(node.operands[1], yes if node.operator == "&&" else no)
            return (after, no | other) if node.operator == "&&" else (yes | after, other)
        if node.name == "__builtin_expect":
            return self.condition(node.arguments[0], states)
        ways: tuple[States, States] = {}, {}
        asked = self.asks(node)
        for state in self.evaluate(node, states):
            truth = self.value(node, state.facts)
            for way in (True, False) if truth is None else (truth != 0,):
                told = self.told(node, way, state.facts if truth is None else frozenset())
                known = self.assume(node, way, state) if truth is None else state
                ways[not way][known.then(*told, *asked)] = None
        return ways

    def asks(self, node: Node) -> list[Event]:
        """What a condition asks other threads for."""
        if self.claims(node):
            return [Event("claim", None, node)]
        return [Event("meet", None, node, "atomic")] if ATOMICS.search(node.text) else []

    def told(self, node: Node, way: bool, facts: Facts) -> list[Event]:
        """What one of its branches tells."""
        events = []
        pointer, null = node, not way
        if node.operator in ("==", "!="):
            pointer, null = node.operands[constant(node.operands[0]) == 0].bare, way == (node.operator == "==")
        zero = pointer is node or 0 in map(constant, node.operands)
        if null and zero and pointer.pointer and self.program.reaches(pointer.canonical):
            events.append(Event("null", self.places.target(pointer), node))
        # A result of which nobody knows the sign, or what a macro makes of it, may mean anything; a negative one is an error.
        hidden = not node.operator and node.kind.endswith("ARY_OPERATOR")
        negative = node.operator == "<" and way and constant(node.operands[1]) == 0
        signed = node.operator in ("<", ">", "<=", ">=") and not negative
        parts = node.below if hidden else node.operands if signed else []
        if facts and any(self.value(part, facts) == NONZERO for part in parts):
            events.append(Event("unclear", None, node))
        return events

    def claims(self, node: Node, depth: int = 2) -> bool:
        """Whether it is about a decision that one of several tasks takes for all."""
        for inner in node.below:
            place = self.places.place(inner.operands[0]) if inner.operator in ("++", "--") else None
            if place and place not in self.function.own:
                return True
            stored = self.places.stored(self.key(inner)) if inner.kind == "DECL_REF_EXPR" and depth else []
            if any(value and self.claims(value, depth - 1) for value in stored):
                return True
        return bool(CLAIMS.search(node.text))

    # ---- what is known on a way ----

    def key(self, node: Node) -> Place:
        """A name for the value of an expression, the same each time it is written."""
        node = node.bare
        place = self.places.place(node) if node.kind in NAMES or node.operator == "*" else None
        if node.operator in COMPARISONS:
            return ("compare", INVERSE.get(node.operator, node.operator), *map(self.key, node.operands))
        return place or ("node", node.value if node.kind in CONSTANTS else node.id)

    def question(self, node: Node) -> tuple[Place, bool]:
        """What a condition asks for: whether this is not 0, or whether it is."""
        node = node.bare
        if node.operator in ("!", "==", "!=") and (node.operator == "!" or constant(node.operands[1]) == 0):
            key, positive = self.question(node.operands[0])
            return key, positive == (node.operator == "!=")
        return self.key(node), node.operator not in INVERSE

    def value(self, node: Node | None, facts: Facts) -> Result:
        node = node.bare if node else None
        if node is None or constant(node) is not None:
            return constant(node) if node else None
        if node.operator == "=":
            return self.value(node.operands[1], facts)
        if node.operator == "-" and len(node.operands) == 1:
            value = self.value(node.operands[0], facts)
            return -value if isinstance(value, int) else value
        key, positive = self.question(node)
        known = dict(facts).get(key) if facts else None
        if known is None and node.operator in COMPARISONS:
            return compare(node.operator, *(self.value(part, facts) for part in node.operands))
        return known if known is None or positive else int(known == 0)

    def assume(self, node: Node, way: bool, state: State) -> State:
        """What is known after a condition was true or false."""
        if node.operator == "=":
            return self.assume(node.operands[1].bare, way, self.assume(node.operands[0].bare, way, state))
        key, positive = self.question(node)
        value = self.value(node.operands[1], state.facts) if key[:2] == ("compare", "==") else None
        if value is not None and way == positive:
            return self.learn(key[2], value, state)
        return self.learn(key, NONZERO if way == positive else 0, state)

    def learn(self, key: Place, value: Result, state: State) -> State:
        facts = frozenset(fact for fact in state.facts if fact[0] != key) | {(key, value)}
        return state._replace(facts=facts) if self.asked[key] > 1 else state

    def put(self, key: Place, value: Result, state: State) -> State:
        """After a change, what was known of it, or by way of it, is forgotten."""
        if not state.facts and value is None:
            return state
        facts = frozenset(fact for fact in state.facts if not any(part[:len(key)] == key for part in parts_of(fact[0])))
        new = {(key, value)} if value is not None and (self.asked[key] or key[0] == "node") else frozenset()
        return state._replace(facts=facts | new)

    def own(self, state: State) -> State:
        """What other threads do not change: what is known of local variables."""
        own = self.function.own
        return state._replace(facts=frozenset(
            fact for fact in state.facts if all(part in own or part[0] == "node" for part in parts_of(fact[0]))))


def parts_of(key: Place) -> Place:
    """What is compared, if it is a comparison."""
    return key[2:] if key[0] == "compare" else (key,)


def constant(node: Node) -> int | None:
    node = node.bare
    known = node.kind in CONSTANTS or node.kind == "DECL_REF_EXPR" and node.ref.kind == "ENUM_CONSTANT_DECL"
    return node.value or 0 if known else None


def number(label: Node) -> int | None:
    """Of a case; None for the default."""
    return label.children[0].bare.value if label.kind == "CASE_STMT" else None


def compare(operator: str, left: Result, right: Result) -> int | None:
    if isinstance(left, int) and isinstance(right, int):
        return int({"==": left == right, "!=": left != right, "<": left < right, ">": left > right,
                    "<=": left <= right, ">=": left >= right}[operator])
    decides = {0, TIMEOUT} & {left, right}  # a result that timed out is the error that it is compared with
    if None in (left, right) or operator not in ("==", "!=") or not decides:
        return None
    return int((operator == "==") == (left != 0 and right != 0))


def loop_parts(node: Node) -> tuple[Node | None, Node | None, Node | None, Node]:
    """What comes first, the condition, the increment and the body: libclang leaves out what is empty."""
    *parts, body = node.children
    if node.kind == "DO_STMT":
        return None, body, None, parts[0]
    if node.kind != "FOR_STMT":
        return (parts[0] if parts[1:] else None), parts[-1], None, body
    file, begin, _ = node.span
    head = code(node.unit.source(file)[begin:body.span[1]])
    filled = [bool(part.strip(" \t\r\n()")) for part in head.partition("(")[2].split(";")] if len(parts) < 3 else [True] * 3
    if len(filled) != 3 or sum(filled) != len(parts):
        raise TooMany  # a macro's loop, of which not all parts can be told
    rest = iter(parts)
    first, condition, increment = (next(rest) if there else None for there in filled)
    return first, condition, increment, body
