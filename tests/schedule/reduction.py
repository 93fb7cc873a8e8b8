#!/usr/bin/env python3
"""reduction.py PROGRAM COUNT [FIRST]: what --exhaustive leaves out shows nothing that it does not see otherwise.

PROGRAM is reduction.c. So many small sets of threads, drawn at random, in all orders that the scheduler can make,
and in those that its reduction leaves: both must end in the same ways."""

import os
import random
import sys
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../ci/race-test"))
from racetest import schedule  # pylint: disable=wrong-import-position
from racetest.schedule_memory import REPEATED, UNREDUCED  # pylint: disable=wrong-import-position

MOST_ORDERS = 2000  # the rest is cut off; of what remains, the reduction must still have seen all
ACTS = "lnitsbwWgpacPSTDrxzoB"


def draw(number):
    """The acts of main and of two or three threads: a few, so that they meet."""
    dice = random.Random(number)
    acts = [letter + str(dice.randrange(2)) for letter in dice.sample(ACTS, 4)]
    threads = dice.choice([2, 2, 3])
    lengths = [dice.choice([0, 0, 1]), 2, dice.choice([2, 3])] if threads == 2 else [0, 1, 1, 1]
    return ["".join(dice.choice(acts) for _ in range(length)) for length in lengths]


def explore(command, flags):
    """The ends, how many runs it took, and whether these were all."""
    ends, runs, whole = set(), 0, False
    with schedule.Server(command, timeout=60) as server:
        for run in server.orders(MOST_ORDERS, flags):
            runs, whole = runs + 1, bool(run.last_order)
            if run.outcome != REPEATED and not run.beyond:
                ends |= set(run.verdicts()) or {("silent",)}
    return ends, runs, whole


def compare(program, number):
    command = [program, *draw(number)]
    ends, runs, whole = explore(command, 0)
    all_ends, all_runs, all_whole = explore(command, UNREDUCED)
    right = whole and (ends == all_ends if all_whole else ends >= all_ends)
    return right, all_whole, f"{number}: {' '.join(map(repr, command[1:]))}: {len(ends)} ends in {runs} runs{'' if whole else ', cut off'}; " \
        f"{len(all_ends)} in {all_runs}{'' if all_whole else ', cut off'}; only one has {sorted(ends ^ all_ends) if all_whole else sorted(all_ends - ends)}"


def main(program, how_many, first="0"):
    os.environ["TSAN_OPTIONS"] = "exitcode=0 report_thread_leaks=0"
    numbers = range(int(first), int(first) + int(how_many))
    wrong = whole = 0
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for right, all_whole, told in pool.map(lambda number: compare(program, number), numbers):
            wrong, whole = wrong + (not right), whole + all_whole
            if not right or os.environ.get("VERBOSE"):
                print(told, flush=True)
    print(f"{len(numbers) - wrong} passed, {wrong} failed; all orders of {whole}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
