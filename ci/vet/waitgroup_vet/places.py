"""Which object an expression means: a variable, and the way from it to a field, an element, what a pointer points to.

A place is a tuple: the key of a variable (or another root), then steps: ".field", "[index]", "*", and "^.field" from a
field back to what it is in. A pointer that is set once stands for what it is set to; "*?" follows one that changes.
None is a place that is not known.
"""

from typing import Any

from .tree import Node, field_step, fields

Place = tuple[Any, ...]
CALLABLE = ("FUNCTION_DECL", "CXX_METHOD", "CONSTRUCTOR")
NAMES = ("DECL_REF_EXPR", "MEMBER_REF_EXPR", "ARRAY_SUBSCRIPT_EXPR")


class Places:
    """The places of one function, by what it stores where."""

    def __init__(self, nodes: list[Node], parameters: list[Node], outer: "Places | None") -> None:
        self.outer = outer
        self.parameters: list[Place] = [(parameter.key,) for parameter in parameters]
        self.stores: dict[Place, list[Any]] = {}  # the values, or what they point to; None if unknown
        self.constructed: dict[int, Place] = {}  # by the call of the constructor
        self.loading: set[Place] = set()
        nodes = [node for node in nodes if node.kind.endswith(("VAR_DECL", "LITERAL_EXPR", "OPERATOR"))]
        for variables in (True, False):  # what variables point to is to be known when fields are stored
            for node in nodes:
                self.learn(node, variables)

    def construct(self, constructor: Node) -> None:
        """What a constructor initializes members with."""
        for member, value in zip(constructor.children, constructor.children[1:]):
            if member.kind == "MEMBER_REF" and member.ref:
                self.store(("this", "*", member.ref.step), value, False)

    def learn(self, node: Node, variables: bool) -> None:
        if node.kind == "VAR_DECL" and node.initializer:
            self.constructed[node.initializer.bare.id] = (node.key,)
            self.store((node.key,), node.initializer, variables)
        elif node.kind == "COMPOUND_LITERAL_EXPR":
            self.store((node.id,), node.operands[-1], variables)
        elif node.assigns or node.operator == "&":
            target = node.operands[0].bare
            place = self.place(target) if (target.kind == "DECL_REF_EXPR") == variables else None
            if place and node.operator == "=":
                self.store(place, node.operands[1], variables)
            elif place and (node.assigns or target.pointer):  # who has its address may change a pointer
                self.store(place, None, variables)

    def store(self, place: Place, value: Node | None, variables: bool) -> None:
        values = value.bare if value else None
        if values and values.kind == "COMPOUND_LITERAL_EXPR":
            values = values.operands[-1]
        if not values or values.kind != "INIT_LIST_EXPR":
            if variables == (len(place) == 1):
                self.stores.setdefault(place, []).append(value)
            return
        members = [] if variables else list(fields(values.canonical))
        for at, element in enumerate(values.operands if not variables else ()):
            named = [child.cursor.referenced for child in element.children if child.kind == "MEMBER_REF"]
            member = (named or members[at:])[:1]
            value = element.operands[-1] if element.type == "void" else element  # without its ".member =" or "[at] ="
            self.store((*place, field_step(*member) if member else f"[{at}]"), value, False)

    def place(self, node: Node) -> Place | None:
        """The object that an expression names."""
        node = node.bare
        if node.kind == "DECL_REF_EXPR":
            stored = self.stored((node.key,)) if node.ref.canonical.kind.name.endswith("REFERENCE") else None
            if stored is None:
                return (node.key,)
            return self.place(stored[0]) if len(stored) == 1 and stored[0] else (node.key, "*")
        if node.kind == "MEMBER_REF_EXPR":
            base = self.object(node)
            return (*base, node.ref.step) if base else None
        if node.kind == "ARRAY_SUBSCRIPT_EXPR":
            return element_of(self.target(node.operands[0]), node.operands[1])
        if node.operator == "*":
            return self.target(node.operands[0])
        return (node.id,) if node.kind == "COMPOUND_LITERAL_EXPR" else None

    def object(self, member: Node) -> Place | None:
        """The object of which a member is named."""
        if not member.operands:
            return ("this", "*")
        base = member.operands[0]
        return self.target(base) if base.bare.pointer else self.place(base)

    def target(self, node: Any) -> Place | None:
        """What the value of an expression points to."""
        if isinstance(node, tuple):
            return node
        node = node.bare
        if node.array:
            place = self.place(node)
            return (*place, "[0]") if place else None
        if node.operator == "&":
            return self.place(node.operands[0])
        if node.operator == "+":
            return element_of(self.target(node.operands[0]), node.operands[1])
        if node.operator == "=":
            return self.target(node.operands[1])
        if node.kind == "BINARY_OPERATOR":
            return self.container(node)
        if node.kind == "StmtExpr":
            return self.target(node.children[0].children[-1])
        if node.ref and node.ref.kind in ("CONSTRUCTOR", "CONVERSION_FUNCTION") and node.operands:
            return self.target(node.operands[0])
        if node.kind in NAMES or node.operator == "*":
            place = self.place(node)
            return self.load(place) if place and not (node.ref and node.ref.kind in CALLABLE) else place
        return {"CXX_THIS_EXPR": ("this", "*"), "CALL_EXPR": (node.id, "*"), "LAMBDA_EXPR": (node.id,)}.get(node.kind)

    def container(self, node: Node) -> Place | None:
        """Of container_of(), which takes the offset of a member from the address of that member."""
        members = [child.ref for child in node.operands[1].children if child.kind == "MEMBER_REF"]
        back = tuple(f"^{member.step}" for member in reversed(members) if member)
        return self.follow(self.target(node.operands[0]), back) if back else None

    def stored(self, place: Place) -> list[Any]:
        return self.stores.get(place, []) + (self.outer.stored(place) if self.outer else [])

    def load(self, place: Place) -> Place:
        """What the pointer in a place points to."""
        stored, given = self.stored(place), place in self.parameters
        if len(stored) == 1 and stored[0] and not given and place not in self.loading:
            self.loading.add(place)
            target = self.target(stored[0])
            self.loading.discard(place)
            if target:
                return target
        copied = self.copied(place) if not stored and not given else None
        if copied:
            return self.load(copied)
        return (*place, "*?" if len(place) == 1 and len(stored) + given > 1 else "*")

    def copied(self, place: Place) -> Place | None:
        """The same member of the struct that this one was copied from."""
        stored = self.stored(place[:1]) if len(place) > 1 and direct(place) else []
        whole = self.place(stored[0]) if len(stored) == 1 and isinstance(stored[0], Node) else None
        return (*whole, *place[1:]) if whole and whole[0] != place[0] else None

    def follow(self, base: Place | None, steps: Place) -> Place | None:
        """The way from an object on, by what is stored here."""
        for step in steps if base else ():
            replaced = base[-1] == "[0]" and step.startswith("[")
            if step == "^" + str(base[-1]):
                base = base[:-1]
            else:
                base = self.load(base) if step == "*" else (*(base[:-1] if replaced else base), step)
        return base

    def translate(self, place: Place | None, bound: dict[Place, Place | None]) -> Place | None:
        """A place of a function that is called or started from here, by what its parameters point to."""
        for formal, actual in bound.items():
            if place and place[:len(formal)] == formal:
                return self.follow(actual, place[len(formal):])
        return place

    def adopt(self, other: "Places", bound: dict[Place, Place | None]) -> None:
        """What a function that is called stores in what it is handed."""
        for place, values in other.stores.items():
            here = self.translate(place, bound)
            for value in values if here and here != place and len(here) > 1 else ():
                target = self.translate(other.target(value) if value else None, bound)
                if target not in self.stores.setdefault(here, []):
                    self.stores[here].append(target)


def element_of(base: Place | None, index: Node) -> Place | None:
    if base is None or index.bare.value == 0:
        return base
    step = f"[{index.bare.text or '?' if index.bare.value is None else index.bare.value}]"
    return (*(base[:-1] if base[-1] == "[0]" else base), step)


def same(one: Place | None, other: Place | None) -> bool:
    """Certainly one object."""
    return one is not None and one == other and not any("?" in str(step) for step in one[1:])


def direct(place: Place) -> bool:
    """Within a variable, not behind a pointer."""
    return not any(str(step).startswith("*") for step in place[1:])


def fork(one: Place, other: Place) -> int:
    """How many steps two places have in common."""
    return next((at for at, (a, b) in enumerate(zip(one, other)) if a != b), min(len(one), len(other)))


def distinct(one: Place | None, other: Place | None) -> bool:
    """Certainly two objects."""
    if one is None or other is None:
        return False
    at = fork(one, other)
    if not direct(("", *one[max(at, 1):], *other[max(at, 1):])):
        return False
    a, b = (str(place[at]) if at < len(place) else "" for place in (one, other))
    return at == 0 or a[:1] == b[:1] == "." or a[1:-1].isdigit() and b[1:-1].isdigit()


def perhaps(one: Place | None, other: Place | None) -> bool:
    """Two places of one function that may be one object: it would not be told by two names there."""
    return one is None or other is None or one[0] == other[0] and not distinct(one, other)


def within(place: Place | None, whole: Place | None) -> bool:
    """Whether an object is a part of the other one, or is reached from it."""
    return place is not None and whole is not None and place[:len(whole)] == whole


def tail(place: Place) -> Place:
    """The fields behind the last pointer."""
    last = max((at for at, step in enumerate(place) if str(step).startswith("*")), default=0)
    return tuple(step for step in place[last + 1:] if str(step).startswith("."))


def linked(place: Place) -> bool:
    """By way of a link to another object of the same kind: a parent's group, which counts its children."""
    owners = [step.split("::")[0] for step in place[1:] if step.startswith(".")]
    return len(owners) != len(set(owners))


def akin(one: Place | None, other: Place | None) -> bool:
    """Whether places of two functions look like one object: one variable, or fields of one kind, or mere pointers."""
    if one is None or other is None:
        return True
    if one[0] == other[0] or direct(one) and direct(other):
        return not distinct(one, other)
    return tail(one) == tail(other) and (bool(tail(one)) or not direct(one) and not direct(other))


def cousins(group: Place | None, mutex: Place | None, other_group: Place | None, other_mutex: Place | None) -> bool:
    """Whether a group and a mutex lie to each other in one object as the others do in another one of its type."""
    if not (group and mutex and other_group and other_mutex):
        return False
    one, two = fork(group, mutex), fork(other_group, other_mutex)
    return one > 1 < two and str(group[one - 1]).startswith("*") and \
        (group[one:], mutex[one:]) == (other_group[two:], other_mutex[two:])
