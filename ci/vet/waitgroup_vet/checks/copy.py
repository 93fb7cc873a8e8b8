"""A group, or what holds one, is copied."""

from collections.abc import Iterator

from .. import events as known
from ..flow import arguments
from ..tasks import Tasks
from ..tree import Node

NAME = "copy"
SUMMARY = "a group, or what holds one, is copied"
MESSAGE = "a group is copied here: the copy shares neither counter nor waiters with the original; pass a pointer to it " \
    "(waitgroup_t *)"
VALUES = ("DECL_REF_EXPR", "MEMBER_REF_EXPR", "ARRAY_SUBSCRIPT_EXPR", "UNARY_OPERATOR", "PAREN_EXPR")


def find(tasks: Tasks) -> Iterator[Node]:
    for declaration in tasks.program.unit.declarations:
        yield from look(declaration, None, set())


def look(node: Node, parent: Node | None, used: set[int]) -> Iterator[Node]:
    """`used` are the local variables that are in use: such a one is not returned fresh any more."""
    unit = node.unit
    if node.kind == "FUNCTION_DECL":
        used = {unit.key(inner.ref) for call in node.walk() if call.kind == "CALL_EXPR" and uses(call)
                for argument in arguments(call) for inner in argument.walk() if inner.kind == "DECL_REF_EXPR" and inner.ref}
    if node.kind == "PARM_DECL" and unit.holds(node.cursor.type) and "[" not in node.cursor.type.spelling:
        yield node
    elif parent and (node.kind == "UNEXPOSED_EXPR" and is_read(node, parent, used) or in_list(node, parent) and is_value(node)):
        yield node
    elif node.kind == "CALL_EXPR" and node.name in known.COPIES and moves(arguments(node)):
        yield node
    for child in node.children:
        yield from look(child, node, used)


def uses(call: Node) -> bool:
    return call.name.startswith("waitgroup_") or call.name in known.STARTS


def in_list(node: Node, parent: Node) -> bool:
    """An element of a list of initializers, where the compiler's conversions are not shown."""
    return parent.kind == "INIT_LIST_EXPR" or parent.kind == "UNEXPOSED_EXPR" and parent.children[0].kind == "MEMBER_REF"


def is_value(node: Node) -> bool:
    """A struct that holds a group and may be in use."""
    array = node.cursor.type.get_canonical().kind.name.endswith("ARRAY")
    return node.kind in VALUES and not array and node.unit.holds(node.cursor.type) and not fresh(node)


def is_read(node: Node, parent: Node, used: set[int]) -> bool:
    """C reads a struct as a value for every assignment, initialization, argument and return."""
    if len(node.children) != 1 or not is_value(node.children[0]) or not node.unit.holds(node.cursor.type):
        return False
    if parent.kind == "CSTYLE_CAST_EXPR" and parent.type == "void" or parent.kind == "GENERIC_SELECTION_EXPR":
        return False
    target = node.strip()
    if target.kind == "DECL_REF_EXPR":
        local = target.ref.semantic_parent.kind.name == "FUNCTION_DECL" and target.ref.storage_class.name != "STATIC"
        if parent.kind == "RETURN_STMT" and local and target.ref.kind.name == "VAR_DECL":
            return node.unit.key(target.ref) in used
    return True


def fresh(node: Node) -> bool:
    """A value that was never in use: a literal, a constant, what a call gave."""
    node = node.strip()
    if node.kind == "UNARY_OPERATOR":
        return node.operands()[0].strip().kind == "CALL_EXPR"
    return node.kind == "COMPOUND_LITERAL_EXPR" or node.kind == "DECL_REF_EXPR" and node.ref.type.is_const_qualified()


def moves(given: list[Node]) -> bool:
    """memcpy() of a group: from something that holds one, by its size."""
    if len(given) < 3:
        return False
    source = given[1]
    inner = source.strip()
    value = inner.operands()[0].strip() if inner.kind == "UNARY_OPERATOR" and inner.operator == "&" else inner
    if fresh(value) and not value.type.endswith("*"):
        return False
    holds = any(pointee_holds(node) for node in casts(source))
    return holds and "offsetof" not in given[2].text


def casts(node: Node) -> Iterator[Node]:
    yield node
    inner = [child for child in node.children if not child.kind.endswith("_REF")]
    if (node.kind in ("UNEXPOSED_EXPR", "PAREN_EXPR") or node.kind.endswith("CAST_EXPR")) and len(inner) == 1:
        yield from casts(inner[0])


def pointee_holds(node: Node) -> bool:
    type_ = node.cursor.type.get_canonical()
    if type_.kind.name.endswith("ARRAY"):
        return node.unit.holds(type_)
    return type_.kind.name == "POINTER" and node.unit.holds(type_.get_pointee())
