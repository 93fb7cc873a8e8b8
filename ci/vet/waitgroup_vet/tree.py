"""The syntax tree of one translation unit, as far as the checks look at it: functions, records, and what is in them."""

import ctypes
import re
from collections.abc import Iterator
from typing import Any

from . import libclang

OPERATOR = r"(<<=|>>=|[-+*/%&|^]=|==|!=|<=|>=|&&|\|\||<<|>>|[-+*/%<>=&|^,])"


class Node:
    """A cursor with its children. Asking libclang is slow: every answer is kept."""

    __slots__ = ("unit", "cursor", "kind", "children", "known", "ignored")

    def __init__(self, unit: "Unit", cursor: Any) -> None:
        self.unit = unit
        self.cursor = cursor
        self.kind: str = unit.kinds.get(cursor._kind_id, "?")
        self.children: list[Node] = []
        self.known: dict[str, Any] = {}
        self.ignored = False  # a call whose result nobody reads

    def ask(self, what: str, answer: Any) -> Any:
        if what not in self.known:
            self.known[what] = answer()
        return self.known[what]

    @property
    def name(self) -> str:
        return str(self.ask("name", lambda: self.cursor.spelling))

    @property
    def type(self) -> str:
        """The canonical type, without const."""
        return str(self.ask("type", lambda: self.unit.type_name(self.cursor.type)))

    @property
    def ref(self) -> Any:
        """The declaration that a name means."""
        return self.ask("ref", lambda: self.unit.referenced(self.cursor))

    @property
    def span(self) -> tuple[str, int, int]:
        return tuple(self.ask("span", lambda: self.unit.span(self.cursor)))  # type: ignore[return-value]

    @property
    def text(self) -> str:
        file, begin, end = self.span
        return self.unit.source(file)[begin:end]

    @property
    def place(self) -> tuple[str, int, int]:
        """File, line, column, as a compiler prints them."""
        location = self.cursor.location
        return (location.file.name if location.file else "?", location.line, location.column)

    @property
    def value(self) -> int | None:
        """The value, if it is an integer constant."""
        found = self.ask("value", lambda: self.unit.evaluate(self.cursor))
        return None if found is None else int(found)

    @property
    def operator(self) -> str:
        """How a unary or binary operator is spelled; "" if a macro hides it."""
        return str(self.ask("operator", self.find_operator))

    def find_operator(self) -> str:
        operands = self.operands()
        if self.kind == "UNARY_OPERATOR":
            inner = operands[0].type
            if self.type == inner + " *" or (inner.endswith("]") and self.type.endswith("*")) or self.type.endswith("(*)[]"):
                return "&"
            found = re.match(r"\+\+|--|[-!~+*&]", self.text) or re.search(r"(\+\+|--)$", self.text)
            if found:
                return found[0]
            return "*" if inner.startswith(self.type) and inner[len(self.type):].strip() in ("*", "[]") else ""
        (file, _, left), (other, right, _) = operands[0].span, operands[1].span
        between = self.unit.source(file)[left:right] if file == other else ""
        between = re.sub(r"/\*.*?\*/|//.*", "", between, flags=re.S).strip(" \t\n\\()")
        return between if re.fullmatch(OPERATOR, between) else ""

    def operands(self) -> list["Node"]:
        return [child for child in self.children if not child.kind.endswith(("_REF", "_ATTR"))]

    def strip(self) -> "Node":
        """Without parentheses, casts and what the compiler adds."""
        node = self
        while node.kind in ("UNEXPOSED_EXPR", "PAREN_EXPR") or node.kind.endswith("CAST_EXPR"):
            inner = [child for child in node.children if not child.kind.endswith(("_REF", "_DECL"))]
            if len(inner) != 1:
                break
            node = inner[0]
        return node

    def walk(self) -> Iterator["Node"]:
        yield self
        for child in self.children:
            yield from child.walk()

    def own(self) -> Iterator["Node"]:
        """As walk(), but not into lambdas, which are functions of their own."""
        yield self
        for child in self.children:
            if child.kind == "LAMBDA_EXPR":
                yield child
            else:
                yield from child.own()


class Unit:
    """A translation unit: its functions by key, its declarations outside of the system's headers."""

    def __init__(self, cindex: Any, unit: Any) -> None:
        self.cindex = cindex
        self.unit = unit
        self.kinds = {kind.value: kind.name for kind in cindex.CursorKind.get_all_kinds()}
        lib = cindex.conf.lib
        self.visitor = ctypes.CFUNCTYPE(ctypes.c_uint, cindex.Cursor, cindex.Cursor, ctypes.c_void_p)
        self.visit = libclang.function(cindex, "clang_visitChildren", ctypes.c_uint, cindex.Cursor, self.visitor, ctypes.c_void_p)
        self.location = libclang.function(cindex, "clang_getCursorLocation", cindex.SourceLocation, cindex.Cursor)
        self.in_system = libclang.function(cindex, "clang_Location_isInSystemHeader", ctypes.c_int, cindex.SourceLocation)
        self.file_location = libclang.function(
            cindex, "clang_getFileLocation", None, cindex.SourceLocation, ctypes.POINTER(ctypes.c_void_p),
            *[ctypes.POINTER(ctypes.c_uint)] * 3)
        self.evaluator = libclang.function(cindex, "clang_Cursor_Evaluate", ctypes.c_void_p, cindex.Cursor)
        self.lib = lib
        lib.clang_EvalResult_getKind.argtypes = lib.clang_EvalResult_getAsInt.argtypes = [ctypes.c_void_p]
        lib.clang_EvalResult_dispose.argtypes = [ctypes.c_void_p]
        self.texts: dict[str, str] = {}
        self.file_names: dict[int, str] = {}
        self.keys: dict[int, int] = {}
        self.holding: dict[str, bool] = {}
        self.declarations = self.children_of(unit.cursor, self.ours)

    def ours(self, cursor: Any) -> bool:
        return not self.in_system(self.location(cursor))

    def children_of(self, cursor: Any, wanted: Any) -> list[Node]:
        """The trees of the children that are wanted, from one visit of libclang."""
        roots: list[Node] = []
        stack: list[Node] = []

        def visited(child: Any, parent: Any, _: Any) -> int:
            key = key_of(parent)
            depth = next((at for at in reversed(range(len(stack))) if key_of(stack[at].cursor) == key), None)
            if depth is not None:
                del stack[depth + 1:]
            elif key == key_of(cursor):
                stack.clear()  # libclang passes over some nodes, whose children belong to the last one shown
            if not stack and not wanted(child):
                return 1
            child._tu = self.unit
            node = Node(self, child)
            (stack[-1].children if stack else roots).append(node)
            stack.append(node)
            return 2

        self.visit(cursor, self.visitor(visited), None)
        return roots

    def referenced(self, cursor: Any) -> Any:
        return cursor.referenced

    def key(self, declaration: Any) -> int:
        """The same number for every declaration of one thing."""
        pointer = declaration.data[0]
        if pointer not in self.keys:
            self.keys[pointer] = declaration.canonical.hash
        return self.keys[pointer]

    def type_name(self, type_: Any) -> str:
        return re.sub(r"\b(const|volatile|restrict) ?|_Atomic\((.*)\)|^(struct|class|union) ", r"\2",
                      type_.get_canonical().spelling).strip()

    def source(self, file: str) -> str:
        if file not in self.texts:
            try:
                with open(file, encoding="latin-1", newline="") as stream:  # offsets count bytes
                    self.texts[file] = stream.read()
            except OSError:
                self.texts[file] = ""
        return self.texts[file]

    def span(self, cursor: Any) -> tuple[str, int, int]:
        """Where the text is: in the argument of a macro, if it is written there."""
        extent = cursor.extent
        file, begin = self.offset(extent.start)
        other, end = self.offset(extent.end)
        return file, begin, end if file == other else begin

    def offset(self, location: Any) -> tuple[str, int]:
        file, line, column, offset = ctypes.c_void_p(), ctypes.c_uint(), ctypes.c_uint(), ctypes.c_uint()
        self.file_location(location, ctypes.byref(file), ctypes.byref(line), ctypes.byref(column), ctypes.byref(offset))
        if file.value is None:
            return "", 0
        if file.value not in self.file_names:
            self.file_names[file.value] = location.file.name
        return self.file_names[file.value], offset.value

    def evaluate(self, cursor: Any) -> int | None:
        result = self.evaluator(cursor)
        if not result:
            return None
        value = self.lib.clang_EvalResult_getAsInt(result) if self.lib.clang_EvalResult_getKind(result) == 1 else None
        self.lib.clang_EvalResult_dispose(result)
        return value

    def group_pointer(self, node: Node) -> bool:
        """Whether a condition asks for a pointer to a group itself."""
        return any(inner.type == "waitgroup *" for inner in node.walk())

    def holds(self, type_: Any) -> bool:
        """Whether a value of this type has a group in it, at any depth."""
        type_ = type_.get_canonical()
        while type_.kind.name.endswith("ARRAY"):
            type_ = type_.element_type.get_canonical()
        name = type_.spelling
        if name not in self.holding:
            self.holding[name] = False
            if type_.kind.name == "RECORD":
                definition = type_.get_declaration().get_definition()
                self.holding[name] = definition is not None and (
                    definition.spelling == "waitgroup" or any(self.holds(field.type) for field in fields(definition)))
        return self.holding[name]


def key_of(cursor: Any) -> tuple[Any, Any, int]:
    return cursor.data[1], cursor.data[0], cursor._kind_id


def fields(record: Any) -> Iterator[Any]:
    """The fields of a record and of its anonymous members."""
    for child in record.get_children():
        if child.kind.name == "FIELD_DECL":
            yield child
        elif child.kind.name in ("STRUCT_DECL", "UNION_DECL") and child.is_anonymous():
            yield from fields(child)
