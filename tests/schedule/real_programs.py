#!/usr/bin/env python3
"""real_programs.py DIR: the programs that real_programs has built in DIR, with and without the scheduler."""

import os
import random
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../ci/race-test"))
from racetest import schedule  # pylint: disable=wrong-import-position
from racetest.trouble import Trouble  # pylint: disable=wrong-import-position

RUNS = len(schedule.ROTATION)
SLOWEST = 2  # times plain TSan
# Name, size of the input, arguments. IN stands for a file of that size.
PROGRAMS = [
    ("pbzip2", 1 << 20, "-p3 -b1 -c IN"),
    ("pigz", 1 << 20, "-p3 -b128 -c IN"),
    ("zstd", 3 << 20, "-T2 -c -q IN"),
    ("zstd", 3 << 20, "-T2 -B512K -c -q IN"),
    ("xz", 1 << 19, "-T2 --block-size=128KiB -c IN"),
    ("libuv", 0, "threadpool_queue_work_simple threadpool_queue_work_simple"),
    ("libuv", 0, "threadpool_multiple_event_loops threadpool_multiple_event_loops"),
    ("libuv", 0, "threadpool_cancel_work threadpool_cancel_work"),
]


def write_input(path, size):
    """Text that compresses, by far not to nothing; the same everywhere."""
    dice = random.Random(size)
    words = [bytes(dice.randrange(97, 123) for _ in range(dice.randrange(2, 9))) for _ in range(3000)]
    with open(path, "wb") as file:
        while file.tell() < size:
            file.write(dice.choice(words) + b" ")


def plain(command, runs):
    times, output = [], None
    for _ in range(runs):
        begin = time.monotonic()
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False)
        times.append(time.monotonic() - begin)
        output = (done.returncode, done.stdout)
    return output, statistics.median(times)


def controlled(command, expected):
    """Times of the runs, and what was wrong with any."""
    times, wrong, inexact = [], set(), 0
    with schedule.Server(command, timeout=300) as server:
        for number in range(RUNS):
            begin = time.monotonic()
            run = server.run(*schedule.rotation(number), seed=number + 1)
            times.append(time.monotonic() - begin)
            inexact += run.inexact
            wrong |= {" ".join(map(str, verdict[:1])) for verdict in run.verdicts()}
            if not run.timed_out and (run.exit_status, run.output) != expected:
                wrong.add("other output")
            if run.timed_out:
                break
    return times, wrong, inexact


def main(folder):
    failed = 0
    os.chdir(folder)
    os.environ["TSAN_OPTIONS"] = "exitcode=0 report_thread_leaks=0"
    os.environ["UV_RUN_AS_ROOT"] = "1"  # libuv's tests refuse otherwise
    for name, size, arguments in PROGRAMS:
        write_input("input", size)
        command = [os.path.abspath(name), *("input" if word == "IN" else word for word in arguments.split())]
        title = f"{name} {arguments}"
        if not os.path.exists(command[0]):
            print(f"MISS {title}: not built")
            failed += 1
            continue
        expected, usual = plain(command, 3)
        try:
            times, wrong, inexact = controlled(command, expected)
        except Trouble as trouble:
            times, wrong, inexact = [float("inf")], {str(trouble)}, 0
        ratio = statistics.median(times) / usual
        right = not wrong and expected[0] == 0 and ratio <= SLOWEST
        failed += not right
        print(f"{'ok  ' if right else 'MISS'} {title}: {len(times)} runs, {len(expected[1])} bytes, "
              f"{', '.join(sorted(wrong)) or 'the same each time'}; {1000 * statistics.median(times):.0f} ms, plain TSan "
              f"{1000 * usual:.0f} ms: {ratio:.1f} times{f'; not exactly repeatable: {inexact}' if inexact else ''}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
