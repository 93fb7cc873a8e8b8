"""Runs under the scheduler: found, shrunk, made again exactly; with the same keys as in free runs."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import time
import unittest
from xml.etree import ElementTree

import hangs
from racetest import control  # pylint: disable=wrong-import-order
from racetest.program import program_at  # pylint: disable=wrong-import-order
from racetest.schedule_memory import PHASES  # pylint: disable=wrong-import-order
from support import GUARD, HERE, RACE_TEST, RaceTest, alive, program

GCC = 1  # the folder whose programs have ThreadSanitizer as a shared library
RACE = "data race: bump@orders.c | bump@orders.c on shared"
LAST = "SIGABRT: Assertion `shared == 7' failed: bump_and_check@orders.c"
FIRST = "SIGABRT: Assertion `first' failed: check_that_main_was_first@orders.c"
HALF = "SIGABRT: Assertion `first == second' failed: read_both_halves@orders.c"
OVERDRAWN = "SIGABRT: Assertion `accounts[0].balance >= 0' failed: main@transfer.cpp"
DEADLOCK = ("hang: lock_a_then_b@orders.c in pthread_mutex_lock | lock_b_then_a@orders.c in pthread_mutex_lock")
INVERSION = "lock-order-inversion: lock_a_then_b@orders.c | lock_b_then_a@orders.c on a | b"

INCREMENT = "data race: increment@orders.c | increment@orders.c on "
TWO = {  # what the scheduler has one word for, and yet is two problems
    "two-assertions": [f"SIGABRT: Assertion `{side} == 1' failed: assert_first_or_second@orders.c"
                       for side in ("left", "right")],
    "two-exits": [f"exit status 3: leave_{which}@orders.c" for which in ("first", "second")],
    "two-crashes": [f"SEGV: crash_{which}@orders.c" for which in ("first", "second")],
    "two-panics": [f"panic: sync: negative WaitGroup counter: panic_{which}@orders.c" for which in ("first", "second")],
    "two-deadlocks": [f"hang: lock_{which}_again@orders.c in pthread_mutex_lock" for which in ("first", "second")],
    "two-inversions": [f"lock-order-inversion: close_{which}_cycle@orders.c | lock_a_then_b@orders.c | lock_b_then_c@orders.c"
                       " on a | b | c" for which in ("first", "second")],
    "two-globals": [INCREMENT + side for side in ("left", "right")],
    "two-heap-blocks": [f"{INCREMENT}heap block of {which}_of_heap@orders.c" for which in ("first", "second")],
}


class Control(RaceTest):
    def explore(self, status, mode, *options, how="--exhaustive", **environment):
        return self.run_it(status, how, "-n", 60, *options, "--", program("orders", GCC), mode, **environment).stdout

    def test_same_keys_as_in_free_runs(self):
        for mode, keys in (("race", {RACE}), ("race-and-assertion", {RACE, LAST})):
            with self.subTest(mode):
                self.assertEqual(set(self.keys(self.explore(1, mode))), keys)
                free = self.run_it(1, "-n", 12, "--", program("orders", GCC), mode).stdout
                self.assertLessEqual(set(self.keys(free)), keys)

    def test_what_goes_wrong_in_some_orders_only(self):
        output = self.explore(1, "one-order")
        self.assertEqual(self.keys(output), [FIRST])
        self.assertRegex(output, r"in [1-9]\d* of [2-9]\d* orders")
        self.assertRegex(output, r"race-test: 1 problem in [2-9]\d* orders of 1 program, [\d.]+ s\n$")
        self.assertRegex(output, r"orders: all \d+ orders")

    def test_a_deadlock_is_known_at_once_with_who_holds_what(self):
        output = self.explore(1, "deadlock")
        self.assertEqual(set(self.keys(output)), {DEADLOCK, INVERSION})
        self.assertIn("held by T1 (lock_b_then_a)", output)
        self.assertIn("held by T0 (main)", output)

    def test_a_deadlock_has_the_key_of_a_hang(self):
        for mode in ("mutex_lock", "cond_wait", "barrier_wait", "waitgroup_wait", "read", "sigwait"):
            with self.subTest(mode):
                output = self.run_it(1, "--controlled", "-n", 1, "--", program("waits", GCC), mode).stdout
                self.assertEqual(self.keys(output), [hangs.key_of(mode)])

    def test_the_printed_command_shows_it_in_each_replay(self):
        output = self.explore(1, "one-order", how="--controlled")
        self.assertIn("seen again in 3 of 3 replays", output)
        words = shlex.split(re.search(r"^    (race-test --replay .*)$", output, re.M)[1])
        again = self.run_it(1, *words[1:]).stdout
        self.assertEqual(self.keys(again), [FIRST])
        self.assertIn("in 3 of 3 runs", again)
        self.assertIn("is held before", again)
        self.assertIn("seen again in 5 of 5 replays", self.run_it(1, "-n", 5, *words[1:]).stdout)

    def test_all_orders_of_a_correct_program(self):
        output = self.explore(0, "correct")
        number = re.search(r"orders: all (\d+) orders of its calls and atomics, in .*\n +(\d+)  no problem\n", output)
        self.assertEqual(number[1], number[2])
        self.assertNotIn("--accesses", output)
        self.assertIn("cut off after 1 order: there are more",
                      self.run_it(0, "--exhaustive", "-n", 1, program("orders", GCC)).stdout)

    def test_no_order_is_made_twice(self):
        """What threads do without each other has one order; of two turns at one lock there are two."""
        for mode, orders in (("independent", 1), ("correct", 2)):
            self.assertRegex(self.explore(0, mode),
                             rf"orders: all {orders} orders? of its [a-z ]+, in {PHASES} phases, in {orders * PHASES} runs\n")

    def test_each_letter_of_a_text(self):
        """The runtime of gcc 12 remembers three of the first four, which three, the phase tells."""
        for mode in (f"letter-{number}" for number in range(4)):
            for how, runs in (("--exhaustive", 60), ("--controlled", 12), ("--free", 12)):
                with self.subTest(mode, how=how):
                    output = self.explore(1, mode, "-n", runs, how=how)
                    self.assertEqual(self.keys(output), ["data race: read_letter@orders.c | write_text@orders.c on text"])
                    self.assertEqual("seen again in 3 of 3 replays" in output, how != "--free")

    def test_each_verdict_with_its_number_of_orders(self):
        output = self.explore(1, "one-order")
        whole, first, silent = (int(re.search(form, output, re.M)[1]) for form in
                                (r"all (\d+) orders", rf"^ +(\d+)  {re.escape(FIRST)}$", r"^ +(\d+)  no problem$"))
        self.assertEqual(whole, first + silent)

    def test_orders_of_plain_accesses(self):
        output = self.explore(1, "two-halves")
        self.assertNotIn("Assertion", output)
        self.assertIn("plain accesses counts, too; --accesses", output)
        output = self.explore(1, "two-halves", "--accesses")
        self.assertIn(HALF, self.keys(output))
        told = re.search(r"orders: all (\d+) orders of its calls, atomics and accesses to what is shared, in (\d+) phases, "
                         r"in (\d+) runs \((\d+) of them only repeated one\)\n", output)
        self.assertEqual(int(told[1]) * int(told[2]), int(told[3]) - int(told[4]))
        self.assertNotIn("--accesses tries", output)

    def test_libraries_whose_accesses_are_no_points_are_named(self):
        points, library, binary = "are no points", self.file("libpiece.so"), self.file("linked")
        source = self.file("piece.c", "int piece(void) { return 0; }\n")
        subprocess.run(["gcc", "-shared", "-fPIC", source, "-o", library], check=True)
        main = self.file("main.c", "int piece(void);\nint main(void) { return piece(); }\n")
        subprocess.run(["gcc", "-fsanitize=thread", main, library, "-o", binary], check=True)
        self.assertRegex(self.run_it(0, "--exhaustive", binary).stdout, rf"\n    Accesses in libpiece\.so, .* {points}")
        subprocess.run(["gcc", "-fsanitize=thread", "-shared", "-fPIC", source, "-o", library], check=True)
        self.assertNotIn(points, self.run_it(0, "--exhaustive", binary).stdout)

    def test_stops_at_the_first_new_problem(self):
        output = self.explore(1, "two-assertions", "--fail-fast")
        self.assertEqual(len(self.keys(output)), 1)
        self.assertRegex(output, r"orders: cut off after 1 order: there are more")
        known = self.file("known", "\n".join(TWO["two-assertions"]))
        self.assertRegex(self.explore(0, "two-assertions", "--fail-fast", "--known", known), r"orders: all \d+ orders")

    def test_deadlines_pass_early_unless_they_may_not(self):
        early = "SIGABRT: Assertion `done' failed: check_after_a_while@orders.c"
        for how in ("--controlled", "--exhaustive"):
            self.assertEqual(self.keys(self.explore(1, "in-time", how=how)), [early])
            output = self.explore(0, "in-time", "--on-time", how=how)
            self.assertEqual("with deadlines on time" in output, how == "--exhaustive")

    def test_accesses_to_what_threads_share_are_points(self):
        self.assertIn(HALF, self.keys(self.explore(1, "two-halves", how="--controlled")))

    def test_an_interrupt_shows_what_is_known(self):
        tool = subprocess.Popen([RACE_TEST, "--exhaustive", "--", program("orders", GCC), "many-orders"], cwd=self.folder,
                                env=self.environment({}), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        while tool.poll() is None and not alive(program("orders", GCC) + "\0many-orders", first=True):
            time.sleep(0.01)
        time.sleep(0.5)
        tool.send_signal(signal.SIGINT)
        output = tool.communicate(timeout=GUARD)[0]
        self.assertEqual(tool.returncode, 2, output)
        self.assertRegex(output, r"orders: cut off after \d+ orders?: there are more")
        self.assertIn("interrupted by SIGINT", output)

    def test_nothing_of_the_scheduler_is_in_a_report(self):
        for way in ("--controlled", "--exhaustive"):
            output = self.run_it(1, way, "-n", 20, "--", program("kinds", GCC), "leak", "1").stdout
            self.assertRegex(output, r"(?m)^SUMMARY: ThreadSanitizer: thread leak .*kinds\.h:\d+ in leak_")
            self.assertNotRegex(output, r"tsan/schedule|libracetest-schedule")

    def test_nothing_of_earlier_runs_is_left_to_read(self):
        """Or each run that ends badly would take longer than the one before."""
        with control.Control(program_at([program("orders", GCC), "two-exits"]), 20) as under:
            for run in under.server().orders(4):
                self.assertTrue(under.sketch(run))
                left = {name.partition(".")[2] for name in os.listdir(under.folder) if name.startswith(("witness.", "maps."))}
                self.assertLessEqual(left, {str(under.server().process.pid)})

    def test_the_end_of_local_variables(self):
        """Before the other thread's access, and after it."""
        binary, source = self.file("outlived"), os.path.join(HERE, "../schedule/programs/locals_outlived.c")
        subprocess.run(["gcc", "-g", "-O1", "-DBUG=1", "-fsanitize=thread", source, "-o", binary], check=True)
        for schedule, first in (("-", "give_answer"), ("0@3:1", "main")):
            with self.subTest(schedule):
                output = self.run_it(1, "--replay", schedule, "--", binary).stdout
                self.assertEqual(self.keys(output), ["data race: give_answer@locals_outlived.c | main@locals_outlived.c"
                                                     " on stack of main thread"])
                self.assertRegex(output, r"(?m)rite of size 8 .* by main thread:\n"
                                 r"    \(end of the lifetime of local variables: their functions have returned\)\n    #0 main ")
                self.assertRegex(output, rf"(?m)^SUMMARY: ThreadSanitizer: data race .*locals_outlived\.c:\d+ in {first}$")
                self.assertNotRegex(output, r"tsan/schedule/|libracetest-schedule")

    def test_known_problems_do_not_fail_and_have_their_schedule(self):
        known = self.file("known", FIRST)
        for how in ("--controlled", "--exhaustive"):
            output = self.explore(0, "one-order", "--known", known, how=how)
            self.assertNotIn("LD_PRELOAD", output)
            self.assertIn("seen again in the replay of this schedule (not shrunk, as it is known)", output)
            words = shlex.split(re.search(r"^    (race-test --replay .*)$", output, re.M)[1])
            again = self.run_it(1, *words[1:]).stdout
            self.assertEqual(self.keys(again), [FIRST])
            self.assertIn("in 3 of 3 runs", again)

    def test_an_exit_is_told_with_what_was_said_and_the_call_of_the_program(self):
        for how in ("--controlled", "--free"):
            output = self.explore(1, "two-exits", how=how, TSAN_OPTIONS="report_thread_leaks=0")
            self.assertRegex(output, r"\n    (?:race-test|env) .*\n\n\(no output\)\n\n  exit status 3 here:\n    #0 ")
            self.assertNotIn("libracetest-schedule.so+", output)

    def test_two_problems_for_which_the_scheduler_has_one_word(self):
        no_leaks = {"TSAN_OPTIONS": "report_thread_leaks=0"}  # of the thread that an exit leaves behind
        for mode, (first, second) in TWO.items():
            for how in ("--exhaustive", "--controlled"):
                with self.subTest(mode, how=how):
                    known = self.file("known", first)
                    output = self.explore(1, mode, "--known", known, how=how, **no_leaks)
                    self.assertEqual(set(re.findall(r"^=== problem [^:]*: (.*)$", output, re.M)), {first, second})
                    self.assertIn(f"problem 1 of 2: {second}", output)
                    self.assertEqual(output.count("seen again in 3 of 3 replays"), 1, output)
                    both = self.file("both", f"{first}\n{second}\n")
                    self.explore(0, mode, "--known", both, how=how, **no_leaks)

    def test_bad_arguments_are_2(self):
        for arguments in (["--replay", "nonsense"], ["--replay", "phase:4"], ["--replay", "0@1:1,phase:1"],
                          ["--replay", "-", "--exhaustive"], ["--exhaustive", "--shard", "1/2"],
                          ["--merge", "--controlled"], ["--free", "--controlled"], ["--accesses"],
                          ["--no-perturb", "--exhaustive"], ["--no-perturb", "--controlled"], ["--no-perturb", "--replay", "-"],
                          ["--fail-fast", "--replay", "-"], ["-t", "9", "--replay", "-"],
                          ["--on-time", "--replay", "-"], ["--on-time", "--free"]):
            with self.subTest(arguments):
                result = self.run_it(2, *arguments, program("orders", GCC))
                self.assertNotIn("Traceback", result.stderr)


class Mix(RaceTest):
    """Without an option some runs are free and some under control."""

    def test_a_problem_of_few_orders_with_its_schedule(self):
        output = self.run_it(1, "-n", 60, "--", program("orders", GCC), "one-order").stdout
        self.assertEqual(self.keys(output), [FIRST])
        self.assertRegex(output, r"(?m)^    race-test --replay \S+ -- ")
        self.assertIn("seen again in 3 of 3 replays", output)
        self.assertIn("of 60 runs", output)

    def test_the_same_keys_in_both_ways(self):
        output = self.run_it(1, "-n", 8, "--", program("orders", GCC), "race").stdout
        self.assertEqual(self.keys(output), [RACE])
        self.assertIn("in 8 of 8 runs, by 1 call path", output)
        self.assertNotIn("libracetest-schedule.so+", output)

    def test_free_runs_only(self):
        for option in ("--free", "--no-perturb"):
            output = self.run_it(1, "-n", 8, option, "--", program("orders", GCC), "race").stdout
            self.assertEqual(self.keys(output), [RACE])
            self.assertNotIn("--replay", output)

    def test_a_static_runtime_is_said_once_with_the_cure(self):
        copy = shutil.copy(program("orders", 0), self.folder)
        output = self.run_it(0, "-n", 3, program("orders", 0), copy).stdout
        self.assertEqual(output.count("-shared-libsan"), 1)
        self.assertIn("in 6 runs of 2 programs", output)
        for how in ("--exhaustive", "--controlled"):
            self.assertIn("-shared-libsan", "".join(self.said(2, how, program("orders", 0))))

    def said(self, *arguments):
        done = self.run_it(*arguments)
        return done.stdout, done.stderr

    def test_a_script_that_starts_the_program(self):
        script = self.file("test.sh", f"#!/bin/sh\n{program('orders', GCC)} race\n")
        os.chmod(script, 0o755)
        output = self.run_it(1, "-n", 4, script).stdout
        self.assertIn("in 4 of 4 runs", output)
        self.assertIn("name that one", output)

    def test_a_run_that_goes_on_is_no_hang(self):
        result = self.run_it(2, "--controlled", "-n", 4, "--timeout", 1, "--", program("orders", GCC), "no-end")
        self.assertIn("does not end within the time limit", result.stdout)
        self.assertNotIn("hang", result.stdout)

    def test_a_program_in_cplusplus(self):
        source, binary = os.path.join(HERE, "transfer.cpp"), self.file("transfer")
        subprocess.run(["g++", "-g", "-O1", "-fsanitize=thread", "-pthread", source, "-o", binary], check=True)
        output = self.run_it(1, "--controlled", "-n", 100, "--picture", self.file("transfer.txt"), binary).stdout
        self.assertEqual(self.keys(output), [OVERDRAWN])
        self.assertIn("seen again in 3 of 3 replays", output)
        self.assertRegex(output, r"is held before lock at \w+.* transfer\.cpp:\d+ \| std::lock_guard")
        with open(self.file("transfer.txt"), encoding="utf-8") as file:
            self.assertIn("account.balance += amount", file.read())


class Pictures(RaceTest):
    def picture(self, name, *arguments, status=1, mode="race"):
        path = self.file(name)
        output = self.run_it(status, *arguments, "--picture", path, "--", program("orders", GCC), mode).stdout
        with open(path, encoding="utf-8") as file:
            return file.read(), output

    def test_each_form_shows_the_two_that_race(self):
        svg = ElementTree.fromstring(self.picture("race.svg", "--replay", "-")[0])
        racing = [group for group in svg.iter("{http://www.w3.org/2000/svg}g") if "race" in group.get("class", "")]
        self.assertEqual([text.text for group in racing for text in group.iter("{http://www.w3.org/2000/svg}text")
                          if text.text.startswith("shared")], ["shared++"] * 2)
        text = self.picture("race.txt", "--replay", "-")[0]
        self.assertEqual(len(re.findall(r"\u2717 +\d+ shared\+\+", text)), 2)
        self.assertEqual(self.picture("race.shiviz", "--replay", "-")[0].count(": shared++"), 2)
        events = json.loads(self.picture("race.json", "--replay", "-")[0])["traceEvents"]
        self.assertEqual(sum(event["name"] == "shared++" for event in events), 2)

    def test_a_thread_is_blocked_before_what_it_waits_for(self):
        svg = ElementTree.fromstring(self.picture("wait.svg", "--replay", "0@3:1", status=0, mode="correct")[0])
        drawn = {what: [{key: float(rect.get(key)) for key in ("x", "y", "width", "height")}
                        for rect in svg.iter("{http://www.w3.org/2000/svg}rect") if rect.get("class") == what]
                 for what in ("waits", "act")}
        waits, legend = drawn["waits"]
        self.assertLess(waits["y"], legend["y"])
        first = min(act["y"] for act in drawn["act"] if act["x"] < waits["x"] < act["x"] + act["width"])
        self.assertEqual(first, waits["y"] + waits["height"], drawn)

    def test_of_the_first_problem_that_has_a_schedule(self):
        for how in (("-n", "8"), ("--controlled", "-n", "4"), ("--exhaustive",)):
            text, output = self.picture("race.txt", *how)
            self.assertIn("race.txt: the run that shows data race: bump", output)
            self.assertIn("shared++", text)

    def test_where_there_is_nothing_to_draw_no_file_is_written(self):
        path = self.file("none.svg")
        for before in (None, "an older picture"):
            self.file("none.svg", before)
            output = self.run_it(0, "-n", 4, "--picture", path, "--", program("orders", GCC), "correct").stdout
            self.assertIn("none.svg: not written: no problem was found under control", output)
            self.assertEqual(os.path.exists(path), before is not None)
        self.assertEqual(os.path.getsize(path), len("an older picture"))

    def test_each_rule_of_its_style_says_what_it_is_for(self):
        style = re.search(r"<style>(.*?)</style>", self.picture("race.svg", "--replay", "-")[0], re.S)[1]
        self.assertRegex(style, r"^svg \{ font-family: ")
        self.assertNotRegex(style, r"(?:^|[{}])\s*\{")

    def test_an_unknown_form_is_2_before_any_run(self):
        for path in (self.file("race.png"), "/nowhere/race.svg"):
            self.assertEqual(self.run_it(2, "-n", 4, "--picture", path, program("orders", GCC)).stdout, "")


if __name__ == "__main__":
    unittest.main()
