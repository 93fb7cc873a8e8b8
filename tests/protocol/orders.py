#!/usr/bin/env python3
"""orders.py FOLDER: the scenarios under ThreadSanitizer itself, sequentially consistent: every order of the
library's own steps, or the first BOUND of a scenario that has more. FOLDER has the programs correct and wrong;
in wrong every release is relaxed, and ThreadSanitizer must see that."""

import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "../../ci/race-test"))
from racetest import schedule  # type: ignore[import]  # noqa: E402
from racetest.schedule_text import format_schedule  # noqa: E402

BOUND = 1000
ENVIRONMENT = {**os.environ, "WAITGROUP_SCHEDULE_INSIDE": "1",
               "TSAN_OPTIONS": "report_thread_leaks=0"}  # where a panic ends the program


def explore(program: str, scenario: str, bound: int) -> tuple[int, bool, str]:
    """How many orders were run, whether these are all, and what was told of the first that failed."""
    runs, complete = 0, False
    with schedule.Server([program, scenario], environment=ENVIRONMENT) as server:
        for run in server.orders(bound):
            runs, complete = runs + 1, run.last_order
            if run.verdicts() or run.beyond:
                told = run.beyond or ", ".join(verdict[0] for verdict in run.verdicts())
                return runs, complete, f"{told} by {format_schedule(run.schedule)}"
    return runs, complete, ""


def main() -> int:
    folder = sys.argv[1]
    scenarios = subprocess.run([f"{folder}/correct"], check=True, capture_output=True, text=True).stdout.split()
    passed = failed = 0
    for scenario in scenarios:
        runs, complete, failure = explore(f"{folder}/correct", scenario, BOUND)
        passed, failed = passed + (not failure), failed + bool(failure)
        print(f"  {scenario}: {runs} orders{' (all)' if complete else ''}{', FAILED: ' if failure else ''}{failure}",
              flush=True)
    for scenario in ("two_dones", "timed", "barrier", "go_two"):
        runs, _, failure = explore(f"{folder}/wrong", scenario, BOUND)
        passed, failed = passed + failure.startswith("data-race"), failed + (not failure.startswith("data-race"))
        print(f"  {scenario}, each release relaxed: {failure or 'NOTHING SEEN'} (order {runs})", flush=True)
    print(f"protocol-orders: {passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
