"""Lines of source for the addresses of a process that was forked from another."""

import bisect
import os
import re
import shutil
import subprocess

from .trouble import Trouble


class Mappings:
    """Which file an address of the server belongs to. All its runs have the same addresses."""

    def __init__(self, process):
        self.starts, self.entries, bases = [], [], {}
        with open(f"/proc/{process}/maps", encoding="utf-8", errors="surrogateescape") as maps:
            for line in maps:
                fields = line.split(maxsplit=5)
                if len(fields) < 6 or not fields[5].startswith("/"):
                    continue
                start, end = (int(part, 16) for part in fields[0].split("-"))
                path = fields[5].rstrip("\n")
                bases.setdefault(path, start - int(fields[2], 16))
                self.starts.append(start)
                self.entries.append((start, end, path, bases[path]))

    def find(self, address):
        """(path, offset in the file as linked), or None."""
        i = bisect.bisect_right(self.starts, address) - 1
        if i < 0 or address >= self.entries[i][1]:
            return None
        return self.entries[i][2], address - self.entries[i][3]


class Place:
    """A line of source: function, file, line; inlined callers follow in a list."""

    def __init__(self, function, file, line, module):
        self.function, self.file, self.line, self.module = function, file, line, module

    def __str__(self):
        if self.line:
            return f"{self.function} {self.file}:{self.line}"
        return f"{self.function} ({os.path.basename(self.module)})"


class Symbols:
    """Lines for addresses, by addr2line, each asked once."""

    def __init__(self, mappings):
        self.mappings, self.known, self.fixed = mappings, {}, {}

    def _is_fixed(self, path):
        """Linked to fixed addresses?"""
        if path not in self.fixed:
            with open(path, "rb") as file:
                self.fixed[path] = int.from_bytes(file.read(18)[16:18], "little") == 2
        return self.fixed[path]

    def learn(self, addresses):
        wanted = {}
        for address in addresses:
            found = self.mappings.find(address) if address not in self.known else None
            if found:
                path, offset = found
                wanted.setdefault(path, []).append((address, address if self._is_fixed(path) else offset))
            else:
                self.known.setdefault(address, [Place(f"{address:#x}", "", 0, "?")])
        for path, pairs in wanted.items():
            self._ask(path, pairs)

    def _ask(self, path, pairs):
        tool = shutil.which("addr2line")
        if not tool:
            raise Trouble("addr2line (package binutils) is missing: it gives addresses their lines")
        given = "".join(f"{offset:#x}\n" for _, offset in pairs)
        told = subprocess.run([tool, "-aifCe", path], input=given, capture_output=True, text=True, errors="replace",
                              check=False).stdout.splitlines()
        at, current = -1, []
        for i, line in enumerate(told):
            if re.fullmatch(r"0x[0-9a-f]+", line):
                at, current = at + 1, []
                self.known[pairs[at][0]] = current
            elif i and (re.fullmatch(r"0x[0-9a-f]+", told[i - 1]) or not re.search(r":(\d+|\?)( \(|$)", line)):
                current.append(Place(line if line != "??" else f"{os.path.basename(path)}+{pairs[at][1]:#x}", "", 0, path))
            elif current:
                match = re.match(r"(.*):(\d+|\?)(?: \(.*)?$", line)
                if match and match[1] != "??":
                    current[-1].file = match[1]
                    current[-1].line = int(match[2]) if match[2] != "?" else 0

    def call(self, pc):
        """The line of the call that returns to pc, the innermost inlined function first."""
        self.learn([pc - 1])
        return self.known[pc - 1]

    def start(self, address):
        """The function that begins there."""
        self.learn([address])
        return self.known[address][-1]
