"""One problem as one run shows it, its key, and all that is known of it over the runs.

A key names the kind of the problem, the innermost functions of the program in the stacks that matter, and
the object. It has no lines and no addresses: it stays when code moves, and between compilers."""

import hashlib
import shlex
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple, Optional

from racetest.frames import MODULE, Frame, both_locked_by, program_frames

LOCK_ORDER = "lock-order-inversion"


class Place(NamedTuple):
    file: str
    line: int
    function: str


class Finding:
    """One problem as one run shows it. Without `where` the stacks tell it; those of an inversion are pairs: where a
    lock was taken, and where the one was that was held then."""

    def __init__(self, kind: str, where: Optional[str], report: str, stacks: Sequence[list[Frame]] = (),
                 location: str = "") -> None:
        self.kind, self.report = kind, MODULE.sub("", report.rstrip("\n"))
        tops = [program_frames(s) for s in stacks if s]
        if where is None:
            places = [str(top[0]) for top in tops] if kind != LOCK_ORDER else \
                [both_locked_by(before, here) for here, before in zip(stacks[::2], stacks[1::2])]
            where = " | ".join(sorted(places)) or "?"
        self.key = f"{kind}: {where}" + (f" on {location}" if location else "")
        self.path = hashlib.sha256("\n".join(sorted(
            ";".join(map(str, s)) for s in tops)).encode()).hexdigest()[:16]
        self.places = [Place(s[0].file, s[0].line, s[0].function) for s in tops if s[0].file]
        self.unnamed = bool(tops) and not any(f.named for s in tops for f in s)


class Problem:
    """A distinct problem, with all that is known of it; it can be written to SARIF and read back."""

    def __init__(self, key: str, kind: str, report: str, places: list[Place], unnamed: bool, command: str) -> None:
        self.key, self.kind, self.report = key, kind, report
        self.places, self.unnamed, self.command = places, unnamed, command
        self.programs: Counter[str] = Counter()
        self.paths: set[str] = set()
        self.seeds: list[str] = []

    @property
    def runs(self) -> int:
        return sum(self.programs.values())

    @property
    def is_schedule(self) -> bool:
        """Its command makes the very same run again."""
        return self.schedule is not None

    @property
    def schedule(self) -> Optional[str]:
        words = shlex.split(self.command)
        return words[2] if words[:2] == ["race-test", "--replay"] else None

    def title(self) -> str:
        return self.key if len(self.key) < 200 else self.key[:197] + "..."


def problem_of(finding: Finding, command: str) -> Problem:
    return Problem(finding.key, finding.kind, finding.report, finding.places, finding.unnamed, command)
