"""The control flow of one function: steps in the order in which they run, with a way for every branch.

It is built from the end to the beginning: each method is told where it goes on, and returns where it starts.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from .tree import Node

LABELS = ("CASE_STMT", "DEFAULT_STMT", "LABEL_STMT")


@dataclass(eq=False)
class Step:
    """What happens, and the steps that may come next. The actions: "call", "set" (a variable), "declare", "leave"
    (the end of a variable's life), "branch" (first the way if the node is true), "switch" over "case" steps,
    "loop" (begins another round), "goto", "end", and "pass" (nothing)."""

    action: str
    node: Node
    next: list["Step"] = field(default_factory=list)
    dying: tuple[Node, ...] = ()  # the variables in scope, at a call, which may end the thread


@dataclass(frozen=True)
class Scope:
    """The variables that die at the end, and where jumps lead: the step, and how many of these variables are kept."""

    dying: tuple[Node, ...] = ()
    breaks: tuple[Step, int] | None = None
    continues: tuple[Step, int] | None = None


class Flow:
    """The steps of a function's body. `unclear` tells that it has ways that are not followed here."""

    def __init__(self, body: Node, dies: Callable[[Node], bool]) -> None:
        self.dies = dies
        self.unclear = False
        self.labels: dict[str, tuple[Step, Scope]] = {}
        self.gotos: list[tuple[Step, str, Scope]] = []
        self.cases: list[list[Step]] = []
        self.start = self.statement(body, Step("end", body), Scope())
        for step, label, scope in self.gotos:
            target, outer = self.labels.get(label, (None, scope))
            if target is None:
                self.unclear = True
            else:
                kept = len(outer.dying) if scope.dying[:len(outer.dying)] == outer.dying else 0
                step.next = [self.leave(target, scope.dying[kept:])]

    def leave(self, step: Step, dying: tuple[Node, ...]) -> Step:
        for variable in dying:  # the innermost is left first
            step = Step("leave", variable, [step])
        return step

    def statement(self, node: Node, then: Step, scope: Scope) -> Step:
        build = getattr(self, node.kind.lower(), None)
        if build:
            return build(node, then, scope)  # type: ignore[no-any-return]
        node.strip().ignored = True
        return self.expression(node, then, scope)

    def sequence(self, nodes: list[Node], then: Step, scope: Scope) -> Step:
        for at, node in enumerate(nodes):
            dying = tuple(v for v in node.children if v.kind == "VAR_DECL" and self.dies(v)) if node.kind == "DECL_STMT" else ()
            if dying:
                rest = self.sequence(nodes[at + 1:], self.leave(then, dying), replace(scope, dying=scope.dying + dying))
                return self.sequence(nodes[:at], self.decl_stmt(node, rest, scope), scope)
        for node in reversed(nodes):
            then = self.statement(node, then, scope)
        return then

    def compound_stmt(self, node: Node, then: Step, scope: Scope) -> Step:
        return self.sequence(node.children, then, scope)

    def decl_stmt(self, node: Node, then: Step, scope: Scope) -> Step:
        for variable in reversed(node.children):
            if variable.kind == "VAR_DECL":
                then = self.var_decl(variable, then, scope)
        return then

    def var_decl(self, node: Node, then: Step, scope: Scope) -> Step:
        then = Step("declare", node, [then])
        value = initializer(node)
        return self.expression(value, then, scope) if value else then

    def null_stmt(self, node: Node, then: Step, scope: Scope) -> Step:
        return then

    def if_stmt(self, node: Node, then: Step, scope: Scope) -> Step:
        first = [part for part in node.children[:2] if part.kind in ("DECL_STMT", "VAR_DECL")]
        condition, *branches = node.children[len(first):]
        ways = [self.statement(branch, then, scope) for branch in branches]
        return self.sequence(first, self.condition(condition, ways[0], ways[1] if ways[1:] else then, scope), scope)

    def round(self, body: Node, again: Step, then: Step, scope: Scope) -> Step:
        kept = len(scope.dying)
        return self.statement(body, again, replace(scope, breaks=(then, kept), continues=(again, kept)))

    def while_stmt(self, node: Node, then: Step, scope: Scope) -> Step:
        head = Step("loop", node)
        *first, condition, body = node.children
        start = self.condition(condition, self.round(body, head, then, scope), then, scope)
        head.next = [self.sequence(first, start, scope)]
        return head

    def do_stmt(self, node: Node, then: Step, scope: Scope) -> Step:
        body, condition = node.children
        head, again = Step("loop", node), Step("pass", node)
        again.next = [self.condition(condition, head, then, scope)]
        head.next = [self.round(body, again, then, scope)]
        return head

    def for_stmt(self, node: Node, then: Step, scope: Scope) -> Step:
        parts = for_parts(node)
        if parts is None:
            self.unclear = True
            return then
        first, condition, increment, body = parts
        head, again = Step("loop", node), Step("pass", node)
        again.next = [self.statement(increment, head, scope) if increment else head]
        inside = self.round(body, again, then, scope)
        head.next = [self.condition(condition, inside, then, scope) if condition else inside]
        return self.statement(first, head, scope) if first else head

    def cxx_for_range_stmt(self, node: Node, then: Step, scope: Scope) -> Step:
        head = Step("loop", node)
        head.next = [Step("branch", node, [self.round(node.children[-1], head, then, scope), then])]
        return head

    def switch_stmt(self, node: Node, then: Step, scope: Scope) -> Step:
        self.cases.append([])
        *first, condition, body = node.children
        self.statement(body, then, replace(scope, breaks=(then, len(scope.dying))))
        cases = self.cases.pop()
        if not any(case.node.kind == "DEFAULT_STMT" for case in cases):
            cases.append(Step("case", node, [then]))
        return self.sequence(first, self.expression(condition, Step("switch", condition, cases), scope), scope)

    def case_stmt(self, node: Node, then: Step, scope: Scope) -> Step:
        step = Step("case", node, [self.statement(node.children[-1], then, scope)])
        if self.cases:
            self.cases[-1].append(step)
        return step

    default_stmt = case_stmt

    def label_stmt(self, node: Node, then: Step, scope: Scope) -> Step:
        step = Step("loop", node)
        self.labels[node.name] = step, scope
        step.next = [self.sequence(node.children, then, scope)]
        return step

    def goto_stmt(self, node: Node, then: Step, scope: Scope) -> Step:
        step = Step("goto", node)
        self.gotos.append((step, node.children[0].name, scope))
        return step

    def unfollowed(self, node: Node, then: Step, scope: Scope) -> Step:
        self.unclear = True
        return then

    indirect_goto_stmt = asm_stmt = unfollowed

    def break_stmt(self, node: Node, then: Step, scope: Scope) -> Step:
        return self.leave(scope.breaks[0], scope.dying[scope.breaks[1]:]) if scope.breaks else self.unfollowed(node, then, scope)

    def continue_stmt(self, node: Node, then: Step, scope: Scope) -> Step:
        target = scope.continues
        return self.leave(target[0], scope.dying[target[1]:]) if target else self.unfollowed(node, then, scope)

    def return_stmt(self, node: Node, then: Step, scope: Scope) -> Step:
        step = self.leave(Step("end", node), scope.dying)
        for value in node.children:
            step = self.expression(value, step, scope)
        return step

    def cxx_try_stmt(self, node: Node, then: Step, scope: Scope) -> Step:
        return self.statement(node.children[0], then, scope)  # what is thrown is not followed

    def expression(self, node: Node, then: Step, scope: Scope) -> Step:
        """The calls and assignments in an expression."""
        inner = node.strip()
        parts = inner.operands()
        if inner.kind == "LAMBDA_EXPR" or not parts and inner.kind != "CALL_EXPR":
            return then
        if inner.kind == "StmtExpr":
            return self.statement(parts[0], then, scope)
        if inner.kind == "CONDITIONAL_OPERATOR" and len(parts) == 3:
            for part in parts[1:]:
                part.strip().ignored = inner.ignored
            yes, no = (self.expression(part, then, scope) for part in parts[1:])
            return self.condition(parts[0], yes, no, scope)
        if inner.kind == "BINARY_OPERATOR" and inner.operator in ("&&", "||"):
            return self.condition(inner, then, then, scope)
        if inner.kind == "BINARY_OPERATOR" and inner.operator == ",":
            parts[0].strip().ignored = True
        if inner.kind == "CALL_EXPR":
            then = Step("call", inner, [then], scope.dying)
        elif assigns(inner):
            then = Step("set", inner, [then])
        for part in reversed(parts):
            then = self.expression(part, then, scope)
        return then

    def condition(self, node: Node, yes: Step, no: Step, scope: Scope) -> Step:
        inner = node.strip()
        parts = inner.operands()
        if inner.kind == "BINARY_OPERATOR" and inner.operator == "&&":
            return self.condition(parts[0], self.condition(parts[1], yes, no, scope), no, scope)
        if inner.kind == "BINARY_OPERATOR" and inner.operator == "||":
            return self.condition(parts[0], yes, self.condition(parts[1], yes, no, scope), scope)
        if inner.kind == "UNARY_OPERATOR" and inner.operator == "!":
            return self.condition(parts[0], no, yes, scope)
        if inner.kind == "CALL_EXPR" and inner.name == "__builtin_expect":
            return self.condition(arguments(inner)[0], yes, no, scope)
        return self.expression(inner, Step("branch", inner, [yes, no]), scope)


def assigns(node: Node) -> bool:
    if node.kind == "UNARY_OPERATOR":
        return node.operator in ("++", "--")
    return node.kind == "COMPOUND_ASSIGNMENT_OPERATOR" or node.kind == "BINARY_OPERATOR" and node.operator == "="


def initializer(variable: Node) -> Node | None:
    """The value that a variable gets where it is declared."""
    values = [child for child in variable.children if not child.kind.endswith(("_REF", "_ATTR", "_DECL"))]
    # The size of an array stands before its value, and is alone if there is none.
    sized = variable.cursor.type.kind.name == "CONSTANTARRAY"
    if sized and values and values[-1].kind != "INIT_LIST_EXPR" and values[-1].value is not None:
        return None
    return values[-1] if values else None


def arguments(call: Node) -> list[Node]:
    """The arguments of a call, without the function."""
    parts = call.operands()
    constructs = call.ref is not None and call.ref.kind.name == "CONSTRUCTOR"
    return parts if constructs else parts[1:]


def for_parts(node: Node) -> tuple[Node | None, Node | None, Node | None, Node] | None:
    """What stands where in `for (first; condition; increment) body`: libclang leaves out what is empty."""
    *parts, body = node.children
    places: list[Node | None] = [None, None, None]
    if len(parts) == 3:
        places = [*parts]
    for part in parts if len(parts) < 3 else ():
        file, begin, _ = node.span
        if part.span[0] != file or part.span[1] <= begin:
            return None  # a macro's loop
        before = node.unit.source(file)[begin:part.span[1]]
        before = re.sub(r"\"(\\.|[^\"])*\"|'(\\.|[^'])*'|/\*.*?\*/|//.*", "", before, flags=re.S)
        places[min(before.count(";"), 2)] = part
    return places[0], places[1], places[2], body
