"""The program's own end is a problem of its own, whatever else a run has found."""

import os
import re
import shutil
import unittest

from support import RaceTest, program

RACE = "data race: bump@ends.c | bump@ends.c on shared"
ENDS = {
    "assert-one": "SIGABRT: Assertion `shared == 1 && \"one\"' failed: assert_that_it_is_one@ends.c",
    "assert-seven": "SIGABRT: Assertion `shared == 7 && \"seven\"' failed: assert_that_it_is_seven@ends.c",
    "abort": "SIGABRT: give_up@ends.c",
    "abort-elsewhere": "SIGABRT: give_up_elsewhere@ends.c",
    "exit": "exit status 3: leave@ends.c",
    "exit-elsewhere": "exit status 3: leave_elsewhere@ends.c",
    "_exit": "exit status 9: leave_at_once@ends.c",
    "_exit-elsewhere": "exit status 9: leave_at_once_elsewhere@ends.c",
    "exit_group": "exit status 5: ends",
    "quick_exit": "exit status 4: leave_quickly@ends.c",
    "quick_exit-elsewhere": "exit status 4: leave_quickly_elsewhere@ends.c",
    "pipe": "SIGPIPE: write_to_nobody@ends.c",
    "child-exit": "exit status 3: leave_as_the_child@ends.c",
    "return": "exit status 7: ends",
    "trap": "SIGILL: divide_by_nothing@ends.c",
    "crash": "SEGV: write_nowhere@ends.c",
    "kill": "SIGKILL: ends",
    "user-signal": "SIGUSR1: ends",
    "last-signal": "SIGRTMAX: raise_the_last_signal@ends.c",
    "panic": "panic: sync: negative WaitGroup counter: panic@ends.c",
    "go-panic": "panic: sync: negative WaitGroup counter: done_by_itself@ends.c",
    "go-panic-elsewhere": "panic: sync: negative WaitGroup counter: done_by_itself_elsewhere@ends.c",
    "ignores": "ThreadSanitizer: thread finished with ignores enabled: ignore_for_ever@ends.c",
}


class Ends(RaceTest):
    def test_each_way_to_end_beside_a_known_race(self):
        known = self.file("known", RACE)
        for compiler in (0, 1):
            for mode, key in ENDS.items():
                with self.subTest(mode, compiler=compiler):
                    output = self.run_it(1, "-n", 2, "--known", known, "--", program("ends", compiler), mode,
                                         "race").stdout
                    self.assertEqual(set(self.keys(output)), {RACE + " (known)", key})
                    self.assertEqual(output.count("in 2 of 2 runs"), 2, output)

    def test_each_is_seen_again_in_its_replays(self):
        for mode in ENDS:
            with self.subTest(mode):
                output = self.run_it(1, "-n", 1, "--controlled", "--", program("ends", 1), mode).stdout
                self.assertEqual(self.keys(output), [ENDS[mode]])
                self.assertIn("seen again in 3 of 3 replays", output)

    def test_a_child_that_dies_is_a_problem_whatever_its_parent_makes_of_it(self):
        for compiler in (0, 1):
            for mode, keys in (("child-abort", {ENDS["abort"]}),
                               ("child-assert", {ENDS["assert-seven"], ENDS["abort-elsewhere"]})):
                output = self.run_it(1, "-n", 2, "--", program("ends", compiler), mode).stdout
                self.assertEqual(set(self.keys(output)), keys)

    def keys(self, output):
        return [re.sub(r"^.*?( \(known\))?: (.*)$", r"\2\1", head)
                for head in re.findall(r"^=== problem (\d+ of \d+.*)$", output, re.M)]

    def test_two_ends_are_two_keys(self):
        self.assertEqual(len(set(ENDS.values())), len(ENDS))
        known = self.file("known", ENDS["abort"])
        self.run_it(0, "-n", 1, "--known", known, "--", program("ends"), "abort")
        self.run_it(1, "-n", 1, "--known", known, "--", program("ends"), "abort-elsewhere")

    def test_two_programs_of_one_name_are_two_keys(self):
        """Whichever folder they both are in."""
        for top in ("here", "there"):
            paths = [self.file(os.path.join(top, which, "test")) for which in ("first", "second", "second/inner")]
            for path in paths:
                os.makedirs(os.path.dirname(path), exist_ok=True)
                shutil.copy(program("ends", 1), path)
            for how in ("--free", "--controlled"):
                done = self.run_it(1, "-n", 1, how, *paths)
                self.assertEqual(set(self.keys(done.stdout)), {f"exit status 7: {which}/test"
                                                               for which in ("first", "second", "inner")})
            self.assertEqual(self.keys(self.run_it(1, "-n", 1, paths[1]).stdout), ["exit status 7: test"])

    def test_the_assertion_and_its_stack_are_in_the_report(self):
        for compiler in (0, 1):
            output = self.run_it(1, "-n", 1, "--", program("ends", compiler), "assert-one", "race").stdout
            self.assertRegex(output, r"ends\.c:\d+: .*Assertion `shared == 1 && \"one\"' failed\.\n\n  SIGABRT here:\n")
            self.assertRegex(output, r"#\d+ assert_that_it_is_one .*ends\.c:\d+ ")
            self.assertRegex(output, r"#\d+ main .*ends\.c:\d+ ")

    def test_the_users_options_hide_no_end(self):
        for options in ("exitcode=66", "exitcode=0", "abort_on_error=1", "stack_trace_format=DEFAULT"):
            output = self.run_it(1, "-n", 1, "--", program("ends"), "exit", "race", TSAN_OPTIONS=options).stdout
            self.assertEqual(set(self.keys(output)), {RACE, ENDS["exit"]}, options)

    def test_a_halt_at_the_first_report_is_no_end_of_the_programs(self):
        output = self.run_it(1, "-n", 1, "--", program("ends"), "exit", "race", TSAN_OPTIONS="halt_on_error=1").stdout
        self.assertEqual(self.keys(output), [RACE])

    def test_what_the_runtime_says_stands_in_the_finding(self):
        for compiler in (0, 1):
            output = self.run_it(1, "-n", 1, "--", program("ends", compiler), "ignores").stdout
            self.assertIn("Ignore was enabled at:", output)
            self.assertNotIn("(no output)", output)

    def test_through_a_script(self):
        path = self.file("script", f"#!/bin/sh\n{program('ends')} assert-one race\n")
        os.chmod(path, 0o755)
        keys = self.keys(self.run_it(1, "-n", 1, path).stdout)
        self.assertIn(RACE, keys)
        self.assertIn(ENDS["assert-one"], keys)
        self.assertIn("exit status 134: script", keys)


if __name__ == "__main__":
    unittest.main()
