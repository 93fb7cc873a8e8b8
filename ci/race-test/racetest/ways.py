"""Which runs are made how: at full speed with delays, which shows what only real parallelism brings about, or under
control, one thread at a time, which shows what no delay does."""

import time
from collections.abc import Iterable
from typing import IO, Any, Optional

from racetest.control import Control
from racetest.hang import Hang
from racetest.judge import Verdict
from racetest.manner import seed_of
from racetest.process import Run
from racetest.program import Program
from racetest.schedule import rotation
from racetest.schedule_memory import ACCESSES, HASTY
from racetest.trouble import Trouble

# One run of so many is free. Measured with gcc 12 on the corpus, 100 runs of each bug in each way: free runs never
# showed 11 of the 30, controlled ones all but one, whose rate was 1 in 100; a run of theirs costs a quarter of the
# processor time, reports aside. In a mix with 1/4, 1/2 and 3/4 controlled a bug takes, by these rates, 8.8, 6.2 and
# 5.4 runs (the median), and 300 runs miss 1.3, 0.44 and 0.18 of the bugs (clang 22: 0.90, 0.26, 0.09). Only free runs
# show what needs real parallelism, so some stay.
ONE_FREE_OF = 4


class Free:
    """All at full speed."""

    only_controlled = False

    def under_control(self, program: Program, number: int) -> bool:
        return False

    def run(self, program: Program, number: int, seed: int, asking: bool = False) -> Run:
        return Run(program, number, seed, asking)

    def learn(self, run: Run) -> None:
        """From a free run that is over."""

    def close(self) -> None:
        """Nothing is left running."""


def free_one(number: int) -> int:
    """Which of the runs among which this one is, is the free one."""
    return seed_of("which is free", number // ONE_FREE_OF) % ONE_FREE_OF


class Mixed(Free):
    """Of each ONE_FREE_OF runs one is free, drawn, so as to fall into step with no number of shards; or none is. A
    program's first is free: it tells whether it can be controlled."""

    def __init__(self, timeout: float, known: Iterable[str], only_controlled: bool = False, on_time: bool = False) -> None:
        self.timeout, self.known, self.only_controlled, self.on_time = timeout, list(known), only_controlled, on_time
        self.controls: dict[Program, Control] = {}

    def under_control(self, program: Program, number: int) -> bool:
        return self.only_controlled or program.has_tsan and not program.uncontrolled and number % ONE_FREE_OF != free_one(number)

    def run(self, program: Program, number: int, seed: int, asking: bool = False) -> Run:
        if asking or not self.under_control(program, number):
            return Run(program, number, seed, asking)
        if program not in self.controls:
            self.controls[program] = Control(program, self.timeout, self.known)
        turn = number if self.only_controlled else number - number // ONE_FREE_OF - (free_one(number) < number % ONE_FREE_OF)
        return ControlledRun(self.controls[program], number, seed, turn, self.on_time)

    def learn(self, run: Run) -> None:
        main = run.witnesses.get(run.pid)
        if run.program.has_tsan and not (main and main.path):
            run.program.uncontrolled = "ThreadSanitizer is in a program that this one starts: name that one"

    def close(self) -> None:
        for control in self.controls.values():
            control.close()


class ControlledRun(Run):
    """A run by the program's quiet server. There is one at a time, so they learn from each other in the same order
    whatever happens beside them."""

    under_control = True

    def __init__(self, control: Control, number: int, seed: int, turn: int, on_time: bool) -> None:
        super().__init__(control.program, number, seed)
        self.control, self.turn, self.on_time = control, turn, on_time
        self.told: Any = None  # what the scheduler tells of it in the end
        self.lost = ""  # why it tells nothing
        self.steps, self.moved = 0, 0.0  # how many there were when it was last looked at, when that changed

    def start(self, settings: dict[str, str], parent: str) -> None:
        """Raises Trouble if the program cannot be controlled."""
        self.server, self.folder = self.control.server(), self.control.folder
        self.cpu_before = self.server.cpu_of_runs()
        self.begun = self.moved = time.monotonic()
        strategy, parameter, flags, phase = rotation(self.turn)
        unwanted = (0 if self.control.at_accesses else ACCESSES) | (HASTY if self.on_time else 0)
        self.server.begin(strategy, parameter, flags & ~unwanted, phase, seed=self.seed)

    @property
    def stream(self) -> IO[bytes]:
        stream: IO[bytes] = self.server.answers
        return stream

    def read(self) -> bool:
        return True  # the answer is ended()'s

    def kill(self) -> None:
        if self.timed_out and self.told is None:
            self.server.kill_run()

    def ended(self, wait: bool = False) -> bool:
        now = time.monotonic()
        if self.server.shared.result.steps != self.steps:
            self.steps, self.moved = self.server.shared.result.steps, now
        try:
            self.told = self.server.answered(30 if wait else 0, self.timed_out)
            if self.told is None and not wait:
                return False
            self.cpu = self.server.cpu_of_runs() - self.cpu_before
        except (Trouble, OSError) as error:
            self.lost = str(error)
        self.seconds = now - self.begun
        return True

    def forget(self) -> None:
        pass  # the folder and the server are for the next one, too

    # --- the verdict

    def verdict(self, hang: Optional[Hang]) -> Verdict:
        """A run that is cut off while it still goes on is no hang: one thread at a time takes its time."""
        if self.told is None:
            self.program.uncontrolled = self.lost or "a run could not be ended"
            return Verdict(again=True)
        if self.timed_out and self.moved > self.begun + self.seconds / 2:
            if not self.control.at_accesses:
                self.program.uncontrolled = "one thread at a time, it does not end within the time limit (--timeout)"
            self.control.at_accesses = False
            return Verdict(again=True)
        self.told.hang = hang
        self.program.hangs += self.timed_out
        if self.told.beyond:
            self.program.uncontrolled = self.told.beyond
        try:
            return Verdict(self.control.judged(self.told), commands=self.control.commands)
        except Trouble as trouble:  # a replay's server is gone; what was seen was seen
            self.program.uncontrolled = str(trouble)
            found = list(self.control.sketch(self.told).values())
            return Verdict(found, commands={f.key: self.control.command(self.told.schedule) for f in found})
