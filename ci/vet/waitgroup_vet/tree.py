"""The syntax tree of one translation unit, without the system's headers."""

import ctypes
import re
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from .libclang import function

OPERATOR = r"<<=|>>=|[-+*/%&|^]=|==|!=|<=|>=|&&|\|\||<<|>>|[-+*/%<>=&|^,]"
COMPARISON = r"==|!=|<=|>=|&&|\|\||<(?![<=])|(?<![->])>(?![>=])"
WRAPPERS = ("UNEXPOSED_EXPR", "PAREN_EXPR", "CSTYLE_CAST_EXPR", "CXX_STATIC_CAST_EXPR", "CXX_REINTERPRET_CAST_EXPR",
            "CXX_CONST_CAST_EXPR", "CXX_FUNCTIONAL_CAST_EXPR")
NOT_NAMED = r"\b(const|volatile|restrict) ?|\b(struct|class|union) "
LAST_DECLARATION, POINTER, RECORD, ARRAYS = 39, 101, 105, (112, 114, 115, 116)  # of CXCursorKind and CXTypeKind
Answer = TypeVar("Answer")


def code(text: str) -> str:
    """Without comments and what stands in quotes."""
    return re.sub(r"\"(\\.|[^\"])*\"|'(\\.|[^'])*'|/\*.*?\*/|//.*", "", text, flags=re.S)


class once(Generic[Answer]):
    """functools.cached_property without the lock that it takes before Python 3.12."""

    def __init__(self, ask: Callable[[Any], Answer]) -> None:
        self.ask = ask

    def __set_name__(self, _: Any, name: str) -> None:
        self.name = name

    def __get__(self, node: Any, _: Any) -> Answer:
        answer = node.__dict__[self.name] = self.ask(node)
        return answer


class Node:
    """A cursor with its children. Asking libclang is slow: every answer is kept."""

    def __init__(self, unit: "Unit", cursor: Any, number: int) -> None:
        self.unit, self.cursor, self.id = unit, cursor, number
        self.kind: str = unit.kinds.get(cursor._kind_id, "?")
        self.children: list[Node] = []

    name = once(lambda node: str(node.cursor.spelling))
    canonical = once(lambda node: node.unit.type(node.cursor))
    # The type's name, without typedefs and const.
    type = once(lambda node: re.sub(NOT_NAMED, "", node.canonical.spelling).strip())
    class_name = once(lambda node: node.type.split("<")[0].split("::")[-1])
    pointer = once(lambda node: bool(node.canonical._kind_id == POINTER))
    array = once(lambda node: node.canonical._kind_id in ARRAYS)
    static = once(lambda node: bool(node.cursor.storage_class.name == "STATIC"))
    holds = once(lambda node: node.unit.holds(node.canonical))  # whether its value has a group in it
    value = once(lambda node: node.unit.evaluate(node.cursor))  # if it is an integer constant
    operands = once(lambda node: [child for child in node.children if not child.kind.endswith(("_REF", "_ATTR", "_DECL"))])
    # Of a call: without the function.
    arguments = once(lambda node: node.operands[0 if node.ref and node.ref.kind == "CONSTRUCTOR" else 1:])
    step = once(lambda node: field_step(node.cursor))  # of a field
    assigns = once(lambda node: node.kind == "COMPOUND_ASSIGNMENT_OPERATOR" or node.operator in ("=", "++", "--"))

    @once
    def ref(self) -> "Node | None":
        """The declaration that a name means."""
        found = self.unit.referenced(self.cursor)
        return self.unit.declaration(found) if found.data[0] else None

    @once
    def key(self) -> int:
        """The same number for all declarations of what a name means, or of what is declared."""
        declared = self if self.cursor._kind_id <= LAST_DECLARATION or not self.ref else self.ref
        return int(self.unit.first(declared.cursor).data[0])

    @once
    def span(self) -> tuple[str, int, int]:
        """Where the text is: in the argument of a macro, if it is written there."""
        extent = self.unit.extent(self.cursor)
        (file, begin), (other, end) = self.unit.offset(extent.start), self.unit.offset(extent.end)
        return file, begin, end if file == other else begin

    @once
    def text(self) -> str:
        file, begin, end = self.span
        return self.unit.source(file)[begin:end]

    @once
    def place(self) -> tuple[str, int, int]:
        """File, line and column of a report: a body is reported at its closing brace."""
        body = self.kind == "COMPOUND_STMT"
        at = self.cursor.extent.end if body else self.cursor.location
        return at.file.name if at.file else "?", at.line, at.column - body

    @once
    def initializer(self) -> "Node | None":
        """The value of a variable. The size of an array stands before its value, and is alone if there is none."""
        values = self.operands[-1:]
        sized = values and self.canonical.kind.name == "CONSTANTARRAY" and values[0].value is not None
        return values[0] if values and not sized else None

    @once
    def operator(self) -> str:
        """Of a unary or binary expression; "" if a macro hides it. libclang tells it only from 19 on."""
        if self.kind == "UNARY_OPERATOR":
            found = re.match(r"\+\+|--|[-!~+*&]", self.text) or re.search(r"(\+\+|--)$", self.text)
            if found:
                return found[0]
            outer, inner = self.type.replace(" ", ""), self.operands[0].type.replace(" ", "")
            address = "&" if outer == inner + "*" else "*" if inner == outer + "*" else ""
            return address or self.unit.operator_of_macro(self, "!(?!=)")
        if self.kind not in ("BINARY_OPERATOR", "COMPOUND_ASSIGNMENT_OPERATOR"):
            return ""
        (file, _, left), (other, right, _) = self.operands[0].span, self.operands[1].span
        between = code(self.unit.source(file)[left:right] if file == other else "").strip(" \t\r\n\\()")
        return between if re.fullmatch(OPERATOR, between) else self.unit.operator_of_macro(self, COMPARISON)

    @once
    def bare(self) -> "Node":
        """Without parentheses, casts and what the compiler adds."""
        return self.operands[0].bare if self.kind in WRAPPERS and len(self.operands) == 1 else self

    @once
    def below(self) -> list["Node"]:
        """The node and all below it, but for the bodies of lambdas."""
        found, stack = [self], self.children[::-1]
        while stack:
            node = stack.pop()
            found.append(node)
            stack += node.children[::-1] if node.kind != "LAMBDA_EXPR" else ()
        return found


class Unit:
    """A translation unit: its declarations outside of the system's headers."""

    def __init__(self, cindex: Any, unit: Any) -> None:
        self.unit = unit
        self.kinds = {kind.value: kind.name for kind in cindex.CursorKind.get_all_kinds()}
        self.texts: dict[str, str] = {}
        self.files: dict[int | None, str] = {}
        self.nodes: dict[int, Node] = {}  # of declarations
        self.holding: dict[str, bool] = {}
        cursor, type_, pointer, number = cindex.Cursor, cindex.Type, ctypes.c_void_p, ctypes.c_int
        self.referenced = function(cindex, "clang_getCursorReferenced", cursor, cursor)
        self.first = function(cindex, "clang_getCanonicalCursor", cursor, cursor)
        self.type_of = function(cindex, "clang_getCursorType", type_, cursor)
        self.canonical = function(cindex, "clang_getCanonicalType", type_, type_)
        self.location = function(cindex, "clang_getCursorLocation", cindex.SourceLocation, cursor)
        self.extent = function(cindex, "clang_getCursorExtent", cindex.SourceRange, cursor)
        self.in_system = function(cindex, "clang_Location_isInSystemHeader", number, cindex.SourceLocation)
        self.evaluator = function(cindex, "clang_Cursor_Evaluate", pointer, cursor)
        self.result_kind = function(cindex, "clang_EvalResult_getKind", number, pointer)
        self.result = function(cindex, "clang_EvalResult_getAsInt", number, pointer)
        self.dispose = function(cindex, "clang_EvalResult_dispose", None, pointer)
        numbers = [ctypes.POINTER(ctypes.c_uint)] * 3
        self.file_location = function(
            cindex, "clang_getFileLocation", None, cindex.SourceLocation, ctypes.POINTER(pointer), *numbers)
        self.declarations = self.read(cindex, unit.cursor)

    def read(self, cindex: Any, top: Any) -> list[Node]:
        """The trees of our declarations, from one visit of libclang."""
        roots: list[Node] = []
        stack, depths = [roots], {(top.data[0], top.data[1]): 0}

        def visit(child: Any, parent: Any, _: Any) -> int:
            outer, inner, _ = parent.data
            declared, number, _ = child.data
            # libclang passes over some nodes: their children belong to the last one that it showed.
            del stack[depths.get((outer, inner), len(stack)) + 1:]
            if len(stack) == 1 and self.in_system(self.location(child)):
                return 1
            child._tu = self.unit
            node = Node(self, child, number)
            if child._kind_id <= LAST_DECLARATION:
                self.nodes.setdefault(declared, node)
            stack[-1].append(node)
            depths[declared, number] = len(stack)
            stack.append(node.children)
            return 2

        visitor = ctypes.CFUNCTYPE(ctypes.c_uint, cindex.Cursor, cindex.Cursor, ctypes.c_void_p)
        function(cindex, "clang_visitChildren", ctypes.c_uint, cindex.Cursor, visitor, ctypes.c_void_p)(top, visitor(visit), None)
        return roots

    def declaration(self, cursor: Any) -> Node:
        if cursor.data[0] not in self.nodes:
            cursor._tu = self.unit
            self.nodes[cursor.data[0]] = Node(self, cursor, cursor.data[1])
        return self.nodes[cursor.data[0]]

    def ours(self, node: Node) -> bool:
        return not self.in_system(self.location(node.cursor))

    def type(self, cursor: Any) -> Any:
        """The type of a cursor, without typedefs."""
        found = self.canonical(self.type_of(cursor))
        found._tu = self.unit
        return found

    @once
    def own_files(self) -> list[str]:
        files = [self.unit.spelling, *(str(inclusion.include) for inclusion in self.unit.get_includes())]
        return [file for file in files if not file.startswith("/usr/")]

    def operator_of_macro(self, node: Node, pattern: str) -> str:
        """The operator of this kind in the macro that a node comes from, if there is but one."""
        name = re.match(r"\w*", node.text or self.source(node.span[0])[node.span[1]:])
        define = rf"#[ \t]*define[ \t]+{name[0] if name else ''}\b((?:\\\r?\n|.)*)"
        bodies = [found[1] for file in self.own_files for found in re.finditer(define, self.source(file))]
        operators = set(re.findall(pattern, code(bodies[-1]))) if bodies else set()
        return str(operators.pop()) if len(operators) == 1 else ""

    def source(self, file: str) -> str:
        if file not in self.texts:
            try:
                with open(file, encoding="latin-1", newline="") as stream:  # offsets count bytes
                    self.texts[file] = stream.read()
            except OSError:
                self.texts[file] = ""
        return self.texts[file]

    def offset(self, location: Any) -> tuple[str, int]:
        file, numbers = ctypes.c_void_p(), [ctypes.c_uint() for _ in range(3)]
        self.file_location(location, ctypes.byref(file), *map(ctypes.byref, numbers))
        if file.value not in self.files:
            self.files[file.value] = location.file.name if location.file else ""
        return self.files[file.value], numbers[2].value

    def evaluate(self, cursor: Any) -> int | None:
        result = self.evaluator(cursor)
        if not result:
            return None
        value: int | None = self.result(result) if self.result_kind(result) == 1 else None
        self.dispose(result)
        return value

    def holds(self, type_: Any) -> bool:
        """Whether a value of this type has a group in it, at any depth."""
        type_ = type_.get_canonical()
        while type_._kind_id in ARRAYS:
            type_ = type_.element_type.get_canonical()
        if type_._kind_id != RECORD:
            return False
        name = type_.spelling
        if name not in self.holding:
            self.holding[name] = name.endswith("waitgroup") or any(self.holds(field.type) for field in fields(type_))
        return self.holding[name]


def fields(type_: Any) -> Iterator[Any]:
    """The fields of a record, and those of its anonymous members."""
    for field in type_.get_fields():
        yield from [field] if field.spelling else fields(field.type)


def field_step(field: Any) -> str:
    return f".{field.semantic_parent.type.spelling}::{field.spelling}"
