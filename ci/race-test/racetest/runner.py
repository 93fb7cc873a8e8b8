"""Which run is next, and the loop that starts runs, listens to them and has them judged."""

import os
import selectors
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from types import FrameType
from typing import Optional

from racetest.addresses import Symbols
from racetest.hang import Hang, examine, waited_for_processors
from racetest.judge import Verdict, judge
from racetest.manner import Manner, seed_of
from racetest.problem import Problem, problem_of
from racetest.process import Guard, Run, kill_marked, still_alive
from racetest.program import CANNOT_START, Program
from racetest.text import count, quoted
from racetest.trouble import Trouble
from racetest.ways import ControlledRun, Free

PATIENCE = 4  # so many times its time limit a run may wait for processors beyond it


class Plan:
    """Which run is next: each program's runs by number and time, in turns, this shard's share of them."""

    def __init__(self, programs: list[Program], runs: Optional[int], seconds: Optional[float], jobs: int,
                 shard: tuple[int, int], seed: str, clock: Callable[[], float] = time.monotonic,
                 ways: Optional[Free] = None) -> None:
        self.programs, self.runs, self.seconds, self.jobs = programs, runs, seconds, jobs
        self.shard, self.seed, self.clock, self.ways = shard, seed, clock, ways or Free()
        self.again: list[Run] = []
        self.active: list[Run] = []

    @property
    def share(self) -> Optional[int]:
        """How many of each program's runs are this shard's."""
        index, shards = self.shard
        return None if self.runs is None else len(range(index - 1, self.runs, shards))

    def used(self, program: Program) -> float:
        now = self.clock()
        return program.wall + sum(now - r.begun for r in self.active if r.program is program)

    def may_start(self, program: Program) -> bool:
        if program.trouble or program.hung_enough or self.ways.only_controlled and program.uncontrolled:
            return False
        busy = self.is_busy(program)
        if busy and self.ways.only_controlled:
            return False
        if self.share is not None and program.started >= self.share and (busy or not program.waiting):
            return False
        if self.seconds is not None and self.used(program) >= self.seconds * self.jobs:
            return False
        # The first run tells whether this is a TSan program at all; do not start a crowd before.
        alone = not any(run.program is program for run in self.active)
        return program.has_tsan or program.started == 0 and alone

    def is_busy(self, program: Program) -> bool:
        """Whether a run of it is under control: there is one at a time."""
        return any(run.program is program and run.under_control for run in self.active)

    def repeat(self, run: Run) -> None:
        """Where all runs are to be under control and none can be, it is trouble; if some were, an end."""
        program = run.program
        if not (self.ways.only_controlled and program.uncontrolled):
            self.again.append(self.ways.run(program, run.number, run.seed))
        elif not program.done:
            program.trouble = program.uncontrolled

    def next_run(self) -> Optional[Run]:
        if self.again:
            return self.again.pop()
        ready = [p for p in self.programs if self.may_start(p)]
        ready.sort(key=lambda p: (self.used(p) if self.seconds is not None else 0, p.started))
        for program in ready:
            asking = not program.asked and bool(os.environ.get("TSAN_OPTIONS"))
            if asking:
                program.asked = True
                return self.ways.run(program, 0, seed_of(self.seed, 0), asking)
            number = self.next_number(program)
            if number is not None:
                return self.ways.run(program, number, seed_of(self.seed, number))
        return None

    def next_number(self, program: Program) -> Optional[int]:
        """Free runs overtake one that is to be under control and has to wait. None: only such are left."""
        index, shards = self.shard
        busy = self.is_busy(program)
        if program.waiting and not busy:
            return program.waiting.popleft()
        while self.share is None or program.started < self.share:
            number = program.started * shards + index - 1
            program.started += 1
            if not busy or not self.ways.under_control(program, number):
                return number
            program.waiting.append(number)
        return None

    def time_left(self, elapsed: float) -> Optional[float]:
        guesses = []
        done = sum(p.done for p in self.programs)
        live = [p for p in self.programs if not p.trouble and not p.hung_enough]
        if self.share is not None and done:
            guesses.append(elapsed / done * sum(max(0, self.share - p.done) for p in live))
        if self.seconds is not None:
            guesses.append(sum(max(0, self.seconds - self.used(p) / self.jobs) for p in live))
        return min(guesses) if guesses else None


class Runner:
    def __init__(self, plan: Plan, manner: Manner, known: dict[str, str], timeout: float, fail_fast: bool) -> None:
        self.plan, self.manner, self.known = plan, manner, known
        self.timeout, self.fail_fast = timeout, fail_fast
        self.problems: dict[str, Problem] = {}
        self.folder = tempfile.mkdtemp(prefix="race-test-")
        self.guard = Guard(self.folder)
        self.symbols = Symbols()
        self.signal: Optional[int] = None
        self.begun = self.shown = time.monotonic()
        self.stop = False
        self.selector = selectors.DefaultSelector()
        self.tty = sys.stderr.isatty()

    # --- starting and ending

    def command(self, run: Run) -> str:
        words = ["env", *(f"{k}={v}" for k, v in self.manner.settings(run).items()), *run.argv]
        return " ".join(map(quoted, words))

    def start(self, run: Run) -> None:
        try:
            run.start(self.manner.settings(run), self.folder)
        except OSError as error:
            run.program.trouble = f"cannot start: {CANNOT_START.get(error.errno or 0, error.strerror)}"
            return
        except Trouble as trouble:
            run.program.uncontrolled = str(trouble).removeprefix(f"{run.program.argv[0]}: ")
            self.plan.repeat(run)
            return
        self.selector.register(run.stream, selectors.EVENT_READ, run)
        self.plan.active.append(run)

    def read(self, run: Run) -> None:
        if not run.read():
            self.forget(run)

    def forget(self, run: Run) -> None:
        """Listens to the run's output no more."""
        if run.stream.fileno() in self.selector.get_map():
            self.selector.unregister(run.stream)

    def reap(self) -> None:
        for run in list(self.plan.active):
            over = run.ended()
            hang = None
            if not over and self.overdue(run):
                run.timed_out = True
                hang = self.examine(run)
                run.kill()
                over = run.ended(wait=True)
            if over:
                self.forget(run)
                self.plan.active.remove(run)
                run.program.cpu += run.cpu
                run.program.wall += run.seconds
                self.take_verdict(run, hang)
                run.forget()

    def examine(self, run: Run) -> Optional[Hang]:
        """Where its threads are, before it is cut off."""
        if isinstance(run, ControlledRun):
            return run.control.examine()
        return None if run.asking else examine(run.folder, self.symbols)

    def overdue(self, run: Run) -> bool:
        """Time that the run has waited for a processor is not its own, within bounds."""
        now = time.monotonic()
        if now < (run.deadline or run.begun + self.timeout):
            return False
        waited = min(waited_for_processors(still_alive(run.folder)), PATIENCE * self.timeout)
        run.deadline = run.begun + self.timeout + waited
        return now >= run.deadline

    def verdict(self, run: Run, hang: Optional[Hang]) -> Verdict:
        if not isinstance(run, ControlledRun):
            verdict = judge(run, self.symbols, hang)
            self.plan.ways.learn(run)
            return verdict
        begun = time.monotonic()
        verdict = run.verdict(hang)
        took = time.monotonic() - begun  # for a new problem's replays; nobody has looked after the others
        run.program.wall += took
        for other in self.plan.active:
            other.deadline = (other.deadline or other.begun + self.timeout) + took
        return verdict

    def take_verdict(self, run: Run, hang: Optional[Hang]) -> None:
        program, verdict = run.program, self.verdict(run, hang)
        if verdict.again:
            self.plan.repeat(run)
            return
        if verdict.trouble:
            program.trouble = verdict.trouble
        if verdict.trouble or run.asking:
            return
        program.done += 1
        program.bad += bool(verdict.findings)
        for finding in {f.key: f for f in reversed(verdict.findings)}.values():
            problem = self.problems.get(finding.key)
            if problem is None:
                problem = self.problems[finding.key] = problem_of(
                    finding, verdict.commands.get(finding.key) or self.command(run))
                self.say(f"{'known' if finding.key in self.known else 'new'}: {problem.title()}  "
                         f"({program.name}, run {run.number + 1})")
            elif not problem.is_schedule and verdict.commands.get(finding.key):
                problem.command, problem.report = verdict.commands[finding.key], finding.report
            problem.programs[program.name] += 1
            problem.paths.add(finding.path)
            problem.seeds.append(str(run.seed))
            if self.fail_fast and finding.key not in self.known:
                self.stop = True
        self.manner.judged(run, len(verdict.findings))

    # --- the terminal

    def say(self, line: str) -> None:
        if self.tty:
            print("\r\033[K", end="", file=sys.stderr)
        print(line, file=sys.stderr, flush=True)

    def progress(self) -> None:
        now = time.monotonic()
        if now - self.shown < (0.2 if self.tty else 20):
            return
        self.shown = now
        line = f"{count(sum(p.done for p in self.plan.programs), 'run')} done"
        left = self.plan.time_left(now - self.begun)
        if left is not None:
            line += f", about {left:.0f} s left"
        line += f", {count(len(self.problems), 'problem')}"
        if self.tty:
            print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)
        else:
            print(line, file=sys.stderr, flush=True)

    # --- the loop

    def run(self) -> None:
        reader, writer = os.pipe()
        for fd in (reader, writer):
            os.set_blocking(fd, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.on_signal)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self.selector.register(reader, selectors.EVENT_READ)
        active = self.plan.active
        try:
            while True:
                while not self.stop and not self.signal and len(active) < self.plan.jobs:
                    run = self.plan.next_run()
                    if run is None:
                        break
                    self.start(run)
                if self.stop or self.signal or not active:
                    break
                soonest = min(r.deadline or r.begun + self.timeout for r in active) - time.monotonic()
                for key, _ in self.selector.select(max(0.01, min(soonest + 0.01, 0.5))):
                    if key.data is None:
                        try:
                            os.read(reader, 4096)
                        except BlockingIOError:
                            pass
                    else:
                        self.read(key.data)
                self.reap()
                self.progress()
        finally:
            self.end()

    def on_signal(self, number: int, _: Optional[FrameType]) -> None:
        if self.signal:  # asked twice: at once
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        self.signal = number

    def end(self) -> None:
        for run in self.plan.active:
            run.timed_out = True
            run.kill()
            run.ended(wait=True)
        kill_marked(self.folder)
        self.plan.ways.close()
        if self.tty:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self.guard.dismiss()
        shutil.rmtree(self.folder, ignore_errors=True)
