"""From addresses of a process to functions and lines, by the symbolizer that there is."""

import functools
import glob
import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from typing import NamedTuple, Optional

from racetest.dwarf import debug_of
from racetest.elf import Symbol, elf_at
from racetest.frames import LAMBDA, Frame, name_of_lambda, without_result
from racetest.pattern import pattern

MAPPING = pattern(r"^([0-9a-f]+)-([0-9a-f]+) \S+ ([0-9a-f]+) \S+ \d+ +(/.*?)(?: \(deleted\))?$",
                  "55b2060591c0-55b20605a000 r-xp 00001000 fe:00 1234    /tmp/my prog")
WHERE = pattern(r"^(.*?):(\d+|\?)(?: \(discriminator \d+\))?$", "/tmp/kinds.cpp:12 (discriminator 1)", "??:?", "/a.c:?")
NUMBER = pattern(r"\d+", "_ZZ4mainENK4$_10clEv")

C_SOURCE = (".c", ".s", ".S")


class Mapping(NamedTuple):
    begin: int
    end: int
    offset: int
    path: str


def mappings_in(text: str) -> list[Mapping]:
    """The files in /proc/PID/maps."""
    found = []
    for line in text.splitlines():
        match = MAPPING.match(line)
        if match:
            found.append(Mapping(int(match[1], 16), int(match[2], 16), int(match[3], 16), match[4]))
    return found


def mappings_of(process: int) -> list[Mapping]:
    with open(f"/proc/{process}/maps", encoding="utf-8", errors="surrogateescape") as maps:
        return mappings_in(maps.read())


@functools.cache
def symbolizer() -> Optional[str]:
    """LLVM's before binutils', which takes one function for another where code is inlined; the newest one."""
    found = [path for folder in os.environ.get("PATH", os.defpath).split(os.pathsep)
             for path in glob.glob(os.path.join(glob.escape(folder), "llvm-addr2line-*"))
             if re.search(r"-\d+$", path)]
    if found:
        return max(found, key=lambda path: int(path.rpartition("-")[2]))
    return shutil.which("llvm-addr2line") or shutil.which("addr2line")


def bare(frame: Frame) -> bool:
    """Whether it has a C++ function's name without its parameters."""
    return bool(frame.file and frame.offset and frame.named and frame.function != "main"
                and "(" not in frame.function.replace("operator()", "")
                and not frame.file.endswith(C_SOURCE) and not frame.is_runtime())


def vague(frame: Frame) -> bool:
    """Whether the name is that of others, too."""
    return bare(frame) or bool(LAMBDA.search(frame.function) and frame.file and frame.offset and not frame.is_runtime())


def name_in_debug(frame: Frame) -> str:
    return "operator()" if LAMBDA.search(frame.function) and "::operator()" in frame.function else frame.function


@functools.cache
def demangled(name: str) -> str:
    """LLVM's symbolizers cannot read all names that their compiler makes, those of generic lambdas in LLVM 22, say."""
    tool = shutil.which("c++filt")
    if not tool or not name.startswith("_Z"):
        return name
    return subprocess.run([tool, name], check=False, stdout=subprocess.PIPE, text=True).stdout.strip() or name


@functools.cache
def lambdas_at(path: str) -> dict[str, str]:
    """The names that the symbolizer has for clang's lambdas, which tell little, and those that tell the number of each
    in its function, by the order of their lines."""
    calls = sorted(set(debug_of(path).lambdas()), key=lambda call: (call[0], [int(n) for n in NUMBER.findall(call[1])]))
    tool = (symbolizer() or "").replace("llvm-addr2line", "llvm-cxxfilt").replace("/addr2line", "/c++filt")
    try:
        names = subprocess.run([tool], check=False, timeout=60, input="".join(f"{name}\n" for _, name in calls),
                               stdout=subprocess.PIPE, text=True).stdout.splitlines() if calls else []
    except (OSError, subprocess.TimeoutExpired):
        names = []
    around: dict[str, dict[str, None]] = {}
    for name in (without_result(demangled(name)) for name in names):
        last = max(LAMBDA.finditer(name), key=lambda match: match.start(), default=None)
        if last:
            around.setdefault(name[:last.start()], {})[last[0]] = None
    return {f"{scope}{name}::": f"{scope}{{lambda()#{i + 1}}}::"
            for scope, names_in in sorted(around.items(), key=lambda pair: -len(pair[0])) for i, name in enumerate(names_in)}


def told_apart(path: str, address: int, frames: list[Frame]) -> list[Frame]:
    """The functions at an address, by their full names: from debug information of gcc's, or of clang's."""
    names = debug_of(path).names(address, [name_in_debug(frame) for frame in frames])
    for i, (frame, name) in enumerate(zip(frames, names)):
        if frame.is_runtime():
            continue
        if vague(frame) and name != name_in_debug(frame):
            frames[i] = frame._replace(function=name)
        elif LAMBDA.search(frame.function):
            for known, numbered in lambdas_at(path).items():
                frames[i] = frames[i]._replace(function=frames[i].function.replace(known, numbered))
    for i, frame in enumerate(frames):
        if frame.function.partition("<")[0] == "operator()" and not frame.is_runtime():
            name = name_of_lambda(around.function for around in frames[i + 1:])
            frames[i] = frame._replace(function=name or frame.function)
    return frames


class Symbols:
    """Remembers what it was told: the same places come again in the next run."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, int], list[Frame]] = {}

    def at(self, path: str, address: int) -> list[Frame]:
        """The functions that share the address in the file, the innermost first."""
        self.learn(path, [address])
        return self.known[path, address]

    def learn(self, path: str, addresses: Iterable[int]) -> None:
        wanted = sorted({a for a in addresses if (path, a) not in self.known})
        for address in wanted:
            self.known[path, address] = [Frame("<null>", None, 0, path, f"{address:x}")]
        tool = symbolizer()
        if not wanted or not tool or not os.path.exists(path):
            return
        try:
            answer = subprocess.run([tool, "-a", "-f", "-i", "-C", "-e", path], check=False, timeout=120,
                                    input="".join(f"{a:#x}\n" for a in wanted), stdout=subprocess.PIPE,
                                    stderr=subprocess.DEVNULL, encoding="utf-8", errors="replace").stdout
        except (OSError, subprocess.TimeoutExpired):
            return
        lines = answer.splitlines()
        starts = [i for i, line in enumerate(lines) if re.fullmatch(r"0x[0-9a-f]+", line)]
        for start, end in zip(starts, [*starts[1:], len(lines)]):
            address = int(lines[start], 16)
            frames = [frame_from(function, where, path, address)
                      for function, where in zip(lines[start + 1:end:2], lines[start + 2:end:2])]
            frames = [frame._replace(function=demangled(frame.function)) for frame in frames]
            if any(map(vague, frames)):
                frames = told_apart(path, address, frames)
            if frames and frames[0].named:
                self.known[path, address] = frames


class AddressSpace:
    """What the addresses in one process stand for."""

    def __init__(self, symbols: Symbols, mappings: list[Mapping]) -> None:
        self.symbols, self.mappings = symbols, mappings
        self.places: dict[int, tuple[str, int]] = {}

    def place_of(self, address: int) -> tuple[str, int]:
        """The file, and the address in it by which tools know what lies there."""
        if address not in self.places:
            self.places[address] = self.look_up(address)
        return self.places[address]

    def look_up(self, address: int) -> tuple[str, int]:
        for mapping in self.mappings:
            if mapping.begin <= address < mapping.end:
                return mapping.path, elf_at(mapping.path).address_of(address - mapping.begin + mapping.offset)
        return "", address

    def stacks_of(self, stacks: list[list[int]]) -> list[list[Frame]]:
        """The frames of stacks of addresses, inlined functions among them."""
        by_path: dict[str, list[int]] = {}
        for path, address in (self.place_of(pc) for stack in stacks for pc in stack):
            by_path.setdefault(path, []).append(address)
        for path, addresses in by_path.items():  # many at once: each question starts the symbolizer
            self.symbols.learn(path, addresses)
        return [[frame for pc in stack for frame in self.symbols.at(*self.place_of(pc))] for stack in stacks]

    def call(self, pc: int) -> list[Frame]:
        """The line of the call that returns to pc, the innermost inlined function first."""
        return self.symbols.at(*self.place_of(pc - 1))

    def start(self, address: int) -> Frame:
        """The function that begins there."""
        return self.symbols.at(*self.place_of(address))[-1]

    def variable_at(self, address: int) -> Optional[tuple[str, Symbol, int]]:
        """The file and the global variable in which the address lies, and how far; None if it is none or unknown."""
        path, inside = self.place_of(address)
        if not path:  # zeroed data has no file behind it: it follows the file's last mapping
            before = [m for m in self.mappings if m.begin <= address]
            if not before:
                return None
            last = max(before, key=lambda m: m.begin)
            path, base = last.path, min(m.begin - m.offset for m in self.mappings if m.path == last.path)
            segments = elf_at(path).segments
            first = min((s.address - s.offset for s in segments), default=0)
            inside = address - base + first
        symbol = elf_at(path).variable_at(inside) if path.startswith("/") else None
        return (path, symbol, inside - symbol.address) if symbol else None


def frame_from(function: str, where: str, path: str, address: int) -> Frame:
    match = WHERE.match(where)
    file = match[1] if match and match[1] not in ("??", "") else None
    line = int(match[2]) if match and match[2] != "?" else 0
    return Frame("<null>" if function == "??" else function, file, line, path, f"{address:x}")


def line_of(number: int, frame: Frame) -> str:
    """The frame as ThreadSanitizer prints one."""
    where = f"{frame.file}:{frame.line}" if frame.file and frame.line else frame.file or "<null>"
    return f"    #{number} {frame.function} {where} ({frame.module}+0x{frame.offset})"
