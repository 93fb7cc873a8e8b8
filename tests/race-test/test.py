#!/usr/bin/env python3
"""test.py FOLDER FOLDER [NAME...]: what race-test promises, on the programs that the Makefile built there with two
compilers; all tests, or the named ones."""

import os
import sys
import unittest

import support

if __name__ == "__main__":
    support.FOLDERS += [os.path.abspath(sys.argv.pop(1)) for _ in range(2)]
    names = ["units", "exit_status", "problems", "ends", "keys", "sources", "hangs", "options", "formats", "processes", "control"]
    wanted = sys.argv[1:] or names  # or some: rooms, classes, tests
    outcome = unittest.TextTestRunner().run(unittest.defaultTestLoader.loadTestsFromNames(wanted))
    bad = len({str(test) for test, _ in outcome.failures + outcome.errors})
    print(f"race-test: {outcome.testsRun - bad} passed, {bad} failed")
    sys.exit(bad != 0)
