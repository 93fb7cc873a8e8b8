"""Each problem once, whole, and found again."""

import os
import re
import resource
import shlex
import shutil
import subprocess

from support import GUARD, MISUSE, NEGATIVE, RACE, RACE_TEST, RaceTest, program


class Problems(RaceTest):
    def test_each_problem_once_with_all_that_is_needed(self):
        output = self.run_mode(1, "race", runs=6).stdout
        self.assertEqual(self.keys(output), [RACE])
        self.assertIn("in 6 of 6 runs, by 1 call path", output)
        self.assertIn("WARNING: ThreadSanitizer: data race", output)
        self.assertIn("SUMMARY: ThreadSanitizer", output)

    def test_two_call_paths_are_one_problem(self):
        output = self.run_mode(1, "two-paths", "--seed", 1, runs=12).stdout
        self.assertEqual(self.keys(output), [RACE])
        self.assertIn("in 12 of 12 runs, by 2 call paths", output)

    def test_moved_lines_are_no_new_problem(self):
        known = self.file("known", RACE + "  # seen before\n")
        self.run_mode(0, "race", "--known", known, name="moved/modes")

    def test_both_compilers_give_one_key_with_and_without_delays(self):
        for mode, key in (("race", RACE), ("lock-order", "lock-order-inversion: lock_a_then_b@modes.c | "
                                                         "lock_b_then_a@modes.c on a | b")):
            for compiler in (0, 1):
                for options in ((), ("--no-perturb",)):
                    output = self.run_mode(1, mode, *options, compiler=compiler).stdout
                    self.assertEqual(self.keys(output), [key])

    def test_several_kinds(self):
        self.assertEqual(set(self.keys(self.run_mode(1, "several").stdout)),
                         {RACE, "data race: bump_other@modes.c | several@modes.c on other", MISUSE,
                          NEGATIVE.format("several")})

    def test_panic_has_its_stack(self):
        for compiler in (0, 1):
            output = self.run_mode(1, "print-and-panic", compiler=compiler).stdout
            self.assertEqual(self.keys(output), [NEGATIVE.format("print_and_panic")])
            self.assertRegex(output, r"#\d+ .*main .*modes\.c:\d+")
            self.assertIn("rule:", output)

    def test_it_says_why_frames_have_no_names(self):
        output = self.run_mode(1, "race", TSAN_OPTIONS="symbolize=0").stdout
        self.assertRegex(self.keys(output)[0], r"^data race: modes\+0x\w+ \| modes\+0x\w+$")
        self.assertIn("install the llvm-symbolizer", output)

    def test_race_in_a_child(self):
        self.assertEqual(self.keys(self.run_mode(1, "fork-race").stdout), [RACE])

    def test_much_output(self):
        self.assertEqual(self.keys(self.run_mode(1, "print-and-race").stdout), [RACE])

    def test_a_gigabyte_of_output_is_not_kept(self):
        output = self.run_mode(1, "print-a-gigabyte", "--timeout", 100, runs=1).stdout
        self.assertEqual(self.keys(output), [RACE])
        self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, 1 << 19)  # the largest, in KiB

    def test_closed_descriptors_hide_nothing(self):
        for compiler in (0, 1):
            for mode, key in (("close-all-and-race", RACE), ("close-all-and-status", "exit status 3: modes")):
                output = self.run_mode(1, mode, runs=3, compiler=compiler).stdout
                self.assertEqual(self.keys(output), [key])
                self.assertIn("in 3 of 3 runs", output)

    def test_crash_abort_and_status(self):
        self.assertEqual(self.keys(self.run_mode(1, "crash").stdout), ["SEGV: crash@modes.c"])
        output = self.run_mode(1, "abort").stdout
        self.assertEqual(self.keys(output), ["SIGABRT: fail_assertion@modes.c"])
        self.assertIn("the moon is full", output)
        self.assertEqual(self.keys(self.run_mode(1, "status").stdout), ["exit status 3: modes"])

    def test_printed_command_shows_it_again(self):
        output = self.run_mode(1, "race").stdout
        command = re.search(r"^    (env .*)$", output, re.M)[1]
        done = subprocess.run(shlex.split(command), env=self.environment({}), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=GUARD, check=False)
        self.assertIn("WARNING: ThreadSanitizer: data race", done.stdout)
        self.assertIn("perturb=", command)
        self.assertIn("LD_PRELOAD=", command)

    def test_random_addresses_that_tsan_cannot_bear(self):
        # A stack of this limit moves the mappings to where gcc's runtime does not expect them, in about
        # every second start.
        limit = (1 << 40, resource.getrlimit(resource.RLIMIT_STACK)[1])
        done = subprocess.run([RACE_TEST, "-n", "16", "--", program("modes", 1), "race"],
                              env=self.environment({}), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_STACK, limit),
                              timeout=GUARD, check=False)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("in 16 of 16 runs", done.stdout)

    def test_names_that_are_no_text(self):
        name = os.fsdecode(b"caf\xe9 it's")
        os.mkdir(os.path.join(self.folder, name))
        path = shutil.copy(program("modes"), os.path.join(self.folder, name, name))
        for mode, key in (("race", RACE), ("print-and-panic", NEGATIVE.format("print_and_panic")),
                          ("status", "exit status 3: caf\ufffd it's")):
            sarif, known = self.file("sarif"), self.file("known", key)
            output = self.run_it(1, "-n", 1, "--seed", name, "--sarif", sarif, "--junit", self.file("junit"), "--",
                                 path, mode, GITHUB_ACTIONS="true", GITHUB_WORKSPACE=os.path.dirname(path)).stdout
            self.assertEqual(self.keys(output), [key])
            self.run_it(0, "--known", known, "--merge", sarif)
        command = re.search(r"^    (env .*)$", output, re.M)[1]
        done = subprocess.run(["bash", "-c", command], env=self.environment({}), stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, timeout=GUARD, check=False)
        self.assertEqual(done.returncode, 3)
