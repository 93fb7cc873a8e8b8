"""What lies at an address: the name of the variable, the same one by all compilers."""

import functools
import os
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from racetest.addresses import AddressSpace, demangled
from racetest.dwarf import debug_of
from racetest.elf import THREAD_LOCAL, Symbol, elf_at
from racetest.frames import ABI, CLONE, LAMBDA, LIBRARY, LIBRARY_FILE
from racetest.pattern import pattern

NUMBERED = pattern(r"\.\d+$", "calls.1", "count_both.calls.2")


class Locals(NamedTuple):
    """Where the main thread's own variables of a file begin."""
    address: int
    path: str


class Variables:
    """Of one process. The threads are their handles, main's first; its distance to its own variables is that of all."""

    def __init__(self, space: AddressSpace, threads: Sequence[int] = (), locals_of_main: Sequence[Locals] = ()) -> None:
        self.space, self.threads, self.locals_of_main = space, threads, locals_of_main

    def name_at(self, address: int) -> str:
        """Empty if it is no variable, or unknown."""
        found = self.space.variable_at(address)
        return name_of(*found[:2]) if found else self.thread_local_at(address)

    def thread_local_at(self, address: int) -> str:
        for handle in self.threads:
            for begin, path in self.locals_of_main:
                symbol = elf_at(path).variable_at(address - handle + self.threads[0] - begin, THREAD_LOCAL)
                if symbol:
                    return name_of(path, symbol)
        return ""


def name_at(address: int, processes: Iterable[Variables]) -> str:
    return next(filter(None, (variables.name_at(address) for variables in processes)), "")


def name_of(path: str, symbol: Symbol) -> str:
    """With the function that a static variable belongs to, which gcc does not put into the symbols of C; and, where a
    library or several files have one of that name, with those."""
    name = name_told(symbol.name)
    if NUMBERED.search(CLONE.sub("", symbol.name)) and "." not in name:
        function = debug_of(path).function_around(symbol.address, symbol.kind == THREAD_LOCAL)
        name = f"{function}.{name}" if function else name
    if not symbol.file:
        return name
    library = LIBRARY.match(os.path.basename(path))
    return (name + (f"@{symbol.file}" if len(files_with(path, symbol.kind, plain(symbol.name))) > 1 else "")
            + (f" ({library[0]})" if library else ""))


def name_told(name: str) -> str:
    """The name of what a symbol or a report calls so: clang's name of a static variable is f.calls, gcc's is calls.1."""
    name = ABI.sub("", CLONE.sub("", name))
    if is_cplusplus(name):
        return LAMBDA.sub("{lambda}", ABI.sub("", demangled(NUMBERED.sub("", name)))).replace("> >", ">>").replace("> >", ">>")
    return NUMBERED.sub("", name)


def is_cplusplus(name: str) -> bool:
    return name.startswith("_Z") or "::" in name


def plain(name: str) -> str:
    """Without the function."""
    return name if is_cplusplus(name) else name_told(name).rpartition(".")[2]


@functools.cache
def files_with(path: str, kind: int, name: str) -> set[str]:
    """The source files that have a static variable of that plain name; the waitgroup library's do not count, which may
    be part of the program or not."""
    return {symbol.file for symbol in elf_at(path).symbols(kind)
            if symbol.file and name in symbol.name and plain(symbol.name) == name
            and not LIBRARY_FILE.search(symbol.file)}
