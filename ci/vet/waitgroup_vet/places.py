"""Which object an expression means: a variable, and the way from it to a field, an element, what a pointer points to.

A place is a tuple: the key of a variable (or another root), then steps: ".field", "[index]", "*". A pointer that is
set once stands for what it is set to. None is a place that is not known.
"""

from .flow import assigns, initializer
from .tree import Node, fields

Place = tuple[object, ...]
UNKNOWN = "?"  # within a step: it may mean something else the next time


class Places:
    """The places of one function, by what it stores where."""

    def __init__(self, body: Node, parameters: list[Node], outer: "Places | None" = None) -> None:
        self.unit = body.unit
        self.outer = outer
        self.stores: dict[Place, list[Node | None]] = {}
        self.loading: set[Place] = set()
        self.parameters: list[Place] = [(self.unit.key(parameter.cursor),) for parameter in parameters]
        nodes = list(body.own())
        for pointers in (True, False):  # what variables point to is to be known when fields are stored
            for node in nodes:
                self.learn(node, pointers)

    def learn(self, node: Node, pointers: bool) -> None:
        if node.kind == "VAR_DECL":
            value = initializer(node)
            if value is not None:
                self.store((self.unit.key(node.cursor),), value, pointers)
        elif node.kind == "COMPOUND_LITERAL_EXPR" and not pointers:
            self.store((node.cursor.data[1],), node.operands()[-1], False)
        elif node.kind in ("UNARY_OPERATOR", "BINARY_OPERATOR", "COMPOUND_ASSIGNMENT_OPERATOR") and assigns(node):
            target = node.operands()[0].strip()
            if (target.kind == "DECL_REF_EXPR") == pointers:
                place = self.place(target)
                if place:
                    self.store(place, node.operands()[1] if node.operator == "=" else None, pointers)
        elif pointers and node.kind == "UNARY_OPERATOR" and node.operator == "&":
            target = node.operands()[0].strip()
            if target.kind == "DECL_REF_EXPR" and target.type.endswith("*"):
                self.stores.setdefault((self.unit.key(target.ref),), []).append(None)

    def store(self, place: Place, value: Node | None, pointers: bool) -> None:
        literal = value.strip() if value else None
        if literal and literal.kind == "COMPOUND_LITERAL_EXPR":
            literal = literal.operands()[-1]
        if literal and literal.kind == "INIT_LIST_EXPR":
            if not pointers:
                self.store_list(place, literal)
        elif pointers == (len(place) == 1):
            self.stores.setdefault(place, []).append(value)

    def store_list(self, place: Place, values: Node) -> None:
        members = list(fields(values.cursor.type.get_canonical().get_declaration()))
        for at, value in enumerate(values.operands()):
            named = next((child for child in value.children if child.kind == "MEMBER_REF"), None)
            if named and value.operands():
                self.store(place + (field_step(self.unit, named.ref),), value.operands()[-1], False)
            elif at < len(members):
                self.store(place + (field_step(self.unit, members[at]),), value, False)
            else:
                self.store(place + (f"[{at}]",), value, False)

    def place(self, node: Node) -> Place | None:
        """The object that an expression names."""
        node = node.strip()
        parts = node.operands()
        if node.kind == "DECL_REF_EXPR" and node.ref is not None:
            return self.variable(node)
        if node.kind == "MEMBER_REF_EXPR":
            base = self.member_base(node)
            return base + (field_step(self.unit, node.ref),) if base else None
        if node.kind == "ARRAY_SUBSCRIPT_EXPR" and len(parts) == 2:
            base = self.element(self.target(parts[0]), parts[1])
            return base
        if node.kind == "UNARY_OPERATOR" and node.operator == "*":
            return self.target(parts[0])
        if node.kind == "COMPOUND_LITERAL_EXPR":
            return (node.cursor.data[1],)
        if node.kind == "CXX_THIS_EXPR":
            return ("this",)
        return None

    def variable(self, node: Node) -> Place | None:
        key = self.unit.key(node.ref)
        if node.ref.type.kind.name in ("LVALUEREFERENCE", "RVALUEREFERENCE"):
            stored = self.stored((key,))
            if len(stored) == 1 and stored[0] is not None:
                return self.place(stored[0])
            return (key, "*")
        return (key,)

    def member_base(self, node: Node) -> Place | None:
        parts = node.operands()
        if not parts:
            return ("this", "*")
        return self.target(parts[0]) if parts[0].strip().type.endswith("*") else self.place(parts[0])

    def element(self, base: Place | None, index: Node) -> Place | None:
        if base is None:
            return None
        number = index.strip().value
        if number == 0 and base[-1:] != ("[0]",):
            return base
        step = f"[{number}]" if number is not None else f"[{index.strip().text or UNKNOWN}]"
        return base[:-1] + (step,) if base[-1:] == ("[0]",) else base + (step,)

    def target(self, node: Node) -> Place | None:
        """What the value of an expression points to."""
        node = node.strip()
        parts = node.operands()
        kind = node.cursor.type.get_canonical().kind.name
        if kind.endswith("ARRAY"):
            place = self.place(node)
            return place + ("[0]",) if place else None
        if node.kind == "UNARY_OPERATOR" and node.operator == "&":
            return self.place(parts[0])
        if node.kind == "CXX_THIS_EXPR":
            return ("this", "*")
        if node.kind == "BINARY_OPERATOR" and node.operator == "+":
            return self.element(self.target(parts[0]), parts[1])
        if assigns(node) and len(parts) == 2:
            return self.target(parts[1])
        if node.kind in ("DECL_REF_EXPR", "MEMBER_REF_EXPR", "ARRAY_SUBSCRIPT_EXPR", "UNARY_OPERATOR"):
            place = self.place(node)
            return self.load(place) if place else None
        return (node.cursor.data[1], "*") if node.kind == "CALL_EXPR" else None

    def stored(self, place: Place) -> list[Node | None]:
        found = self.stores.get(place, [])
        return found + self.outer.stored(place) if self.outer else found

    def load(self, place: Place) -> Place:
        """What the pointer in a place points to."""
        stored = self.stored(place)
        own = place in self.parameters or place[-1:] == (UNKNOWN,)
        if len(stored) == 1 and stored[0] is not None and not own and place not in self.loading:
            self.loading.add(place)
            target = self.target(stored[0])
            self.loading.discard(place)
            if target:
                return target
        changes = len(place) == 1 and len(stored) + own > 1
        return place + ("*" + UNKNOWN if changes else "*",)

    def follow(self, base: Place | None, steps: Place) -> Place | None:
        """The way from an object on, where what is stored is known here."""
        for step in steps:
            if base is None:
                return None
            base = self.load(base) if step == "*" else base + (step,)
        return base


def field_step(unit: object, field: object) -> str:
    parent = field.semantic_parent  # type: ignore[attr-defined]
    return f".{parent.type.spelling}::{field.spelling}"  # type: ignore[attr-defined]


def same(one: Place | None, other: Place | None) -> bool:
    """Certainly one object."""
    return one is not None and one == other and not any(UNKNOWN in str(step) for step in one[1:])


def distinct(one: Place | None, other: Place | None) -> bool:
    """Certainly two objects."""
    if one is None or other is None:
        return False
    split = next((at for at, (a, b) in enumerate(zip(one, other)) if a != b), min(len(one), len(other)))
    if any(str(step).startswith("*") for step in one[split:] + other[split:]):
        return False
    if split == 0:
        return True  # two variables
    a, b = (str(place[split]) if split < len(place) else "" for place in (one, other))
    return a.startswith(".") and b.startswith(".") or a[1:-1].isdigit() and b[1:-1].isdigit()


def perhaps(one: Place | None, other: Place | None) -> bool:
    """Two places of one function that may be one object: it would not be told by two names there."""
    return one is None or other is None or one[0] == other[0] and not distinct(one, other)


def linked(place: Place) -> bool:
    """By way of a link to another object of the same kind: a parent's group, which counts its children."""
    steps = [str(step).split("::")[0] for step in place if str(step).startswith(".")]
    return len(steps) != len(set(steps))


def within(place: Place | None, whole: Place | None) -> bool:
    """Whether an object is a part of the other one, or is reached from it."""
    return place is not None and whole is not None and place[:len(whole)] == whole


def cousins(group: Place, mutex: Place, other_group: Place, other_mutex: Place) -> bool:
    """Whether a group and a mutex lie to each other in one object as the others do in another one of its type."""
    def split(a: Place, b: Place) -> tuple[Place, Place] | None:
        common = next((at for at, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
        return (a[common:], b[common:]) if common > 1 and str(a[common - 1]).startswith("*") else None
    ways = split(group, mutex)
    return ways is not None and ways == split(other_group, other_mutex)
