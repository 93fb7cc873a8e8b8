"""All orders of a program's threads, each once; and one schedule again."""

import os
import signal
import sys
import time
from argparse import Namespace
from collections import Counter
from collections.abc import Iterable
from types import FrameType
from typing import Any, Optional

from racetest.control import Control, indented, seen_again
from racetest.elf import elf_at
from racetest.pattern import pattern
from racetest.problem import Finding, Problem, problem_of
from racetest.program import Program
from racetest.schedule_memory import ACCESSES, HASTY, LEARN, PHASES
from racetest.schedule_text import parse_schedule
from racetest.text import count

NO_LIMIT = 1 << 30
# The C library's own calls are points.
SYSTEM = pattern(r"^(?:lib(?:c|m|dl|rt|pthread|gcc_s)[-.\d]|ld-|ld\.)", "libc.so.6", "ld-linux-x86-64.so.2")


def uninstrumented(modules: Iterable[str]) -> list[str]:
    """The names of those that tell ThreadSanitizer nothing of what they do."""
    return sorted({os.path.basename(path) for path in modules if ".so" in os.path.basename(path) and os.path.isfile(path)
                   and not SYSTEM.match(os.path.basename(path)) and b"__tsan_" not in elf_at(path).data})


def as_problem(finding: Finding, program: Program, command: str, runs: int) -> Problem:
    problem = problem_of(finding, command)
    problem.programs[program.name] = runs
    problem.paths.add(finding.path)
    return problem


def replayed(program: Program, written: str, runs: int, timeout: float) -> list[Problem]:
    """The problems of one schedule."""
    schedule = parse_schedule(written)
    with Control(program, timeout) as control:
        found, again, story, _, does_not_fit = control.replays(schedule, runs)
        program.has_tsan, program.done, program.bad = True, runs, again
        if not found:
            print(story)
        if does_not_fit and not found:  # so it says nothing about the problem that it was made for
            program.done, program.trouble = 0, f"the schedule does not fit this program: {does_not_fit}"
        for finding in found:
            finding.report += f"\n\n{seen_again(again, runs, note=does_not_fit)}\n{indented(story)}"
        return [as_problem(finding, program, control.command(schedule), again) for finding in found]


class Exploration:
    """Every order of a program once, within bounds."""

    def __init__(self, program: Program, options: Namespace) -> None:
        self.program, self.timeout, self.known = program, options.timeout, options.known_keys
        self.runs, self.seconds, self.accesses = options.runs or NO_LIMIT, options.time, options.accesses
        self.flags = (LEARN | ACCESSES if self.accesses else 0) | (0 if options.on_time else HASTY)
        self.fail_fast, self.is_enough = options.fail_fast, False
        self.problems: dict[str, Problem] = {}
        self.shown: list[frozenset[str]] = []  # by each order, in any of its phases: keys of sketches
        self.keys: dict[str, list[str]] = {}  # of the problems behind each of them
        self.tried, self.told = 0, 0  # runs; those of them that are not only a part of an order that is known
        self.phases = 0  # in which all orders were made
        self.beyond = ""  # what the scheduler cannot do, and so cut the rest off
        self.signal: Optional[int] = None
        self.unseen: list[str] = []  # libraries in which no access is a point

    def run(self) -> None:
        handlers = {number: signal.signal(number, self.on_signal)
                    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        try:
            with Control(self.program, self.timeout, self.known) as control:
                self.explore(control)
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)

    def on_signal(self, number: int, _: Optional[FrameType]) -> None:
        if self.signal:  # asked twice: at once
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        self.signal = number

    def explore(self, control: Control) -> None:
        begun, quiet = time.monotonic(), control.server()
        self.unseen = uninstrumented({mapping.path for mapping in quiet.mappings})
        first: dict[str, Any] = {}  # a run by each key
        for run in quiet.orders(self.runs, self.flags, PHASES):
            self.tried, self.beyond = self.tried + 1, run.beyond
            sketch = control.sketch(run)
            self.note(run, sketch)
            for key in sketch:
                first.setdefault(key, run)
            self.is_enough = self.fail_fast and self.is_new(control, run, sketch)
            if self.is_enough or self.signal or self.seconds is not None and time.monotonic() - begun > self.seconds:
                break
        self.program.done, self.program.bad = len(self.shown), sum(map(bool, self.shown))
        for key, run in first.items():
            self.prove(control, key, run)
        self.program.wall = time.monotonic() - begun
        if self.beyond and not self.problems:
            self.program.trouble = self.cut_off()

    def note(self, run: Any, sketch: Iterable[str]) -> None:
        """What an order has shown."""
        if run.restarted:
            self.shown.clear()
            self.phases = self.told = 0
        elif run.order is not None:
            self.told += 1
            if run.order == len(self.shown):
                self.shown.append(frozenset())
            self.shown[run.order] |= frozenset(sketch)
        self.phases += run.last_order

    def is_new(self, control: Control, run: Any, sketch: Iterable[str]) -> bool:
        return any(finding.key not in self.known for key in sketch for finding in control.judged_as(run, key))

    def prove(self, control: Control, key: str, run: Any) -> None:
        """The problems behind a key of sketches."""
        orders = sum(key in shown for shown in self.shown)
        findings = control.judged_as(run, key)
        self.keys[key] = sorted({finding.key for finding in findings})
        for finding in findings:
            problem = self.problems.get(finding.key)
            if problem is None:
                command = control.commands.get(finding.key) or control.command(run.schedule)
                problem = self.problems[finding.key] = as_problem(finding, self.program, command, 0)
                print(f"{'known' if finding.key in self.known else 'new'}: {problem.title()}  ({self.program.name})",
                      file=sys.stderr, flush=True)
            problem.paths.add(finding.path)
            problem.programs[self.program.name] = max(problem.programs[self.program.name], orders)

    def cut_off(self) -> str:
        return f"cut off after {count(self.program.done, 'order')}: {self.beyond or 'there are more'}"

    def summary(self) -> str:
        """What was tried of all that is possible, and how many orders show what."""
        shown: Counter[str] = Counter()
        for sketched in self.shown:
            keys = sorted({key for one in sketched for key in self.keys[one]})
            shown["\n            ".join(keys) or "no problem"] += 1
        points = "calls, atomics and accesses to what is shared" if self.accesses else "calls and atomics"
        points += "" if self.flags & HASTY else ", with deadlines on time"
        repeats = self.tried - self.told - bool(self.beyond)
        lines = [f"{self.program.name}: " + (f"all {count(self.program.done, 'order')} of its {points}" if self.phases else
                                             self.cut_off())
                 + (f", in {self.phases} phases" if self.phases > 1 else "") + f", in {count(self.tried, 'run')}"
                 + (f" ({repeats} of them only repeated one)" if repeats else "")]
        lines += [f"{number:10}  {what}" for what, number in shown.most_common()]
        if not self.accesses and any(key.startswith("data race: ") for key in self.keys):
            lines.append("    Where threads race, the order of their plain accesses counts, too; --accesses tries it.")
        if self.unseen:
            lines.append(f"    Accesses in {', '.join(self.unseen)}, built without ThreadSanitizer, are no points: what "
                         "goes wrong between them shows at full speed only.")
        return "\n".join(lines)
