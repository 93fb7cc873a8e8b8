#!/usr/bin/env python3
"""traps.py COMPILER...: where a scheduler in front of ThreadSanitizer goes wrong without a word."""

import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../ci/race-test"))
sys.path.insert(0, HERE)
from racetest import schedule  # pylint: disable=wrong-import-position
from racetest.schedule_memory import WALK  # pylint: disable=wrong-import-position
from racetest.trouble import Trouble  # pylint: disable=wrong-import-position
from check import words  # pylint: disable=wrong-import-position

COMPILERS = []


def output_of(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def runtime_of(compiler):
    name = "libtsan.so" if compiler.startswith("gcc") else f"libclang_rt.tsan-{os.uname().machine}.so"
    return os.path.realpath(output_of(compiler, f"-print-file-name={name}").strip())


def linked_with(compiler):
    """How a program comes to the shared runtime."""
    return [] if compiler.startswith("gcc") else ["-shared-libsan", "-Wl,-rpath," + os.path.dirname(runtime_of(compiler))]


def program(compiler, case):
    return f"build/schedule/{compiler}/{case}"


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
        self.addCleanup(self.folder.cleanup)

    def built(self, compiler, text, *flags, name="program"):
        source, binary = (os.path.join(self.folder.name, name + end) for end in (".c", ""))
        with open(source, "w", encoding="utf-8") as file:
            file.write(text)
        subprocess.run([compiler, "-std=gnu11", "-O1", "-g", "-fsanitize=thread", "-pthread", "-I" + HERE, source, *flags,
                        "-o", binary], check=True)
        return binary

    def runs(self, binary, number=16):
        with schedule.Server([binary], timeout=120) as server:
            return [server.run(*schedule.rotation(i), seed=i + 1) for i in range(number)]


class Traps(Folder):
    def test_constructor_of_a_library_that_comes_first(self):
        """An instrumented library's constructor may reach the scheduler before the scheduler's own one."""
        for compiler in COMPILERS:
            library = self.built(compiler, """
                #include "program.h"
                int early;
                static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
                static void *count(void *arg) { early++; return arg; }
                __attribute__((constructor(101))) static void begin(void)
                {
                    pthread_mutex_lock(&lock);
                    __atomic_fetch_add(&early, 1, __ATOMIC_SEQ_CST);
                    pthread_mutex_unlock(&lock);
                    join(start(count, NULL));
                }
                """, "-shared", "-fPIC", *linked_with(compiler), name="libearly.so")
            binary = self.built(compiler, "extern int early; int main(void) { return early != 2; }", library,
                                "-Wl,-rpath," + self.folder.name, *linked_with(compiler))
            for run in self.runs(binary):
                self.assertEqual(words(run), set(), compiler)

    def test_static_runtime_is_refused_with_the_cure(self):
        for compiler in COMPILERS:
            binary = self.built(compiler, "int main(void) { return 0; }",
                                "-static-libtsan" if compiler.startswith("gcc") else "-static-libsan")
            with self.assertRaisesRegex(Trouble, "-shared-libsan|-static-libtsan"):
                self.runs(binary)

    def test_program_without_the_runtime_is_refused(self):
        binary = self.built("gcc", "int main(void) { return 0; }", "-fno-sanitize=thread")
        with self.assertRaisesRegex(Trouble, "-fsanitize=thread"):
            self.runs(binary)

    def test_threads_that_the_runtime_does_not_know_are_refused(self):
        for compiler in COMPILERS:
            for begin, word in (("thrd_t thread; thrd_create(&thread, (thrd_start_t)f, 0);", "thrd_create"),
                                ("struct sigevent event = {.sigev_notify = SIGEV_THREAD}; timer_t timer; "
                                 "timer_create(CLOCK_MONOTONIC, &event, &timer);", "SIGEV_THREAD")):
                binary = self.built(compiler, f"""
                    #include <signal.h>
                    #include <threads.h>
                    #include <time.h>
                    int f(void *arg) {{ return arg != 0; }}
                    int main(void) {{ {begin} return 0; }}
                    """, *linked_with(compiler))
                self.assertIn(word, self.runs(binary, 1)[0].beyond, compiler)

    def test_what_is_preloaded_without_a_driver_only_delays(self):
        """As race-test does for its runs at full speed."""
        environment = {**os.environ, "LD_PRELOAD": schedule.find_object(), "WAITGROUP_OPTIONS": "perturb=5"}
        for compiler in COMPILERS:
            for case in ("futex.c.0", "counting_semaphore.cpp.0", "cond.c.0", "fork.c.0", "signals.c.0", "pipe.c.0"):
                done = subprocess.run([program(compiler, case)], env=environment, capture_output=True, text=True, check=False)
                self.assertEqual((done.returncode, done.stderr), (0, ""), f"{compiler}, {case}")

    def test_the_runtimes_own_calls_are_no_acts(self):
        """It opens files and locks to find the names for a report; a schedule counts the program's acts."""
        for compiler in COMPILERS:
            command = [program(compiler, "two_races.c.1")]
            with schedule.Server(command, timeout=120) as quiet, schedule.Server(command, timeout=120, symbolize=True) as loud:
                for seed in range(8):
                    run = quiet.run(WALK, 1, 0, seed=seed)
                    again = loud.replay(run.schedule)
                    self.assertGreater(len(run.reports), 0)
                    self.assertEqual((again.steps, again.switches, again.diverged), (run.steps, run.switches, 0), compiler)

    def test_the_runtime_waits_for_its_symbolizer(self):
        """That takes no turn away either. gcc's looks the names up by itself."""
        symbolizer = os.path.join(self.folder.name, "llvm-symbolizer")
        with open(symbolizer, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\nsleep 1\nwhile read -r _; do printf 'f\\nf.c:1:1\\n\\n'; done\n")
        os.chmod(symbolizer, 0o755)
        environment = {**os.environ, "TSAN_OPTIONS": f"external_symbolizer_path={symbolizer}"}
        for compiler in (one for one in COMPILERS if one.startswith("clang")):
            command = [program(compiler, "two_races.c.1")]
            with schedule.Server(command, environment, timeout=120, symbolize=True) as loud:
                run = loud.run(WALK, 1, 0, seed=1)
                self.assertIn(b"f.c:1", run.errors)
                self.assertFalse(run.inexact, run.text)

    def test_the_invisible_barrier_keeps_no_turn(self):
        for compiler in COMPILERS:
            for run in self.runs(program(compiler, "invisible_barrier.c.0")):
                self.assertFalse(run.inexact, run.text)

    def test_children_are_not_controlled(self):
        """They inherit neither the scheduler nor what it is told by, and leave the run's memory alone."""
        for compiler in COMPILERS:
            binary = self.built(compiler, """
                #include "program.h"
                #include <sys/wait.h>
                static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
                static int x;
                static void *count(void *arg)
                {
                    for (int i = 0; i < 100; i++) {
                        pthread_mutex_lock(&lock);
                        x++;
                        pthread_mutex_unlock(&lock);
                    }
                    return arg;
                }
                int main(void)
                {
                    pid_t child = fork();
                    if (child == 0) {
                        beside(count);
                        _exit(x != 200);
                    }
                    int status;
                    waitpid(child, &status, 0);
                    return status || system("env | grep -E 'LD_PRELOAD|RACE_TEST_SCHEDULE' && exit 1; exit 0");
                }
                """, *linked_with(compiler))
            for run in self.runs(binary, 8):
                self.assertEqual((words(run), run.output, run.threads), (set(), b"", 1), compiler)

    def test_threads_that_take_no_turn_together(self):
        """Three threads, two locks each of its own turn: 6!/(2!2!2!) orders, whatever their creation adds."""
        for compiler in COMPILERS:
            binary = self.built(compiler, """
                #include "program.h"
                static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;
                static int x, y;
                static void *work(void *arg)
                {
                    pthread_mutex_lock(&a);
                    x++;
                    pthread_mutex_unlock(&a);
                    pthread_mutex_lock(&b);
                    y++;
                    pthread_mutex_unlock(&b);
                    return arg;
                }
                int main(void)
                {
                    pthread_t threads[3];
                    for (int i = 0; i < 3; i++)
                        threads[i] = start(work, NULL);
                    for (int i = 0; i < 3; i++)
                        join(threads[i]);
                    return x + y != 6;
                }
                """, *linked_with(compiler))
            with schedule.Server([binary], timeout=120) as server:
                runs = list(server.orders(2000))
            self.assertTrue(runs[-1].last_order)
            self.assertEqual({word for run in runs for word in words(run)}, set())
            self.assertLessEqual(runs[-1].orders, 90, compiler)
            self.assertGreaterEqual(runs[-1].orders, 36, compiler)  # of the locks' orders, 3! * 3!

    def test_more_threads_than_can_be_explored(self):
        """One run is not all orders, and no problem of the program."""
        for compiler in COMPILERS:
            binary = program(compiler, "many_threads.c.0")
            with schedule.Server([binary], timeout=120) as server:
                runs = list(server.orders(10))
            self.assertEqual([(run.last_order, run.verdicts()) for run in runs], [(False, frozenset())], compiler)
            told = subprocess.run([os.path.join(HERE, "../../ci/race-test/race-test"), "--exhaustive", "--timeout", "120",
                                   "--", binary], check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            self.assertEqual(told.returncode, 2, told.stdout + told.stderr)
            self.assertRegex(told.stdout, "cut off after 0 orders: more threads")
            self.assertNotRegex(told.stdout + told.stderr, r"\ball\b")

    def test_results_survive_closed_descriptors(self):
        for compiler in COMPILERS:
            binary = self.built(compiler, """
                #include "program.h"
                int x;
                static void *work(void *arg) { x++; return arg; }
                int main(void)
                {
                    for (int i = 0; i < 1024; i++)
                        close(i);
                    pthread_t thread = start(work, NULL);
                    x++;
                    join(thread);
                    return 0;
                }
                """, *linked_with(compiler))
            runs = self.runs(binary)
            self.assertTrue(all(words(run) == {"data race"} for run in runs), [words(run) for run in runs])


class Killed(Folder):
    """Whoever drives is killed at any moment: nothing that it started is left, a moment later."""

    DRIVER = """
import sys
sys.path.insert(0, sys.argv[1])
from racetest import schedule
with schedule.Server([sys.argv[2]]) as server:
    for number in range(10 ** 9):
        server.run(*schedule.rotation(number), seed=number)
"""

    def left(self, mark):
        found = []
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    with open(f"/proc/{entry}/environ", "rb") as file:
                        if mark in file.read():
                            found.append(int(entry))
                except OSError:
                    pass
        return found

    def test_nothing_is_left(self):
        dice = random.Random(16)
        cases = ["mutex.c.0", "pipe.c.2", "semaphore.c.2", "plain_spin.c.0", "many_threads.c.0", "sleep.c.0"]
        for compiler in COMPILERS:
            for number, case in enumerate(cases * 2):
                mark = f"SCHEDULE_TEST={os.getpid()}-{number}"
                name, _, value = mark.partition("=")
                driver = subprocess.Popen(  # pylint: disable=consider-using-with
                    [sys.executable, "-c", self.DRIVER, os.path.join(HERE, "../../ci/race-test"), program(compiler, case)],
                    env={**os.environ, name: value}, stderr=subprocess.DEVNULL)
                time.sleep(dice.uniform(0.05, 1.5))
                driver.send_signal(signal.SIGKILL if number % 2 else signal.SIGTERM)
                driver.wait()
                deadline = time.monotonic() + 20
                while self.left(mark.encode()) and time.monotonic() < deadline:
                    time.sleep(0.05)
                left = self.left(mark.encode())
                for pid in left:
                    os.kill(pid, signal.SIGKILL)
                self.assertEqual(left, [], f"{compiler}, {case}")


if __name__ == "__main__":
    COMPILERS[:] = [argument for argument in sys.argv[1:] if re.match(r"gcc|clang", argument)]
    if not COMPILERS:
        sys.exit(__doc__)
    unittest.main(argv=[sys.argv[0], *(a for a in sys.argv[1:] if a not in COMPILERS)])
