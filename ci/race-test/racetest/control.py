"""Runs under the scheduler (tsan/schedule): one thread at a time, by schedules that can be made again exactly.

A schedule that shows something is shrunk, and then made three times again by a server whose ThreadSanitizer
prints its reports: from these come the findings, with the same keys as in free runs."""

import glob
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Optional

from racetest.addresses import Symbols
from racetest.frames import own_frames
from racetest.judge import last_stack, program_end
from racetest.library import library_reports
from racetest.manner import TSAN_OPTIONS
from racetest.names import modules_of, with_full_names
from racetest.problem import Finding, Problem, problem_of
from racetest.process import ALWAYS, MARK, Guard
from racetest.program import Program
from racetest.runner import seed_of
from racetest.schedule import Server, format_switches, parse_switches, rotation
from racetest.schedule_memory import DEADLOCK, LIVELOCK, REPEATED, TRACE
from racetest.schedule_shrink import shrink
from racetest.schedule_story import Teller
from racetest.text import count, plain, printable, quoted, shown
from racetest.trouble import Trouble
from racetest.tsan_log import findings_in
from racetest.witness import Witness, witnesses_in

REPLAYS = 3
NO_LIMIT = 1 << 30
CALLS = {  # in which call of pthreads a thread stands that does one of the scheduler's acts
    "lock": "pthread_mutex_lock", "read lock": "pthread_rwlock_rdlock", "write lock": "pthread_rwlock_wrlock",
    "spin lock": "pthread_spin_lock", "condition wait": "pthread_cond_wait", "condition woken": "pthread_cond_wait",
    "barrier": "pthread_barrier_wait", "join": "pthread_join", "once": "pthread_once",
}
Switches = list[tuple[int, int, int, int]]


class Control:
    """One program under control. Use it in a with statement: nothing is left running after it."""

    def __init__(self, program: Program, timeout: float) -> None:
        self.program, self.timeout = program, timeout
        self.name = printable(os.path.basename(program.argv[0]))
        self.symbols = Symbols()
        self.folder = tempfile.mkdtemp(prefix="race-test-")
        self.guard = Guard(self.folder)
        self.servers: list[Any] = []

    def __enter__(self) -> "Control":
        return self

    def __exit__(self, kind: Optional[type[BaseException]], error: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        for server in self.servers:
            server.close()
        self.guard.dismiss()
        shutil.rmtree(self.folder, ignore_errors=True)

    def server(self, loud: bool) -> Any:
        environment = {
            **os.environ, MARK: self.folder,
            "TSAN_OPTIONS": " ".join(filter(None, [TSAN_OPTIONS, os.environ.get("TSAN_OPTIONS")])) + ALWAYS,
            "WAITGROUP_OPTIONS": ":".join(filter(None, ["strict=1", os.environ.get("WAITGROUP_OPTIONS")]))}
        server = Server(self.program.argv, environment, timeout=self.timeout, symbolize=loud)
        self.servers.append(server)
        return server

    # --- what a run has found

    def witness(self) -> Optional[Witness]:
        return next((witness for witness in witnesses_in(self.folder).values() if witness.last()), None)

    def forget(self) -> None:
        """What the processes of the last run have written; a server goes on to use its own maps."""
        for path in glob.glob(os.path.join(glob.escape(self.folder), "witness.*")):
            os.truncate(path, 0)

    def findings(self, server: Any, run: Any, teller: Any) -> list[Finding]:
        modules = modules_of([mapping.path for mapping in server.mappings])
        text = with_full_names(plain(run.errors) + "\n" + plain(run.output), modules, self.symbols)
        found, rest = findings_in(text)
        panics, _ = library_reports(rest, "", self.name)
        found += panics
        if run.outcome == DEADLOCK:
            found.append(self.deadlock(server, run, teller))
        elif run.outcome == LIVELOCK or run.timed_out:
            found.append(Finding("hang", f"{self.name} running", run.text or "no end within the time limit"))
        elif run.beyond:
            raise Trouble(f"{self.program.name}: {run.beyond}")
        elif run.signal or run.exit_status:
            stack = last_stack(self.witness(), self.symbols)
            code = -run.signal if run.signal else run.exit_status
            found += program_end(code, stack, rest, self.name, bool(panics))
        return found

    def deadlock(self, server: Any, run: Any, teller: Any) -> Finding:
        """The same key as that of a run that hangs so."""
        places, stacks = set(), []
        for stands in run.blocked:
            frames = [frame for pc in teller.own(stands.pcs) for frame in teller.addresses.call(pc)]
            own = own_frames(frames)
            if own:
                above = [frame.function for frame in frames if frame.function.startswith("waitgroup_")]
                kind = server.kinds[stands.kind]
                places.add(f"{own[0]} in {above[-1] if above else CALLS.get(kind, kind)}")
                stacks.append(own)
        return Finding("hang", " | ".join(sorted(places)) or self.name, teller.deadlock(run), stacks)

    def proved(self, switches: Switches) -> tuple[list[Finding], int, str, str]:
        """What the schedule shows, in how many of the replays, its story, and its text."""
        loud = self.server(loud=True)
        teller = Teller(loud)
        keys: list[set[str]] = []
        first: list[Finding] = []
        story = ""
        for attempt in range(REPLAYS):
            self.forget()
            run = loud.replay(switches, TRACE)
            found = self.findings(loud, run, teller)
            keys.append({finding.key for finding in found})
            if attempt == 0:
                first, story = found, teller.story(run)
        again = min((sum(finding.key in seen for seen in keys) for finding in first), default=0)
        self.servers.remove(loud)
        loud.close()
        return first, again, story, shown(plain(run.output))

    def command(self, switches: Switches) -> str:
        words = ["race-test", "--replay", format_switches(switches), "--", *self.program.argv]
        return " ".join(map(quoted, words))


def report_with_story(finding: Finding, story: str, again: int) -> None:
    finding.report += f"\n\n  seen again in {again} of {REPLAYS} replays of this schedule:\n" + \
        "\n".join(f"    {line}" for line in story.splitlines())


def replayed(program: Program, schedule: str, timeout: float) -> list[Problem]:
    """The problems of one schedule."""
    switches = parse_switches(schedule)
    with Control(program, timeout) as control:
        found, again, story, output = control.proved(switches)
        program.has_tsan, program.done, program.bad = True, REPLAYS, again
        print(f"{story}\n\n{output}".strip())
        problems = []
        for finding in {f.key: f for f in found}.values():
            report_with_story(finding, story, again)
            problem = problem_of(finding, control.command(switches))
            problem.programs[program.name] = again
            problem.paths.add(finding.path)
            problems.append(problem)
        return problems


class Exploration:
    """Every order of a program once, or, with a seed, schedules by the strategies in turns; within bounds."""

    def __init__(self, program: Program, timeout: float, runs: Optional[int], seconds: Optional[float],
                 seed: Optional[str], say: Callable[[str], None]) -> None:
        self.program, self.timeout, self.seed, self.say = program, timeout, seed, say
        self.runs, self.seconds = runs or NO_LIMIT, seconds
        self.problems: dict[str, Problem] = {}
        self.verdicts: dict[Any, list[str]] = {}  # the scheduler's words for what an order shows: keys
        self.orders, self.whole, self.interrupted = 0, False, False
        self.beyond = ""  # what the scheduler cannot do, and so cut the rest off

    def run(self) -> None:
        handler = signal.signal(signal.SIGINT, self.interrupt)
        try:
            with Control(self.program, self.timeout) as control:
                self.explore(control)
        finally:
            signal.signal(signal.SIGINT, handler)

    def interrupt(self, *_: object) -> None:
        self.interrupted = True

    def explore(self, control: Control) -> None:
        self.program.has_tsan = True
        begun, quiet = time.monotonic(), control.server(loud=False)
        waiting: dict[Any, Any] = {}
        for run in self.bounded(quiet, begun):
            self.whole = self.seed is None and bool(run.last_order)
            if run.beyond:
                self.beyond = run.beyond
                break
            if run.outcome == REPEATED:
                continue
            self.orders += 1
            self.program.done += 1
            verdicts = run.verdicts()
            self.program.bad += bool(verdicts)
            for verdict in verdicts:
                self.verdicts.setdefault(verdict, []).append("")
                waiting.setdefault(verdict, run)
        self.program.wall = time.monotonic() - begun
        for verdict, run in waiting.items():
            self.prove(control, quiet, verdict, run)
        if self.beyond and not self.problems:
            raise Trouble(f"{self.program.name}: after {count(self.orders, 'run')}, cut off: {self.beyond}")

    def bounded(self, server: Any, begun: float) -> Iterator[Any]:
        for run in server.orders(self.runs) if self.seed is None else self.chosen(server):
            yield run
            if self.interrupted or self.seconds is not None and time.monotonic() - begun > self.seconds:
                return

    def chosen(self, server: Any) -> Iterator[Any]:
        for number in range(self.runs):
            strategy, parameter, flags = rotation(number)
            yield server.run(strategy, parameter, flags, seed_of(str(self.seed), number))

    def prove(self, control: Control, quiet: Any, verdict: Any, run: Any) -> None:
        """The problems behind one of the scheduler's verdicts."""
        switches, _ = shrink(quiet, run, verdict)
        if switches is None:
            switches = run.switches
        found, again, story, _ = control.proved(switches)
        for finding in found:
            if finding.key not in self.problems:
                report_with_story(finding, story, again)
                problem = self.problems[finding.key] = problem_of(finding, control.command(switches))
                problem.programs[self.program.name] = len(self.verdicts[verdict])
                problem.paths.add(finding.path)
                self.say(f"new: {problem.title()}  ({self.program.name})")

    def summary(self) -> str:
        """What was tried of all that is possible; empty where nobody asked for all."""
        if self.beyond:
            return f"{self.program.name}: cut off after {count(self.orders, 'run')}: {self.beyond}"
        if self.seed is not None:
            return ""
        orders = count(self.orders, "order")
        return f"{self.program.name}: " + (f"all {orders}" if self.whole and not self.interrupted else
                                           f"{orders}, cut off: there are more")
