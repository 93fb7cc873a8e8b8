#!/usr/bin/env python3
"""check.py plain COMPILER...: each program of programs/, as it is and with each of its mistakes built in.

A program's first line states what is seen with each mistake, most often several orders of one: the first
of the words must be seen, no other than these may be. "plain: reason" keeps a program from plain TSan."""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
PLAIN_RUNS = 20  # until the mistake shows
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
        self.expected = {0: ["silent"]}
        for field, words in fields.items():
            self.expected[int(re.fullmatch(r"bug (\d)", field)[1])] = words.split(", ")


def programs(chosen=()):
    names = sorted(os.listdir(os.path.join(HERE, "programs")))
    return [Program(name) for name in names if not chosen or name in chosen]


def binary_of(program, compiler, bug):
    return f"build/schedule/{compiler}/{program.name}.{bug}"


def verdict_of(text, status):
    """What one run of plain TSan shows, as a set of words. Status None: it did not end."""
    seen = {re.sub(r" \(.*", "", kind) for kind in re.findall(r"^WARNING: ThreadSanitizer: (.*)$", text, re.M)}
    if re.search(r"ERROR: ThreadSanitizer: ", text):
        seen.add("crash")
    elif status is None:
        seen.add("deadlock")
    elif status == -6:
        seen.add("abort")
    elif status < 0:
        seen.add(f"signal {-status}")
    elif status > 0 and not seen:
        seen.add(f"exit {status}")
    return seen or {"silent"}


def run_plain(binary, expects_deadlock):
    process = subprocess.Popen([binary], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                               start_new_session=True, env={**os.environ, "LED": "1", "TSAN_OPTIONS": "exitcode=0"})
    try:
        text, status = process.communicate(timeout=NO_END[expects_deadlock])[1], process.returncode
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        text, status = process.communicate()[1], None
    return verdict_of(text.decode(errors="replace"), status)


def plain(program, compiler, bug):
    """Plain TSan, until it has shown what is expected first."""
    expected, seen = program.expected[bug], set()
    for _ in range(PLAIN_RUNS if bug else 2):
        seen |= run_plain(binary_of(program, compiler, bug), "deadlock" in expected)
        if bug and expected[0] in seen:
            break
    seen -= {"silent"} if bug else set()
    return expected[0] in seen and seen <= set(expected), f"expected {', '.join(expected)}; seen {', '.join(sorted(seen))}"


def main(arguments):
    if len(arguments) < 2 or arguments[0] != "plain":
        sys.exit(__doc__)
    chosen = [a for a in arguments[1:] if "." in a]
    compilers = [a for a in arguments[1:] if "." not in a]
    cases = [(p, c, bug) for c in compilers for p in programs(chosen) if not p.not_plain for bug in p.expected]
    failed = 0
    with ThreadPoolExecutor(max_workers=4) as pool:
        for (program, compiler, bug), (right, words) in zip(cases, pool.map(lambda case: plain(*case), cases)):
            if not right:
                failed += 1
                print(f"{program.name}, {compiler}, bug {bug}: {words}", flush=True)
    print(f"{len(cases) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
