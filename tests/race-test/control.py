"""Runs under the scheduler: found, shrunk, made again exactly; with the same keys as in free runs."""

import re
import shlex
import unittest

from support import RaceTest, program

GCC = 1  # the folder whose programs have ThreadSanitizer as a shared library
RACE = "data race: bump@orders.c | bump@orders.c on shared"
LAST = "SIGABRT: Assertion `strcmp(mode, \"race-and-assertion\") != 0 || shared == 7' failed: main@orders.c"
FIRST = "SIGABRT: Assertion `first' failed: check_that_main_was_first@orders.c"
DEADLOCK = ("hang: lock_a_then_b@orders.c in pthread_mutex_lock | lock_b_then_a@orders.c in pthread_mutex_lock")
INVERSION = "lock-order-inversion: lock_a_then_b@orders.c | lock_b_then_a@orders.c"


class Control(RaceTest):
    def explore(self, status, mode, *options, how="--exhaustive"):
        return self.run_it(status, how, "-n", 60, *options, "--", program("orders", GCC), mode).stdout

    def test_same_keys_as_in_free_runs(self):
        for mode, keys in (("race", {RACE}), ("race-and-assertion", {RACE, LAST})):
            with self.subTest(mode):
                self.assertEqual(set(self.keys(self.explore(1, mode))), keys)
                free = self.run_it(1, "-n", 12, "--", program("orders", GCC), mode).stdout
                self.assertLessEqual(set(self.keys(free)), keys)

    def test_what_goes_wrong_in_some_orders_only(self):
        output = self.explore(1, "one-order")
        self.assertEqual(self.keys(output), [FIRST])
        self.assertRegex(output, r"in [1-9]\d* of [2-9]\d* runs")
        self.assertRegex(output, r"orders: all \d+ orders")

    def test_a_deadlock_is_known_at_once_with_who_holds_what(self):
        output = self.explore(1, "deadlock")
        self.assertEqual(set(self.keys(output)), {DEADLOCK, INVERSION})
        self.assertIn("held by T1 (lock_b_then_a)", output)
        self.assertIn("held by T0 (main)", output)

    def test_the_printed_command_shows_it_in_each_replay(self):
        output = self.explore(1, "one-order", how="--controlled")
        self.assertIn("seen again in 3 of 3 replays", output)
        words = shlex.split(re.search(r"^    (race-test --replay .*)$", output, re.M)[1])
        again = self.run_it(1, *words[1:]).stdout
        self.assertEqual(self.keys(again), [FIRST])
        self.assertIn("in 3 of 3 runs", again)
        self.assertIn("is held before", again)

    def test_all_orders_of_a_correct_program(self):
        self.assertRegex(self.explore(0, "correct"), r"orders: all \d+ orders")
        self.assertIn("cut off", self.run_it(0, "--exhaustive", "-n", 1, program("orders", GCC)).stdout)

    def test_known_problems_do_not_fail(self):
        self.explore(0, "race", "--known", self.file("known", RACE))

    def test_a_static_runtime_is_refused_with_the_cure(self):
        self.assertIn("-shared-libsan", self.run_it(2, "--exhaustive", program("orders", 0)).stderr)

    def test_bad_arguments_are_2(self):
        for arguments in (["--replay", "nonsense"], ["--replay", "-", "--exhaustive"], ["--exhaustive", "--shard", "1/2"],
                          ["--merge", "--controlled"]):
            with self.subTest(arguments):
                result = self.run_it(2, *arguments, program("orders", GCC))
                self.assertNotIn("Traceback", result.stderr)


if __name__ == "__main__":
    unittest.main()
