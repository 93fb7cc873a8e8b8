"""a group, or what holds one, is copied

a group is copied here: the copy shares neither counter nor waiters with the original; pass a pointer to it
(waitgroup_t *)
"""

import re

from ..events import STARTS
from ..tasks import Found, Tasks
from ..tree import Node

COPIES = re.compile(r"(__builtin_)?(mem(cpy|move)|mempcpy)|__builtin___(mem(cpy|move)|mempcpy)_chk")
VALUES = ("DECL_REF_EXPR", "MEMBER_REF_EXPR", "ARRAY_SUBSCRIPT_EXPR", "UNARY_OPERATOR", "PAREN_EXPR")


def find(tasks: Tasks) -> Found:
    for declaration in tasks.program.unit.declarations:
        used = in_use_below(declaration) if declaration.kind == "FUNCTION_DECL" else {0}
        stack = [declaration]
        while stack:
            parent = stack.pop()
            stack += parent.children
            yield from (node for node in parent.children if copies(node, parent, used))


def copies(node: Node, parent: Node, used: set[int]) -> bool:
    if node.kind == "CALL_EXPR":
        return bool(COPIES.fullmatch(node.name)) and moves(node.arguments)
    if node.kind == "PARM_DECL":
        return node.holds and "[" not in node.type
    return is_read(node, parent, used)


def in_use_below(function: Node) -> set[int]:
    """The variables that are in use: such a one is not returned fresh any more."""
    return {inner.key for call in function.below
            if call.kind == "CALL_EXPR" and (call.name.startswith("waitgroup_") or call.name in STARTS)
            for argument in call.arguments for inner in argument.below if inner.kind == "DECL_REF_EXPR"}


def is_read(node: Node, parent: Node, used: set[int]) -> bool:
    """C reads a struct as a value for every assignment, initialization, argument and return: libclang shows that as a
    conversion, but not in a list of initializers."""
    if parent.kind == "INIT_LIST_EXPR" or parent.kind == "UNEXPOSED_EXPR" and parent.children[0].kind == "MEMBER_REF":
        return in_use(node)
    ignored = parent.kind == "GENERIC_SELECTION_EXPR" or parent.kind == "CSTYLE_CAST_EXPR" and parent.type == "void"
    if node.kind != "UNEXPOSED_EXPR" or len(node.children) != 1 or ignored:
        return False
    if not in_use(node.children[0]):
        return False
    name = node.bare
    fresh_local = parent.kind == "RETURN_STMT" and name.kind == "DECL_REF_EXPR" and name.key not in used and not name.ref.static \
        and name.ref.kind == "VAR_DECL" and name.ref.cursor.semantic_parent.kind.name == "FUNCTION_DECL"
    return not fresh_local


def in_use(node: Node) -> bool:
    """A struct that holds a group, and is not fresh: a constant, or what a call gave."""
    return node.kind in VALUES and node.holds and not node.array and not fresh(node)


def fresh(node: Node) -> bool:
    node = node.bare
    if node.operator == "*":
        return node.operands[0].bare.kind == "CALL_EXPR"
    return node.kind == "COMPOUND_LITERAL_EXPR" or node.kind == "DECL_REF_EXPR" and node.ref.canonical.is_const_qualified()


def moves(given: list[Node]) -> bool:
    """memcpy() from something that holds a group, by its size."""
    source = given[1].bare
    value = source.operands[0] if source.operator == "&" else source
    constant = fresh(value) and not value.bare.pointer
    return not constant and "offsetof" not in given[2].text and any(
        points_to_group(node) for node in given[1].below if node.bare is source)


def points_to_group(node: Node) -> bool:
    type_ = node.canonical
    pointee = type_ if node.array else type_.get_pointee() if node.pointer else None
    return pointee is not None and node.unit.holds(pointee)
