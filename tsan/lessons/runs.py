"""Runs of a program: one order of its threads or all of them, under the scheduler; and at full speed."""
from __future__ import annotations

import os
import re
import signal
import subprocess
from typing import Any

from drawing.course import Lesson
from drawing.picture import Picture, Trace
from scheduler import PHASES, TRACE_ALL, Program, verdicts_of

TSAN_OPTIONS = "atexit_sleep_ms=0:symbolize=0:history_size=7"
RANK = ["no race", "data race", "WaitGroup misuse"]
USUAL = "-"  # the schedule without switches: each thread goes on until it cannot


def record(binary: str, source: str, schedule: str = USUAL, strict: bool = False) -> Trace:
    """One order's trace."""
    with Program([binary], [source], strict) as program:
        return program.trace(program.run(schedule))


class Table:
    """Every order of a program, those that differ only by swaps of acts that do not concern each other once:
    schedule, verdicts, and the trace if it is asked for."""

    def __init__(self, command: list[str], sources: list[str], strict: bool = False, bound: int = 2000,
                 traced: bool = False) -> None:
        self.orders: list[tuple[str, list[str], Trace | None]] = []
        self.inexact = ""
        with Program(command, sources, strict) as program:
            for run in program.orders(bound, TRACE_ALL if traced else 0, 1 if traced else PHASES):
                self.inexact = self.inexact or (run.text if run.inexact else "")
                if run.restarted:
                    self.orders.clear()
                elif run.order is not None:
                    self.note(run.order, (program.schedule_of(run), verdicts_of(run), program.trace(run) if traced else None))
            self.whole, self.first = program.saw_last_order, len(self.orders)
            if not self.whole:
                for run in program.at_random(bound // 4, 0):
                    self.orders.append((program.schedule_of(run), verdicts_of(run), None))

    def note(self, number: int, order: tuple[str, list[str], Trace | None]) -> None:
        """In that of its phases in which it has shown most."""
        known = self.orders[number:number + 1] or [order]
        self.orders[number:number + 1] = [max(*known, order, key=lambda one: len(set(one[1]) - {RANK[0]}))]

    def verdicts(self) -> dict[str, tuple[int, str]]:
        """Of each verdict: how many orders, and the first that shows it."""
        found: dict[str, tuple[int, str]] = {}
        for schedule, verdicts, _ in self.orders:
            for verdict in verdicts:
                count, first = found.get(verdict, (0, schedule))
                found[verdict] = (count + 1, first)
        return dict(sorted(found.items(), key=lambda item: (RANK.index(item[0]) if item[0] in RANK else 3, item[0])))


def pictures_of(lesson: Lesson, binary: str) -> list[Picture]:
    """The pictures of a lesson: one, or the distinct ones among all orders, with their counts."""
    if not lesson.any_order:
        return [Picture(lesson, record(binary, lesson.path))]
    return distinct(lesson, Table([binary], [lesson.path], traced=True))


def distinct(lesson: Lesson, table: Table) -> list[Picture]:
    merged: dict[str, Picture] = {}
    for _, _, trace in table.orders:
        assert trace is not None
        picture = Picture(lesson, trace)
        known = merged.setdefault(picture.canonical(), picture)
        known.trace["orders"] = known.trace.get("orders", 0) + 1
    rank = {answer: i for i, answer in enumerate(lesson.answers)}
    return sorted(merged.values(), key=lambda p: ([rank.get(v, 9) for v in p.verdicts], not p.shows_stated_pair(),
                                                  -p.trace["orders"], p.trace["schedule"]))


def tsan_verdicts(binary: str, strict: bool = False, timeout: float = 60) -> set[str]:
    """What ThreadSanitizer and the library say in one run at full speed; anything unforeseen is an error."""
    variables = dict(os.environ, TSAN_OPTIONS=TSAN_OPTIONS, WAITGROUP_OPTIONS="strict=1" if strict else "")
    with subprocess.Popen([binary], env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True, errors="replace") as process:
        try:
            _, log = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return {"deadlock"}
    verdicts = set()
    # Not anchored: while one thread prints its report, another may panic in the middle of a line.
    for kind in re.findall(r"WARNING: ThreadSanitizer: (.*?)(?: \(pid=.*)?$", log, re.M):
        verdicts.add("WaitGroup misuse" if kind.startswith("WaitGroup misuse") else kind)
    panic = re.search(r"panic: (.*)$", log, re.M)
    if panic:
        verdicts.add(panic.group(0))
    expected = -signal.SIGABRT if panic else 66 if verdicts else 0
    if process.returncode != expected or "FATAL" in log:
        raise RuntimeError(f"{binary}: exit status {process.returncode}, expected {expected}:\n{log}")
    return verdicts or {"no race"}


def tally(binaries: list[str], runs: int) -> dict[str, Any]:
    """Real verdicts counted: no two countings are the same."""
    counted: dict[str, Any] = {}
    compilers = sorted({os.path.basename(os.path.dirname(binary)) for binary in binaries})
    for binary in binaries:
        entry = counted.setdefault(os.path.basename(binary), {"runs": 0, "with": ", ".join(compilers), "verdicts": {}})
        for _ in range(runs // len(compilers)):
            entry["runs"] += 1
            for verdict in tsan_verdicts(binary):
                entry["verdicts"][verdict] = entry["verdicts"].get(verdict, 0) + 1
    return counted
