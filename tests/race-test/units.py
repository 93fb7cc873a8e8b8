"""The rooms of race-test alone, without a program."""

import glob
import os
import re
import subprocess
import unittest
import unittest.mock

import support  # noqa: F401 (for the path to what follows)

from racetest import frames, pattern, process
from racetest import command  # noqa: F401 (for the patterns of all rooms)
from racetest.elf import elf_at
from racetest.hang import Look, is_blocked, look_around
from racetest.manner import ADAPTIVE_DELAY, Delays
from racetest.process import Run
from racetest.program import Program
from racetest.runner import Plan
from racetest.runtime import choose_runtime, clang_of, runtime_of
from racetest.schedule import ROTATION, rotation
from racetest.schedule_memory import HASTY, PHASES, READY
from racetest.text import shown
from racetest.ways import Mixed
from racetest.witness import Witness


class Patterns(unittest.TestCase):
    def test_each_finds_its_examples(self):
        self.assertGreater(len(pattern.EXAMPLES), 20)
        for expression, examples in pattern.EXAMPLES:
            self.assertTrue(examples, expression.pattern)
            for example in examples:
                self.assertRegex(example, expression)


class Files(support.RaceTest):
    def test_both_ends_of_a_huge_log(self):
        path = self.file("log", "first\n" + "x" * 100 + "\nlast\n")
        self.assertEqual(process.both_ends(path, 56), "first\n" + "x" * 100 + "\nlast\n")
        self.assertEqual(process.both_ends(path, 8), "first\nxx\n[race-test: reports left out here]\nxx\nlast\n")


class Seeds(support.RaceTest):
    def test_both_who_read_the_seed_read_the_same(self):
        for options, seed in (("perturb=010", 10), ("perturb=8:perturb=9", 9), ("strict=1\rperturb=7\tstrict=0", 7),
                              ("stall_after=1,perturb=18446744073709551615\n", 2**64 - 1), ("perturb=0", 0),
                              (" :perturb=1 perturb=00", 0), ("strict=1", 0), ("", 0)):
            output = self.run_it(0, tool=support.program("plain/seeds"), WAITGROUP_OPTIONS=options).stdout
            self.assertEqual(output, f"{seed} {seed}\n", options)

    def test_both_refuse_what_is_no_seed_in_the_same_words(self):
        for options in ("perturb=", "perturb=x", "strict=1:perturb=7x", "perturb=-1", "perturb=1,perturb=2_0",
                        "perturb=18446744073709551616", f"perturb=1\tperturb={'9' * 50}"):
            said = [self.run_it(2, tool=support.program(f"plain/{name}"), WAITGROUP_OPTIONS=options).stderr
                    for name in ("seeds", "modes")]
            self.assertEqual(*said)
            self.assertIn("bad value in", said[0])


class Runtimes(support.RaceTest):
    """Which of several shared runtimes a clang's program runs with."""

    def test_that_of_its_own_compiler(self):
        source = self.file("main.c", "int main(void) { return 0; }\n")
        versions = [int(path.rpartition("-")[2]) for path in glob.glob("/usr/lib/llvm-*")
                    if glob.glob(f"{path}/lib/clang/*/lib/linux/libclang_rt.tsan-*.so") and os.path.exists(f"{path}/bin/clang")]
        self.assertGreater(len(versions), 1)
        for version in versions:
            binary = self.file(f"by-{version}")
            subprocess.run([f"/usr/lib/llvm-{version}/bin/clang", "-fsanitize=thread", "-shared-libsan", source, "-o", binary],
                           check=True)
            folder, remark = runtime_of(binary)
            self.assertEqual((clang_of(folder), remark), (version, ""))
        self.assertIn(f"LD_LIBRARY_PATH=/usr/lib/llvm-{versions[-1]}/", " ".join(
            f"{k}={v}" for k, v in Delays(30, "x").settings(Run(Program("p", [binary]), 0, 1)).items()))

    def test_the_newest_where_that_is_missing_and_it_is_said(self):
        folders = [f"/usr/lib/llvm-{v}/lib/clang/{v}/lib/linux" for v in (9, 22, 14)]
        self.assertEqual(choose_runtime(folders, [14]), (folders[2], ""))
        self.assertEqual(choose_runtime(folders, [9, 14]), (folders[2], ""))
        self.assertEqual(choose_runtime(folders, []), (folders[1], ""))
        folder, remark = choose_runtime(folders, [19])
        self.assertEqual(folder, folders[1])
        self.assertRegex(remark, "clang 19, whose .* not installed; .*llvm-22")


class AdaptiveDelay(support.RaceTest):
    """The delays that ThreadSanitizer has from clang 23 on, found by the name of a flag in its runtime's file."""

    def flags(self, number, disturb=True, **contents):
        files = {name: self.file(name.replace("_", "."), text) for name, text in contents.items()}
        maps = "".join(f"1000-2000 r-xp 00000000 fe:00 1    {path}\n" for path in files.values())
        elf_at.cache_clear()  # the files' names come again
        prog = Program("prog", [files["prog"]])
        prog.learn([Witness(1, f"began static {files['prog']}\n", maps)])
        settings = Delays(30, "object.so", disturb).settings(process.Run(prog, number, 7))
        self.assertEqual("enable_adaptive_delay=1" in settings["TSAN_OPTIONS"],
                         "adaptive_delay_aggressiveness=200" in settings["TSAN_OPTIONS"])
        return "enable_adaptive_delay=1" in settings["TSAN_OPTIONS"]

    def test_every_second_run_has_them_where_the_runtime_does(self):
        known = "x\0enable_adaptive_delay\0x"
        for contents, has in (({"prog": known}, True), ({"prog": ""}, False),
                              ({"prog": "", "libtsan_so": known}, True),
                              ({"prog": "", "libother_so": known}, False)):
            self.assertEqual([self.flags(number, **contents) for number in range(4)], [False, has] * 2, contents)
        self.assertFalse(self.flags(1, disturb=False, prog=known))

    def test_a_runtime_that_has_them_takes_the_flags(self):
        """Whatever runtime this is: what it does not know it ignores, and a mistyped value ends the program."""
        self.run_it(0, "clean", tool=support.program("modes"), TSAN_OPTIONS=ADAPTIVE_DELAY)


class Looks(unittest.TestCase):
    """Whether a thread is blocked, by what the kernel has shown of it."""

    @staticmethod
    def looks(*shown):
        return [Look(state, (switches, 0), {}, f"{state}{i}") for i, (state, switches) in enumerate(shown)]

    def test_blocked_is_who_does_not_move_or_naps(self):
        for seen, seconds, blocked, call in (
                ([("R", 1), ("S", 2), ("S", 2)], 0.1, True, "S2"),
                ([("D", 7), ("D", 7)], 0.05, True, "D1"),
                ([("S", 1), ("S", 2), ("S", 2), ("R", 3)], 0.3, True, "S2"),  # a nap, awake just now
                ([("S", 10), ("S", 900)], 1.0, False, "S1"),  # two threads that wake each other
                ([("R", 1), ("S", 2), ("R", 3)], 1.0, False, "R2"),
                ([("R", 5), ("R", 5)], 1.0, False, "R1"),
                ([("S", 5)], 0.1, False, "S0")):
            look, is_so = is_blocked(self.looks(*seen), seconds)
            self.assertEqual((is_so, look.call), (blocked, call), seen)

    def test_threads_are_in_the_order_in_which_they_began(self):
        """Process numbers may have begun anew after the first thread."""
        with unittest.mock.patch("os.listdir", return_value=["32766", "306", "305"]), \
                unittest.mock.patch("racetest.hang.look_at", return_value=Look("S", (1, 0), {}, "")):
            self.assertEqual([thread for _, thread in look_around([32766])], [32766, 306, 305])


class Plans(unittest.TestCase):
    """Which run is next, by a clock of the test's own."""

    def setUp(self):
        self.now = 0.0
        self.programs = [Program(name) for name in ("quick", "slow", "slower")]

    def plan(self, **options):
        plan = Plan(self.programs, options.get("runs"), options.get("seconds"), 2, options.get("shard", (1, 1)), "7",
                    lambda: self.now, options.get("ways"))
        for program in self.programs:
            program.has_tsan = True
        return plan

    def run_all(self, plan, seconds):
        """As the runner does, with two processors and runs of the given lengths. Returns the runs."""
        ends, runs = [], []
        while True:
            while len(plan.active) < plan.jobs:
                run = plan.next_run()
                if run is None:
                    break
                run.begun = self.now
                plan.active.append(run)
                runs.append(run)
                self.assertLessEqual(sum(r.under_control for r in plan.active if r.program is run.program), 1)
                ends.append((self.now + seconds[run.program.name], run))
            if not plan.active:
                return runs
            end, run = min(ends, key=lambda pair: pair[0])
            ends.remove((end, run))
            self.now = end
            plan.active.remove(run)
            run.program.wall += self.now - run.begun
            run.program.done += 1

    def test_time_ends_it_and_is_shared_fairly(self):
        self.run_all(self.plan(seconds=10), {"quick": 0.01, "slow": 0.5, "slower": 0.9})
        self.assertLess(self.now, 3 * 10 + 1)
        for program in self.programs:
            self.assertGreaterEqual(program.wall, 10 * 2)
            self.assertLess(program.wall, 10 * 2 + 2)

    def test_number_ends_it(self):
        self.run_all(self.plan(runs=9), {"quick": 0.01, "slow": 0.5, "slower": 0.9})
        self.assertEqual([p.done for p in self.programs], [9, 9, 9])

    def test_the_first_run_is_alone(self):
        plan = self.plan(runs=9)
        self.programs[0].has_tsan = False
        first = [plan.next_run() for _ in range(1)]
        plan.active += first
        self.assertEqual(first[0].program, self.programs[0])
        self.assertNotIn(self.programs[0], [plan.next_run().program for _ in range(5)])

    def test_shards_share_the_numbers(self):
        numbers = []
        for i in (1, 2, 3):
            self.setUp()
            plan = self.plan(runs=8, shard=(i, 3))
            while (run := plan.next_run()) is not None:
                if run.program.name == "quick":
                    numbers.append(run.number)
        self.assertEqual(sorted(numbers), list(range(8)))

    def test_most_of_each_shard_is_under_control_one_at_a_time(self):
        for shards in (1, 2, 3):
            numbers = []
            for i in range(1, shards + 1):
                self.setUp()
                runs = self.run_all(self.plan(runs=96, shard=(i, shards), ways=Quarters(30, ())),
                                    {"quick": 0.01, "slow": 0.5, "slower": 0.9})
                quick = [run for run in runs if run.program.name == "quick"]
                share = sum(run.under_control for run in quick) / len(quick)
                self.assertTrue(0.55 < share < 0.95, share)
                numbers += [run.number for run in quick]
            self.assertEqual(sorted(numbers), list(range(96)))

    def test_where_control_fails_all_runs_are_made_freely(self):
        plan = self.plan(runs=9, ways=Quarters(30, ()))
        plan.active += [plan.next_run() for _ in range(8)]
        for program in self.programs:
            program.uncontrolled = "it cannot be"
        failed = [run for run in plan.active if run.under_control]
        self.assertGreater(len(failed), 0)
        rest = [run for run in plan.active if not run.under_control]
        for run in failed:
            plan.repeat(run)
        plan.active.clear()
        while (run := plan.next_run()) is not None:
            self.assertFalse(run.under_control)
            rest.append(run)
        self.assertEqual(sorted((run.program.name, run.number) for run in rest),
                         sorted((program.name, number) for program in self.programs for number in range(9)))

    def test_only_controlled_runs_end_where_there_can_be_none(self):
        plan = self.plan(runs=9, ways=Quarters(30, (), only_controlled=True))
        run = plan.next_run()
        run.program.uncontrolled = "it cannot be"
        plan.repeat(run)
        self.assertEqual(run.program.trouble, "it cannot be")
        self.assertEqual({plan.next_run().program.name for _ in range(2)}, {"slow", "slower"})


class Quarters(Mixed):
    """Runs without a program."""

    def run(self, program, number, seed, asking=False):
        run = Run(program, number, seed)
        run.under_control = self.under_control(program, number)
        return run


class Rotation(unittest.TestCase):
    def test_each_strategy_meets_each_phase_with_each_combination_of_flags(self):
        """None may go with some strategies only."""
        met = {(number % len(ROTATION), rotation(number)[2] & (HASTY | READY), rotation(number)[3])
               for number in range(200 * len(ROTATION))}
        self.assertEqual(len(met), len(ROTATION) * 4 * PHASES)


class Texts(unittest.TestCase):
    def test_binary_is_escaped_and_cut_short(self):
        text = shown(bytes(range(256)).decode("latin-1") * 100)
        self.assertTrue(all(c.isprintable() or c == "\n" for c in text), text)
        self.assertIn("25600 characters of output", text)
        self.assertLess(len(text), 1200)

    def test_text_stays(self):
        self.assertEqual(shown("a\tb\nc\u00e9\n"), "a\tb\nc\u00e9\n")
        self.assertEqual(shown("x" * 9000 + "\nend"), "x" * 500 + " ... " + "x" * 400 + "\nend")


class Frames(unittest.TestCase):
    def test_the_library_is_known_by_its_source(self):
        """By each of its functions, as compilers do not agree which of them a stack shows; the user's are his own."""
        found = 0
        for path in glob.glob(os.path.join(support.TOP, "src", "*.c")):
            with open(path, encoding="utf-8") as file:
                names = re.findall(r"^(?:\w+ )*(?:__attribute__\(\S+\) )?static [\w \*]*?(\w+)\([^;]*$", file.read(), re.M)
            for name in names:
                found += 1
                self.assertTrue(frames.Frame(name, path, 1, "p").is_library(), (name, path))
                self.assertTrue(frames.Frame(name + ".part.0", path, 1, "p").is_runtime(), (name, path))
                self.assertFalse(frames.Frame(name, "/home/me/main.c", 1, "p").is_runtime(), name)
            self.assertFalse(frames.Frame("work", path, 1, "p").is_runtime())
        self.assertGreater(found, 40)

    def test_function_and_file_of_each_form(self):
        for text, function, file, line in (
                ("main /a/b.c:7", "main", "/a/b.c", 7),
                ("main /a dir/b.c:7:3", "main", "/a dir/b.c", 7),
                ("main b.c:7", "main", "b.c", 7),
                ("main my dir/b.c:7", "main", "my dir/b.c", 7),
                ("malloc <null>", "malloc", None, 0),
                ("Pool::record(int, unsigned long) /a/p.cpp:5:9", "Pool::record(int, unsigned long)", "/a/p.cpp", 5),
                ("Pool::read(bool, char) const p.cpp:6", "Pool::read(bool, char) const", "p.cpp", 6),
                ("void f<int, char>(int) const & src/p.hpp:6:1", "void f<int, char>(int) const &", "src/p.hpp", 6),
                ("operator new(unsigned long) p.cpp:6", "operator new(unsigned long)", "p.cpp", 6),
                ("operator new[] p.cpp:6", "operator new[]", "p.cpp", 6),
                ("operator bool p.cpp:6", "operator bool", "p.cpp", 6),
                ("operator() /a/p.cpp:6", "operator()", "/a/p.cpp", 6),
                ("std::function<void (int, char)>::operator()(int, char) const /a/p.cpp:6",
                 "std::function<void (int, char)>::operator()(int, char) const", "/a/p.cpp", 6),
                ("__tsan::Call(int) tsan_interceptors.cpp.o", "__tsan::Call(int)", "tsan_interceptors.cpp.o", 0)):
            self.assertEqual(frames.place(text), (function, file, line), text)

    def test_compilers_write_one_name_differently(self):
        for names in (("two(bool)::{lambda(int)#1}::operator()(int) const", "two(bool)::$_0::operator()(int) const",
                       "two(bool)::'lambda'(int)::operator()(int) const", "two(bool)::{lambda}::operator()"),
                      ("two(bool)::{lambda(int)#2}::operator()(int) const",
                       "two(bool)::'lambda0'(int)::operator()(int) const", "two(bool)::{lambda#2}::operator()"),
                      ("two(bool)::'lambda'(void (*)(int), int)::operator()(void (*)(int), int) const",
                       "two(bool)::$_3::operator()(void (*)(int), int) const", "two(bool)::{lambda}::operator()"),
                      ("void run<two(bool)::{lambda(int)#2}>()", "void run<two(bool)::$_1>()", "run<two(bool)::{lambda}>()"),
                      ("auto f<long>(long&)::{lambda(auto:1)#1}::operator()<int>(int) const",
                       "auto void f<long>(long&)::'lambda'(auto)::operator()<int>(int) const"),
                      ("auto (anonymous namespace)::f<a<int, b> >(int)::{lambda(auto:1)#1}::operator()<int>(int) const",
                       "auto std::map<int, long> (anonymous namespace)::f<a<int, b>>(int)::$_0::operator()<int>(int)"),
                      ("names[abi:cxx11](int)", "names(int)"),
                      ("std::map<int, long> (anonymous namespace)::f<int>(char const*) const",
                       "(anonymous namespace)::f<int>(char const*) const"),
                      ("bool app::operator< <int>(box<int> const&)", "app::operator< <int>(box<int> const&)"),
                      ("work", "work.part.0", "work.constprop.0.isra.1", "work.cold"),
                      ("std::vector<Box<int> >::at(int)", "std::vector<Box<int>>::at(int)"),
                      ("__cxx_global_var_init.2", "_GLOBAL__sub_I_pool.cpp")):
            self.assertEqual(len({frames.same_name(name) for name in names}), 1, names)
        for name in ("Pool::operator bool() const", "operator new(unsigned long)", "a::operator>(a::b const&, int)",
                     "Pool::read(bool, char) const", "(anonymous namespace)::f(int, long)"):
            self.assertEqual(frames.same_name(name), name)

    def test_an_inlined_lambda_is_named_by_what_is_around_it(self):
        around = ["__invoke_impl<void, f()::<lambda()> >", "void std::__invoke<f()::{lambda()#1}>(f()::{lambda()#1}&&)"]
        self.assertEqual(frames.name_of_lambda(around), "f()::{lambda}::operator()")
        self.assertEqual(frames.name_of_lambda(["void g<a>(int, (anonymous namespace)::f()::$_0)"]),
                         "(anonymous namespace)::f()::{lambda}::operator()")
        self.assertEqual(frames.name_of_lambda(["main"]), "")
        self.assertEqual(frames.name_of_lambda([]), "")

    def test_who_has_allocated(self):
        for lines, who in ((["malloc <null> (p+0x1)", "pool_new /a/p.c:3 (p+0x2)", "main /a/p.c:9 (p+0x3)"], "pool_new@p.c"),
                           (["malloc <null> (p+0x1)", "xmalloc /a/x.c:3 (p+0x2)", "pool_new /a/p.c:3 (p+0x2)"],
                            "pool_new@p.c by xmalloc@x.c"),
                           (["malloc <null> (p+0x1)", "T::operator new(unsigned long) /a/x.h:3 (p+0x2)",
                             "std::make(int) /usr/include/c++/12/v.h:9 (p+0x1)", "f() /a/p.c:3 (p+0x2)"],
                            "f()@p.c by T::operator new(unsigned long)@x.h")):
            stack = frames.frames_of(f"    #{i} {line}" for i, line in enumerate(lines))
            self.assertEqual(frames.allocated_by(stack), who)

    def test_who_has_taken_two_locks(self):
        def stack(*lines):
            return frames.frames_of(f"    #{i} {line} (p+0x{i})" for i, line in
                                    enumerate(["pthread_mutex_lock <null>", *lines, "main /a/p.c:90"]))
        guard = "std::lock_guard<std::mutex>::lock_guard(std::mutex&) /usr/include/c++/12/std_mutex.h:229"
        cases: list[tuple[list[str], list[str], str]] = [
            (["f /a/p.c:1"], ["f /a/p.c:2"], "f@p.c"),
            (["take /a/p.c:9", "f /a/p.c:1"], ["take /a/p.c:9", "f /a/p.c:2"], "f@p.c by take@p.c"),
            (["take /a/p.c:9", "f /a/p.c:1"], ["f /a/p.c:2"], "f@p.c by take@p.c then itself"),
            (["f /a/p.c:1"], ["take /a/p.c:9", "f /a/p.c:2"], "f@p.c by itself then take@p.c"),
            (["take /a/p.c:9", "f /a/p.c:1"], ["grab /a/p.c:8", "f /a/p.c:1"], "f@p.c by take@p.c then grab@p.c"),
            ([guard, "f() /a/p.c:1"], [guard, "g() /a/p.c:7", "f() /a/p.c:2"], "f()@p.c by itself then g()@p.c"),
            (["take /a/p.c:9", "f /a/p.c:1"], ["take /a/p.c:9", "f /a/p.c:1"], "f@p.c by take@p.c"),
            (["take /a/p.c:9", "std::for_each() /usr/include/c++/12/a.h:1", "f /a/p.c:1"],
             ["take /a/p.c:9", "std::for_each() /usr/include/c++/12/a.h:2", "f /a/p.c:1"], "f@p.c by take@p.c"),
            ([], [], "main@p.c")]
        for first, second, who in cases:
            self.assertEqual(frames.both_locked_by(stack(*first), stack(*second)), who)
        one, other = stack("f /a/p.c:1")[:2], stack("g /a/p.c:1")[:2]
        self.assertEqual(frames.both_locked_by(one, other), "f@p.c then g@p.c")
        self.assertEqual(frames.both_locked_by(one, one), "f@p.c")
        self.assertEqual(frames.both_locked_by(one, []), "f@p.c")
        self.assertEqual(frames.both_locked_by([], []), "?")

    def test_a_module_is_a_part_of_the_name_if_it_is_a_library(self):
        for module, key in (("/a (b)/prog", "f@p.c"), ("/a/libq.so.1.2", "f@p.c (libq.so)"), ("<null>", "f@p.c")):
            self.assertEqual(str(frames.frame_of(f"    #0 f /a/p.c:3 ({module}+0x2)")), key)

    def test_what_is_above_the_program(self):
        def top(*lines):
            return str(frames.program_frames(frames.frames_of(lines))[0])
        self.assertEqual(top("    #0 __tsan_memcpy <null> (p+0x1)", "    #1 copy /a/p.c:3 (p+0x2)"), "copy@p.c")
        self.assertEqual(top("    #0 unheard_of <null> (p+0x1)", "    #1 copy /a/p.c:3 (p+0x2)"), "copy@p.c")
        self.assertEqual(top("    #0 read /a/p.c:9 (p+0x1)", "    #1 copy /a/p.c:3 (p+0x2)"), "read@p.c")
        self.assertEqual(top("    #0 memcpy <null> (p+0x1)", "    #1 copy <null> (p+0x2)"), "copy@p")
        self.assertEqual(top("    #0 std::vector<int>::at(int) /usr/include/c++/12/v.h:9 (p+0x1)",
                             "    #1 f(int) /a/p.cpp:3 (p+0x2)"), "f(int)@p.cpp")
        for folder in ("include/x86_64-linux-gnu/c++", "bin/../lib/gcc/x86_64-linux-gnu/12/../../../../include/c++"):
            self.assertEqual(top(f"    #0 __gthread_mutex_lock(int*) /usr/{folder}/12/bits/gthr-default.h:7 (p+0x1)",
                                 "    #1 f(int) /a/p.cpp:3 (p+0x2)"), "f(int)@p.cpp")
        self.assertEqual(top("    #0 leave src/waitgroup.c:222 (p+0x1)", "    #1 leave /a/p.c:3 (p+0x2)"), "leave@p.c")
        self.assertEqual(top("    #0 waitgroup_done src/waitgroup.c:9 (p+0x1)", "    #1 task /a/p.c:3 (p+0x2)",
                             "    #2 run_parcel src/spawn.c:3 (p+0x2)"), "task@p.c")
        inners: list[list[str]] = [
            ["    #0 waitgroup_settle_ src/waitgroup.c:9 (p+0x1)", "    #1 count_down src/spawn.c:3 (p+0x2)"],
            ["    #0 count_down src/spawn.c:3 (p+0x2)"], []]
        for inner in inners:
            self.assertEqual(top(*inner, f"    #{len(inner)} run_parcel src/spawn.c:70 (p+0x2)",
                                 f"    #{len(inner) + 1} start_thread <null> (libc.so.6+0x2)"), "run_parcel@spawn.c")
