"""A hang in words: where all threads are, what each waits for, and one key from run to run."""

import glob
import os
import re
import shutil
import subprocess
import unittest
from concurrent.futures import ThreadPoolExecutor

from support import ENOUGH, HERE, RaceTest, program

HOLDER = "hold@waits.c in sem_wait"
WAITS = {  # the call, and what a thread in it waits for
    "mutex_lock": ("pthread_mutex_lock", r"a mutex \(first, held by thread 2\)"),
    "mutex_timedlock": ("pthread_mutex_timedlock", r"a mutex \(first, held by thread 2\)"),
    "rdlock": ("pthread_rwlock_rdlock", r"a read-write lock \(rwlock\)"),
    "wrlock": ("pthread_rwlock_wrlock", r"a read-write lock \(rwlock\)"),
    "cond_wait": ("pthread_cond_wait", r"a condition variable \(condition\)"),
    "cond_timedwait": ("pthread_cond_timedwait", r"a condition variable \(condition\)"),
    "sem_wait": ("sem_wait", r"a semaphore \(semaphore\)"),
    "sem_timedwait": ("sem_timedwait", r"a semaphore \(semaphore\)"),
    "barrier_wait": ("pthread_barrier_wait", r"a barrier \(barrier\)"),
    "join": ("pthread_join", r"the end of a thread \(thread 3\)"),
    "waitgroup_wait": ("waitgroup_wait", r"a group \(group\)"),
    "waitgroup_clockwait": ("waitgroup_clockwait", r"a group \(group\)"),
    "sleep": ("sleep", "time to pass"),
    "naps": ("usleep", "time to pass"),
    "nanosleep": ("nanosleep", "time to pass"),
    "read": ("read", "input or output"),
    "write": ("write", "input or output"),
    "poll": ("poll", "input or output"),
    "select": ("select", "input or output"),
    "epoll_wait": ("epoll_wait", "input or output"),
    "recv": ("recv", "input or output"),
    "accept": ("accept", "input or output"),
    "waitpid": ("waitpid", "a child process"),
    "sigwait": ("sigwait", "a signal"),
    "pause": ("pause", "a signal"),
    "flock": ("flock", "a file lock"),
    "mtx_lock": ("mtx_lock", r"a mutex \(c11_mutex, held by thread 2\)"),
}
IN_VIRTUAL_TIME = {"mutex_timedlock", "cond_timedwait", "sem_timedwait", "waitgroup_clockwait", "sleep", "nanosleep"}  # they end

RACE_AND_LOOP = """#include <pthread.h>
static int shared;
static volatile int never;
static void *bump(void *arg) {
    shared++;
    return arg;
}
__attribute__((noinline, no_sanitize("thread"))) static void loop(void) {
    while (!never)
        ;
}
int main(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, bump, NULL);
    shared++;
    pthread_join(thread, NULL);
    loop();
}
"""


def key_of(mode):
    others = {"join": ["sleep_forever@waits.c in pause"], "waitpid": ["sleep_forever@waits.c in pause"]}
    return "hang: " + " | ".join(sorted([HOLDER, f"in_{mode}@waits.c in {WAITS[mode][0]}", *others.get(mode, [])]))


class Hangs(RaceTest):
    def hang(self, mode, *options, compiler=0, name="waits"):
        output = self.run_it(1, "-n", 1, "--timeout", ENOUGH, *options, "--", program(name, compiler), mode).stdout
        keys = self.keys(output)
        self.assertEqual(len(keys), 1, output)
        return keys[0], output

    def check(self, mode, compiler):
        call, what = WAITS[mode]
        key, output = self.hang(mode, compiler=compiler)
        self.assertEqual(key, key_of(mode))
        self.assertRegex(output, rf"Thread 1 \(tid \d+, main(, process \d+)?\) waits for {what}:\n"
                                 rf"    #0 {call} .*\n    #1 in_{mode} .*waits\.c:\d+ ")
        self.assertRegex(output, r"Thread 2 \(tid \d+(, process \d+)?\) waits for a semaphore \(semaphore\):\n"
                                 r"    #0 sem_wait .*\n    #1 hold .*waits\.c:\d+ ")

    def test_each_blocking_call(self):
        with ThreadPoolExecutor(8) as pool:
            results = [(mode, compiler, pool.submit(self.check, mode, compiler))
                       for mode in WAITS for compiler in (0, 1)]
            for mode, compiler, result in results:
                with self.subTest(mode, compiler=compiler):
                    result.result()

    def test_each_blocking_call_under_control_has_the_same_key(self):
        with ThreadPoolExecutor(4) as pool:
            results = {mode: pool.submit(self.hang, mode, "--controlled", compiler=1) for mode in {*WAITS} - IN_VIRTUAL_TIME}
            for mode, result in results.items():
                with self.subTest(mode):
                    self.assertEqual(result.result()[0], key_of(mode))

    def test_no_wait_is_missing(self):
        with open(os.path.join(HERE, "waits.c"), encoding="utf-8") as file:
            self.assertEqual(set(re.findall(r"WAIT\((\w+)\)", file.read())) - {"name"}, {*WAITS, "once", "loop", "unseen_loop"})

    def test_a_thread_that_runs(self):
        for compiler in (0, 1):
            key, output = self.hang("loop", compiler=compiler)
            self.assertEqual(key, f"hang: {HOLDER} | in_loop@waits.c running")
            self.assertRegex(output, r"Thread 1 \(tid \d+, main\) runs:\n    #0 in_loop .*waits\.c:\d+ ")

    def test_a_thread_that_runs_under_control(self):
        """As at full speed; and its schedule shows it again. The scheduler sees what one loop looks at; a run with the
        other one has to be cut off."""
        for mode, words in (("loop", r"livelock: .*:\n  T0 \(main\) runs at in_loop waits\.c:\d+ \| while .*\n"
                                     r"(.*\n)*  T2 \(hold\) waits in sem_wait at hold waits\.c:\d+ "),
                            ("unseen_loop", r"Thread 1 \(tid \d+, main\) runs:\n    #0 in_unseen_loop .*waits\.c:\d+ (.*\n)*"
                                            r"  Thread 2 \(tid \d+\) waits for a semaphore:\n    #0 hold .*waits\.c:\d+ ")):
            with self.subTest(mode):
                key, output = self.hang(mode, "--controlled", compiler=1)
                self.assertEqual(key, f"hang: {HOLDER} | in_{mode}@waits.c running")
                self.assertRegex(output, words)
                schedule = re.search(r"race-test --replay (\S+) --", output)[1]
                again, output = self.hang(mode, "--replay", schedule, compiler=1)
                self.assertEqual(again, key)
                self.assertIn("seen again in 1 of 1 replay", output)

    def test_beside_a_race_under_control(self):
        source, binary = self.file("race_and_loop.c", RACE_AND_LOOP), self.file("race_and_loop")
        subprocess.run(["gcc", "-g", "-O1", "-fsanitize=thread", "-pthread", source, "-o", binary], check=True)
        output = self.run_it(1, "--replay", "-", "--timeout", ENOUGH, binary).stdout
        self.assertEqual(set(self.keys(output)), {"data race: bump@race_and_loop.c | main@race_and_loop.c on shared",
                                                  "hang: loop@race_and_loop.c running"})

    def test_where_the_first_thread_has_left(self):
        for compiler in (0, 1):
            key, output = self.hang("main-gone", compiler=compiler)
            self.assertEqual(key, f"hang: {HOLDER} | lock_without_main@waits.c in pthread_mutex_lock")
            self.assertRegex(output, r"Thread 2 \(tid \d+\) waits for a mutex \(first, held by thread 1\):")

    def test_nothing_stays_of_a_child_whose_first_thread_has_left(self):
        name = f"gone-{os.getpid()}"
        path = shutil.copy(program("waits"), self.file(name))
        self.run_it(1, "-n", 1, "--timeout", ENOUGH, "--", path, "child's-main-gone",
                    TSAN_OPTIONS="die_after_fork=0")
        self.assertEqual(self.threads_of(name), [])

    @staticmethod
    def threads_of(name):
        """Those that live, by the kernel's name for their process, which it keeps when the first one has left."""
        found = []
        for path in glob.glob("/proc/[0-9]*/task/[0-9]*/stat"):
            try:
                with open(path, encoding="utf-8", errors="replace") as file:
                    comm, _, rest = file.read().partition("(")[2].rpartition(")")
            except OSError:
                continue
            if comm == name and rest.split()[0] not in "ZX":
                found.append(path)
        return found

    def test_a_hang_inside_an_initialization(self):
        self.assertEqual(self.hang("once")[0], f"hang: {HOLDER} | in_sem_wait@waits.c in sem_wait")

    def test_one_key_from_run_to_run(self):
        for compiler in (0, 1):
            output = self.run_it(1, "-n", 3, "--timeout", ENOUGH, "--", program("modes", compiler), "wait").stdout
            self.assertEqual(self.keys(output), ["hang: wait_for_what_never_comes@modes.c in waitgroup_wait"])
            self.assertIn("in 3 of 3 runs", output)

    def test_three_hangs_are_enough(self):
        for command in (["--", program("modes"), "wait"], ["--controlled", "--", program("waits", 1), "unseen_loop"]):
            output = self.run_it(1, "-n", 9, "--timeout", ENOUGH, "-j1", *command).stdout
            self.assertIn("in 3 of 3 runs", output)
            self.assertIn("was not started again", output)

    def test_with_delays_off(self):
        self.assertIn("in_sem_wait@waits.c in sem_wait", self.hang("sem_wait", "--no-perturb")[0])

    def test_its_places_are_in_the_formats(self):
        sarif, junit = self.file("sarif"), self.file("junit")
        key, _ = self.hang("mutex_lock", "--sarif", sarif, "--junit", junit)
        results, _ = self.sarif(1, "-n", 1, "--timeout", ENOUGH, "--", program("waits"), "mutex_lock")
        places = [place["logicalLocations"][0]["name"]
                  for place in results[key]["locations"] + results[key]["relatedLocations"]]
        self.assertEqual(sorted(places), ["hold", "in_mutex_lock"])
        with open(junit, encoding="utf-8") as file:
            self.assertIn("held by thread 2", file.read())

    def test_what_was_printed_stands_there_and_binary_is_cut_short(self):
        output = self.run_it(1, "-n", 1, "--timeout", ENOUGH, "--", program("modes"), "print-binary-and-hang").stdout
        self.assertEqual(len(self.keys(output)), 1)
        self.assertNotRegex(output, r"[\0-\x08\x0e-\x1f\x7f\ufffd]")
        self.assertLess(len(output), 6000)
        self.assertIn(r"\x7f", output)

    def test_without_an_object_or_a_symbolizer_it_is_still_found(self):
        empty = self.file("empty")
        os.mkdir(empty)
        for tool in ("env", "python3"):
            os.symlink(subprocess.check_output(["which", tool], text=True).strip(), os.path.join(empty, tool))
        output = self.run_it(1, "-n", 1, "--timeout", ENOUGH, "--", program("modes"), "wait", PATH=empty).stdout
        self.assertRegex(self.keys(output)[0], r"^hang: ")


if __name__ == "__main__":
    unittest.main()
