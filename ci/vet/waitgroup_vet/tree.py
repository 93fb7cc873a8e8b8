"""The syntax tree of one translation unit, without the system's headers."""

import ctypes
import re
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from . import libclang

OPERATOR = r"<<=|>>=|[-+*/%&|^]=|==|!=|<=|>=|&&|\|\||<<|>>|[-+*/%<>=&|^,]"

COMPARISON = r"==|!=|<=|>=|&&|\|\||<(?![<=])|(?<![->])>(?![>=])"


def code(text: str) -> str:
    """Without comments and what stands in quotes."""
    return re.sub(r"\"(\\.|[^\"])*\"|'(\\.|[^'])*'|/\*.*?\*/|//.*", "", text, flags=re.S)


Answer = TypeVar("Answer")


class once(Generic[Answer]):
    """functools.cached_property without the lock that it takes before Python 3.12."""

    def __init__(self, ask: Callable[[Any], Answer]) -> None:
        self.ask, self.name = ask, ask.__name__

    def __get__(self, node: Any, _: Any) -> Answer:
        answer = node.__dict__[self.name] = self.ask(node)
        return answer


class Node:
    """A cursor with its children. Asking libclang is slow: every answer is kept."""

    def __init__(self, unit: "Unit", cursor: Any) -> None:
        self.unit, self.cursor = unit, cursor
        self.kind: str = unit.kinds.get(cursor._kind_id, "?")
        self.id: int = cursor.data[1]
        self.children: list[Node] = []
        self.ignored = False  # a call whose result nobody reads

    @once
    def name(self) -> str:
        return str(self.cursor.spelling)

    @once
    def canonical(self) -> Any:
        return self.unit.canonical(self.cursor)

    @once
    def type(self) -> str:
        """The type's name, without typedefs and const."""
        name = re.sub(r"\b(const|volatile|restrict) ?|\b(struct|class|union) ", "", self.canonical.spelling)
        return name.strip()

    @once
    def class_name(self) -> str:
        return self.type.split("<")[0].split("::")[-1]

    @once
    def pointer(self) -> bool:
        return bool(self.canonical.kind.name == "POINTER")

    @once
    def array(self) -> bool:
        return bool(self.canonical.kind.name.endswith("ARRAY"))

    @once
    def holds(self) -> bool:
        """Whether its value has a group in it."""
        return self.unit.holds(self.canonical)

    @once
    def ref(self) -> Any:
        """The declaration that a name means."""
        return self.cursor.referenced

    @once
    def key(self) -> int:
        """The same number for all declarations of what a name means, or of what is declared."""
        return self.unit.key(self.cursor if self.kind.endswith("_DECL") else self.ref)

    @once
    def span(self) -> tuple[str, int, int]:
        """Where the text is: in the argument of a macro, if it is written there."""
        extent = self.cursor.extent
        (file, begin), (other, end) = self.unit.offset(extent.start), self.unit.offset(extent.end)
        return file, begin, end if file == other else begin

    @once
    def text(self) -> str:
        file, begin, end = self.span
        return self.unit.source(file)[begin:end]

    @property
    def place(self) -> tuple[str, int, int]:
        """File, line and column of a report: a body is reported at its closing brace."""
        body = self.kind == "COMPOUND_STMT"
        at = self.cursor.extent.end if body else self.cursor.location
        return at.file.name if at.file else "?", at.line, at.column - body

    @once
    def value(self) -> int | None:
        """The value, if it is an integer constant."""
        return self.unit.evaluate(self.cursor)

    @once
    def operands(self) -> list["Node"]:
        return [child for child in self.children if not child.kind.endswith(("_REF", "_ATTR", "_DECL"))]

    @property
    def arguments(self) -> list["Node"]:
        """Of a call: without the function."""
        constructs = self.ref is not None and self.ref.kind.name == "CONSTRUCTOR"
        return self.operands[0 if constructs else 1:]

    @once
    def initializer(self) -> "Node | None":
        """The value of a variable. The size of an array stands before its value, and is alone if there is none."""
        values = self.operands[-1:]
        sized = values and self.canonical.kind.name == "CONSTANTARRAY" and values[0].value is not None
        return values[0] if values and not sized else None

    @once
    def operator(self) -> str:
        """Of a unary or binary expression; "" if a macro hides it. libclang tells it only from 19 on."""
        parts = self.operands
        if self.kind not in ("UNARY_OPERATOR", "BINARY_OPERATOR", "COMPOUND_ASSIGNMENT_OPERATOR"):
            return ""
        if self.kind == "UNARY_OPERATOR":
            found = re.match(r"\+\+|--|[-!~+*&]", self.text) or re.search(r"(\+\+|--)$", self.text)
            outer, inner = self.type.replace(" ", ""), parts[0].type.replace(" ", "")
            address = "&" if outer == inner + "*" else "*" if inner == outer + "*" else ""
            return found[0] if found else address or self.unit.only_operator(self, "!(?!=)")
        (file, _, left), (other, right, _) = parts[0].span, parts[1].span
        between = self.unit.source(file)[left:right] if file == other else ""
        between = code(between).strip(" \t\r\n\\()")
        return between if re.fullmatch(OPERATOR, between) else self.unit.only_operator(self, COMPARISON)

    @property
    def assigns(self) -> bool:
        return self.kind == "COMPOUND_ASSIGNMENT_OPERATOR" or self.operator in ("=", "++", "--")

    @once
    def bare(self) -> "Node":
        """Without parentheses, casts and what the compiler adds."""
        wraps = self.kind in ("UNEXPOSED_EXPR", "PAREN_EXPR") or self.kind.endswith("CAST_EXPR")
        return self.operands[0].bare if wraps and len(self.operands) == 1 else self

    def walk(self, into_lambdas: bool = True) -> list["Node"]:
        """The node and all below it."""
        found, stack = [], [self]
        while stack:
            node = stack.pop()
            if into_lambdas or node is self or node.kind != "LAMBDA_EXPR":
                found.append(node)
                stack += node.children[::-1]
        return found


class Unit:
    """A translation unit: its declarations outside of the system's headers."""

    def __init__(self, cindex: Any, unit: Any) -> None:
        self.unit = unit
        self.kinds = {kind.value: kind.name for kind in cindex.CursorKind.get_all_kinds()}
        self.texts: dict[str, str] = {}
        self.macros: dict[str, str] = {}
        self.files: dict[int | None, str] = {}
        self.keys: dict[int, int] = {}
        self.holding: dict[str, bool] = {}
        function, pointer = libclang.function, ctypes.c_void_p
        self.evaluator = function(cindex, "clang_Cursor_Evaluate", pointer, cindex.Cursor)
        self.result_kind = function(cindex, "clang_EvalResult_getKind", ctypes.c_int, pointer)
        self.result = function(cindex, "clang_EvalResult_getAsInt", ctypes.c_int, pointer)
        self.dispose = function(cindex, "clang_EvalResult_dispose", None, pointer)
        numbers = [ctypes.POINTER(ctypes.c_uint)] * 3
        self.file_location = function(
            cindex, "clang_getFileLocation", None, cindex.SourceLocation, ctypes.POINTER(pointer), *numbers)
        location = function(cindex, "clang_getCursorLocation", cindex.SourceLocation, cindex.Cursor)
        in_system = function(cindex, "clang_Location_isInSystemHeader", ctypes.c_int, cindex.SourceLocation)
        self.ours: Callable[[Any], bool] = lambda cursor: not in_system(location(cursor))
        self.type_of = function(cindex, "clang_getCursorType", cindex.Type, cindex.Cursor)
        self.canonical_type = function(cindex, "clang_getCanonicalType", cindex.Type, cindex.Type)
        self.declarations = self.read(cindex, unit.cursor)

    def read(self, cindex: Any, top: Any) -> list[Node]:
        """The trees of our declarations, from one visit of libclang."""
        roots: list[Node] = []
        stack: list[tuple[tuple[int, int], Node]] = []

        def visit(child: Any, parent: Any, _: Any) -> int:
            of_parent = parent.data[0], parent.data[1]
            for at in range(len(stack) - 1, -1, -1):
                if stack[at][0] == of_parent:
                    del stack[at + 1:]
                    break
            if of_parent == (top.data[0], top.data[1]):
                stack.clear()
                if not self.ours(child):
                    return 1
            child._tu = self.unit
            node = Node(self, child)
            # libclang passes over some nodes: their children belong to the last one that it showed.
            (stack[-1][1].children if stack else roots).append(node)
            stack.append(((child.data[0], child.data[1]), node))
            return 2

        visitor = ctypes.CFUNCTYPE(ctypes.c_uint, cindex.Cursor, cindex.Cursor, ctypes.c_void_p)
        run = libclang.function(cindex, "clang_visitChildren", ctypes.c_uint, cindex.Cursor, visitor, ctypes.c_void_p)
        run(top, visitor(visit), None)
        return roots

    def canonical(self, cursor: Any) -> Any:
        """The type of a cursor, without typedefs."""
        type_ = self.canonical_type(self.type_of(cursor))
        type_._tu = self.unit
        return type_

    def key(self, declaration: Any) -> int:
        pointer = declaration.data[0]
        if pointer not in self.keys:
            self.keys[pointer] = declaration.canonical.hash
        return self.keys[pointer]

    def only_operator(self, node: Node, pattern: str) -> str:
        """The operator of this kind in the macro that a node comes from, if there is but one."""
        if not self.macros:
            ours = {self.unit.spelling, *(str(inclusion.include) for inclusion in self.unit.get_includes())}
            for file in (file for file in ours if not file.startswith("/usr/")):
                for found in re.finditer(r"#[ \t]*define[ \t]+(\w+)((?:\\\r?\n|.)*)", self.source(file)):
                    self.macros[found[1]] = code(found[2])
        file, begin, _ = node.span
        name = re.match(r"\w*", self.source(file)[begin:])
        operators = set(re.findall(pattern, self.macros.get(name[0] if name else "", "")))
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
        while type_.kind.name.endswith("ARRAY"):
            type_ = type_.element_type.get_canonical()
        if type_.kind.name != "RECORD":
            return False
        name = type_.spelling
        if name not in self.holding:
            self.holding[name] = name.endswith("waitgroup") or any(self.holds(field.type) for field in fields(type_))
        return self.holding[name]


def fields(type_: Any) -> list[Any]:
    """The fields of a record, and those of its anonymous members."""
    definition = type_.get_declaration().get_definition()
    found = []
    for child in definition.get_children() if definition else ():
        if child.kind.name == "FIELD_DECL":
            found.append(child)
        elif child.kind.name in ("STRUCT_DECL", "UNION_DECL") and child.is_anonymous():
            found += fields(child.type)
    return found
