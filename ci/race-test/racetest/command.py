"""The command line."""

import argparse
import io
import json
import os
import re
import signal
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

from racetest.control import REPLAYS
from racetest.exhaustive import Exploration, replayed
from racetest.junit import junit
from racetest.manner import Delays, find_object
from racetest.picture import draw, form_of, lessons
from racetest.program import Program, program_at, tell_apart
from racetest.results import Results, Shard
from racetest.runner import Plan, Runner
from racetest.sarif import merged, sarif
from racetest.trouble import OK, TROUBLE, Trouble
from racetest.version import version
from racetest.ways import Free, Mixed


def positive(kind: type) -> Callable[[str], Any]:
    def parse(text: str) -> Any:
        try:
            value = kind(text)
        except ValueError:
            value = 0
        if not 0 < value < 1e9:  # also no NaN, which compares false
            raise argparse.ArgumentTypeError(f"{text!r} is not a positive number")
        return value
    return parse


def shard(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d+)/(\d+)", text)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise argparse.ArgumentTypeError(f"{text!r} is not I/N with 1 <= I <= N")
    return int(match[1]), int(match[2])


def known_keys(path: str) -> dict[str, str]:
    """Key -> note. A note begins at a # that stands first or after white space."""
    keys = {}
    if path:
        try:
            with open(path, encoding="utf-8-sig") as file:
                for line in file:
                    key, _, note = re.sub(r"(^|\s)#", r"\1\0", line.strip(), count=1).partition("\0")
                    if key.strip():
                        keys[key.strip()] = note.strip()
        except (OSError, UnicodeDecodeError) as error:
            raise Trouble(f"{path}: {getattr(error, 'strerror', None) or 'not a text file'}") from None
    return keys


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="race-test", allow_abbrev=False,
        usage="race-test [options] PROGRAM...\n       race-test [options] -- PROGRAM ARG...\n"
              "       race-test [options] --merge FILE.sarif...",
        description="Runs programs built with -fsanitize=thread many times under perturbed schedules and reports "
                    "each distinct problem once.",
        epilog="Exit status: 0 no new problem, 1 problems, 2 could not run. See race-test(1).")
    add = parser.add_argument
    add("--version", action="store_true", help="print the version and exit")
    add("-n", "--runs", type=positive(int), metavar="N", help="runs of each program (100; with -t alone, no limit)")
    add("-t", "--time", type=positive(float), metavar="SECONDS", help="seconds for each program")
    add("-j", "--jobs", type=positive(int), metavar="N", help="runs at a time (the number of processors)")
    add("--timeout", type=positive(float), metavar="SECONDS", default=30, help="a run that takes longer hangs (30)")
    add("--seed", metavar="S", help="where the runs' seeds come from (random, and printed)")
    add("--no-perturb", action="store_true", help="repeat only, do not disturb the schedule")
    add("--fail-fast", action="store_true", help="stop at the first new problem")
    add("--shard", type=shard, metavar="I/N", default=(1, 1), help="do the I-th of N parts of the runs")
    add("--free", action="store_true", help="no runs under control")
    add("--controlled", action="store_true", help="only runs under control: one thread at a time, by chosen schedules")
    add("--exhaustive", action="store_true", help="every order once, within -n and -t; see race-test(1)")
    add("--accesses", action="store_true", help="with --exhaustive: also the orders of plain accesses")
    add("--replay", metavar="SCHEDULE", help="make the run of this schedule again, three times")
    add("--on-time", action="store_true", help="under control, no deadline passes while a thread can go on")
    add("--picture", metavar="FILE", help="draw the run of the first new problem under control, or of --replay: "
        "FILE.svg, .txt, .shiviz, .json (Chrome)")
    add("--merge", action="store_true", help="join the SARIF files of the shards, run nothing")
    add("--known", metavar="FILE", help="keys of problems that do not fail the job; # begins a note")
    add("--junit", metavar="FILE", help="write JUnit XML")
    add("--sarif", metavar="FILE", help="write SARIF 2.1.0")
    add("programs", nargs="*", metavar="PROGRAM", help=argparse.SUPPRESS)
    return parser


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = make_parser()
    own, command = arguments, None
    if "--" in arguments:
        at = arguments.index("--")
        own, command = arguments[:at], arguments[at + 1:]
    options = parser.parse_intermixed_args(own)
    if options.version:
        print(f"race-test {version()}")
        sys.exit(OK)
    if command is not None and options.programs:
        parser.error("name the program after --, or programs without --")
    options.command = command
    if not options.programs and not command:
        parser.error("no file to merge" if options.merge else "no program named")
    if options.merge + options.free + options.controlled + options.exhaustive + (options.replay is not None) > 1:
        parser.error("--merge, --free, --controlled, --exhaustive and --replay exclude each other")
    if options.no_perturb and (options.controlled or options.exhaustive or options.replay is not None):
        parser.error("--no-perturb is for runs at full speed")
    if options.picture and options.merge:
        parser.error("--picture needs a run")
    if options.picture and (options.free or options.no_perturb):
        parser.error("--picture draws runs under control, of which there are none")
    if options.accesses and not options.exhaustive:
        parser.error("--accesses belongs to --exhaustive")
    if options.on_time and (options.free or options.no_perturb or options.replay is not None):
        parser.error("--on-time is for runs under control, by new schedules")
    if (options.fail_fast or options.time is not None) and options.replay is not None:
        parser.error("--replay makes all of its runs, as many as -n says")
    if options.replay is not None and len(options.programs) > 1:
        parser.error("a schedule is one program's")
    if options.shard != (1, 1) and (options.exhaustive or options.replay is not None):
        parser.error("--exhaustive and --replay have no shards")
    if options.merge and command:
        options.programs = command
    if options.runs is None and options.time is None and not options.exhaustive:
        options.runs = 100 if options.replay is None else REPLAYS
    options.jobs = options.jobs or len(os.sched_getaffinity(0))
    options.seed = options.seed or str(int.from_bytes(os.urandom(4), "big"))
    options.known_keys = known_keys(options.known)
    if options.picture:
        form_of(options.picture)
        lessons()  # is there
    return options


def write(path: str, text: str, mode: str = "w") -> None:
    if path:
        try:
            with open(path, mode, encoding="utf-8", errors="replace") as file:
                file.write(text)
        except OSError as error:
            raise Trouble(f"{path}: {error.strerror}") from None


def check_writable(path: str) -> None:
    """Rather now than after an hour. No empty file stays: there may be nothing to write."""
    if path:
        is_new = not os.path.lexists(path)
        write(path, "", "a")
        if is_new:
            os.unlink(path)


def programs_of(options: argparse.Namespace) -> list[Program]:
    commands = [options.command] if options.command else [[name] for name in dict.fromkeys(options.programs)]
    programs = [program_at(command) for command in commands]
    tell_apart(programs)
    return programs


def explored(options: argparse.Namespace) -> Results:
    """The results of one schedule, or of every order."""
    programs = programs_of(options)
    begun, problems, remarks, interrupted = time.monotonic(), [], [], None
    for program in programs:
        if options.replay is not None:
            problems += replayed(program, options.replay, options.runs, options.timeout)
            continue
        exploration = Exploration(program, options)
        exploration.run()
        problems += exploration.problems.values()
        remarks.append(exploration.summary())
        if exploration.signal:
            interrupted = signal.Signals(exploration.signal).name
        if exploration.signal or exploration.is_enough:
            break
    part = Shard(1, 1, "", options.runs or 0, tuple(p.name for p in programs))
    results = Results(problems, programs, time.monotonic() - begun, [part], options.known_keys, interrupted)
    results.remarks, results.unit = remarks, "order" if options.exhaustive else "run"
    results.is_complete = results.is_complete and options.replay is None and not (options.fail_fast and results.new)
    return results


def ways_of(options: argparse.Namespace) -> Free:
    if options.free or options.no_perturb:
        return Free()
    return Mixed(options.timeout, options.known_keys, options.controlled, options.on_time)


def tested(options: argparse.Namespace) -> Results:
    """The results of the runs that the options ask for."""
    programs = programs_of(options)
    plan = Plan(programs, options.runs, options.time, options.jobs, options.shard, options.seed,
                ways=ways_of(options))
    manner = Delays(options.timeout, find_object(), not options.no_perturb)
    runner = Runner(plan, manner, options.known_keys, options.timeout, options.fail_fast)
    print(f"race-test: --seed {options.seed}", file=sys.stderr, flush=True)
    runner.run()
    part = Shard(options.shard[0], options.shard[1], options.seed, options.runs or 0, tuple(p.name for p in programs))
    results = Results(runner.problems.values(), programs, time.monotonic() - runner.begun, [part],
                      options.known_keys, signal.Signals(runner.signal).name if runner.signal else None)
    results.is_complete = results.is_complete and not runner.stop
    return results


def draw_picture(options: argparse.Namespace, results: Results) -> None:
    """Of the run that was asked for, or of the first problem that has a schedule, a new one if there is one."""
    if options.replay is not None and results.trouble:
        results.remarks.append(f"{options.picture}: not written: the run is not that of the schedule")
        return
    if options.replay is not None:
        draw(results.programs[0], options.replay, options.picture, [problem.kind for problem in results.problems])
        return
    problem = next((p for p in [*results.new, *results.problems] if p.schedule is not None), None)
    if problem:
        program = next(p for p in results.programs if p.name in problem.programs)
        draw(program, str(problem.schedule), options.picture, [problem.kind])
        results.remarks.append(f"{options.picture}: the run that shows {problem.key}")
    else:
        results.remarks.append(f"{options.picture}: not written: no problem was found under control, so there is "
                               "nothing to draw")


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    for path in () if options.merge else (options.junit, options.sarif, options.picture):
        check_writable(path)
    if options.merge:
        results = merged(options.programs, options.known_keys)
    elif options.exhaustive or options.replay is not None:
        results = explored(options)
    else:
        results = tested(options)
    try:
        write(options.junit, junit(results))
        write(options.sarif, json.dumps(sarif(results), indent=1) + "\n")
        if options.picture:
            draw_picture(options, results)
    finally:
        results.print()
    return results.status


def run_command(arguments: list[str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        assert isinstance(stream, io.TextIOWrapper)
        stream.reconfigure(errors="replace")
    try:
        return main(arguments)
    except Trouble as trouble:
        print(f"race-test: {trouble}", file=sys.stderr)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        print("race-test: interrupted", file=sys.stderr)
    except Exception:  # an error of our own must not look like "problems"
        traceback.print_exc()
        print("race-test: an error of race-test itself, see above", file=sys.stderr)
    return TROUBLE
