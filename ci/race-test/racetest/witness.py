"""What witness.c, inside of a run's processes, has written of them."""

import glob
import os
from typing import NamedTuple, Optional

from racetest.addresses import Mapping, mappings_in


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
            elif kind == "stack":
                why, process, thread, *addresses = rest.split(" ")
                self.stacks.append(Stack(why, int(process), int(thread), [int(a, 16) for a in addresses]))

    @property
    def mappings(self) -> list[Mapping]:
        return mappings_in(self.maps)

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


def witnesses_in(folder: str) -> dict[int, Witness]:
    found = {}
    for path in glob.glob(os.path.join(glob.escape(folder), "witness.*")):
        pid = path.rpartition(".")[2]
        found[int(pid)] = Witness(int(pid), text_of(path), text_of(os.path.join(folder, f"maps.{pid}")))
    return found
