#!/usr/bin/env python3
"""check.py plain|control|orders COMPILER... [PROGRAM...]: each of programs/, as it is and with each of its mistakes.

A program's first line states what may be seen with each mistake; what stands first must be seen, by plain
TSan and under the scheduler. "plain: reason" keeps a program from plain TSan, "also: words" may be seen in the
correct one: mistakes of the libraries below."""

import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../ci/race-test"))
from racetest import schedule  # pylint: disable=wrong-import-position
from racetest.schedule_memory import PHASES  # pylint: disable=wrong-import-position
from racetest.trouble import Trouble  # pylint: disable=wrong-import-position

PLAIN_RUNS = 20  # until the mistake shows
SCHEDULES, CORRECT_SCHEDULES = 300, 64
MOST_ORDERS, ORDERS_TIME = (5000, 20) if os.environ.get("WHOLE") else (1000, 5)  # the rest is cut off, no failure
NO_END = {True: 3, False: 120}  # seconds: where a deadlock is expected, and where not


class Program:
    def __init__(self, name):
        self.name = name
        self.source = os.path.join(HERE, "programs", name)
        with open(self.source, encoding="utf-8", errors="replace") as file:
            head = file.readline()
        fields = dict(part.partition(": ")[::2] for part in re.fullmatch(r"/\* (.*) \*/\n", head)[1].split(" | "))
        fields.pop("correct", None)  # there is no mistake to make
        self.not_plain = fields.pop("plain", None)
        self.expected = {0: ["silent", *filter(None, fields.pop("also", "").split(", "))]}
        for field, words in fields.items():
            self.expected[int(re.fullmatch(r"bug (\d)", field)[1])] = words.split(", ")


def programs(chosen=()):
    names = sorted(os.listdir(os.path.join(HERE, "programs")))
    return [Program(name) for name in names if not chosen or name in chosen]


def binary_of(program, compiler, bug):
    return f"build/schedule/{compiler}/{program.name}.{bug}"


def verdict_of(text, status, no_end):
    """What one run of plain TSan shows, as a set of words. Status None: it did not end, no matter why."""
    seen = {re.sub(r" \(.*", "", kind) for kind in re.findall(r"^WARNING: ThreadSanitizer: (.*)$", text, re.M)}
    if re.search(r"ERROR: ThreadSanitizer: ", text):
        seen.add("crash")
    elif status is None:
        seen.add(no_end or "no end")
    elif status == -6:
        seen.add("abort")
    elif status < 0:
        seen.add(f"signal {-status}")
    elif status > 0 and not seen:
        seen.add(f"exit {status}")
    return seen or {"silent"}


def run_plain(binary, no_end):
    process = subprocess.Popen([binary], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                               start_new_session=True, env={**os.environ, "LED": "1", "TSAN_OPTIONS": "exitcode=0"})
    try:
        text, status = process.communicate(timeout=NO_END[bool(no_end)])[1], process.returncode
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        text, status = process.communicate()[1], None
    return verdict_of(text.decode(errors="replace"), status, no_end)


def plain(program, compiler, bug):
    """Plain TSan, until it has shown what is expected first."""
    expected, seen = program.expected[bug], set()
    no_end = next((word for word in expected if word in ("deadlock", "livelock")), None)
    for _ in range(PLAIN_RUNS if bug else 2):
        seen |= run_plain(binary_of(program, compiler, bug), no_end)
        if bug and expected[0] in seen:
            break
    seen -= {"silent"} if bug else set()
    return expected[0] in seen and seen <= set(expected), f"expected {', '.join(expected)}; seen {', '.join(sorted(seen))}"


# What the scheduler tells by TSan's own names of kinds, in the words of its reports.
KINDS = {"data-race": "data race", "mutex-bad-unlock": "unlock of an unlocked mutex", "thread-leak": "thread leak",
         "mutex-double-lock": "double lock of a mutex", "locked-mutex-destroy": "destroy of a locked mutex"}


def words(run):
    seen = set()
    for kind, *rest in run.verdicts():
        if kind == "exit":
            kind = f"exit {rest[0]}"
        elif kind == "crash" or kind == "SIGABRT":
            kind = {"crash": "crash", "SIGABRT": "abort"}[kind]
        elif kind.startswith("SIG"):
            kind = f"signal {run.signal}"
        seen.add(KINDS.get(kind, kind))
    return seen | ({f"beyond: {run.beyond}"} if run.beyond else set())


def control(program, compiler, bug):
    """The rotation of strategies: nothing in a correct program; the mistake, and again by its replay."""
    expected, seen, again = program.expected[bug], {}, "not tried"
    try:
        with schedule.Server([binary_of(program, compiler, bug)], timeout=NO_END[False]) as server:
            for number in range(SCHEDULES if bug else CORRECT_SCHEDULES):
                run = server.run(*schedule.rotation(number), seed=number + 1)
                for word in words(run):
                    seen.setdefault(word, number + 1)
                if run.timed_out:  # as the next ones might, and each takes seconds
                    break
                if bug and expected[0] in words(run):
                    again = "same" if expected[0] in words(server.replay(run.schedule)) else "another"
                    break
    except Trouble as trouble:
        return False, str(trouble)
    right = set(seen) <= set(expected) and (not bug or again == "same")
    told = ", ".join(f"{word} at {number}" for word, number in seen.items()) or "silent"
    return right, f"expected {', '.join(expected)}; seen {told}" + (f"; replay: {again}" if bug else "")


def orders(program, compiler, bug):
    """All orders, in all phases, or as many as there is time for: nothing in a correct program, and the mistake."""
    expected, seen, begin, run = program.expected[bug], set(), time.monotonic(), None
    try:
        with schedule.Server([binary_of(program, compiler, bug)], timeout=NO_END[False]) as server:
            for run in server.orders(MOST_ORDERS, phases=PHASES):
                seen |= words(run) if run.order is not None else set()
                if run.timed_out or time.monotonic() - begin > ORDERS_TIME:
                    break
    except Trouble as trouble:
        return False, str(trouble)
    whole = run.last_order
    right = seen <= set(expected) and (not bug or not whole or expected[0] in seen)
    return right, f"expected {', '.join(expected)}; seen {', '.join(sorted(seen)) or 'silent'} in {run.orders} orders" \
                  f"{'' if whole else ', cut off'}"


def main(arguments):
    how = {"plain": plain, "control": control, "orders": orders}.get(arguments[0]) if len(arguments) > 1 else None
    if not how:
        sys.exit(__doc__)
    chosen = [a for a in arguments[1:] if "." in a]
    compilers = [a for a in arguments[1:] if "." not in a]
    cases = [(p, c, bug) for c in compilers for p in programs(chosen) if how != plain or not p.not_plain
             for bug in p.expected]
    failed = 0
    with ThreadPoolExecutor(max_workers=4) as pool:
        for (program, compiler, bug), (right, told) in zip(cases, pool.map(lambda case: how(*case), cases)):
            if not right:
                failed += 1
            if not right or os.environ.get("VERBOSE"):
                print(f"{program.name}, {compiler}, bug {bug}: {told}", flush=True)
    print(f"{len(cases) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
