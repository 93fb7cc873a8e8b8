#!/usr/bin/env python3
"""reduction.py PROGRAM COUNT [FIRST]: what --exhaustive leaves out shows nothing that it does not see otherwise.

PROGRAM is reduction.c: what its threads do, and so how it can end, its arguments say. Some chosen sets of threads and
COUNT drawn ones, in all orders that the scheduler can make and in those that its reduction leaves: both must end in the
same ways."""

import os
import random
import shlex
import sys
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../ci/race-test"))
from racetest import schedule  # pylint: disable=wrong-import-position
from racetest.schedule_memory import HASTY, UNREDUCED  # pylint: disable=wrong-import-position

MOST_ORDERS = 2000  # the rest is cut off; of what remains, the reduction must still have seen all
ACTS = "lnitsbwWgpacPSTDrxzkoB"
# Each has lost an end when the search was broken on purpose, in the place that is named.
SHARP = [
    "'' t1z1 z1z1l1", "'' D0D0D0 D0D0P0", "'' P0D1P0 D1D1D1",  # further naps in a loop
    "'' n0n0n0 n0w0n0",  # who is woken takes its lock again
    "'' P0D0 S1n0", "'' n0D0 n1",  # who waits in vain in the end might have been first
    "'' k0 D1",  # the time
]


def draw(number):
    """The acts of main and of two or three threads: a few, so that they meet."""
    dice = random.Random(number)
    acts = [letter + str(dice.randrange(2)) for letter in dice.sample(ACTS, 4)]
    threads = dice.choice([2, 2, 3])
    lengths = dice.choice([[0, 3, 3], [0, 2, 3], [1, 2, 2]]) if threads == 2 else [0, 1, 1, 1]
    return ["".join(dice.choice(acts) for _ in range(length)) for length in lengths]


class Search:
    """All runs of one search: how they ended, how many there were, and whether these were all."""

    def __init__(self, command, flags):
        self.ends, self.runs, self.whole = set(), 0, False
        with schedule.Server(command, timeout=60) as server:
            for run in server.orders(MOST_ORDERS, HASTY | flags):
                self.runs, self.whole = self.runs + 1, bool(run.last_order)
                if run.order is not None:
                    self.ends.add(frozenset(v if v[0] == "exit" else v[:1] for v in run.verdicts()))  # no addresses

    def __str__(self):
        return f"{len(self.ends)} ends in {self.runs} runs{'' if self.whole else ', cut off'}"


def compare(program, acts):
    """Is it right, were these all orders, and what there is to say."""
    command = [program, *acts]
    reduced, every = Search(command, 0), Search(command, UNREDUCED)
    wrong = every.ends - reduced.ends | (reduced.ends - every.ends if every.whole else set())
    told = f"{shlex.join(acts)}: {reduced}; unreduced {every}; only one has {[sorted(end) for end in wrong]}"
    return reduced.whole and not wrong, every.whole, told


def main(program, how_many, first="0"):
    os.environ["TSAN_OPTIONS"] = "exitcode=0 report_thread_leaks=0"
    cases = [shlex.split(acts) for acts in SHARP] + [draw(int(first) + i) for i in range(int(how_many))]
    wrong = whole = 0
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for right, all_whole, told in pool.map(lambda acts: compare(program, acts), cases):
            wrong, whole = wrong + (not right), whole + all_whole
            if not right or os.environ.get("VERBOSE"):
                print(told, flush=True)
    print(f"{len(cases) - wrong} passed, {wrong} failed; all orders of {whole}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
