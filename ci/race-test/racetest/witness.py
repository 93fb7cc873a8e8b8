"""What the preloaded object has written of a run's processes (witness.c)."""

import glob
import os
from typing import NamedTuple, Optional

from racetest.addresses import Mapping, mappings_in


class Stack(NamedTuple):
    why: str  # exit, asked, or the number of a signal
    thread: int
    addresses: list[int]


class Witness:
    """One process. It has ThreadSanitizer, or its parent had."""

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
                self.ended = int(rest)
            elif kind == "stack":
                why, thread, *addresses = rest.split(" ")
                self.stacks.append(Stack(why, int(thread), [int(a, 16) for a in addresses]))

    @property
    def mappings(self) -> list[Mapping]:
        return mappings_in(self.maps)

    def last(self) -> Optional[Stack]:
        """Where the process stood when it gave itself up."""
        return next((stack for stack in self.stacks if stack.why != "asked"), None)


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
