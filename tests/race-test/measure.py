#!/usr/bin/env python3
"""measure.py RUNS FOLDER: how often plain repetition, delays, and the default mix of delays and control find each
bug of the corpus, and how soon control alone does.

FOLDER holds the programs built by the Makefile, in buggy/ and correct/, with the runtime as a shared library. The
three run side by side, so that the machine's other load falls on all. Prints a table and one line per target; the exit
status says whether all of them are met."""

import json
import os
import shlex
import statistics
import subprocess
import sys

RACE_TEST = os.path.join(os.path.dirname(__file__), "..", "..", "ci", "race-test", "race-test")
SEEDS, AGAIN = 8, 8  # seeds that found a bug, and runs of each
FIRSTS, REPLAYS = 3, 21  # seeds of control alone; replays of the first


def start(programs, runs, sarif, *options, **environment):
    command = [RACE_TEST, "-n", str(runs), "--timeout", "2", "--sarif", sarif, *options, *programs]
    with open(sarif + ".err", "w", encoding="utf-8") as errors:
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors, env={**os.environ, **environment})


def results(process, sarif):
    if process.wait() not in (0, 1):  # its file may be empty then
        with open(sarif + ".err", encoding="utf-8") as errors:
            sys.exit(f"{' '.join(process.args)}\nended with {process.returncode}:\n{errors.read()}")
    with open(sarif, encoding="utf-8") as file:
        run = json.load(file)["runs"][0]
    return {p["name"]: p for p in run["invocations"][0]["properties"]["programs"]}, run["results"]


def schedules_to(program, runs, seed, sarif):
    """After how many schedules control alone shows the bug, by seed, and how many of REPLAYS show it again."""
    firsts, again = [], 0
    for number in range(FIRSTS):
        found = start([program], runs, sarif, "--controlled", "--fail-fast", "--seed", f"{seed}/{number}")
        facts, problems = results(found, sarif)
        firsts.append(facts[program]["runs"] if problems else float("inf"))
        if number == 0 and problems:
            schedule = shlex.split(problems[0]["properties"]["command"])[2]
            shown = results(start([program], REPLAYS, sarif, "--replay", schedule), sarif)[1]
            again = sum(p["occurrenceCount"] for p in shown if p["properties"]["key"] == problems[0]["properties"]["key"])
    return firsts, again


def rate(program):
    return program["runsWithProblems"] / program["runs"]


def per_run(programs, what):
    return sum(p[what] / p["runs"] for p in programs) / len(programs)


def same_seed_again(program, problems, sarif):
    """The rate at which seeds of free runs that found the bug find it again."""
    seeds = [s for p in problems if program in p["properties"]["programs"] for s in p["properties"]["seeds"]][:SEEDS]
    found = total = 0
    for one in seeds:
        again = start([program], AGAIN, sarif, "-j4", "--free", WAITGROUP_OPTIONS=f"perturb={one}")
        facts = results(again, sarif)[0][program]
        found, total = found + facts["runsWithProblems"], total + facts["runs"]
    return found / total


def three_ways(programs, runs, files, seed):
    """Plain repetition, delays and the mix, side by side."""
    ways = {"plain": ["--no-perturb"], "delays": ["--free", "--seed", seed], "mix": ["--seed", seed]}
    running = {way: start(programs, runs, files[way], "-j2", *options) for way, options in ways.items()}
    return [results(process, files[way]) for way, process in running.items()]


def main(runs, folder):
    buggy, correct = ([os.path.join(folder, kind, name) for name in sorted(os.listdir(os.path.join(folder, kind)))]
                      for kind in ("buggy", "correct"))
    files = {name: os.path.join(folder, name + ".sarif") for name in ("plain", "delays", "mix", "correct", "again")}
    seed = os.environ.get("RACETEST_SEED") or str(int.from_bytes(os.urandom(4), "big"))
    print(f"{os.path.basename(folder)}, RACETEST_SEED={seed}, {runs} runs of each program", flush=True)

    (plain, _), (delays, problems), (mix, _) = three_ways(buggy + correct, runs, files, seed)
    uncontrolled = [os.path.basename(program) for program in mix if mix[program]["uncontrolled"]]

    print(f"{'':34}{'plain':>8}{'delays':>8}{'times':>7}{'same seed':>11}{'times':>7}{'mix':>8}   schedules to the bug")
    gains, repeats, firsts, replays, missed = [], [], [], [], []
    for program in buggy:
        name = os.path.basename(program)
        before, after = rate(plain[program]), rate(delays[program])
        gain = after / max(before, 0.5 / plain[program]["runs"])
        if not mix[program]["runsWithProblems"]:
            missed.append(name)
        if before < 0.25:
            gains.append(gain)
        line = f"{name:34}{before:8.3f}{after:8.3f}{gain:7.1f}"
        same = same_seed_again(program, problems, files["again"]) if 0 < after < 0.2 else None
        repeats += [] if same is None else [same / after]
        line += f"{'':18}" if same is None else f"{same:11.3f}{repeats[-1]:7.1f}"
        line += f"{rate(mix[program]):8.3f}"
        these, again = schedules_to(program, runs, seed, files["again"])
        firsts.append(statistics.median(these))
        replays += [again] if these[0] <= runs else []
        line += f"   {', '.join(map(str, these))}"
        print(line, flush=True)

    quiet = start(correct, max(runs, -(-2000 // len(correct))), files["correct"], "-j4", "--seed", seed)
    silent, false = results(quiet, files["correct"])
    # The price, in runs that find nothing: a report has a price of its own, whoever finds it.
    cpu, wall = (per_run([delays[p] for p in correct], what) / per_run([plain[p] for p in correct], what)
                 for what in ("cpuSeconds", "wallSeconds"))
    gain, repeat = statistics.median(gains), statistics.median(repeats) if repeats else None
    targets = [
        (f"every bug found within {runs} runs of the mix", not missed, ", ".join(missed) or f"{len(buggy)} of {len(buggy)}"),
        ("median gain by delays of those found in less than a quarter, at least 5", gain >= 5, f"{gain:.1f}"),
        ("same seed again, median, at least 3 times", repeat is None or repeat >= 3,
         "none is that rare" if repeat is None else f"{repeat:.1f}"),
        ("CPU per run with delays of a correct program, at most 1.2 times", cpu <= 1.2, f"{cpu:.2f}"),
        ("wall time per run with delays of a correct program, at most 1.5 times", wall <= 1.5, f"{wall:.2f}"),
        (f"reports in {sum(p['runs'] for p in silent.values())} runs of correct programs, 0", not false,
         str(len(false))),
        ("programs that cannot be controlled, 0", not uncontrolled, ", ".join(uncontrolled) or "0"),
        ("median of schedules to the first bug, at most 5", statistics.median(firsts) <= 5,
         f"{statistics.median(firsts):g}"),
        (f"seen again in {REPLAYS} of {REPLAYS} replays", set(replays) == {REPLAYS},
         f"{sum(again == REPLAYS for again in replays)} of {len(replays)} bugs"),
    ]
    for text, met, value in targets:
        print(f"{'ok  ' if met else 'MISS'} {text}: {value}")
    return 0 if all(met for _, met, _ in targets) else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2]))
