"""What an ELF file tells: where its segments and symbols lie, which compilers made it."""

import functools
import struct
from collections.abc import Iterator
from typing import NamedTuple, Optional

from racetest.pattern import pattern

CLANG = pattern(r"clang version (\d+)\.", "Debian clang version 19.1.7 (3+b1)", "Ubuntu clang version 14.0.0-1ubuntu1")

LOAD, SYMBOLS, DYNAMIC_SYMBOLS, OBJECT, FILE, THREAD_LOCAL = 1, 2, 11, 1, 4, 6
BINDS_LOCALLY = 0


class Segment(NamedTuple):
    offset: int  # in the file
    address: int
    size: int  # in memory


class Symbol(NamedTuple):
    name: str
    address: int
    size: int
    kind: int
    file: str = ""  # whose alone it is


class Elf:
    """A 64-bit ELF file of this machine's byte order; anything else has no segments and no sections."""

    def __init__(self, path: str) -> None:
        self.segments: list[Segment] = []
        self.sections: dict[str, tuple[int, bytes, int]] = {}  # by name: type, content, the section that it links to
        self.contents: list[bytes] = []
        self.known: dict[int, list[Symbol]] = {}  # by their kind
        self.data = b""
        try:
            with open(path, "rb") as file:
                self.data = file.read()
            if self.data[:5] == b"\x7fELF\x02":
                self.read_headers()
        except (OSError, struct.error):
            pass

    def read_headers(self) -> None:
        _, _, _, _, segments, sections, _, _, segment_size, segment_count, section_size, section_count, names = \
            struct.unpack_from("=HHIQQQIHHHHHH", self.data, 16)
        for i in range(segment_count):
            header = struct.unpack_from("=IIQQQQQQ", self.data, segments + i * segment_size)
            kind, _, offset, address, _, _, size, _ = header
            if kind == LOAD:
                self.segments.append(Segment(offset, address, size))
        headers = [struct.unpack_from("=IIQQQQIIQQ", self.data, sections + i * section_size)
                   for i in range(section_count)]
        self.contents = [b"" if h[1] == 8 else self.data[h[4]:h[4] + h[5]] for h in headers]  # 8: not in the file
        for header, content in zip(headers, self.contents):
            self.sections[text_at(self.contents[names], header[0])] = (header[1], content, header[6])

    def address_of(self, offset: int) -> int:
        """The address by which tools know what lies there in the file."""
        for segment in self.segments:
            if segment.offset <= offset < segment.offset + segment.size:
                return offset - segment.offset + segment.address
        return offset

    @property
    def clangs(self) -> list[int]:
        """The versions of clang that compiled some of the file, the oldest first."""
        comment = self.sections.get(".comment", (0, b"", 0))[1].decode(errors="replace")
        return sorted(int(match[1]) for match in CLANG.finditer(comment))

    def variable_at(self, address: int, kind: int = OBJECT) -> Optional[Symbol]:
        return next((symbol for symbol in self.symbols(kind)
                     if symbol.address <= address < symbol.address + symbol.size), None)

    def symbols(self, wanted: int) -> list[Symbol]:
        if wanted not in self.known:
            self.known[wanted] = list(self.read_symbols(wanted))
        return self.known[wanted]

    def read_symbols(self, wanted: int) -> Iterator[Symbol]:
        for kind, content, link in self.sections.values():
            if kind not in (SYMBOLS, DYNAMIC_SYMBOLS):
                continue
            file = ""
            for name, info, _, section, address, size in struct.iter_unpack("=IBBHQQ", content[:len(content) // 24 * 24]):
                if info & 15 == FILE:
                    file = text_at(self.contents[link], name)
                if info & 15 == wanted and (section or wanted == FILE):
                    is_local = info >> 4 == BINDS_LOCALLY
                    yield Symbol(text_at(self.contents[link], name), address, size, wanted, file if is_local else "")

    @functools.cached_property
    def sources(self) -> list[str]:
        """The names of the files that were compiled into it, without their folders."""
        return [symbol.name for symbol in self.symbols(FILE)]


@functools.cache
def elf_at(path: str) -> Elf:
    return Elf(path)


def text_at(strings: bytes, at: int) -> str:
    return strings[at:strings.find(b"\0", at)].decode(errors="replace")
