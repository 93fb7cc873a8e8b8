#!/usr/bin/env python3
"""measure.py RUNS FOLDER: how often plain repetition and the perturbed one find each bug of the corpus.

FOLDER holds the programs built by the Makefile, in buggy/ and correct/. The two schedules run side by
side, so that the machine's other load falls on both. Prints a table and one line per target; the exit
status says whether all of them are met."""

import json
import os
import statistics
import subprocess
import sys

RACE_TEST = os.path.join(os.path.dirname(__file__), "..", "..", "ci", "race-test", "race-test")
SEEDS, AGAIN = 8, 8  # seeds that found a bug, and runs of each


def start(programs, runs, sarif, *options, **environment):
    command = [RACE_TEST, "-n", str(runs), "--timeout", "2", "--sarif", sarif, *options, *programs]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                            env={**os.environ, **environment})


def results(process, sarif):
    if process.wait() == 2:
        sys.exit(f"race-test could not run: see {sarif}")
    with open(sarif, encoding="utf-8") as file:
        run = json.load(file)["runs"][0]
    return {p["name"]: p for p in run["invocations"][0]["properties"]["programs"]}, run["results"]


def main(runs, folder):
    buggy, correct = ([os.path.join(folder, kind, name) for name in sorted(os.listdir(os.path.join(folder, kind)))]
                      for kind in ("buggy", "correct"))
    files = {name: os.path.join(folder, name + ".sarif") for name in ("plain", "perturbed", "correct", "again")}
    seed = os.environ.get("RACETEST_SEED") or str(int.from_bytes(os.urandom(4), "big"))
    print(f"{os.path.basename(folder)}, RACETEST_SEED={seed}, {runs} runs of each program", flush=True)

    both = (start(buggy + correct, runs, files["plain"], "--no-perturb", "-j2"),
            start(buggy + correct, runs, files["perturbed"], "-j2", "--seed", seed))
    plain, _ = results(both[0], files["plain"])
    perturbed, problems = results(both[1], files["perturbed"])

    def rate(program):
        return program["runsWithProblems"] / program["runs"]

    def per_run(programs, what):
        return sum(p[what] / p["runs"] for p in programs) / len(programs)

    print(f"{'':34}{'plain':>8}{'perturbed':>11}{'times':>7}{'same seed':>11}{'times':>7}")
    gains, repeats, missed = [], [], []
    for program in buggy:
        name = os.path.basename(program)
        before, after = rate(plain[program]), rate(perturbed[program])
        gain = after / max(before, 0.5 / plain[program]["runs"])
        if after == 0:
            missed.append(name)
        if before < 0.25:
            gains.append(gain)
        line = f"{name:34}{before:8.3f}{after:11.3f}{gain:7.1f}"
        if 0 < after < 0.2:
            seeds = [s for p in problems if program in p["properties"]["programs"]
                     for s in p["properties"]["seeds"]][:SEEDS]
            found = total = 0
            for one in seeds:
                again = start([program], AGAIN, files["again"], "-j4", WAITGROUP_OPTIONS=f"perturb={one}")
                facts = results(again, files["again"])[0][program]
                found, total = found + facts["runsWithProblems"], total + facts["runs"]
            repeats.append(found / total / after)
            line += f"{found / total:11.3f}{repeats[-1]:7.1f}"
        print(line, flush=True)

    quiet = start(correct, max(runs, -(-1000 // len(correct))), files["correct"], "-j4", "--seed", seed)
    silent, false = results(quiet, files["correct"])
    # The price of the delays, in runs that find nothing: a report has a price of its own, whoever finds it.
    cpu, wall = (per_run([perturbed[p] for p in correct], what) / per_run([plain[p] for p in correct], what)
                 for what in ("cpuSeconds", "wallSeconds"))
    gain, repeat = statistics.median(gains), statistics.median(repeats) if repeats else None
    targets = [
        (f"every bug found within {runs} runs", not missed, ", ".join(missed) or f"{len(buggy)} of {len(buggy)}"),
        ("median gain of those found in less than a quarter, at least 5", gain >= 5, f"{gain:.1f}"),
        ("same seed again, median, at least 3 times", repeat is None or repeat >= 3,
         "none is that rare" if repeat is None else f"{repeat:.1f}"),
        ("CPU per run of a correct program, at most 1.2 times", cpu <= 1.2, f"{cpu:.2f}"),
        ("wall time per run of a correct program, at most 1.5 times", wall <= 1.5, f"{wall:.2f}"),
        (f"reports in {sum(p['runs'] for p in silent.values())} runs of correct programs, 0", not false,
         str(len(false))),
    ]
    for text, met, value in targets:
        print(f"{'ok  ' if met else 'MISS'} {text}: {value}")
    return 0 if all(met for _, met, _ in targets) else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2]))
