"""A program built with ThreadSanitizer, run under the scheduler (tsan/schedule) by race-test's driver of it."""
from __future__ import annotations

import importlib
import os
import re
import signal
import sys
from collections.abc import Iterator
from types import TracebackType
from typing import Any

from acts import Acts
from drawing.course import HERE
from drawing.picture import Trace

ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "ci", "race-test"))
DETECTOR = os.path.join(ROOT, "build", "lessons", "detect")

memory: Any = importlib.import_module("racetest.schedule_memory")
HASTY, TRACE_ALL, WALK = memory.HASTY, memory.TRACE | memory.TRACE_ACCESSES, memory.WALK
RUNNING, DEADLOCK, LIVELOCK, PHASES = memory.RUNNING, memory.DEADLOCK, memory.LIVELOCK, memory.PHASES
driver: Any = importlib.import_module("racetest.schedule")
misfit: Any = driver.misfit
schedule_text: Any = importlib.import_module("racetest.schedule_text")
teller: Any = importlib.import_module("racetest.schedule_story")
Trouble: Any = importlib.import_module("racetest.trouble").Trouble


def environment(strict: bool, options: str = "") -> dict[str, str]:
    variables = dict(os.environ)
    variables["WAITGROUP_OPTIONS"] = f"{options} strict=1" if strict else options
    variables["TSAN_OPTIONS"] = "history_size=7"
    return variables


class Program:
    """Use it in a with statement: nothing is left running after it."""

    def __init__(self, command: list[str], sources: list[str], strict: bool = False, options: str = "",
                 timeout: float = 20) -> None:
        self.names = {os.path.basename(source) for source in sources}
        self.server: Any = driver.Server(command, environment=environment(strict, options), timeout=timeout)
        self.teller = teller.Teller(self.server)
        self.saw_last_order = False  # have all been tried?
        self.detector = DETECTOR
        self.lines: dict[int, int] = {}
        self.strings: dict[int, str] = {}

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None,
                 back: TracebackType | None) -> None:
        self.server.close()

    # -- lines and names

    def places(self, pc: int) -> list[Any]:
        """Of a call, those in the program's own source, the innermost first."""
        return [frame for frame in self.teller.addresses.call(pc) if os.path.basename(frame.file or "") in self.names]

    def line_of(self, pc: int) -> int:
        if pc not in self.lines:
            places = self.places(pc)
            self.lines[pc] = places[0].line if places else 0
        return self.lines[pc]

    def function_of(self, pc: int) -> str:
        return str(self.teller.addresses.call(pc)[0].function)

    def text_at(self, address: int) -> str:
        """A string of the program's, which is the same in all its processes."""
        if address not in self.strings:
            with open(f"/proc/{self.server.shared.server}/mem", "rb", buffering=0) as memory:
                memory.seek(address)
                self.strings[address] = memory.read(40).split(b"\0")[0].decode(errors="replace")
        return self.strings[address]

    def thread_names(self, run: Any) -> list[str]:
        """By the function that each runs; of several of one name, each with a number."""
        names = ["main"]
        for thread in range(1, run.threads):
            start = self.teller.addresses.start(run.starts[thread])
            name = start.function
            if os.path.basename(start.file or "") not in self.names:  # that of the library, which runs a task
                own = (self.places(event.pc) for event in run.events if event.thread == thread and event.pc)
                name = next((places[-1].function for places in own if places), name)
            names.append(name)
        return [f"{name} {names[1:i + 1].count(name)}" if i and names[1:].count(name) > 1 else name
                for i, name in enumerate(names)]

    # -- runs

    def run(self, schedule: str) -> Any:
        """By a schedule as text; "-" is the one without switches."""
        return self.server.replay(schedule_text.parse_schedule(schedule), TRACE_ALL)

    def orders(self, bound: int, flags: int, phases: int) -> Iterator[Any]:
        """All orders, each once in each phase."""
        for run in self.server.orders(bound, flags | HASTY, phases):
            self.saw_last_order = run.last_order or self.saw_last_order and not run.restarted
            yield run

    def at_random(self, count: int, flags: int) -> Iterator[Any]:
        for seed in range(count):
            yield self.server.run(WALK, 1, flags | HASTY, seed=seed)

    def schedule_of(self, run: Any) -> str:
        return str(schedule_text.format_schedule(run.schedule))

    def trace(self, run: Any) -> Trace:
        """The run for a picture: acts and edges by the detector, verdict and races by ThreadSanitizer."""
        acts = Acts(self.line_of, self.function_of, self.text_at)
        for acts.at, event in enumerate(run.trace):
            if not event.held:
                acts.see(event, self.server.kinds[event.kind])
        last = {event.thread: event for event in run.trace}
        for event in last.values() if run.outcome == DEADLOCK else ():
            if event.held:
                acts.wait(event, self.server.kinds[event.kind])
        trace = acts.trace(self.detector)
        detected = {race["kind"] for race in trace["races"]}
        reported = [race for report in run.reports if (race := self.race(report, trace))]
        return {**trace, "races": reported or trace["races"], "threads": self.thread_names(run),
                "verdict": "|".join(verdicts_of(run)), "schedule": self.schedule_of(run),
                "detected": sorted(detected)}

    def race(self, report: Any, trace: Trace) -> dict[str, Any] | None:
        """The two events that a report tells of: by thread and line, the last of each before it."""
        found = []
        for side in report.stacks[:2]:
            line = next((line for pc in side.pcs if (line := self.line_of(pc))), 0)
            found.append(max((index for index, event in enumerate(trace["events"])
                              if event["thread"] == side.thread and event["line"] == line and event["at"] < report.event and
                              (event["access"] or event["kind"] in ("add", "done", "wait", "go"))), default=-1))
        if len(found) < 2 or min(found) < 0:
            return None
        return {"first": min(found), "second": max(found), "kind": word_for(report.kind)}


def word_for(kind: str) -> str:
    """A kind of report as the lessons call it."""
    return {"data-race": "data race", "external-race": "WaitGroup misuse"}.get(kind, kind.replace("-", " "))


def verdicts_of(run: Any) -> list[str]:
    """What ThreadSanitizer and the library said."""
    found = list(dict.fromkeys(word_for(report.kind) for report in run.reports))
    panic = re.search(r"panic: .*", run.errors.decode(errors="replace"))
    if panic:
        found.append(panic.group(0))
    elif run.outcome == DEADLOCK:
        found.append("deadlock")
    elif run.outcome == LIVELOCK:
        found.append("livelock")
    elif run.timed_out:
        found.append("no end")
    elif run.outcome == RUNNING:
        crash = re.search(r"ERROR: ThreadSanitizer: (\w+)", run.errors.decode(errors="replace"))
        found.append("crash: " + (crash.group(1) if crash else signal.Signals(run.signal).name if run.signal else
                                  f"exit status {run.exit_status}"))
    elif run.text and not run.inexact:
        found.append(run.text)  # the scheduler's: a limit, or what it refuses
    elif run.exit_status and not found:
        found.append(f"exit status {run.exit_status}")
    return found or ["no race"]
