"""What the tests of race-test share: where the programs are, and how race-test is run."""

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
PACKAGE = os.path.join(TOP, "ci", "race-test")
RACE_TEST = os.path.join(PACKAGE, "race-test")
sys.path.insert(0, PACKAGE)

RACE = "data race: bump@modes.c | bump@modes.c on shared"
MISUSE = "WaitGroup misuse: Add called concurrently with Wait: add_inside@modes.c | several@modes.c on group"
NEGATIVE = "panic: sync: negative WaitGroup counter: {}@modes.c"
ENOUGH = 5  # seconds, in which a program reaches where it hangs, on any machine: waiting for a processor does not count
GUARD = 600  # seconds, after which a test gives up; no verdict
FOLDERS: list[str] = []  # the programs by each compiler


def program(name, compiler=0):
    return os.path.join(FOLDERS[compiler], name)


def alive(text, first=False):
    """Processes with the text in their command line, or at its beginning; zombies excepted (theirs is empty)."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                at = file.read().find(text.encode())
                if (at == 0 or at > 0 and not first) and int(pid) != os.getpid():
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
                              env=self.environment(environment), cwd=self.folder, timeout=GUARD, check=False,
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
