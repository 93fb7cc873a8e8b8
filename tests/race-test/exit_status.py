"""The exit status tells what happened, and trouble is said in words."""

import os
import shutil
import subprocess

from support import FOLDERS, PACKAGE, TOP, RaceTest, program


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
        subprocess.run([compiler, "-fsanitize=thread", source, needed, f"-Wl,-rpath,{self.folder}/gone", "-o", needy],
                       check=True)
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

    def test_a_bad_seed_is_2_also_without_the_library(self):
        for compiler in (0, 1):
            output = self.run_mode(2, "functions", name="kinds", compiler=compiler,
                                   WAITGROUP_OPTIONS="strict=1:perturb=many").stdout
            self.assertIn('bad value in "perturb=many": perturb takes 0 to 18446744073709551615', output)

    def test_bad_arguments_are_2(self):
        for arguments in (["-n", "0"], ["-n", "x"], ["-t", "-1"], ["-t", "nan"], ["-j", "0"], ["--shard", "3/2"],
                          ["--shard", "0/2"], ["--nonsense"], ["--timeout", "inf"], ["--known", "/nowhere"],
                          ["--sarif", "/nowhere/x"], ["--junit", "/nowhere/x"], ["--junit", self.folder]):
            with self.subTest(arguments):
                result = self.run_it(2, *arguments, program("modes"))
                self.assertNotIn("Traceback", result.stderr)
                self.assertEqual(result.stdout, "")  # before any run

    def test_error_of_its_own_is_2(self):
        os.makedirs(self.file("tree/ci"))
        copy = shutil.copytree(PACKAGE, self.file("tree/ci/race-test"))
        os.symlink(os.path.join(TOP, "build"), self.file("tree/build"))
        module = os.path.join(copy, "racetest", "command.py")
        with open(module, encoding="utf-8") as file:
            text = file.read()
        with open(module, "w", encoding="utf-8") as file:
            file.write(text.replace("results.print()", "results.nonsense()"))
        broken = os.path.join(copy, "race-test")
        result = self.run_it(2, "-n", 2, "--no-perturb", "--", program("modes"), "race", tool=broken)
        self.assertIn("an error of race-test itself", result.stderr)
        with open(module, "a", encoding="utf-8") as file:
            file.write("no Python\n")
        self.assertIn("cannot be loaded", self.run_it(2, program("modes"), tool=broken).stderr)
