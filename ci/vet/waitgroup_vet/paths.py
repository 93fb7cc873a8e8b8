"""Every way through one function, as far as the conditions on it agree with each other."""

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from . import events as known
from .events import NONZERO, TIMEOUT, Event, Outcome, Result
from .flow import Flow, Step, assigns, initializer
from .places import Place
from .tree import Node

if TYPE_CHECKING:
    from .program import Function

LVALUES = ("DECL_REF_EXPR", "MEMBER_REF_EXPR", "ARRAY_SUBSCRIPT_EXPR")
CONSTANTS = ("INTEGER_LITERAL", "CHARACTER_LITERAL", "CXX_BOOL_LITERAL_EXPR", "CXX_NULL_PTR_LITERAL_EXPR", "GNU_NULL_EXPR")
INVERSE = {"!=": "==", ">=": "<", "<=": ">"}
MOST_STATES = 6000
TOLD_ONCE = ("meet", "claim", "null", "flag", "unseen", "refused", "unclear")
ROUNDS = 3  # a loop is entered that often: two rounds and the way out

Key = tuple[object, ...]
Facts = frozenset[tuple[Key, Result]]


class State(NamedTuple):
    step: Step
    facts: Facts = frozenset()
    events: tuple[Event, ...] = ()
    rounds: tuple[Step, ...] = ()
    jump: Node | None = None  # the last goto


class Walk:
    """Follows the steps of a function in every order that its conditions allow."""

    def __init__(self, function: "Function", flow: Flow) -> None:
        self.function = function
        self.program = function.program
        self.flow = flow
        self.tested: Counter[Key] = Counter()
        self.used: set[int] = set()
        self.prepare()

    def prepare(self) -> None:
        """What conditions ask for: only that is worth to be remembered; and which results of calls they see."""
        steps, seen = [self.flow.start], set()
        setters = []
        returned: set[Key] = set()
        while steps:
            step = steps.pop()
            if id(step) in seen:
                continue
            seen.add(id(step))
            steps += step.next
            if step.action in ("branch", "switch", "end") and step.node.kind != "COMPOUND_STMT":
                for node in step.node.own():
                    self.used.add(node.cursor.data[1])
                    if node.kind in LVALUES and step.action == "end":
                        returned.add(self.key(node))
                    elif node.kind in LVALUES:
                        self.tested[self.key(node)] += 1
                if step.action == "branch":
                    self.tested[self.key(step.node.strip())] += 1
            elif step.action in ("set", "declare"):
                setters.append(step.node)
        for node in setters:
            target = self.variable(node) if node.kind == "VAR_DECL" else self.key(node.operands()[0].strip())
            if self.tested[target] or target in returned and node.kind != "COMPOUND_ASSIGNMENT_OPERATOR":
                self.used.update(inner.cursor.data[1] for inner in node.own())
        self.tested.update(returned)

    def variable(self, node: Node) -> Key:
        return (node.unit.key(node.cursor),)

    def key(self, node: Node) -> Key:
        """A name for the value of an expression, the same each time it is written."""
        if node.kind in LVALUES or node.kind == "UNARY_OPERATOR" and node.operator == "*":
            place = self.function.places.place(node)
            if place:
                return place
        if node.kind == "BINARY_OPERATOR" and node.operator in ("==", "!=", "<", ">", "<=", ">="):
            left, right = (self.key(part.strip()) for part in node.operands())
            return ("compare", INVERSE.get(node.operator, node.operator), left, right)
        if node.kind in CONSTANTS:
            return ("number", node.value)
        return ("node", node.cursor.data[1])

    def outcomes(self) -> list[Outcome] | None:
        found: dict[tuple[object, ...], Outcome] = {}
        stack = [State(self.flow.start)]
        seen: set[State] = set()
        while stack:
            state = stack.pop()
            if state in seen:
                continue
            seen.add(state)
            if len(seen) > MOST_STATES:
                return None
            for following in self.after(state):
                if isinstance(following, Outcome):
                    found.setdefault((following.events, following.result, following.end, following.node), following)
                else:
                    stack.append(following)
        return list(found.values())

    def after(self, state: State) -> list["State | Outcome"]:
        step = state.step
        handler = getattr(self, step.action, None)
        if handler:
            return list(handler(state))
        return [state._replace(step=step.next[0])]

    def goto(self, state: State) -> list[State]:
        return [state._replace(step=state.step.next[0], jump=state.step.node)]

    def loop(self, state: State) -> list[State]:
        step = state.step
        if state.rounds.count(step) >= ROUNDS:
            return []
        counts = step.node.ask("counts", lambda: known.ADDS in step.node.text)
        events = state.events + ((Event("round", None, step.node),) if counts and step.node.kind != "LABEL_STMT" else ())
        return [state._replace(step=step.next[0], rounds=state.rounds + (step,), events=events)]

    def end(self, state: State) -> list[Outcome]:
        node = state.step.node
        value = node.children[0] if node.kind == "RETURN_STMT" and node.children else None
        jumped = (Event("goto", None, state.jump),) if state.jump else ()
        result = self.evaluate(value, state.facts) if value else None
        return [Outcome(state.events + jumped, result, "return", node)]

    def call(self, state: State) -> "list[State | Outcome]":
        node = state.step.node
        used = node.cursor.data[1] in self.used and not node.ignored
        facts = self.forget_addresses(node, state.facts)
        following: list[State | Outcome] = []
        for outcome in self.program.call(node, self.function, used):
            happened = self.join(state.events, outcome.events)
            if outcome.end == "thread":
                following += self.end_thread(happened, state.step)
                continue
            after = self.learn(("node", node.cursor.data[1]), outcome.result, facts) if used else facts
            following.append(state._replace(step=state.step.next[0], facts=after, events=happened))
        return following

    def end_thread(self, events: tuple[Event, ...], step: Step) -> list[Outcome]:
        """The thread ends within a call: what is in scope dies as on a return."""
        ways = [events]
        for variable in reversed(step.dying):
            ways = [self.join(way, outcome.events) for way in ways for outcome in self.program.left(variable, self.function)]
        return [Outcome(way, None, "thread", step.node) for way in ways]

    def join(self, events: tuple[Event, ...], more: tuple[Event, ...]) -> tuple[Event, ...]:
        """Calls without a meaning of their own count only as the first thing that happens."""
        for event in more:
            repeated = event.kind in TOLD_ONCE and events and event == events[-1]
            if not (event.kind == "call" and events or event.kind == "goto" or repeated):
                events += (event,)
        return events

    def declare(self, state: State) -> list[State]:
        node = state.step.node
        value = initializer(node)
        facts = self.forget(self.variable(node), state.facts)
        if value is not None and self.tested[self.variable(node)]:
            facts = self.learn(self.variable(node), self.evaluate(value, facts), facts)
        events = state.events + self.program.declared(node, self.function)
        return [state._replace(step=state.step.next[0], facts=facts, events=events)]

    def leave(self, state: State) -> list[State]:
        return [state._replace(step=state.step.next[0], events=self.join(state.events, outcome.events))
                for outcome in self.program.left(state.step.node, self.function)]

    def set(self, state: State) -> list[State]:
        node = state.step.node
        target = node.operands()[0].strip()
        key = self.key(target)
        old = dict(state.facts).get(key)
        if node.operator == "=":
            value = self.evaluate(node.operands()[1], state.facts)
        elif node.operator == "++" and isinstance(old, int):
            value = old + 1 if old < 1 else NONZERO
        elif node.operator == "|=":
            value = either(old, self.evaluate(node.operands()[1], state.facts))
        else:
            value = None
        facts = self.forget(key, state.facts)
        if self.tested[key]:
            facts = self.learn(key, value, facts)
        return [state._replace(step=state.step.next[0], facts=facts, events=state.events + self.written(node, target))]

    def written(self, node: Node, target: Node) -> tuple[Event, ...]:
        read = target.kind in LVALUES[:2] and target.ref is not None and \
            target.unit.key(target.ref) in self.program.read_in_tasks
        return (Event("write", self.function.places.place(target), node),) if read else ()

    def branch(self, state: State) -> list[State]:
        node = state.step.node
        truth = self.evaluate(node, state.facts)
        found = []
        for way, step in zip((True, False), state.step.next):
            if truth is not None and (truth != 0) != way:
                continue
            facts = state.facts if truth is not None else self.assume(node.strip(), way, state.facts)
            events = self.join(state.events, self.decided(node, way))
            found.append(state._replace(step=step, facts=facts, events=events))
        return found

    def decided(self, node: Node, way: bool) -> tuple[Event, ...]:
        """What a branch tells besides: that there is no object, that one of several was chosen, that a field decides."""
        events = []
        inner = node.strip()
        pointer, null = inner, not way
        if inner.kind == "BINARY_OPERATOR" and inner.operator in ("==", "!="):
            left, right = (part.strip() for part in inner.operands())
            zero = next((part for part in (left, right) if part.kind in CONSTANTS and part.value == 0), None)
            pointer, null = left if zero is right else right, way == (inner.operator == "==")
            if zero is None:
                pointer = inner
        if null and pointer.type.endswith("*") and self.program.reaches(pointer.cursor.type):
            events.append(Event("null", self.function.places.target(pointer), node))
        if self.claims(inner):
            events.append(Event("claim", None, node))
        if known.ATOMICS.search(inner.text) and not self.claims(inner):
            events.append(Event("meet", None, node, "atomic"))
        for member in inner.own():
            if member.kind == "MEMBER_REF_EXPR" and member.name in self.program.flags:
                events.append(Event("flag", None, node, f"{member.name} {way}"))
        return tuple(events)

    def claims(self, node: Node, depth: int = 2) -> bool:
        """Whether an expression is about a decision that one task takes for all."""
        if known.CLAIMS.search(node.text):
            return True
        for inner in node.own():
            if inner.kind == "UNARY_OPERATOR" and inner.operator in ("++", "--"):
                place = self.function.places.place(inner.operands()[0])
                if place and (len(place) > 1 or not self.local(inner.operands()[0].strip())):
                    return True
            if inner.kind == "DECL_REF_EXPR" and depth:
                stored = self.function.places.stored(self.key(inner))
                if any(value is not None and self.claims(value, depth - 1) for value in stored):
                    return True
        return False

    def local(self, node: Node) -> bool:
        return node.ref is not None and node.ref.semantic_parent.kind.name in ("FUNCTION_DECL", "CXX_METHOD")

    def switch(self, state: State) -> list[State]:
        value = self.evaluate(state.step.node, state.facts)
        found = []
        numbers = [case.node.children[0].strip().value for case in state.step.next if case.node.kind == "CASE_STMT"]
        for case in state.step.next:
            number = case.node.children[0].strip().value if case.node.kind == "CASE_STMT" else None
            if value is not None and (number != value if number is not None else value in numbers):
                if isinstance(value, int) or number == 0:
                    continue
            facts = state.facts
            if number is not None:
                facts = self.learn_if_tested(self.key(state.step.node.strip()), number, facts)
            found.append(state._replace(step=case, facts=facts))
        return found

    def evaluate(self, node: Node, facts: Facts) -> Result:
        node = node.strip()
        parts = node.operands()
        if node.kind in CONSTANTS:
            return node.value if node.value is not None else 0
        if node.kind == "DECL_REF_EXPR" and node.ref is not None and node.ref.kind.name == "ENUM_CONSTANT_DECL":
            return node.value
        if node.kind == "UNARY_OPERATOR" and node.operator == "!":
            return known.opposite(self.evaluate(parts[0], facts))
        if node.kind == "UNARY_OPERATOR" and node.operator == "-":
            value = self.evaluate(parts[0], facts)
            return -value if isinstance(value, int) else value
        if node.kind == "BINARY_OPERATOR" and node.operator in ("==", "!=", "<", ">", "<=", ">="):
            values = [self.evaluate(part, facts) for part in parts]
            answer = compare(node.operator, values[0], values[1])
            if answer is None:
                answer = dict(facts).get(self.key(node))
                return known.opposite(answer) if node.operator in INVERSE and answer is not None else answer
            return int(answer)
        if assigns(node) and node.operator == "=":
            return self.evaluate(parts[1], facts)
        return dict(facts).get(self.key(node))

    def assume(self, node: Node, way: bool, facts: Facts) -> Facts:
        """What is known after a condition was true or false."""
        if node.kind == "BINARY_OPERATOR" and node.operator in ("==", "!="):
            left, right = node.operands()
            value = self.evaluate(right, facts)
            equal = way == (node.operator == "==")
            if value is not None and (equal or value == 0):
                return self.assume_value(left.strip(), value if equal else NONZERO, facts)
        if node.kind == "BINARY_OPERATOR" and node.operator in ("==", "!=", "<", ">", "<=", ">="):
            return self.learn_if_tested(self.key(node), int(way != (node.operator in INVERSE)), facts)
        return self.assume_value(node, NONZERO if way else 0, facts)

    def assume_value(self, node: Node, value: Result, facts: Facts) -> Facts:
        if assigns(node) and node.operator == "=":
            facts = self.assume_value(node.operands()[0].strip(), value, facts)
        return self.learn_if_tested(self.key(node), value, facts)

    def learn_if_tested(self, key: Key, value: Result, facts: Facts) -> Facts:
        return self.learn(key, value, facts) if self.tested[key] > 1 else facts

    def learn(self, key: Key, value: Result, facts: Facts) -> Facts:
        kept = frozenset(fact for fact in facts if fact[0] != key)
        return kept if value is None else kept | {(key, value)}

    def forget(self, key: Key, facts: Facts) -> Facts:
        """What was known about a variable that changes, or by way of it."""
        return frozenset(fact for fact in facts if not mentions(fact[0], key))

    def forget_addresses(self, call: Node, facts: Facts) -> Facts:
        for part in call.operands():
            inner = part.strip()
            if inner.kind == "UNARY_OPERATOR" and inner.operator == "&" and facts:
                facts = self.forget(self.key(inner.operands()[0].strip()), facts)
        return facts


def mentions(key: Key, changed: Key) -> bool:
    if key[0] == "compare":
        return any(isinstance(part, tuple) and mentions(part, changed) for part in key[2:])
    return key[:len(changed)] == changed


def compare(operator: str, left: Result, right: Result) -> bool | None:
    if isinstance(left, int) and isinstance(right, int):
        return {"==": left == right, "!=": left != right, "<": left < right, ">": left > right,
                "<=": left <= right, ">=": left >= right}[operator]
    if left is None or right is None or operator not in ("==", "!="):
        return None
    if left == 0 or right == 0 or TIMEOUT in (left, right):
        return (operator == "==") == (left != 0 and right != 0)
    return None


def either(one: Result, other: Result) -> Result:
    if one == 0 and other == 0:
        return 0
    return NONZERO if one not in (0, None) or other not in (0, None) else None


__all__ = ["Walk", "Place"]
