"""The parameters of C++ functions, and the functions of static variables, from an ELF file's debug information. A
function of internal linkage that gcc has inlined has no symbol, and its bare name there; clang gives a name that tells
its parameters. Nor have gcc's symbols of static variables in C the function, which clang's have.

Why no tool: addr2line and llvm-symbolizer have the bare name alone; gdb, which few have installed, has the parameters,
but does not tell whose a lambda is; pyelftools, a package more for each user, reads the entries (a third of this) and
leaves the names to us."""

import functools
import re
import struct
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Optional

from racetest.elf import Elf, elf_at

WANTED = NAME, LANGUAGE, TYPE, SPECIFICATION, ARTIFICIAL, EXTERNAL, LOCATION, ORIGIN, LOW, HIGH, RANGES, LINKAGE, LINE, \
    STRING_BASE, LAST = 0x03, 0x13, 0x49, 0x47, 0x34, 0x3f, 0x02, 0x31, 0x11, 0x12, 0x55, 0x6e, 0x3b, 0x72, 0x2f
BASE_ADDRESS, OFFSETS, FROM_TO, WITH_LENGTH = 5, 4, 6, 7  # in lists of ranges
C_PLUS_PLUS = (0x04, 0x1a, 0x21, 0x2a, 0x2b)  # of 1998 to 2020
FUNCTION, INLINED, PARAMETER, ELLIPSIS, NAMESPACE, UNIT, BLOCK = 0x2e, 0x1d, 0x05, 0x18, 0x39, 0x11, 0x0b
CLASSES = (0x02, 0x13, 0x17, 0x04)  # class, struct, union, enumeration
POINTER, CONST, TYPEDEF, BASE, FUNCTION_TYPE, NULLPTR, ARRAY = 0x0f, 0x26, 0x16, 0x24, 0x15, 0x3b, 0x01
SUFFIXES = {POINTER: "*", 0x10: "&", 0x42: "&&", CONST: " const", 0x35: " volatile"}
BASES = {"long int": "long", "long unsigned int": "unsigned long", "short int": "short",
         "short unsigned int": "unsigned short", "long long int": "long long",
         "long long unsigned int": "unsigned long long", "__int128 unsigned": "unsigned __int128"}
ARGUMENT = re.compile("|".join(sorted([re.escape(name) for name in BASES], key=len, reverse=True)))
FIXED = {0x01: 8, 0x05: 2, 0x06: 4, 0x07: 8, 0x0b: 1, 0x0c: 1, 0x0e: 4, 0x10: 4, 0x11: 1, 0x12: 2, 0x13: 4, 0x14: 8,
         0x17: 4, 0x19: 0, 0x1c: 4, 0x1d: 4, 0x1e: 16, 0x1f: 4, 0x20: 8, 0x24: 8, 0x25: 1, 0x26: 2, 0x27: 3, 0x28: 4,
         0x29: 1, 0x2a: 2, 0x2c: 4}
BLOCKS = {0x03: 2, 0x04: 4, 0x0a: 1}  # with the width of their length
NUMBERS = (0x09, 0x0d, 0x0f, 0x15, 0x18, 0x1a, 0x1b, 0x22, 0x23)  # LEB128; of 0x09 and 0x18 it is a length
STRING, STRP, LINE_STRP, REF_UDATA, PRESENT, IMPLICIT = 0x08, 0x0e, 0x1f, 0x15, 0x19, 0x21
NUMBERED_STRINGS = (0x1a, 0x25, 0x26, 0x27, 0x28)
CALL_OF_LAMBDA = re.compile(r"(?:\$_\d+|Ul\w*E\d*_)cl")  # in a linkage name
ADDRESS, CONSTANT = b"\x03", b"\x0e"  # how the location of a variable begins, of a thread-local one
UNKNOWN = (struct.error, IndexError, KeyError, UnicodeDecodeError, RecursionError)  # what we cannot read


class Entry:
    """A debugging information entry, with those of its attributes that tell names and types."""

    def __init__(self, tag: int, parent: Optional["Entry"]) -> None:
        self.tag, self.parent = tag, parent
        self.attributes: dict[int, Any] = {}
        self.children: list["Entry"] = []


class Header(NamedTuple):
    begin: int
    end: int
    first: int  # entry
    abbreviations: int


class Debug:
    def __init__(self, elf: Elf) -> None:
        (self.info, self.abbreviations, self.ranges, self.strings, self.line_strings, self.pairs, self.lists,
         self.string_offsets) = (elf.sections.get(f".debug_{name}", (0, b"", 0))[1] for name in (
             "info", "abbrev", "aranges", "str", "line_str", "ranges", "rnglists", "str_offsets"))
        self.string_base = 8
        self.units: dict[int, dict[int, Entry]] = {}  # the entries of each unit by their offsets

    # --- reading

    @staticmethod
    def number(data: bytes, at: int) -> tuple[int, int]:
        """A LEB128 number, and what follows it. The sign does not matter here."""
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7f) << shift
            shift += 7
            if byte < 0x80:
                return value, at

    def unit_at(self, address: int) -> Optional[int]:
        """The offset of the compilation unit whose code lies there."""
        at = 0
        while at + 12 <= len(self.ranges):
            length, _, unit, _, _ = struct.unpack_from("=IHIBB", self.ranges, at)
            for start in range(at + 16, at + 4 + length, 16):
                begin, size = struct.unpack_from("=QQ", self.ranges, start)
                if begin <= address < begin + size:
                    return int(unit)
            at += 4 + length
        return None

    def header(self, unit: int) -> Header:
        length, version = struct.unpack_from("=IH", self.info, unit)
        if version >= 5:
            abbreviations, first = struct.unpack_from("=I", self.info, unit + 8)[0], unit + 12
        else:
            abbreviations, first = struct.unpack_from("=I", self.info, unit + 6)[0], unit + 11
        return Header(unit, unit + 4 + length, first, abbreviations)

    def forms_of(self, at: int) -> dict[int, tuple[int, bool, list[tuple[int, int, int]]]]:
        """By code: the tag, whether children follow, and the attributes with their forms."""
        found = {}
        while True:
            code, at = self.number(self.abbreviations, at)
            if code == 0:
                return found
            tag, at = self.number(self.abbreviations, at)
            has_children, at = bool(self.abbreviations[at]), at + 1
            attributes = []
            while True:
                name, at = self.number(self.abbreviations, at)
                form, at = self.number(self.abbreviations, at)
                value = 0
                if form == IMPLICIT:
                    value, at = self.number(self.abbreviations, at)
                if name == form == 0:
                    break
                attributes.append((name, form, value))
            found[code] = (tag, has_children, attributes)

    def value(self, unit: int, form: int, implicit: int, at: int) -> tuple[Any, int]:
        """Of an attribute, and what follows it."""
        info = self.info
        if form in FIXED:
            end = at + FIXED[form]
            value: Any = int.from_bytes(info[at:end], "little") if form != PRESENT else 1
            if form in (STRP, LINE_STRP):
                strings = self.strings if form == STRP else self.line_strings
                value = strings[value:strings.index(b"\0", value)].decode()
            elif 0x11 <= form <= 0x14:
                value += unit
            return value, end
        if form == STRING:
            end = info.index(b"\0", at)
            return info[at:end].decode(), end + 1
        if form == IMPLICIT:
            return implicit, at
        if form in BLOCKS:
            end = at + BLOCKS[form]
            return None, end + int.from_bytes(info[at:end], "little")
        if form not in NUMBERS:
            raise KeyError(form)
        value, at = self.number(info, at)
        if form in (0x09, 0x18):
            return info[at:at + value], at + value
        return value + unit if form == REF_UDATA else value, at

    def string(self, number: int) -> str:
        begin: int = struct.unpack_from("=I", self.string_offsets, self.string_base + 4 * number)[0]
        return self.strings[begin:self.strings.index(b"\0", begin)].decode(errors="replace")

    def entries(self, unit: int) -> dict[int, Entry]:
        if unit not in self.units:
            self.units[unit] = self.read(self.header(unit))
        return self.units[unit]

    def read(self, header: Header) -> dict[int, Entry]:
        forms, found, at = self.forms_of(header.abbreviations), {}, header.first
        parent: Optional[Entry] = None
        self.string_base = 8
        while at < header.end:
            offset = at
            code, at = self.number(self.info, at)
            if code == 0:
                parent = parent.parent if parent else None
                continue
            tag, has_children, attributes = forms[code]
            entry = found[offset] = Entry(tag, parent)
            for name, form, implicit in attributes:
                value, at = self.value(header.begin, form, implicit, at)
                if name == STRING_BASE:
                    self.string_base = value
                elif name in WANTED:
                    entry.attributes[name] = self.string(value) if form in NUMBERED_STRINGS else value
            if parent:
                parent.children.append(entry)
            if has_children:
                parent = entry
        return found

    # --- names

    def names(self, address: int, bare: Sequence[str]) -> list[str]:
        """The full names of the functions that share the address, the innermost first; as they are given, where nothing
        is known for certain."""
        try:
            unit = self.unit_at(address)
            entries = self.entries(unit) if unit is not None else {}
            if unit is None or next(iter(entries.values())).attributes.get(LANGUAGE) not in C_PLUS_PLUS:
                return list(bare)  # in a header of C
            around = [entry for entry in entries.values()
                      if entry.tag in (FUNCTION, INLINED) and self.covers(unit, entry, address)][::-1]
        except UNKNOWN:
            return list(bare)
        if len(around) != len(bare):
            return list(bare)
        return [name_or(entries, entry, name) for entry, name in zip(around, bare)]

    def covers(self, unit: int, entry: Entry, address: int) -> bool:
        """Whether the entry's code includes the address."""
        low, high, ranges = (entry.attributes.get(which) for which in (LOW, HIGH, RANGES))
        if low is not None and high is not None:
            return bool(low <= address < (high if high > low else low + high))
        if ranges is None:
            return False
        base = next(iter(self.entries(unit).values())).attributes.get(LOW, 0)
        read = self.range_lists if struct.unpack_from("=IH", self.info, unit)[1] >= 5 else self.range_pairs
        return any(begin <= address < end for begin, end in read(ranges, base))

    def range_pairs(self, at: int, base: int) -> Iterator[tuple[int, int]]:
        """Before version 5."""
        for begin, end in struct.iter_unpack("=QQ", self.pairs[at:len(self.pairs) // 16 * 16]):
            if begin == end == 0:
                return
            if begin == (1 << 64) - 1:
                base = end
            else:
                yield base + begin, base + end

    def range_lists(self, at: int, base: int) -> Iterator[tuple[int, int]]:
        while True:
            kind, at = self.lists[at], at + 1
            if kind == 0:
                return
            if kind == OFFSETS:
                begin, at = self.number(self.lists, at)
                end, at = self.number(self.lists, at)
                yield base + begin, base + end
            elif kind == BASE_ADDRESS:
                base, at = struct.unpack_from("=Q", self.lists, at)[0], at + 8
            elif kind == FROM_TO:
                begin, end = struct.unpack_from("=QQ", self.lists, at)
                at += 16
                yield begin, end
            elif kind == WITH_LENGTH:
                begin = struct.unpack_from("=Q", self.lists, at)[0]
                length, at = self.number(self.lists, at + 8)
                yield begin, begin + length
            else:
                raise KeyError(kind)

    def lambdas(self) -> list[tuple[int, str]]:
        """The lines and linkage names of the calls of lambdas, by a compiler that tells these (clang)."""
        found, unit = [], 0
        try:
            while unit < len(self.info):
                header = self.header(unit)
                entries = self.read(header)
                for entry in entries.values():
                    if CALL_OF_LAMBDA.search(entry.attributes.get(LINKAGE, "")):
                        declared = entries.get(entry.attributes.get(SPECIFICATION, 0), entry)
                        found.append((declared.attributes.get(LINE, 0), entry.attributes[LINKAGE]))
                unit = header.end
        except UNKNOWN:
            pass
        return found

    def function_around(self, address: int, thread_local: bool) -> str:
        """The function that a static variable at the address belongs to; empty if unknown."""
        location = (CONSTANT if thread_local else ADDRESS) + struct.pack("=Q", address)
        try:
            at, unit = self.info.find(location), 0
            while unit < at:
                header = self.header(unit)
                if at < header.end:
                    return function_of(self.entries(unit), location)
                unit = header.end
        except UNKNOWN:
            pass
        return ""


@functools.cache
def debug_of(path: str) -> Debug:
    return Debug(elf_at(path))


def function_of(entries: dict[int, Entry], location: bytes) -> str:
    for entry in entries.values():
        place = entry.attributes.get(LOCATION)
        if isinstance(place, bytes) and place.startswith(location):
            around = entry.parent
            while around and around.tag != FUNCTION:
                around = around.parent
            if around:
                around = entries.get(around.attributes.get(ORIGIN, 0), around)
                return str(around.attributes[NAME])
    return ""


def name_or(entries: dict[int, Entry], entry: Entry, bare: str) -> str:
    """The full name of a function, or of one that was inlined."""
    try:
        entry = entries.get(entry.attributes.get(ORIGIN, 0), entry)
        declared = entries.get(entry.attributes.get(SPECIFICATION, 0), entry)
        return full_name(entries, declared, entry) if declared.attributes[NAME] == bare else bare
    except UNKNOWN:
        return bare


def full_name(entries: dict[int, Entry], declared: Entry, entry: Entry) -> str:
    in_class = declared.parent is not None and declared.parent.tag in CLASSES
    if declared.attributes.get(EXTERNAL) and not in_class and LINKAGE not in declared.attributes:
        return str(declared.attributes[NAME])  # extern "C"
    parameters = declared.children or entry.children
    shown, is_const = [], ""
    for parameter in parameters:
        if parameter.tag == ELLIPSIS:
            shown.append("...")
        elif parameter.tag == PARAMETER and not parameter.attributes.get(ARTIFICIAL):
            shown.append(type_of(entries, parameter).removesuffix(" const"))
        elif parameter.tag == PARAMETER and type_of(entries, parameter).removesuffix(" const").endswith(" const*"):
            is_const = " const"
    name = ARGUMENT.sub(lambda match: BASES[match[0]], declared.attributes[NAME])
    return f"{scope_of(entries, declared)}{name}({', '.join(shown)}){is_const}"


def scope_of(entries: dict[int, Entry], entry: Entry) -> str:
    parent = entry.parent
    while parent and parent.tag == BLOCK:
        parent = parent.parent
    if not parent or parent.tag == UNIT:
        return ""
    if parent.tag == FUNCTION:  # what is local to it
        origin = entries.get(parent.attributes.get(ORIGIN, 0), parent)
        declared = entries.get(origin.attributes.get(SPECIFICATION, 0), origin)
        return full_name(entries, declared, origin) + "::"
    if parent.tag != NAMESPACE and parent.tag not in CLASSES:
        raise KeyError(parent.tag)
    return f"{scope_of(entries, parent)}{class_name(parent) if parent.tag in CLASSES else namespace_name(parent)}::"


def namespace_name(entry: Entry) -> str:
    return str(entry.attributes.get(NAME, "(anonymous namespace)"))


def class_name(entry: Entry) -> str:
    """A lambda's has none, or one that no demangler writes: it has a number in its function, by the order of lines."""
    if not is_lambda(entry):
        return str(entry.attributes.get(NAME, "{lambda()#1}"))
    around = entry.parent
    while around and around.parent and around.tag == BLOCK:
        around = around.parent
    order = sorted(lambdas_in(around), key=lambda one: one.attributes.get(LINE, 0)) if around else [entry]
    return f"{{lambda()#{order.index(entry) + 1}}}"


def is_lambda(entry: Entry) -> bool:
    return entry.tag in CLASSES and str(entry.attributes.get(NAME, "<lambda")).startswith("<lambda") and any(
        str(child.attributes.get(NAME)).startswith("operator()") for child in entry.children)


def lambdas_in(entry: Entry) -> Iterator[Entry]:
    for child in entry.children:
        if is_lambda(child):
            yield child
        elif child.tag == BLOCK:
            yield from lambdas_in(child)


def type_of(entries: dict[int, Entry], entry: Entry, declarator: str = "") -> str:
    """The type of what the entry describes, as demanglers write it; with what stands in it for a name."""
    if TYPE not in entry.attributes:
        return "void" + declarator
    kind = entries[entry.attributes[TYPE]]
    if kind.tag == BASE:
        name: str = kind.attributes[NAME]
        return BASES.get(name, name) + declarator
    if kind.tag in CLASSES:
        return f"{scope_of(entries, kind)}{class_name(kind)}{declarator}"
    if kind.tag == TYPEDEF:
        return type_of(entries, kind, declarator)
    if kind.tag == NULLPTR:
        return "decltype(nullptr)" + declarator
    if kind.tag == FUNCTION_TYPE:
        parameters = ", ".join(type_of(entries, parameter).removesuffix(" const") for parameter in kind.children)
        return type_of(entries, kind, f" ({declarator})({parameters})" if declarator else f" ({parameters})")
    if kind.tag == ARRAY:
        bounds = "".join(f"[{child.attributes[LAST] + 1}]" for child in kind.children)
        return type_of(entries, kind, f" ({declarator}) {bounds}" if declarator else f" {bounds}")
    return type_of(entries, kind, SUFFIXES[kind.tag] + declarator)
