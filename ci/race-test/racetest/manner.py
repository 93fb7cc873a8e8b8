"""How one run is made: what its environment tells the runtimes and the preloaded object. Another manner of
running (other delays, a schedule) is another class with these two functions."""

import glob
import os
from typing import Protocol

from racetest.process import Run
from racetest.trouble import Trouble

OBJECT = "libracetest-schedule.so"
TSAN_OPTIONS = "history_size=7 second_deadlock_stack=1 enable_adaptive_delay=1"


class Manner(Protocol):
    def settings(self, run: Run) -> dict[str, str]:
        """The variables that make the run what it is: all that a rerun needs."""

    def judged(self, run: Run, problems: int) -> None:
        """The run is over and showed so many problems: what it has taught for those to come."""


def find_object() -> str:
    """The preloaded object: in build/ of the tree, or in the library folder of the prefix that holds bin/."""
    here = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    top = os.path.dirname(os.path.dirname(here))  # of the tree, from ci/race-test; the prefix, from share/race-test
    for pattern in (("build", OBJECT), ("lib*", OBJECT), ("lib*", "*", OBJECT)):
        for path in sorted(glob.glob(os.path.join(glob.escape(top), *pattern))):
            if " " in path or ":" in path:
                raise Trouble(f"{path}: the dynamic linker cannot preload a path with a space or colon; move it")
            return path
    raise Trouble(f"{OBJECT} is neither in {top}/build (run make there) nor in {top}/lib*")


class Delays:
    """At full speed, disturbed by delays that the seed chooses; or only repeated."""

    def __init__(self, timeout: float, preloaded: str, disturb: bool = True) -> None:
        self.timeout, self.preloaded, self.disturb = timeout, preloaded, disturb

    def settings(self, run: Run) -> dict[str, str]:
        ours = f"strict=1:stall_after={self.timeout / 3:.3f}"
        if self.disturb:
            ours = f"perturb={run.seed}:{ours}"
        return {"WAITGROUP_OPTIONS": ":".join(filter(None, [ours, os.environ.get("WAITGROUP_OPTIONS")])),
                "TSAN_OPTIONS": " ".join(filter(None, [TSAN_OPTIONS, os.environ.get("TSAN_OPTIONS")])),
                "LD_PRELOAD": " ".join(filter(None, [self.preloaded, os.environ.get("LD_PRELOAD")]))}

    def judged(self, run: Run, problems: int) -> None:
        pass
