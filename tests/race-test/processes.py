"""Nothing of a run stays behind, and an interrupt loses nothing."""

import os
import signal
import subprocess
import time

from support import ENOUGH, GUARD, RACE, RACE_TEST, RaceTest, alive, program


class Processes(RaceTest):
    def start(self, mode):
        process = subprocess.Popen([RACE_TEST, "-n", "1000", "-j2", "--timeout", "60", "--", program("modes"), mode,
                                    self.folder], env=self.environment({}), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        return process

    def wait_until(self, condition, what):
        for _ in range(20 * GUARD):
            if condition():
                return
            time.sleep(0.05)
        self.fail(what)

    def test_signals_print_what_is_known(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process = self.start("slow-race")
            self.assertIn("--seed", process.stderr.readline())
            self.assertIn("new: " + RACE, process.stderr.readline())
            process.send_signal(number)
            output = process.communicate(timeout=GUARD)[0]
            self.assertEqual(process.returncode, 1, output)
            self.assertIn(f"interrupted by {signal.Signals(number).name}", output)
            self.assertEqual(self.keys(output), [RACE])
            self.assertEqual(alive(self.folder), [])

    def test_interrupted_with_nothing_found_is_2(self):
        process = self.start("daemon-and-hang")
        self.wait_until(lambda: len(alive(self.folder)) >= 3, "the program was not started")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=GUARD)
        self.assertEqual(process.returncode, 2)
        self.assertEqual(alive(self.folder), [])

    def test_killed_runner_leaves_no_child(self):
        process = self.start("daemon-and-hang")
        self.wait_until(lambda: len(alive(self.folder)) >= 4, "the program was not started")
        process.kill()
        process.communicate(timeout=GUARD)
        self.wait_until(lambda: not alive(self.folder), "something outlived the runner")

    def test_hung_program_is_killed_with_its_children(self):
        mark = self.file("mark")
        self.run_it(1, "-n", 1, "--timeout", ENOUGH, "--", program("modes"), "daemon-and-hang", mark)
        self.run_it(0, "-n", 2, "--", program("modes"), "daemon", mark)
        self.assertEqual(alive(mark), [])


class Detection(RaceTest):
    """A few of the corpus; measure.py has all of them, and the rates."""

    def test_bugs_that_ordinary_schedules_hide(self):
        expected = {"cancelled_and_done_twice": "panic", "lost_wakeup": "hang",
                    "retry_on_contention": "data race", "slow_path_after_done": "data race",
                    "sampled_without_the_lock": "data race", "notified_before_stored": "data race"}
        results, _ = self.sarif(1, "-n", 80, "-j4", "--timeout", ENOUGH, *(program("buggy/" + name) for name in expected))
        found = {(os.path.basename(p), r["properties"]["kind"]) for r in results.values()
                 for p in r["properties"]["programs"]}
        self.assertLessEqual(set(expected.items()), found)

    def test_correct_programs_are_silent(self):
        names = sorted(os.listdir(program("correct")))
        self.assertGreaterEqual(len(names), 6)
        self.run_it(0, "-n", 15, "-j4", *(program("correct/" + name) for name in names))
