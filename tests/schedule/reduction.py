#!/usr/bin/env python3
"""reduction.py PROGRAM COUNT [FIRST]: what --exhaustive leaves out shows nothing that it does not see otherwise.

PROGRAM is reduction.c. So many small sets of threads, drawn at random, in all orders that the scheduler can make,
and in those that its reduction leaves: both must end in the same ways."""

import os
import random
import shlex
import sys
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../ci/race-test"))
from racetest import schedule  # pylint: disable=wrong-import-position
from racetest.schedule_memory import HASTY, REPEATED, UNREDUCED  # pylint: disable=wrong-import-position

MOST_ORDERS = 2000  # the rest is cut off; of what remains, the reduction must still have seen all
ACTS = "lnitsbwWgpacPSTDrxzoB"


def draw(number):
    """The acts of main and of two or three threads: a few, so that they meet."""
    dice = random.Random(number)
    acts = [letter + str(dice.randrange(2)) for letter in dice.sample(ACTS, 4)]
    threads = dice.choice([2, 2, 3])
    lengths = [dice.choice([0, 0, 1]), 2, dice.choice([2, 3])] if threads == 2 else [0, 1, 1, 1]
    return ["".join(dice.choice(acts) for _ in range(length)) for length in lengths]


class Search:
    """All runs of one search: how they ended, how many there were, and whether these were all."""

    def __init__(self, command, flags):
        self.ends, self.runs, self.whole = set(), 0, False
        with schedule.Server(command, timeout=60) as server:
            for run in server.orders(MOST_ORDERS, HASTY | flags):
                self.runs, self.whole = self.runs + 1, bool(run.last_order)
                if run.outcome != REPEATED and not run.beyond:
                    self.ends |= set(run.verdicts()) or {("silent",)}

    def __str__(self):
        return f"{len(self.ends)} ends in {self.runs} runs{'' if self.whole else ', cut off'}"


def compare(program, number):
    """Is it right, were these all orders, and what there is to say."""
    command = [program, *draw(number)]
    reduced, every = Search(command, 0), Search(command, UNREDUCED)
    wrong = every.ends - reduced.ends | (reduced.ends - every.ends if every.whole else set())
    told = f"{number}: {shlex.join(command[1:])}: {reduced}; unreduced {every}; only one has {sorted(wrong)}"
    return reduced.whole and not wrong, every.whole, told


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
