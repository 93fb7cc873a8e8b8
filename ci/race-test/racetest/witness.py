"""What witness.c, inside of a run's processes, has written of them."""

import glob
import os
from typing import NamedTuple, Optional

from racetest.addresses import AddressSpace, Mapping, Symbols, mappings_in
from racetest.variables import Locals, Variables


class Stack(NamedTuple):
    why: str  # exit, asked, or the number of a signal
    process: int
    thread: int
    addresses: list[int]


class Witness:
    """A process that has ThreadSanitizer, and what it has forked."""

    def __init__(self, pid: int, text: str, maps: str) -> None:
        self.pid, self.path, self.static = pid, "", False
        self.ended: Optional[int] = None
        self.stacks: list[Stack] = []
        self.threads: list[int] = []  # their handles
        self.waits: dict[int, str] = {}  # by thread: the call in which it waits under control, "" for the turn
        self.locals: list[Locals] = []
        self.maps = maps
        for line in text.splitlines():
            kind, _, rest = line.partition(" ")
            if kind == "began":
                linked, _, self.path = rest.partition(" ")
                self.static = linked == "static"
            elif kind == "ended":
                process, _, status = rest.partition(" ")
                if int(process) == pid:
                    self.ended = int(status)
            elif kind == "thread":
                self.threads.append(int(rest, 16))
            elif kind == "waits":
                number, _, call = rest.partition(" ")
                self.waits[int(number)] = call
            elif kind == "locals":
                address, _, path = rest.partition(" ")
                self.locals.append(Locals(int(address, 16), path))
            elif kind == "stack":
                why, process, thread, *addresses = rest.split(" ")
                self.stacks.append(Stack(why, int(process), int(thread), [int(a, 16) for a in addresses]))

    @property
    def mappings(self) -> list[Mapping]:
        return mappings_in(self.maps)

    def variables(self, symbols: Symbols) -> Variables:
        return Variables(AddressSpace(symbols, self.mappings), self.threads, self.locals)

    def last(self, process: int) -> Optional[Stack]:
        """Where the process, this one or one that it has forked, stood when it gave itself up."""
        return next((stack for stack in self.stacks if stack.why != "asked" and stack.process == process), None)

    def dead(self) -> list[Stack]:
        """Of each process among these that died of a signal, where it stood."""
        return list({stack.process: stack for stack in reversed(self.stacks) if stack.why.isdigit()}.values())


def text_of(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except OSError:
        return ""


def witness_of(folder: str, process: int) -> Witness:
    text, maps = (text_of(os.path.join(folder, f"{name}.{process}")) for name in ("witness", "maps"))
    return Witness(process, text, maps)


def witnesses_in(folder: str) -> dict[int, Witness]:
    paths = glob.glob(os.path.join(glob.escape(folder), "witness.*"))
    return {process: witness_of(folder, process) for process in (int(path.rpartition(".")[2]) for path in paths)}
