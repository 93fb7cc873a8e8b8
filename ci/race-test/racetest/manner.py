"""How one run is made: what its environment tells the runtimes and the preloaded object. Another manner of
running (other delays, a schedule) is another class with these two functions."""

import glob
import os
from typing import Protocol

from racetest.frames import PRELOADED
from racetest.process import Run
from racetest.trouble import Trouble

TSAN_OPTIONS = "history_size=7 second_deadlock_stack=1"
# The delays of the runtime itself, from clang 23 on. At its own rates they change little; at these they find
# most far oftener and some more rarely, hence every second run has them, and the others none.
ADAPTIVE_DELAY = ("enable_adaptive_delay=1 adaptive_delay_aggressiveness=200 adaptive_delay_relaxed_sample_rate=1"
                  " adaptive_delay_sync_atomic_sample_rate=1 adaptive_delay_mutex_sample_rate=1"
                  " adaptive_delay_max_sync=sleep_us=5000 adaptive_delay_max_atomic=sleep_us=1000")


class Manner(Protocol):
    def settings(self, run: Run) -> dict[str, str]:
        """The variables that make the run what it is: all that a rerun needs."""

    def judged(self, run: Run, problems: int) -> None:
        """The run is over and showed so many problems: what it has taught for those to come."""


def find_object() -> str:
    """The preloaded object: in build/ of the tree, or in the library folder of the prefix that holds bin/."""
    here = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    top = os.path.dirname(os.path.dirname(here))  # of the tree, from ci/race-test; the prefix, from share/race-test
    for pattern in (("build", PRELOADED), ("lib*", PRELOADED), ("lib*", "*", PRELOADED)):
        for path in sorted(glob.glob(os.path.join(glob.escape(top), *pattern))):
            if " " in path or ":" in path:
                raise Trouble(f"{path}: the dynamic linker cannot preload a path with a space or colon; move it")
            return path
    raise Trouble(f"{PRELOADED} is neither in {top}/build (run make there) nor in {top}/lib*")


class Delays:
    """At full speed, disturbed by delays that the seed chooses; or only repeated."""

    def __init__(self, timeout: float, preloaded: str, disturb: bool = True) -> None:
        self.timeout, self.preloaded, self.disturb = timeout, preloaded, disturb

    def settings(self, run: Run) -> dict[str, str]:
        ours = f"strict=1:stall_after={self.timeout / 3:.3f}"
        if self.disturb:
            ours = f"perturb={run.seed}:{ours}"
        tsan = [TSAN_OPTIONS]
        if self.disturb and run.program.adaptive_delay and run.number % 2:
            tsan.append(ADAPTIVE_DELAY)
        return {"WAITGROUP_OPTIONS": ":".join(filter(None, [ours, os.environ.get("WAITGROUP_OPTIONS")])),
                "TSAN_OPTIONS": " ".join(filter(None, [*tsan, os.environ.get("TSAN_OPTIONS")])),
                "LD_PRELOAD": " ".join(filter(None, [self.preloaded, os.environ.get("LD_PRELOAD")]))}

    def judged(self, run: Run, problems: int) -> None:
        pass
