#!/usr/bin/env python3
"""aarch64.py OBJECT PROGRAM: the scheduler for aarch64 under an emulator, before a runtime that detects
nothing (ThreadSanitizer does not run there): no act is lost in any schedule, and each replays exactly."""

import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../ci/race-test"))
from racetest.schedule import Server, rotation  # noqa: E402 (the path to it stands above)

RUNS, EXPECTED = 24, b"6 6 6 12\n"
# The emulator is a program for this machine: what it emulates gets the object, not the emulator.
SCRIPT = """#!/bin/sh
unset LD_PRELOAD
exec qemu-aarch64 -L /usr/aarch64-linux-gnu -E LD_PRELOAD='{}' '{}'
"""


def main(scheduler, program):
    wrong, different = [], set()
    with tempfile.TemporaryDirectory() as folder:
        script = os.path.join(folder, "program")
        with open(script, "w", encoding="utf-8") as file:
            file.write(SCRIPT.format(os.path.abspath(scheduler), os.path.abspath(program)))
        os.chmod(script, 0o755)
        with Server([script], object_path=os.path.abspath(scheduler), timeout=60) as server:
            for number in range(RUNS):
                run = server.run(*rotation(number), seed=number)
                again = server.replay(run.schedule)
                different.add(tuple(run.switches))
                if run.verdicts() or run.output != EXPECTED or b"\naccesses seen" not in b"\n" + run.errors:
                    wrong.append(f"run {number}: {run.output!r} {run.errors!r} {set(run.verdicts())}")
                if again.switches != run.switches or again.diverged or again.output != EXPECTED:
                    wrong.append(f"run {number}: its replay differs")
    if len(different) < RUNS // 2:
        wrong.append(f"only {len(different)} different schedules")
    print("\n".join(wrong) or f"aarch64: {RUNS} runs, {len(different)} different schedules, all replayed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
