#!/usr/bin/env python3
"""test.py FOLDER FOLDER: what race-test promises, on the programs that the Makefile built there with two
compilers."""

import json
import os
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
PACKAGE = os.path.join(TOP, "ci", "race-test")
RACE_TEST = os.path.join(PACKAGE, "race-test")
sys.path.insert(0, PACKAGE)

from racetest import pattern, process  # noqa: E402 (the path to it stands above)
from racetest import command as _command  # noqa: E402,F401 (for the patterns of all modules)

RACE = "data race: bump@modes.c | bump@modes.c on shared"
MISUSE = "WaitGroup misuse: Add called concurrently with Wait: add_inside@modes.c | several@modes.c on group"
NEGATIVE = "panic: sync: negative WaitGroup counter @ modes"
FOLDERS = []


def program(name, compiler=0):
    return os.path.join(FOLDERS[compiler], name)


def alive(text):
    """Processes with the text in their command line, zombies excepted (their command line is empty)."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                if text.encode() in file.read() and int(pid) != os.getpid():
                    found.append(int(pid))
        except OSError:
            pass
    return found


class RaceTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="race-test-tests-")
        self.addCleanup(shutil.rmtree, self.folder)

    def file(self, name, text=None):
        path = os.path.join(self.folder, name)
        if text is not None:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        return path

    def environment(self, extra):
        kept = {k: v for k, v in os.environ.items()
                if k not in ("TSAN_OPTIONS", "WAITGROUP_OPTIONS", "LD_PRELOAD", "GITHUB_ACTIONS", "GITHUB_WORKSPACE",
                             "CI_PROJECT_DIR", "MAKEFLAGS")}
        return {**kept, **extra}

    def run_it(self, status, *arguments, tool=RACE_TEST, **environment):
        done = subprocess.run([tool, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env=self.environment(environment), cwd=self.folder, timeout=120, check=False,
                              encoding="utf-8", errors="surrogateescape")
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def run_mode(self, status, mode, *options, runs=4, name="modes", compiler=0, **environment):
        return self.run_it(status, "-n", runs, "--timeout", 20, *options, "--", program(name, compiler), mode,
                           **environment)

    def sarif(self, status, *arguments, **environment):
        """The results by key, and the programs, of a run that writes SARIF."""
        path = self.file("out.sarif")
        self.run_it(status, "--sarif", path, *arguments, **environment)
        with open(path, encoding="utf-8") as file:
            run = json.load(file)["runs"][0]
        return ({r["properties"]["key"]: r for r in run["results"]},
                {os.path.basename(p["name"]): p for p in run["invocations"][0]["properties"]["programs"]})

    def keys(self, output):
        return re.findall(r"^=== problem \d+ of \d+: (.*)$", output, re.M)


class ExitStatus(RaceTest):
    def test_clean_program_is_0(self):
        self.assertIn("0 problems in 4 runs", self.run_mode(0, "clean").stdout)

    def test_problem_is_1(self):
        self.run_mode(1, "race")

    def test_no_such_program_is_2(self):
        self.assertIn("no such program", self.run_it(2, "./none").stderr)

    def test_not_executable_is_2(self):
        self.assertIn("not an executable", self.run_it(2, self.file("text", "text")).stderr)

    def test_not_startable_is_2(self):
        path = self.file("text", "\0\0\0\0")
        os.chmod(path, 0o755)
        self.assertIn("neither a program for this machine", self.run_it(2, path).stdout)
        path = self.file("script", "#!/nowhere/sh\n")
        os.chmod(path, 0o755)
        self.assertIn("interpreter", self.run_it(2, path).stdout)

    def test_none_named_is_2(self):
        self.assertIn("no program named", self.run_it(2, "-n", "3").stderr)
        self.run_it(2, "-n", "3", "--")

    def test_without_tsan_is_2(self):
        self.assertIn("-fsanitize=thread", self.run_it(2, program("plain/modes")).stdout)
        self.run_it(2, "/bin/false")

    def test_missing_shared_library_is_2(self):
        source = self.file("needy.c", "int from_the_library(void);\nint main(void) { return from_the_library(); }\n")
        library = self.file("library.c", "int from_the_library(void);\nint from_the_library(void) { return 0; }\n")
        needed, needy = os.path.join(self.folder, "libneeded.so"), os.path.join(self.folder, "needy")
        compiler = os.path.basename(FOLDERS[0])
        subprocess.run([compiler, "-shared", "-fPIC", library, "-o", needed], check=True)
        subprocess.run([compiler, "-fsanitize=thread", source, needed, f"-Wl,-rpath,{self.folder}/gone", "-o", needy], check=True)
        os.rename(needed, needed + ".gone")
        output = self.run_it(2, "-n", 2, needy).stdout
        self.assertIn("cannot start: error while loading shared libraries", output)
        self.assertIn("1 could not run; nothing was tested", output)

    def test_fatal_error_of_the_runtime_is_2(self):
        result = self.run_mode(2, "clean", TSAN_OPTIONS="suppressions=/nowhere")
        self.assertIn("failed to read suppressions", result.stdout)
        result = self.run_mode(2, "clean", TSAN_OPTIONS="external_symbolizer_path=/nowhere")
        self.assertIn("isn't a known symbolizer", result.stdout)

    def test_bad_options_of_the_library_are_2(self):
        self.assertIn("unknown option", self.run_mode(2, "clean", WAITGROUP_OPTIONS="nonsense=1").stdout)

    def test_bad_arguments_are_2(self):
        for arguments in (["-n", "0"], ["-n", "x"], ["-t", "-1"], ["-t", "nan"], ["-j", "0"], ["--shard", "3/2"],
                          ["--shard", "0/2"], ["--nonsense"], ["--timeout", "inf"], ["--known", "/nowhere"],
                          ["--sarif", "/nowhere/x"], ["--junit", "/nowhere/x"], ["--junit", self.folder]):
            with self.subTest(arguments):
                result = self.run_it(2, *arguments, program("modes"))
                self.assertNotIn("Traceback", result.stderr)
                self.assertEqual(result.stdout, "")  # before any run

    def test_error_of_its_own_is_2(self):
        copy = shutil.copytree(PACKAGE, self.file("copy"))
        module = os.path.join(copy, "racetest", "command.py")
        with open(module, encoding="utf-8") as file:
            text = file.read()
        with open(module, "w", encoding="utf-8") as file:
            file.write(text.replace("results.print()", "results.nonsense()"))
        broken = os.path.join(copy, "race-test")
        result = self.run_it(2, "-n", 2, "--no-perturb", "--", program("modes"), "race", tool=broken)
        self.assertIn("an error of race-test itself", result.stderr)


class Patterns(unittest.TestCase):
    def test_each_finds_its_examples(self):
        self.assertGreater(len(pattern.EXAMPLES), 20)
        for expression, examples in pattern.EXAMPLES:
            self.assertTrue(examples, expression.pattern)
            for example in examples:
                self.assertRegex(example, expression)


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
                                                         "lock_b_then_a@modes.c")):
            for compiler in (0, 1):
                for options in ([], ["--no-perturb"]):
                    output = self.run_mode(1, mode, *options, compiler=compiler).stdout
                    self.assertEqual(self.keys(output), [key])

    def test_several_kinds(self):
        self.assertEqual(set(self.keys(self.run_mode(1, "several").stdout)),
                         {RACE, "data race: bump_other@modes.c | several@modes.c on other", MISUSE, NEGATIVE})

    def test_panic_has_its_stack(self):
        for compiler in (0, 1):
            output = self.run_mode(1, "print-and-panic", compiler=compiler).stdout
            self.assertEqual(self.keys(output), [NEGATIVE])
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
        self.assertEqual(self.keys(self.run_mode(1, "crash").stdout), ["SEGV: main@modes.c"])
        output = self.run_mode(1, "abort").stdout
        self.assertEqual(self.keys(output), ["SIGABRT: modes"])
        self.assertIn("the moon is full", output)
        self.assertEqual(self.keys(self.run_mode(1, "status").stdout), ["exit status 3: modes"])

    def test_hang_names_the_wait(self):
        for compiler in (0, 1):
            output = self.run_it(1, "-n", 9, "--timeout", 0.7, "-j1", "--", program("modes", compiler), "wait").stdout
            self.assertEqual(self.keys(output), ["hang: wait_for_what_never_comes@modes.c"])
            self.assertIn("in 3 of 3 runs", output)
            self.assertIn("was not started again", output)
            self.assertRegex(output, r"wait_for_what_never_comes .*modes\.c:\d+")

    def test_hang_without_a_wait(self):
        for mode in ("hang", "print-forever"):
            output = self.run_it(1, "-n", 3, "--timeout", 0.5, "-j3", "--", program("modes"), mode).stdout
            self.assertEqual(self.keys(output), ["hang: modes"])

    def test_printed_command_shows_it_again(self):
        output = self.run_mode(1, "race").stdout
        command = re.search(r"^    (env .*)$", output, re.M)[1]
        done = subprocess.run(shlex.split(command), env=self.environment({}), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=60, check=False)
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
                              timeout=120, check=False)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("in 16 of 16 runs", done.stdout)


    def test_names_that_are_no_text(self):
        name = os.fsdecode(b"caf\xe9 it's")
        os.mkdir(os.path.join(self.folder, name))
        path = shutil.copy(program("modes"), os.path.join(self.folder, name, name))
        for mode, key in (("race", RACE), ("print-and-panic", NEGATIVE.replace("modes", "caf\ufffd it's")),
                          ("status", "exit status 3: caf\ufffd it's")):
            sarif, known = self.file("sarif"), self.file("known", key)
            output = self.run_it(1, "-n", 1, "--seed", name, "--sarif", sarif, "--junit", self.file("junit"), "--",
                                 path, mode, GITHUB_ACTIONS="true", GITHUB_WORKSPACE=os.path.dirname(path)).stdout
            self.assertEqual(self.keys(output), [key])
            self.run_it(0, "--known", known, "--merge", sarif)
        command = re.search(r"^    (env .*)$", output, re.M)[1]
        done = subprocess.run(["bash", "-c", command], env=self.environment({}), stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, timeout=60, check=False)
        self.assertEqual(done.returncode, 3)

    def test_both_ends_of_a_huge_log(self):
        path = self.file("log", "first\n" + "x" * 100 + "\nlast\n")
        self.assertEqual(process.both_ends(path, 56), "first\n" + "x" * 100 + "\nlast\n")
        self.assertEqual(process.both_ends(path, 8), "first\nxx\n[race-test: reports left out here]\nxx\nlast\n")


class Options(RaceTest):
    def test_known_problems_do_not_fail(self):
        known = self.file("known", f"# a comment\n\n{RACE}  # ticket 12\ndata race: gone@x.c | gone@x.c\n")
        output = self.run_mode(0, "race", "--known", known).stdout
        self.assertIn("0 problems and 1 known", output)
        self.assertIn("stale: data race: gone@x.c | gone@x.c", output)
        self.run_mode(1, "several", "--known", known)

    def test_same_seed_same_runs(self):
        seeds = [self.sarif(1, "-n", 5, "--seed", "abc", "--", program("modes"), "race")[0][RACE]["properties"]["seeds"]
                 for _ in range(2)]
        self.assertEqual(sorted(seeds[0]), sorted(seeds[1]))
        self.assertEqual(len(set(seeds[0])), 5)

    def test_shards_share_the_runs_and_merge_adds_up(self):
        whole, _ = self.sarif(1, "-n", 8, "--seed", 7, "--", program("modes"), "race")
        seeds, files = [], []
        for i in (1, 2, 3):
            files.append(self.file(f"{i}.sarif"))
            self.run_mode(1, "race", "--seed", 7, "--shard", f"{i}/3", "--sarif", files[-1], runs=8)
            with open(files[-1], encoding="utf-8") as file:
                seeds.append(json.load(file)["runs"][0]["results"][0]["properties"]["seeds"])
        self.assertEqual([len(s) for s in seeds], [3, 3, 2])
        self.assertEqual(sorted(sum(seeds, [])), sorted(whole[RACE]["properties"]["seeds"]))
        results, programs = self.sarif(1, "--merge", *files)
        self.assertEqual(results[RACE]["occurrenceCount"], 8)
        self.assertEqual(programs["modes"]["runs"], 8)
        self.assertIn("in 8 of 8 runs", self.run_it(1, "--merge", *files).stdout)
        self.run_it(0, "--merge", *files, "--known", self.file("known", RACE))
        self.run_it(2, "--merge", self.file("bad", "{}"))
        self.run_it(2, "--merge", self.file("none"))

    def test_merge_of_a_shard_that_could_not_run_is_2(self):
        path = self.file("1.sarif")
        self.run_it(2, "--sarif", path, program("plain/modes"))
        self.run_it(2, "--merge", path)

    def test_fail_fast(self):
        output = self.run_mode(1, "race", "--fail-fast", "-j1", runs=50).stdout
        self.assertIn("in 1 of 1 run, ", output)

    def test_time_ends_it_and_is_shared_fairly(self):
        begin = time.monotonic()
        _, programs = self.sarif(1, "-t", 1.5, "-j2", program("modes"), program("buggy/retry_on_contention"),
                                 program("correct/group_freed_after_wait"))
        self.assertLess(time.monotonic() - begin, 12)
        self.assertGreater(min(p["wallSeconds"] for p in programs.values()), 2)
        self.assertGreater(min(p["runs"] for p in programs.values()), 5)

    def test_users_options_win(self):
        suppressions = self.file("suppressions", "race:bump\n")
        self.run_mode(0, "race", TSAN_OPTIONS=f"suppressions={suppressions}")
        command = re.search(r"^    (env .*)$", self.run_mode(1, "race", WAITGROUP_OPTIONS="perturb=5").stdout, re.M)[1]
        self.assertRegex(command, r"perturb=\d{9,}:.*:perturb=5 ")

    def test_colours_do_not_hide_reports(self):
        self.assertEqual(self.keys(self.run_mode(1, "race", TSAN_OPTIONS="color=always").stdout), [RACE])

    def test_users_options_change_no_verdict(self):
        log = self.file("log")
        for options in ("halt_on_error=1", "exitcode=0", "verbosity=2", f"log_path={log}"):
            self.assertEqual(self.keys(self.run_mode(1, "race", TSAN_OPTIONS=options).stdout), [RACE])

    def test_no_perturb(self):
        command = re.search(r"^    (env .*)$", self.run_mode(1, "race", "--no-perturb").stdout, re.M)[1]
        self.assertNotIn("perturb", command)

    def test_it_says_when_a_problem_is_first_seen(self):
        self.assertEqual(self.run_mode(1, "race").stderr.count(f"new: {RACE}"), 1)

    def test_annotations_for_github(self):
        output = self.run_mode(1, "race", GITHUB_ACTIONS="true", GITHUB_WORKSPACE=TOP).stdout
        self.assertRegex(output, r"(?m)^::error file=tests/race-test/modes\.c,line=\d+::data race: bump@modes\.c")
        output = self.run_it(2, program("plain/modes"), GITHUB_ACTIONS="true").stdout
        self.assertRegex(output, r"(?m)^::error title=race-test::.*not built with ThreadSanitizer")


class Formats(RaceTest):
    def test_junit(self):
        path = self.file("out.xml")
        for status, arguments in ((1, ["-n", 2, "--", program("modes"), "several"]), (2, [program("plain/modes")]),
                                  (0, ["-n", 2, program("modes")]),
                                  (1, ["-n", 2, "--timeout", 0.5, "--", program("modes"), "hang"])):
            self.run_it(status, "--junit", path, *arguments)
            subprocess.run(["xmllint", "--noout", "--schema", os.path.join(HERE, "junit.xsd"), path], check=True,
                           stderr=subprocess.DEVNULL)
        with open(path, encoding="utf-8") as file:
            self.assertIn('failures="1"', file.read())

    def test_sarif(self):
        results, programs = self.sarif(1, "-n", 3, "--", program("modes"), "several", GITHUB_WORKSPACE=TOP)
        race = results[RACE]
        self.assertEqual(race["occurrenceCount"], 3)
        place = race["locations"][0]["physicalLocation"]
        self.assertEqual(place["artifactLocation"]["uri"], "tests/race-test/modes.c")
        with open(os.path.join(HERE, "modes.c"), encoding="utf-8") as file:
            self.assertIn("shared++", file.read().splitlines()[place["region"]["startLine"] - 1])
        prints = [r["partialFingerprints"]["raceTestKey/v1"] for r in results.values()]
        self.assertEqual(len(set(prints)), 4)
        again, _ = self.sarif(1, "-n", 1, "--", program("moved/modes"), "race")
        self.assertEqual(again[RACE]["partialFingerprints"], race["partialFingerprints"])
        self.assertEqual(programs["modes"]["runs"], 3)


class Processes(RaceTest):
    def start(self, mode):
        process = subprocess.Popen([RACE_TEST, "-n", "1000", "-j2", "--timeout", "60", "--", program("modes"), mode,
                                    self.folder], env=self.environment({}), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        return process

    def wait_until(self, condition, what):
        for _ in range(400):
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
            output = process.communicate(timeout=20)[0]
            self.assertEqual(process.returncode, 1, output)
            self.assertIn(f"interrupted by {signal.Signals(number).name}", output)
            self.assertEqual(self.keys(output), [RACE])
            self.assertEqual(alive(self.folder), [])

    def test_interrupted_with_nothing_found_is_2(self):
        process = self.start("daemon-and-hang")
        self.wait_until(lambda: len(alive(self.folder)) >= 3, "the program was not started")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
        self.assertEqual(process.returncode, 2)
        self.assertEqual(alive(self.folder), [])

    def test_killed_runner_leaves_no_child(self):
        process = self.start("daemon-and-hang")
        self.wait_until(lambda: len(alive(self.folder)) >= 4, "the program was not started")
        process.kill()
        process.communicate(timeout=20)
        self.wait_until(lambda: not alive(self.folder), "something outlived the runner")

    def test_hung_program_is_killed_with_its_children(self):
        mark = self.file("mark")
        self.run_it(1, "-n", 1, "--timeout", 0.5, "--", program("modes"), "daemon-and-hang", mark)
        self.run_it(0, "-n", 2, "--timeout", 5, "--", program("modes"), "daemon", mark)
        self.assertEqual(alive(mark), [])


class Places(RaceTest):
    def test_installed(self):
        for library in ("lib", "lib64", "lib/x86_64-linux-gnu"):
            root = os.path.join(self.folder, library.replace("/", "-"), "usr/local")
            os.makedirs(os.path.join(root, "bin"))
            os.makedirs(os.path.join(root, library))
            tool = shutil.copy(RACE_TEST, os.path.join(root, "bin"))
            self.assertIn("modules are neither in", self.run_it(2, program("modes"), tool=tool).stderr)
            shutil.copytree(os.path.join(PACKAGE, "racetest"), os.path.join(root, "share", "race-test", "racetest"))
            result = self.run_it(2, program("modes"), tool=tool)
            self.assertIn("--no-perturb", result.stderr)
            shim = shutil.copy(os.path.join(TOP, "build", "libracetest-perturb.so"), os.path.join(root, library))
            output = self.run_it(1, "-n", 2, "--", program("modes"), "race", tool=tool).stdout
            self.assertIn(f"LD_PRELOAD={shim} ", output)


class Detection(RaceTest):
    """A few of the corpus; measure.py has all of them, and the rates."""

    def test_bugs_that_ordinary_schedules_hide(self):
        expected = {"cancelled_and_done_twice": "panic", "lost_wakeup": "hang",
                    "retry_on_contention": "data race", "slow_path_after_done": "data race",
                    "sampled_without_the_lock": "data race", "notified_before_stored": "data race"}
        results, _ = self.sarif(1, "-n", 80, "-j4", "--timeout", 2, *(program("buggy/" + name) for name in expected))
        found = {(os.path.basename(p), r["properties"]["kind"]) for r in results.values()
                 for p in r["properties"]["programs"]}
        self.assertLessEqual(set(expected.items()), found)

    def test_correct_programs_are_silent(self):
        names = sorted(os.listdir(program("correct")))
        self.assertGreaterEqual(len(names), 6)
        self.run_it(0, "-n", 15, "-j4", *(program("correct/" + name) for name in names))


if __name__ == "__main__":
    FOLDERS += [os.path.abspath(sys.argv.pop(1)) for _ in range(2)]
    outcome = unittest.main(exit=False, verbosity=1).result
    bad = len({str(test) for test, _ in outcome.failures + outcome.errors})
    print(f"race-test: {outcome.testsRun - bad} passed, {bad} failed")
    sys.exit(bad != 0)
