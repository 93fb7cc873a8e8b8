#!/usr/bin/env python3
"""Runs each scenario of tests/verdict beside its twin, which uses the real sync.WaitGroup, and compares.

    conformance.py --runs N [--write] COMPILER=DIRECTORY...

A DIRECTORY holds the scenarios that COMPILER built, build/go/twins is the twins' program. Status 0
only if every run did what it should: the twins, our default mode (which has Go's verdict) and strict=1.
--write puts the tables into tests/go/conformance.md.
"""

import argparse
import concurrent.futures
import glob
import os
import re
import subprocess
import sys

# Rules of Go's documentation in our words; the last three are of this library or of the language.
RULES = {
    "balance": "one Done for each unit that Add announced",
    "add": "an Add from zero comes before Wait",
    "any time": "an Add above zero or of no unit may come at any time",
    "reuse": "a new round starts when every Wait has returned",
    "copy": "no copy after the first use",
    "order": "Done comes before the return of the Wait that it unblocks",
    "order only": "nothing but Done and Wait gives order",
    "panic": "a recovered panic changes no order",
    "deadline": "a wait that timed out gives no order (ours)",
    "group": "every call needs a group",
    "task": "a panic that leaves a task ends the program",
    "blocking": "a blocked wait lets signal handlers run (ours)",
}

MISTAKES = [
    ("Too many Done", ["panic/negative_counter"]),
    ("Too few Done", ["norace/done_is_missing"]),
    ("Add after the start, Wait blocks", ["race/add_inside_thread"]),
    ("Add after the start, Wait has returned at zero",
     ["norace/add_inside_thread_after_wait", "race/wait_returns_before_add"]),
    ("Copying the group", ["norace/copy_is_used"]),
    ("Copying the struct that embeds it", ["norace/copy_of_embedding_struct_is_used"]),
    ("Reuse before every Wait has returned, by the first waiter", ["norace/reuse_by_the_first_waiter"]),
    ("Reuse before every Wait has returned, by another thread",
     ["race/reuse_by_a_later_waiter", "race/reuse_before_first_waiter_returned"]),
    ("Done after Wait has returned", ["panic/done_after_wait_returned", "race/write_after_done"]),
    ("Wait with a lock held that a worker needs", ["norace/wait_with_lock_held"]),
]

GO_TESTS = {"runtime/race/testdata/waitgroup_test.go": "Test", "sync/waitgroup_test.go": ""}
GO = os.environ.get("GO", "go")  # by role, as the Makefile says


def of_go(*arguments):
    return subprocess.run([GO, *arguments], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def version(text):
    return tuple(map(int, text.split(".")[:2]))


GO_VERSION = version(of_go("env", "GOVERSION").removeprefix("go"))
GO_SOURCE = os.path.join(of_go("env", "GOROOT"), "src")
TIME_LIMIT = 60


class Mistake(Exception):
    """In the corpus, not in what is tested."""


class Scenario:
    def __init__(self, path):
        self.path = path
        self.name = os.path.splitext(path)[0][len("tests/verdict/"):]
        with open(path, encoding="utf-8") as file:
            head = file.readline()
        self.head = dict(field.split(": ", 1) for field in re.sub(r"^/\* | \*/$", "", head.strip()).split(" | "))
        for key in ("question", "rule", "mirrors", "expect"):
            if key not in self.head:
                raise Mistake(f"{path}: no {key}: in the head line")
        if self.head["rule"] not in RULES:
            raise Mistake(f"{path}: rule: is one of {', '.join(RULES)}")
        self.twin = f"tests/go/{self.name}.go"
        mirrors = self.head["mirrors"]
        self.no_twin = mirrors[len("none, "):] if mirrors.startswith("none, ") else None
        self.mirrors = {} if mirrors == "-" or self.no_twin else dict(map(test_and_version, mirrors.split(", ")))
        if self.no_twin is None and not os.path.exists(self.twin):
            raise Mistake(f"{path}: it has no twin {self.twin} (or else mirrors: says none, and why)")
        self.verdict = self.name.split("/")[0]
        for test in self.mirrors:
            documented = re.match("Race|NoRace|", test)[0].lower()
            if documented and documented != self.verdict:
                raise Mistake(f"{path}: {test} of Go expects {documented}, the scenario {self.verdict}")
        default = "no race" if self.verdict == "norace" else self.head["expect"]
        if self.verdict == "panic":
            default = "panic: " + default
        self.default = default
        self.strict = self.head.get("strict", default)
        self.go = self.head.get("go", default)
        for key, value in self.head.items():
            if key.startswith("go before ") and GO_VERSION < version(key[len("go before "):]):
                self.go = value


def test_and_version(mirror):
    """NAME, or NAME (Go VERSION) of a test that older versions do not have."""
    test, _, since = mirror.partition(" (Go ")
    return test, version(since.rstrip(")") or "1")


def in_words(expected, prints=None):
    """Of what a head line expects."""
    if "panic: " in expected:
        return expected.split(":")[0]
    said = [word for word in ("misuse", "data race") if re.search(rf"{word} in ", expected)]
    if prints:
        said.append("told")
    return " and ".join(said) or "silent"


def run_twin(scenario):
    """What a twin did, in the words of a head line: no race, data race in .., panic: MESSAGE."""
    environment = dict(os.environ, GORACE="atexit_sleep_ms=0 exitcode=66 halt_on_error=0", GOTRACEBACK="single")
    environment.pop("GODEBUG", None)
    environment.pop("GOMAXPROCS", None)
    done = subprocess.run(["timeout", "-s", "KILL", str(TIME_LIMIT), "build/go/twins", scenario.name],
                          env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    text = done.stdout.decode(errors="replace")
    panic = re.search(r"^panic: (.*?)(?: \[recovered[^]]*\])?$", text, re.M)
    reports = text.split("WARNING: DATA RACE\n")[1:]
    if done.returncode == 2 and panic:
        return "panic: " + panic[1], text
    if not re.search(r"^DONE$", text, re.M) or done.returncode != (66 if reports else 0):
        return f"broken run, status {done.returncode}", text
    kinds = set()
    for report in reports:
        # Both halves of a misuse are what WaitGroup itself tells the detector, by race.Read and race.Write.
        halves = re.findall(r"^(?:Previous )?(?:[Rr]ead|[Ww]rite) at .*\n  (\S+)\(\)$", report, re.M)
        told = [half in ("runtime.raceread", "runtime.racewrite") for half in halves]
        kinds.add("WaitGroup misuse" if len(told) == 2 and all(told) else "data race")
    return "; ".join(sorted(kinds)) or "no race", text


def twin_is_right(expected, actual):
    if expected.startswith("may "):
        return actual == "no race" or actual.startswith(expected[len("may "):])
    if expected.startswith("panic: "):
        return actual == expected
    return "; ".join(sorted(part.split(" in ")[0] for part in expected.split("; "))) == actual


class Count:
    """How many of the runs of a twin or of a scenario went right."""

    def __init__(self, right, runs, happened=None, explanation=""):
        self.right, self.runs, self.happened, self.explanation = right, runs, happened, explanation

    def __str__(self):
        return f"{self.right if self.happened is None else self.happened}/{self.runs}"


def judge_twin(scenario, runs):
    right = happened = 0
    explanation = ""
    for _ in range(runs):
        actual, text = run_twin(scenario)
        happened += actual.startswith("panic: ")
        if twin_is_right(scenario.go, actual):
            right += 1
        elif not explanation:
            explanation = f"{scenario.name} in Go: {actual}, expected {scenario.go}; it printed:\n{text}"
    return Count(right, runs, happened if scenario.go.startswith("may ") else None, explanation)


def judge_ours(scenario, program, mode, runs):
    done = subprocess.run(["build/verdict/judge", scenario.path, program, mode, str(runs)],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    count = re.fullmatch(r"(\d+)/\d+\n", done.stdout.decode())
    return Count(int(count[1]) if count else 0, runs, None, done.stderr.decode(errors="replace"))


def judge_all(scenarios, compilers, runs):
    """The counts, by scenario and by "go" or (compiler, mode)."""
    counts: dict[tuple, str] = {}
    with concurrent.futures.ThreadPoolExecutor(2 * os.cpu_count()) as pool:
        futures: dict[concurrent.futures.Future, tuple] = {}
        for scenario in scenarios:
            if scenario.no_twin is None:
                futures[pool.submit(judge_twin, scenario, runs)] = (scenario.name, "go")
            for compiler, directory in compilers:
                for mode in ("default", "strict"):
                    program = f"{directory}/{scenario.name}"
                    future = pool.submit(judge_ours, scenario, program, mode, runs)
                    futures[future] = (scenario.name, (compiler, mode))
        for number, future in enumerate(concurrent.futures.as_completed(futures), 1):
            counts[futures[future]] = future.result()
            if sys.stderr.isatty():
                print(f"\r{number}/{len(futures)} questions, {runs} runs each ", end="", file=sys.stderr, flush=True)
            elif number % 50 == 0 or number == len(futures):
                print(f"conformance: {number}/{len(futures)} questions, {runs} runs each", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    return counts


def go_cell(scenario, counts):
    if scenario.no_twin:
        return f"no counterpart: {scenario.no_twin}"
    return f"{in_words(scenario.go)} {counts[scenario.name, 'go']}"


def markdown(header, rows):
    widths = [max(len(row[i]) for row in [header] + rows) for i in range(len(header))]
    lines = [header, ["-" * width for width in widths]] + rows
    return "".join("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |\n" for line in lines)


def main_table(scenarios, compilers, counts):
    header = ["scenario", "rule", "Go's own test", "`go -race`", "ours"]
    header += [name for name, _ in compilers] + ["with strict=1"] + [name for name, _ in compilers]
    rows = []
    for scenario in scenarios:
        row = [f"`{scenario.name}`", RULES[scenario.head["rule"]], ", ".join(scenario.mirrors) or "-",
               go_cell(scenario, counts)]
        for mode, expected in ("default", scenario.default), ("strict", scenario.strict):
            row.append(in_words(expected, scenario.head.get("prints")))
            row += [str(counts[scenario.name, (name, mode)]) for name, _ in compilers]
        rows.append(row)
    return markdown(header, rows)


def mistakes_table(scenarios, compilers, counts):
    by_name = {scenario.name: scenario for scenario in scenarios}
    rows = []
    for mistake, names in MISTAKES:
        for name in names:
            if name not in by_name:
                raise Mistake(f"{name}: the scenario of a usual mistake is missing")
            scenario = by_name[name]
            row = [mistake, f"`{name}`", go_cell(scenario, counts)]
            for mode, expected in ("default", scenario.default), ("strict", scenario.strict):
                runs = [counts[name, (compiler, mode)] for compiler, _ in compilers]
                row.append(in_words(expected, scenario.head.get("prints")) +
                           f" {sum(count.right for count in runs)}/{sum(count.runs for count in runs)}")
            rows.append(row)
    return markdown(["mistake", "scenario", "`go -race`", "ours", "with strict=1"], rows)


def document(scenarios, compilers, counts, runs):
    without = sum(scenario.no_twin is not None for scenario in scenarios)
    tests = sum(len(names) for names in go_tests().values())
    return f"""\
# Side by side with Go

Each scenario of `tests/verdict` has a twin in `tests/go`: the same events in the same order, with the
real `sync.WaitGroup` under the race detector of Go {".".join(map(str, GO_VERSION))}. {len(scenarios)} scenarios, \
{len(scenarios) - without} twins, all {tests} of Go's own tests of
WaitGroup covered; every twin and every scenario ran {runs} times, each time in a process of its own. k/{runs}:
in k runs it did exactly what its verdict says. *misuse*: the report that an Add is concurrent with a Wait;
*data race*: a report on the user's data; *told*: the library prints what is wrong (the scenario sets
`stall_after`); *silent*: nothing, although the mistake may be there. By `make conformance`.

The usual mistakes, ours summed over {", ".join(name for name, _ in compilers)}:

{mistakes_table(scenarios, compilers, counts)}
Go is silent where a Wait that found zero, or was not the first to block, is unordered with an Add:
its model knows only the first waiter that blocks. Default mode is as silent as Go, strict=1 reports.
A Wait that can never return is silent under `go -race` (Go's deadlock message needs a program without
cgo, which the race detector is not, and no other goroutine that could run). Copies are a matter of
`go vet` in Go, and a panic with strict=1 here.

The twins run with Go 1.19, 1.24 and 1.27, and Go itself goes wrong in some of them. In every version,
`norace/add_zero_during_release`: an Add of zero that meets a release in flight releases a second time, and
a correct program panics (in so many of the runs: that count depends on luck). Before 1.26,
`race/recovered_reuse_panic`: a Wait that panics leaves the detector switched off for what its goroutine
synchronizes, and a correct use of a mutex is reported; since 1.20 the same after a Wait of a nil group,
`norace/clean_after_recovered_wait_of_null`. And before 1.26 a task that panicked counted itself done on the
way, and the Wait that this released could end the program first: `panic/exception_leaves_task`. Ours does
none of it: only a negative delta releases, a panic leaves nothing switched off, and an exception that
leaves a task ends the program as it stands.

## All {len(scenarios)} scenarios

{main_table(scenarios, compilers, counts)}"""


def go_tests():
    """The names of Go's own tests, by file, as mirrors: writes them."""
    tests = {}
    for path, prefix in GO_TESTS.items():
        try:
            with open(f"{GO_SOURCE}/{path}", encoding="utf-8") as file:
                tests[path] = re.findall(rf"^func {prefix}(\w+)\(t \*testing", file.read(), re.M)
        except OSError as error:
            raise Mistake(f"{error}: ci/run conformance installs it") from error
        if not tests[path]:
            raise Mistake(f"{path}: no tests found")
    tests["sync/waitgroup_test.go"] = [name for name in tests["sync/waitgroup_test.go"] if name.startswith("Test")]
    return tests


def check_corpus(scenarios):
    theirs = {test for names in go_tests().values() for test in names}
    ours = {test for scenario in scenarios for test, since in scenario.mirrors.items() if since <= GO_VERSION}
    for test in sorted(theirs - ours):
        raise Mistake(f"{test} of Go's own tests is mirrored by no scenario")
    for test in sorted(ours - theirs):
        raise Mistake(f"mirrors: {test} is no test of Go's")
    twins = set(glob.glob("tests/go/*/*.go")) - set(glob.glob("tests/go/twin/*.go"))
    for path in sorted(twins - {scenario.twin for scenario in scenarios if scenario.no_twin is None}):
        raise Mistake(f"{path}: a twin without a scenario")


def put(text):
    with open("tests/go/conformance.md", "w", encoding="utf-8") as file:
        file.write(text)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, required=True)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("compilers", nargs="+", metavar="COMPILER=DIRECTORY")
    arguments = parser.parse_args()
    if arguments.runs < 1 or not all("=" in compiler for compiler in arguments.compilers):
        parser.error("expected at least one run, and compilers as NAME=DIRECTORY")
    compilers = [compiler.split("=", 1) for compiler in arguments.compilers]

    scenarios = [Scenario(path) for kind in ("race", "norace", "panic")
                 for path in sorted(glob.glob(f"tests/verdict/{kind}/*.c*"))]
    check_corpus(scenarios)
    for program in ["build/go/twins", "build/verdict/judge",
                    *(f"{directory}/{scenario.name}" for _, directory in compilers for scenario in scenarios)]:
        if not os.path.exists(program):
            raise Mistake(f"{program} is not built: run make conformance, or make conformance-short")
    counts = judge_all(scenarios, compilers, arguments.runs)
    text = document(scenarios, compilers, counts, arguments.runs)
    print(text)

    wrong = {key: count for key, count in counts.items() if count.right != count.runs}
    for (name, subject), count in sorted(wrong.items(), key=str):
        who = "Go" if subject == "go" else f"{subject[0]}, {subject[1]} mode"
        print(f"{name}, {who}: {count.runs - count.right} of {count.runs} runs wrong\n{count.explanation}")
    if arguments.write:
        put(text)
    if wrong:
        return 1
    print(f"conformance: {len(counts)} questions, {arguments.runs} runs each, all as they should be")
    return 0


if __name__ == "__main__":
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
    try:
        sys.exit(main())
    except Mistake as mistake:
        print(f"conformance: {mistake}", file=sys.stderr)
        sys.exit(2)
