"""The story of a run under control, and its picture: each thread is held where it says, and what is drawn was done."""

import os
import re
import subprocess

from support import HERE, RaceTest, program
from racetest.frames import Frame  # pylint: disable=wrong-import-order
from racetest.schedule import Server  # pylint: disable=wrong-import-order
from racetest.schedule_memory import TRACE, TRACE_ACCESSES, TRACE_CALLERS  # pylint: disable=wrong-import-order
from racetest.schedule_story import Teller  # pylint: disable=wrong-import-order
from racetest.schedule_text import Schedule, format_schedule  # pylint: disable=wrong-import-order

GCC = 1  # the folder whose programs have ThreadSanitizer as a shared library
JOINS = """#include <pthread.h>
#include <stdlib.h>
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int done;
static void *work(void *arg) {
    pthread_mutex_lock(&mutex);
    if (done++)
        abort();
    pthread_mutex_unlock(&mutex);
    return arg;
}
int main(void) {
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, work, NULL);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
"""


class Stories(RaceTest):
    def built(self, name):
        source, binary = os.path.join(HERE, name), self.file(name.partition(".")[0])
        subprocess.run(["g++", "-g", "-O1", "-fsanitize=thread", "-pthread", source, "-o", binary], check=True)
        return binary

    def story(self, status, schedule, *command, options=()):
        """As it stands below the first problem, or alone if there is none."""
        output = self.run_it(status, "--replay", schedule, *options, "--", *command,
                             TSAN_OPTIONS="report_thread_leaks=0").stdout
        lines = output.partition("replays of this schedule:\n")[2] or output
        return [line.strip() for line in lines.partition("\n\n")[0].splitlines()]

    def held_within(self, binary, line):
        """The schedule that holds the first thread at its last access in a line, until the second has run."""
        with Server([binary]) as server:
            run, teller = server.replay(Schedule([]), TRACE | TRACE_ACCESSES | TRACE_CALLERS), Teller(server)
            acts = [act for act in run.events if act.thread == 1 and act.access and
                    any(line in teller.source_of(place) for place in teller.places(act.pcs)[:1])]
            self.assertGreater(len(acts), 2)
            return format_schedule(Schedule([(1, acts[-1].step, acts[-1].access, 2)]))

    def test_a_thread_that_is_held_within_a_line(self):
        binary = self.built("cache.cpp")
        schedule = self.held_within(binary, "value = std::vector")
        picture = self.file("cache.txt")
        story = self.story(1, schedule, binary, options=("--picture", picture))
        held = next(at for at, line in enumerate(story) if line.startswith("T1") and "is held" in line)
        self.assertRegex(story[held], r"is held before (read|write) at get\(\) cache\.cpp:16 \| value = std::vector")
        self.assertRegex(story[held + 1], r"^T2 .* runs from start")
        goes_on = next(line for line in story[held + 1:] if line.startswith("T1"))
        self.assertRegex(goes_on, r"runs from (read|write) at get\(\) cache\.cpp:16$")
        with open(picture, encoding="utf-8") as file:
            rows = file.read().splitlines()
        begun, read, done = (next(at for at, row in enumerate(rows) if part in row) for part in
                             ("16 value = std::vector<int>{1, 2, 3} …", "19 return value.empty()",
                              "16 … value = std::vector"))
        self.assertTrue(begun < read < done, rows)
        self.assertIn("value.empty()", rows[read][rows[begun].index("16 value"):])  # the second thread's

    def test_a_thread_whose_turn_does_not_come_again(self):
        """It is held, and then another one ends the program."""
        story = self.story(1, "0@2:1", program("orders", GCC), "exit-beside")
        self.assertRegex(story[1], r"^T0 \(main\) is held before lock at take_turn orders\.c:\d+ \| pthread_mutex_lock")
        self.assertRegex(story[-1], r"^T1 \(leave\) ends the program$")

    def test_a_schedule_of_another_program(self):
        """It shows nothing, and that is no good news."""
        for schedule, why in (("9@999:7", "there is no thread 9"), ("1@1:9", "there is no thread 9"),
                              ("0@999:1", r"thread 0 came to step \d+ only"), ("1@1+77:0", "there is no such access"),
                              ("0@2:1,1@2:0", "no other thread could go on there")):
            with self.subTest(schedule):
                done = self.run_it(2, "--replay", schedule, "--", program("orders", GCC), "correct")
                self.assertRegex(done.stdout, "orders: the schedule does not fit this program: "
                                 rf"the switch \S+ was never made: {why}\n")
                self.assertIn("nothing was tested", done.stdout)
        done = self.run_it(2, "--replay", "0@3:1,0@4:1", self.built("queue.cpp"))
        self.assertIn("the switch 0@4:1 was never made: thread 1 could not go on there", done.stdout)
        self.run_it(2, "--replay", "", program("orders", GCC))
        self.run_it(0, "--replay", "-", "--", program("orders", GCC), "correct")
        self.run_it(0, "--replay", "0@2:1", "--", program("orders", GCC), "correct")

    def test_a_problem_before_the_last_switch(self):
        output = self.run_it(1, "--replay", "0@2:1,0@9:1", "--", program("orders", GCC), "exit-beside").stdout
        self.assertIn("(the switch 0@9:1 was never made: thread 0 came to step 2 only)", output)

    def test_who_wakes_a_waiter(self):
        story = self.story(0, "-", program("orders", GCC), "lost-wakeup")
        self.assertRegex("\n".join(story), r"T0 \(main\) runs from condition wait at wait_until_finished orders\.c:\d+, "
                         r"woken by T1 \(finish\): condition signal at finish orders\.c:\d+")

    def test_everybody_in_a_deadlock_waits(self):
        picture = self.file("deadlock.txt")
        story = self.story(1, "0@3:1", program("orders", GCC), "deadlock", options=("--picture", picture))
        self.assertRegex(story[-1], r"^T\d .* waits in lock at lock_\w+ orders\.c:\d+ \| pthread_mutex_lock")
        with open(picture, encoding="utf-8") as file:
            blocked = [line for line in file if line.rstrip().endswith("(blocks)")]
        self.assertEqual(sum("pthread_mutex_lock" in line for line in blocked), 2, blocked)

    def test_a_join_in_a_deadlock_is_drawn(self):
        picture = self.file("joins.txt")
        self.story(1, "-", program("orders", GCC), "joined-deadlock", options=("--picture", picture))
        with open(picture, encoding="utf-8") as file:
            text = file.read()
        self.assertRegex(text, r"pthread_join\(… T1 lock_twice\) … .*\(blocks\)")

    def test_a_template_for_a_lambda_is_none(self):
        for name, told in (("main::{lambda()#2}::operator()() const", "lambda"), ("main::$_0::operator()() const", "lambda"),
                           ("submit<main()::'lambda'()>(Pool&, int)::{lambda()#1}::operator()() const", "lambda"),
                           ("void Pool::submit<main::{lambda()#2}>(main::{lambda()#2})", "Pool::submit"),
                           ("get<int>(int)", "get<int>(int)")):
            self.assertEqual(Teller.words(Frame(name, "pool.cpp", 30)), f"{told} pool.cpp:30")

    def test_long_names_are_without_arguments(self):
        tree = "std::_Rb_tree<std::basic_string<char>, std::allocator<std::basic_string<char>>>"
        for name, told in ((f"void {tree}::_M_insert(int) const", "std::_Rb_tree::_M_insert"),
                           (f"{tree}::operator()(int)", "std::_Rb_tree::operator()")):
            self.assertEqual(Teller.words(Frame(name, "tree.h", 30)), f"{told} tree.h:30")

    def test_a_join_before_a_crash_is_drawn(self):
        source, binary, picture = self.file("joins.c", JOINS), self.file("joins"), self.file("joins.txt")
        subprocess.run(["gcc", "-g", "-O1", "-fsanitize=thread", "-pthread", source, "-o", binary], check=True)
        self.story(1, "-", binary, options=("--picture", picture))
        with open(picture, encoding="utf-8") as file:
            self.assertEqual(re.findall(r" pthread_join\(\u2026 (T\d)", file.read()), ["T1"])

    def test_a_child_that_dies(self):
        picture = self.file("child.txt")
        story = self.story(1, "-", program("orders", GCC), "dead-child", options=("--picture", picture))
        self.assertRegex(story[1], r"^T0 \(main\) waits for the outside at abort_in_a_child orders\.c:\d+ \| waitpid")
        with open(picture, encoding="utf-8") as file:
            self.assertEqual(file.readline(), "orders: \u2717 SIGABRT\n")

    def test_a_lambda_is_named_by_where_it_was_started(self):
        story = self.story(0, "-", self.built("queue.cpp"))
        self.assertNotIn("operator()", "\n".join(story))
        self.assertTrue(any(re.match(r"T1 \(lambda queue\.cpp:\d+\) ", line) for line in story), story)
