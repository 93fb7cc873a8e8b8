#!/usr/bin/env python3
"""test_recipes.py FOLDER: race-test's formats against their schemas, and the recipes for CI. CTest's and
Meson's are run; of the workflow files, GitHub's is validated and GitLab's is only read as YAML."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
RACE_TEST = os.path.join(TOP, "ci", "race-test", "race-test")
RECIPES = os.path.join(HERE, "recipes")
CLANG = os.environ.get("CLANG_NEWEST", "clang")  # by role, as the Makefile says
COMPILERS = (CLANG, "gcc")
FOLDER = None


class Recipes(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="race-test-recipes-")
        self.addCleanup(shutil.rmtree, self.folder)

    def run_it(self, status, *command, **environment):
        kept = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "CFLAGS", "LDFLAGS")}
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=self.folder,
                              env={**kept, **environment}, timeout=300, check=False)
        self.assertEqual(done.returncode, status, done.stdout)
        return done.stdout

    def validate(self, schema, *files):
        return self.run_it(0, "node", os.path.join(HERE, "validate.cjs"), os.path.join(FOLDER, "npm"), schema, *files)

    def test_sarif(self):
        schema = os.path.join(FOLDER, "npm", "package", "lib", "schemas", "sarif-2.1.0-rtm.5.json")
        modes = os.path.join(FOLDER, CLANG, "modes")
        plain = os.path.join(FOLDER, CLANG, "plain", "modes")
        known = os.path.join(self.folder, "known")
        with open(known, "w", encoding="utf-8") as file:
            file.write("data race: bump@modes.c | bump@modes.c on shared # known\n")
        files = []

        def write(status, *arguments):
            files.append(os.path.join(self.folder, f"{len(files)}.sarif"))
            self.run_it(status, RACE_TEST, "--sarif", files[-1], "--timeout", "1", "-n", "3", *arguments)

        write(0, "--", modes, "clean")
        write(1, "--", modes, "several")
        write(1, "--known", known, "--", modes, "several")
        write(1, "--", modes, "wait")
        write(1, "--", modes, "crash")
        write(2, plain)
        write(2, "--merge", *files)
        self.validate(schema, *files)
        with open(files[0], encoding="utf-8") as file:
            broken = json.load(file)
        broken["runs"][0]["results"] = [{"occurrenceCount": "many"}]
        with open(files[0], "w", encoding="utf-8") as file:
            json.dump(broken, file)
        with self.assertRaises(AssertionError):  # the validator does look
            self.validate(schema, files[0])

    def test_workflows(self):
        validator = os.path.join(FOLDER, "npm", "node_modules", ".bin", "action-validator")
        github = os.path.join(RECIPES, "github.yml")
        self.run_it(0, validator, github)
        with open(github, encoding="utf-8") as file:
            broken = file.read().replace("runs-on:", "runs-in:")
        with open(os.path.join(self.folder, "broken.yml"), "w", encoding="utf-8") as file:
            file.write(broken)
        self.run_it(1, validator, "broken.yml")
        self.validate("yaml", os.path.join(RECIPES, "gitlab.yml"))

    def test_workflows_call_race_test_with_options_that_it_has(self):
        for name, commands in (("github.yml", 2), ("gitlab.yml", 1)):
            with open(os.path.join(RECIPES, name), encoding="utf-8") as file:
                text = file.read().replace("\n          ", " ")  # YAML's folded lines
            found = re.findall(r"(?m)(?:^ +- |> (?:\S+/)?)race-test (-.*)$", text)
            self.assertEqual(len(found), commands, text)
            for options in found:
                options = re.sub(r"\$\{\{ matrix.shard \}\}|\$CI_NODE_INDEX", "1", options)
                options = re.sub(r"\$\{\{.*?\}\}|\$CI_\w+", "2", options).split()
                self.assertIn("no such program" if "--merge" not in options else "No such file",
                              self.run_it(2, RACE_TEST, *[o for o in options if o != "--known" and "known" not in o]))

    def project(self):
        """The recipes' project, with the library and race-test where a user's installation has them."""
        shutil.copytree(RECIPES, os.path.join(self.folder, "project"))
        prefix = os.path.join(self.folder, "prefix")
        for folder in ("bin", "lib/pkgconfig"):
            os.makedirs(os.path.join(prefix, folder))
        shutil.copy(RACE_TEST, os.path.join(prefix, "bin"))
        shutil.copytree(os.path.join(os.path.dirname(RACE_TEST), "racetest"),
                        os.path.join(prefix, "share", "race-test", "racetest"))
        shutil.copy(os.path.join(TOP, "build", "libracetest-schedule.so"), os.path.join(prefix, "lib"))
        shutil.copy(os.path.join(TOP, "build", "libwaitgroup.a"), os.path.join(prefix, "lib"))
        with open(os.path.join(prefix, "lib/pkgconfig/waitgroup.pc"), "w", encoding="utf-8") as file:
            file.write(f"Name: waitgroup\nDescription: the library\nVersion: 0\nCflags: -I{TOP}/include\n"
                       f"Libs: -L{prefix}/lib -lwaitgroup -pthread\n")
        return {"PATH": os.path.join(prefix, "bin") + ":" + os.environ["PATH"],
                "PKG_CONFIG_PATH": os.path.join(prefix, "lib/pkgconfig")}

    def test_ctest(self):
        environment = self.project()
        for compiler in COMPILERS:
            self.run_it(0, "cmake", "-S", "project", "-B", compiler, f"-DCMAKE_C_COMPILER={compiler}", **environment)
            self.run_it(0, "cmake", "--build", compiler, **environment)
            self.run_it(8, "ctest", "--test-dir", compiler, "-L", "race", "--output-junit", "race.xml", **environment)
            with open(os.path.join(self.folder, compiler, "race.xml"), encoding="utf-8") as file:
                junit = file.read()
            self.assertRegex(junit, r'<testcase name="sum_test"[^>]*status="run"')
            self.assertRegex(junit, r'<testcase name="late_add_test"[^>]*status="fail"')
            self.assertIn("WaitGroup misuse: Add called concurrently with Wait: main@late_add_test.c", junit)
            self.assertIn("0 problems in 50 runs", junit)

    def test_meson(self):
        environment = self.project()
        for compiler in COMPILERS:
            self.run_it(0, "meson", "setup", compiler, "project", CC=compiler, **environment)
            self.run_it(1, "meson", "test", "-C", compiler, "--setup", "race", **environment)
            with open(os.path.join(self.folder, compiler, "meson-logs", "testlog-race.txt"), encoding="utf-8") as file:
                log = file.read()
            self.assertIn("0 problems in 50 runs", log)
            self.assertIn("WaitGroup misuse: Add called concurrently with Wait: main@late_add_test.c", log)


if __name__ == "__main__":
    FOLDER = os.path.abspath(sys.argv.pop(1))
    outcome = unittest.main(exit=False, verbosity=1).result
    bad = len({str(test) for test, _ in outcome.failures + outcome.errors})
    print(f"race-test's recipes: {outcome.testsRun - bad} passed, {bad} failed")
    sys.exit(bad != 0)
