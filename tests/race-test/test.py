#!/usr/bin/env python3
"""test.py FOLDER FOLDER [NAME...]: what race-test promises, on the programs that the Makefile built there with two
compilers; all tests, or the named ones. Each has a folder of its own, and half of its time is waiting: so they run
beside each other, one more than there are CPUs."""

import io
import multiprocessing
import os
import sys
import time
import unittest

import support

TESTS: list[unittest.TestCase] = []


def flattened(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from flattened(test)
        else:
            yield test


def run(index):
    said = io.StringIO()
    begin = time.monotonic()
    outcome = unittest.TextTestRunner(stream=said).run(TESTS[index])
    return index, outcome.wasSuccessful() and outcome.testsRun == 1, time.monotonic() - begin, said.getvalue()


if __name__ == "__main__":
    support.FOLDERS += [os.path.abspath(sys.argv.pop(1)) for _ in range(2)]
    names = ["control", "stories", "shrinking", "hangs", "ends", "keys", "sources", "units", "exit_status", "problems",
             "options", "formats", "processes"]
    wanted = sys.argv[1:] or names  # or some: rooms, classes, tests
    TESTS += flattened(unittest.defaultTestLoader.loadTestsFromNames(wanted))
    bad = 0
    with multiprocessing.get_context("fork").Pool((os.cpu_count() or 1) + 1) as pool:
        for number, good, seconds, text in pool.imap_unordered(run, range(len(TESTS))):
            print(f"{'passed' if good else 'FAILED'} in {seconds:5.1f} s: {TESTS[number].id()}", flush=True)
            if not good:
                bad += 1
                print(text, flush=True)
    print(f"race-test: {len(TESTS) - bad} passed, {bad} failed")
    sys.exit(bad != 0 or not TESTS)
