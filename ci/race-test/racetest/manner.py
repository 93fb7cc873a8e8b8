"""How a free run is made: with delays or without; what its environment tells the runtimes and the preloaded object.
(Runs under control are control.py's.)"""

import functools
import glob
import hashlib
import os
from typing import Protocol

from racetest.frames import PRELOADED
from racetest.process import Run
from racetest.runtime import runtime_folder
from racetest.trouble import Trouble

TSAN_OPTIONS = "history_size=7 second_deadlock_stack=1"
# The delays of the runtime itself, from clang 23 on. At its own rates they change little; at these they find most
# far oftener and some more rarely, hence every second run has them, and the others none. 48 free runs of each of the
# corpus' 30 bugs, by clang 23.1.4, showed one in 198 without them, 215 at the runtime's own rates, 363 with these in
# all, and 285 with these in every second; of the bugs 19, 19, 21 and 22 were found. Some that differ:
#     merged_after_the_barrier 1, 3, 25, 17     cancelled_and_done_twice 6, 6, 40, 25
#     follow_up_after_done     3, 1,  0,  1     sampled_without_the_lock 13, 12, 11, 7
ADAPTIVE_DELAY = ("enable_adaptive_delay=1 adaptive_delay_aggressiveness=200 adaptive_delay_relaxed_sample_rate=1"
                  " adaptive_delay_sync_atomic_sample_rate=1 adaptive_delay_mutex_sample_rate=1"
                  " adaptive_delay_max_sync=sleep_us=5000 adaptive_delay_max_atomic=sleep_us=1000")


def seed_of(master: str, number: int) -> int:
    """The seed of a run, never 0 (which means off); run i has the same one on every machine."""
    digest = hashlib.sha256(os.fsencode(f"{master}:{number}")).digest()
    return int.from_bytes(digest[:8], "big") | 1 << 63


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


@functools.cache
def loader_path(program: str) -> dict[str, str]:
    """So that clang's shared runtime is found, which lies where the loader does not look."""
    try:
        folder = runtime_folder(program)
    except (Trouble, OSError):  # the loader itself says what is missing; there may be no ldd
        return {}
    return {"LD_LIBRARY_PATH": ":".join(filter(None, [folder, os.environ.get("LD_LIBRARY_PATH")]))} if folder else {}


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
        return {**loader_path(run.program.argv[0]),
                "WAITGROUP_OPTIONS": ":".join(filter(None, [ours, os.environ.get("WAITGROUP_OPTIONS")])),
                "TSAN_OPTIONS": " ".join(filter(None, [*tsan, os.environ.get("TSAN_OPTIONS")])),
                "LD_PRELOAD": " ".join(filter(None, [self.preloaded, os.environ.get("LD_PRELOAD")]))}

    def judged(self, run: Run, problems: int) -> None:
        pass
