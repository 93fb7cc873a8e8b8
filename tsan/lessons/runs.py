"""Runs of a program: with the recorder, in one order or in all; and under ThreadSanitizer."""
from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import json
from typing import Any

from drawing.course import Lesson
from drawing.picture import Picture, Trace

TSAN_OPTIONS = "atexit_sleep_ms=0:symbolize=0:history_size=7"
RANK = ["no race", "data race", "WaitGroup misuse"]


def environment(strict: bool = False, options: str = "", **more: str) -> dict[str, str]:
    variables = dict(os.environ, **more)
    for name in ("SCHEDULE", "EXPLORE", "RECORD", "STEPS", "ORDERS", "REDUCE", "PROGRESS"):
        if name not in more:
            variables.pop(name, None)
    variables["WAITGROUP_OPTIONS"] = f"{options} strict=1" if strict else options
    return variables


def said_by_recorder(binary: str, variables: dict[str, str]) -> tuple[str, str]:
    """Its last line, if it said one, and all that the program wrote to standard error."""
    run = subprocess.run([binary], env=variables, timeout=60, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                         stderr=subprocess.PIPE, text=True, check=False)
    said = re.findall("^recorder: (.*)$", run.stderr, re.M)
    return (said[-1] if said else ""), f"exit status {run.returncode}: {run.stderr.strip()}"


def record(binary: str, schedule: str = "0", strict: bool = False, options: str = "") -> Trace:
    """One order's trace."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "trace.json")
        said, log = said_by_recorder(binary, environment(strict, options, SCHEDULE=schedule, RECORD=path))
        if not os.path.exists(path):
            sys.exit(said or f"{binary} left no trace: {log}")
        with open(path, encoding="utf-8") as file:
            trace: Trace = json.load(file)
            return trace


def recorded_verdict(binary: str, strict: bool = False, options: str = "") -> str:
    """The first order's verdict alone."""
    said, log = said_by_recorder(binary, environment(strict, options))
    return said or log


class Table:
    """Every order of a program: schedule, verdicts, signature."""

    def __init__(self, binary: str, strict: bool = False, orders: int | None = None, **more: str) -> None:
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "table")
            if orders:
                more["ORDERS"] = str(orders)
            subprocess.run([binary], env=environment(strict, EXPLORE=path, **more), check=False,
                           stdin=subprocess.DEVNULL)
            with open(path, encoding="utf-8") as file:
                lines = file.read().splitlines()
        if not lines:
            sys.exit(f"{binary}: the explorer said nothing")
        # "all N orders", "reduced to N orders", "cut off after N orders and M at random", "stopped: ..."
        self.end = lines.pop()
        self.orders = [(s, v.split("|"), g) for s, v, g in (line.split("\t") for line in lines)]

    def verdicts(self) -> dict[str, tuple[int, str]]:
        """Of each verdict: how many orders, and the first that shows it."""
        found: dict[str, tuple[int, str]] = {}
        for schedule, verdicts, _ in self.orders:
            for verdict in verdicts:
                count, first = found.get(verdict, (0, schedule))
                found[verdict] = (count + 1, first)
        return dict(sorted(found.items(), key=lambda item: (RANK.index(item[0]) if item[0] in RANK else 3, item[0])))

    def distinct(self) -> list[tuple[str, int]]:
        """One schedule for each distinct happens-before relation, with how many orders have it."""
        found: dict[tuple[tuple[str, ...], str], tuple[str, int]] = {}
        for schedule, verdicts, signature in self.orders:
            key = (tuple(verdicts), signature)
            first, count = found.get(key, (schedule, 0))
            found[key] = (first, count + 1)
        return list(found.values())


def pictures_of(lesson: Lesson, binary: str) -> list[Picture]:
    """The pictures of a lesson: one, or the distinct ones among all orders, with their counts."""
    if not lesson.any_order:
        return [Picture(lesson, record(binary))]
    merged: dict[str, Picture] = {}
    for schedule, count in Table(binary).distinct():
        picture = Picture(lesson, record(binary, schedule))
        known = merged.setdefault(picture.canonical(), picture)
        known.trace["orders"] = known.trace.get("orders", 0) + count
    rank = {answer: i for i, answer in enumerate(lesson.answers)}
    return sorted(merged.values(), key=lambda p: ([rank.get(v, 9) for v in p.verdicts], not p.shows_stated_pair(),
                                                  -p.trace["orders"], p.trace["schedule"]))


def tsan_verdicts(binary: str, strict: bool = False, timeout: float = 60) -> set[str]:
    """What ThreadSanitizer and the library say in one run; anything unforeseen is an error."""
    variables = environment(strict, TSAN_OPTIONS=TSAN_OPTIONS)
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
        name = os.path.basename(binary).removesuffix(".tsan")
        entry = counted.setdefault(name, {"runs": 0, "with": ", ".join(compilers), "verdicts": {}})
        for _ in range(runs // len(compilers)):
            entry["runs"] += 1
            for verdict in tsan_verdicts(binary):
                entry["verdicts"][verdict] = entry["verdicts"].get(verdict, 0) + 1
    return counted
