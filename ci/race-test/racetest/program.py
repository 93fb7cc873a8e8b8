"""A program that is tested: how it is started, and what has become known of it over the runs."""

import errno
import os
import re
import shutil
from collections import deque
from typing import Optional

from racetest.elf import elf_at
from racetest.pattern import pattern
from racetest.runtime import runtime_of
from racetest.text import printable
from racetest.trouble import Trouble
from racetest.witness import Witness

SEES_THE_STACK = 21  # the first clang that instruments fields and elements of objects on their owner's stack
RUNTIME = "tsan"  # in the name of each of its shared libraries
HANGS_ENOUGH = 3  # a program that hung so often is not started again
FILE = pattern(r"@([^\s|]+)", "bump@modes.c", "data race: f(int)@src/a.cpp | g()@b.h on x")
CANNOT_START = {
    errno.ENOENT: "the interpreter that it names (by #! or as its dynamic linker) does not exist",
    errno.ENOEXEC: "neither a program for this machine nor a script that begins with #!",
}


class Program:
    def __init__(self, name: str, argv: Optional[list[str]] = None) -> None:
        self.name, self.argv = printable(name), argv or []
        self.label = printable(os.path.basename(self.argv[0])) if self.argv else ""  # in keys
        self.started = self.done = self.bad = self.hangs = 0
        self.cpu = self.wall = 0.0
        self.fixed_layout = False  # started under setarch -R
        self.has_tsan = False
        self.asked = False  # whether its runtime knows all the options
        self.adaptive_delay = False  # whether its runtime has it
        self.old_clang: Optional[int] = None  # compiled by one that does not see all races
        self.uncontrolled = ""  # why no more of its runs are under control
        self.waiting: deque[int] = deque()  # numbers of runs that wait for the one under control to end
        self.trouble: Optional[str] = None
        self.files: set[str] = set()
        self.modules: set[str] = set()  # and the libraries beside them

    def learn(self, begun: list[Witness]) -> None:
        """From the processes with ThreadSanitizer, which may be others than the one that was started."""
        for path in {witness.path for witness in begun} - self.files:
            self.files.add(path)
            self.old_clang = self.old_clang or next((v for v in elf_at(path).clangs if v < SEES_THE_STACK), None)
        for path in {mapping.path for witness in begun for mapping in witness.mappings} - self.modules:
            self.modules.add(path)
            if path in self.files or RUNTIME in os.path.basename(path):
                self.adaptive_delay = self.adaptive_delay or b"enable_adaptive_delay\0" in elf_at(path).data

    @property
    def can_be_controlled(self) -> bool:
        """As far as is known without having tried: its runtime is a library of its own."""
        names = [os.path.basename(path) for path in self.modules - self.files]
        return not self.uncontrolled and any(name.startswith("lib") and RUNTIME in name for name in names)

    def may_show(self, key: str) -> bool:
        """Whether a problem with this key can be one of this program, in which all files of the key are then named."""
        files = {os.path.basename(name) for name in FILE.findall(key)}
        if not files:
            return key.rpartition(": ")[2].removesuffix(" running") == self.label
        return all(any(re.search(rb"[\0/]" + re.escape(os.fsencode(file)) + rb"\0", elf_at(path).data)
                       for path in {*self.argv[:1], *self.files, *self.modules} if os.path.isfile(path)) for file in files)

    @property
    def other_runtime(self) -> str:
        """A remark, if it runs with another ThreadSanitizer than its own compiler's."""
        try:
            return runtime_of(self.argv[0])[1] if self.argv else ""
        except (Trouble, OSError):
            return ""

    @property
    def hung_enough(self) -> bool:
        return self.hangs >= HANGS_ENOUGH


def program_at(argv: list[str]) -> Program:
    path = argv[0]
    if os.sep not in path:
        path = os.path.join(".", path) if os.path.exists(path) else shutil.which(path) or path
    if not os.path.exists(path):
        raise Trouble(f"{argv[0]}: no such program")
    if os.path.isdir(path) or not os.access(path, os.X_OK):
        raise Trouble(f"{argv[0]}: not an executable file")
    return Program(argv[0], [path, *argv[1:]])


def tell_apart(programs: list[Program]) -> None:
    """Of programs whose files have one name, what tells these apart in keys: as few of their folders as do, and none
    of those that all are in, which are others on another machine."""
    paths = {program: os.path.abspath(program.argv[0]) for program in programs}
    for program, path in paths.items():
        alike = {other for other in paths.values() if os.path.basename(other) == os.path.basename(path)}
        top = os.path.commonpath([os.path.dirname(other) for other in alike])
        parts = {other: os.path.relpath(other, top).split(os.sep) for other in alike}
        length = 1
        while any(other != path and parts[other][-length:] == parts[path][-length:] for other in alike):
            length += 1
        program.label = printable(os.path.join(*parts[path][-length:]))
