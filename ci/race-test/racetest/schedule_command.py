"""python3 -m racetest.schedule_command: the scheduler by itself, to look at one program."""

import argparse
import sys
import time

from .schedule import NAMES, Server, rotation
from .schedule_memory import ACCESSES, ALL_ACCESSES, EVENT_BLOCKED, TRACE
from .schedule_shrink import shrink
from .schedule_story import Teller
from .schedule_text import format_schedule, parse_schedule
from .trouble import Trouble


def arguments():
    parser = argparse.ArgumentParser(description="run a program built with ThreadSanitizer under chosen schedules")
    parser.add_argument("-n", type=int, default=100, metavar="N", help="so many runs (default 100)")
    parser.add_argument("--strategy", choices=[n for n in NAMES.values() if n != "replay"] + ["rotation"], default="rotation")
    parser.add_argument("--parameter", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--replay", metavar="SCHEDULE")
    parser.add_argument("--exhaustive", action="store_true")
    parser.add_argument("--accesses", choices=["none", "shared", "all"], default="shared")
    parser.add_argument("--timeout", type=float, default=10.0)
    parser.add_argument("--trace", action="store_true", help="print the acts of the run that --replay makes")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    if given.command[:1] == ["--"]:
        del given.command[0]
    if not given.command:
        parser.error("which program?")
    return given


def run_of(given, server, number):
    strategy, parameter, flags, phase = rotation(number)
    if given.strategy != "rotation":
        strategy = next(key for key, name in NAMES.items() if name == given.strategy)
        parameter = given.parameter
    flags &= ~ACCESSES
    flags |= {"none": 0, "shared": ACCESSES, "all": ALL_ACCESSES}[given.accesses]
    return server.run(strategy, parameter, flags, phase, seed=given.seed + number)


def show_replay(given, server):
    run = server.replay(parse_schedule(given.replay), TRACE)
    teller = Teller(server)
    if given.trace:
        for event in run.events:
            print(f"T{event.thread} {event.step}+{event.access} {server.kinds[event.kind]} {event.object:#x} "
                  f"{teller.line(event.pc) if event.pc else ''}{' blocked' if event.flags & EVENT_BLOCKED else ''}")
    print(teller.story(run))
    print(teller.verdict(run))
    return 1 if run.verdicts() else 0


def hunt(given, server):
    teller, seen, began = Teller(server), {}, time.monotonic()
    for number in range(given.n):
        run = run_of(given, server, number)
        if run.beyond:
            raise Trouble(f"{given.command[0]}: {run.beyond}")
        for problem in run.verdicts() - seen.keys():
            seen[problem] = number + 1
            print(f"--- run {number + 1}: {problem[0]}, {len(run.switches)} switches")
            schedule, tries = shrink(server, run, problem, lambda shown: shown.verdicts())
            if schedule is None:
                print("not seen again by its replay" + (f" ({run.text})" if run.inexact else ""))
                print(teller.verdict(run))
                continue
            print(f"shrunk in {tries} replays: --replay {format_schedule(schedule)}")
            again = server.replay(schedule, TRACE)
            print(teller.story(again))
            print(teller.verdict(again))
    took = time.monotonic() - began
    print(f"{given.n} runs, {len(seen)} problems, {1000 * took / max(1, given.n):.1f} ms a run")
    return 1 if seen else 0


def exhaust(given, server):
    kinds, teller, began, run = {}, Teller(server), time.monotonic(), None
    runs = 0
    for run in server.orders(given.n):
        runs += 1
        if run.order is not None:
            kinds.setdefault(run.verdicts(), []).append(run)
    for verdicts, those in kinds.items():
        print(f"{len(those)} orders: {', '.join(v[0] for v in verdicts) or 'no problem'}   --replay "
              f"{format_schedule(those[0].schedule)}")
        if verdicts:
            print(teller.verdict(those[0]))
    whole = run is not None and run.last_order
    print(f"{'all ' if whole else 'cut off after '}{run.orders} orders in {runs} runs, "
          f"{1000 * (time.monotonic() - began) / runs:.1f} ms a run")
    problems = set(kinds) - {frozenset()}
    if run.beyond and not problems:
        raise Trouble(f"{given.command[0]}: {run.beyond}")
    return 1 if problems else 0


def main():
    given = arguments()
    try:
        with Server(given.command, timeout=given.timeout) as server:
            if given.replay is not None:
                return show_replay(given, server)
            return exhaust(given, server) if given.exhaustive else hunt(given, server)
    except Trouble as trouble:
        print(f"schedule: {trouble}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
