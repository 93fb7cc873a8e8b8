"""The options do what they say."""

import json
import os
import re
import shutil
import subprocess

from support import FOLDERS, PACKAGE, RACE, TOP, RaceTest, program

OLD_CLANG = "Debian clang version 14.0.6"


class Options(RaceTest):
    def test_known_problems_do_not_fail(self):
        known = self.file("known", f"# a comment\n\n{RACE}  # ticket 12\n")
        output = self.run_mode(0, "race", "--known", known).stdout
        self.assertIn("0 problems and 1 known", output)
        self.run_mode(1, "several", "--known", known)

    def test_known_and_not_seen_is_stale_if_it_may_be_of_these_programs(self):
        mine = ["data race: gone@modes.c | gone@work.h", "exit status 1: modes"]
        others = ["data race: gone@x.c | bump@modes.c on shared", "exit status 1: others", "hang: others running"]
        known = self.file("known", "\n".join([RACE, *mine, *others]))
        for compiler in (0, 1):
            output = self.run_mode(0, "race", "--known", known, compiler=compiler).stdout
            self.assertEqual(re.findall(r"^stale: (.*)$", output, re.M), mine)
        for way in ("--controlled", "--exhaustive"):
            output = self.run_mode(0, "clean", "--known", known, way, compiler=1).stdout
            self.assertEqual(re.findall(r"^stale: (.*)$", output, re.M), [RACE, *mine])
        for part in (["--replay", "-"], ["--free", "--shard", "1/2"]):
            output = self.run_mode(0, "race", "--known", known, *part, compiler=1).stdout
            self.assertNotIn("stale", output)
        output = self.run_mode(1, "several", "--known", known, "--free", "--fail-fast").stdout
        self.assertNotIn("stale", output)

    def test_a_hint_where_full_speed_alone_has_shown_a_problem_of_what_can_be_controlled(self):
        hint = "only runs at full speed have shown 1 problem: --controlled or --exhaustive may"
        self.assertIn(hint, self.run_mode(1, "race", "--free", compiler=1).stdout)
        self.assertNotIn("hint", self.run_mode(1, "race", compiler=1).stdout)
        self.assertNotIn("hint", self.run_mode(1, "race", "--free", compiler=0).stdout)

    def test_known_problems_of_a_file_from_elsewhere(self):
        known = self.file("known", f"\ufeff{RACE}\r\n\r\n# a note\r\n")
        self.assertNotIn("stale", self.run_mode(0, "race", "--known", known).stdout)
        self.run_mode(1, "race", "--known", self.file("empty", ""))

    def test_nothing_tested_is_no_green_run(self):
        self.run_it(2, "--merge", self.file("none.sarif", '{"runs": []}'))
        files = [self.file(f"{i}.sarif") for i in (1, 2)]
        for i, path in enumerate(files, 1):
            self.run_mode(0, "clean", "--seed", 7, "--shard", f"{i}/2", "--sarif", path, runs=1)
        self.run_it(0, "--merge", *files)

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
        for shards in (files[:2], files[1:], [*files, files[0]], [files[0], files[0], files[2]]):
            result = self.run_it(2, "--merge", *shards)
            self.assertRegex(result.stderr, r"shard \d/3 of .*modes, --seed 7, -n 8 is (missing|there 2 times)")
        again = self.file("again.sarif")
        self.run_it(1, "--merge", "--sarif", again, *files)
        self.run_it(1, "--merge", again)
        self.run_it(2, "--merge", again, files[1])
        self.run_it(2, "--merge", self.file("bad", "{}"))
        self.run_it(2, "--merge", self.file("none"))

    def test_merge_of_a_shard_that_could_not_run_is_2(self):
        path = self.file("1.sarif")
        self.run_it(2, "--sarif", path, program("plain/modes"))
        self.run_it(2, "--merge", path)

    def test_fail_fast(self):
        output = self.run_mode(1, "race", "--fail-fast", "-j1", runs=50).stdout
        self.assertIn("in 1 of 1 run, ", output)

    def test_users_options_win(self):
        suppressions = self.file("suppressions", "race:bump\n")
        self.run_mode(0, "race", TSAN_OPTIONS=f"suppressions={suppressions}")
        command = re.search(r"^    (env .*)$", self.run_mode(1, "race", WAITGROUP_OPTIONS="perturb=5").stdout, re.M)[1]
        self.assertRegex(command, r"perturb=\d{9,}:.*:perturb=5 ")

    def test_colours_do_not_hide_reports(self):
        self.assertEqual(self.keys(self.run_mode(1, "race", TSAN_OPTIONS="color=always").stdout), [RACE])

    def test_mistyped_flags_are_trouble(self):
        for compiler in (0, 1):
            output = self.run_mode(2, "clean", compiler=compiler, TSAN_OPTIONS="histroy_size=3").stdout
            self.assertIn("not a flag of this ThreadSanitizer: histroy_size", output)
            for wrong in ("history_size=many", "report_bugs"):
                self.assertIn("runtime died", self.run_mode(2, "clean", compiler=compiler, TSAN_OPTIONS=wrong).stdout)

    def test_a_clang_that_is_blind_on_the_stack(self):
        note = "does not see races on fields"
        compiler = os.path.basename(FOLDERS[0])
        source, binary = self.file("old.c", f'__asm__(".section .comment\\n.string \\"{OLD_CLANG}\\"\\n.text");\n'
                                            "int main(void) { return 0; }\n"), self.file("old")
        subprocess.run([compiler, "-fsanitize=thread", source, "-o", binary], check=True)
        sarif = self.file("old.sarif")
        output = self.run_it(0, "-n", 3, "--sarif", sarif, binary).stdout
        self.assertEqual(output.count(note), 1)
        self.assertIn("clang 14", output)
        self.assertEqual(self.run_it(0, "--merge", sarif).stdout.count(note), 1)
        self.assertNotIn(note, self.run_mode(0, "clean", compiler=1).stdout)

    def test_users_options_change_no_verdict(self):
        log = self.file("log")
        for options in ("halt_on_error=1", "exitcode=0", "verbosity=2", f"log_path={log}"):
            self.assertEqual(self.keys(self.run_mode(1, "race", TSAN_OPTIONS=options).stdout), [RACE])

    def test_no_perturb(self):
        command = re.search(r"^    (env .*)$", self.run_mode(1, "race", "--no-perturb").stdout, re.M)[1]
        self.assertNotIn("perturb=", command)

    def test_it_says_when_a_problem_is_first_seen(self):
        self.assertEqual(self.run_mode(1, "race").stderr.count(f"new: {RACE}"), 1)

    def test_annotations_for_github(self):
        output = self.run_mode(1, "race", GITHUB_ACTIONS="true", GITHUB_WORKSPACE=TOP).stdout
        self.assertRegex(output, r"(?m)^::error file=tests/race-test/modes\.c,line=\d+::data race: bump@modes\.c")
        output = self.run_it(2, program("plain/modes"), GITHUB_ACTIONS="true").stdout
        self.assertRegex(output, r"(?m)^::error title=race-test::.*not built with ThreadSanitizer")


class Places(RaceTest):
    def test_version(self):
        with open(os.path.join(TOP, "include", "waitgroup.h"), encoding="utf-8") as file:
            number = ".".join(re.findall(r"^#define WAITGROUP_VERSION_\w+ +(\d+)$", file.read(), re.M))
        self.assertEqual(self.run_it(0, "--version").stdout, f"race-test {number}\n")

    def test_installed(self):
        for library in ("lib", "lib64", "lib/x86_64-linux-gnu"):
            root = os.path.join(self.folder, library.replace("/", "-"), "usr/local")
            os.makedirs(os.path.join(root, "bin"))
            os.makedirs(os.path.join(root, library))
            tool = shutil.copy(os.path.join(PACKAGE, "race-test"), os.path.join(root, "bin"))
            self.assertIn("modules are neither in", self.run_it(2, program("modes"), tool=tool).stderr)
            shutil.copytree(os.path.join(PACKAGE, "racetest"), os.path.join(root, "share", "race-test", "racetest"))
            result = self.run_it(2, program("modes"), tool=tool)
            self.assertIn("run make there", result.stderr)
            shim = shutil.copy(os.path.join(TOP, "build", "libracetest-schedule.so"), os.path.join(root, library))
            output = self.run_it(1, "-n", 2, "--", program("modes"), "race", tool=tool).stdout
            self.assertIn(f"LD_PRELOAD={shim} ", output)
            result = self.run_it(2, "-n", 2, "--picture", self.file("race.svg"), program("modes"), tool=tool)
            self.assertIn("what draws pictures is neither built", result.stderr)
            self.assertNotIn("--seed", result.stderr)  # before any run
