#!/usr/bin/env python3
"""Runs lessons and other small programs with the recorder.

    lessons.py lesson   SOURCE.c BINARY BINARY.tsan            ask, run under ThreadSanitizer, show
    lessons.py explore  SOURCE.c BINARY [--strict] [--schedule DIGITS [--form FORM]] [--orders BOUND]
    lessons.py pictures OUTPUT BINARIES [NAME...]              draw pictures and pages anew
    lessons.py tally    RUNS BINARY.tsan...                    count real verdicts of any-order lessons, for pages

`make lesson`, `make explore` and `make lessons-pictures` build what these need."""
import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

import draw

HERE = draw.HERE
TSAN_OPTIONS = "atexit_sleep_ms=0:symbolize=0:history_size=7"


def environment(strict=False, options="", **more):
    variables = dict(os.environ, **more)
    for name in ("SCHEDULE", "EXPLORE", "RECORD", "STEPS", "ORDERS", "REDUCE", "PROGRESS"):
        if name not in more:
            variables.pop(name, None)
    variables["WAITGROUP_OPTIONS"] = f"{options} strict=1" if strict else options
    return variables


def record(binary, schedule="0", strict=False, options=""):
    """One order's trace."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "trace.json")
        run = subprocess.run([binary], env=environment(strict, options, SCHEDULE=schedule, RECORD=path), timeout=60,
                             stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                             check=False)
        if not os.path.exists(path):
            said = re.findall("^recorder: (.*)$", run.stderr, re.M)
            sys.exit(said[-1] if said else f"{binary} left no trace: {run.stderr.strip()}")
        with open(path, encoding="utf-8") as file:
            return json.load(file)


def recorded_verdict(binary, strict=False, options=""):
    """The first order's verdict alone."""
    run = subprocess.run([binary], env=environment(strict, options), timeout=60, stdin=subprocess.DEVNULL,
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    said = re.findall("^recorder: (.*)$", run.stderr, re.M)
    return said[-1] if said else f"exit status {run.returncode}: {run.stderr}"


class Table:
    """Every order of a program: schedule, verdicts, signature."""

    def __init__(self, binary, strict=False, orders=None, **more):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "table")
            if orders:
                more["ORDERS"] = str(orders)
            subprocess.run([binary], env=environment(strict, EXPLORE=path, **more), check=False,
                           stdin=subprocess.DEVNULL)
            with open(path, encoding="utf-8") as file:
                lines = file.read().splitlines()
        if not lines:
            sys.exit(f"{binary}: the explorer said nothing")
        # "all N orders", "reduced to N orders", "cut off after N orders and M at random", "stopped: ..."
        self.end = lines.pop()
        self.orders = [(s, v.split("|"), g) for s, v, g in (line.split("\t") for line in lines)]

    def verdicts(self):
        """Of each verdict: how many orders, and the first that shows it."""
        found = {}
        for schedule, verdicts, _ in self.orders:
            for verdict in verdicts:
                count, first = found.get(verdict, (0, schedule))
                found[verdict] = (count + 1, first)
        rank = ["no race", "data race", "WaitGroup misuse"]
        return dict(sorted(found.items(), key=lambda item: (rank.index(item[0]) if item[0] in rank else 3, item[0])))

    def distinct(self):
        """One schedule for each distinct happens-before relation, with how many orders have it."""
        found = {}
        for schedule, verdicts, signature in self.orders:
            key = (tuple(verdicts), signature)
            first, count = found.get(key, (schedule, 0))
            found[key] = (first, count + 1)
        return list(found.values())


def pictures_of(lesson, binary):
    """The pictures of a lesson: one, or the distinct ones among all orders, with their counts."""
    if not lesson.any_order:
        return [draw.Picture(lesson, record(binary))]
    merged = {}
    for schedule, count in Table(binary).distinct():
        trace = record(binary, schedule)
        picture = draw.Picture(lesson, trace)
        known = merged.setdefault(picture.canonical(), picture)
        known.trace["orders"] = known.trace.get("orders", 0) + count
    rank = {answer: i for i, answer in enumerate(lesson.answers)}
    return sorted(merged.values(), key=lambda p: ([rank.get(v, 9) for v in p.verdicts], -p.trace["orders"],
                                                  p.trace["schedule"]))


def one_of_each(pictures):
    """For the README: the first picture of each verdict, worst seen order last."""
    seen = {}
    for picture in pictures:
        seen.setdefault(picture.verdict(), picture)
    return list(seen.values())[:3]


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def draw_all(output, binaries, names=None):
    sources = sorted(name for name in os.listdir(HERE) if name.endswith(".c") and name != "step.c")
    lessons = [draw.Lesson(os.path.join(HERE, name)) for name in sources]
    for lesson in lessons:
        if names and lesson.name not in names:
            continue
        pictures = pictures_of(lesson, os.path.join(binaries, lesson.name))
        svg = draw.Drawing(pictures[0]).svg() if not lesson.any_order else \
            draw.side_by_side(one_of_each(pictures))
        write(os.path.join(output, lesson.name + ".svg"), svg)
        write(os.path.join(output, lesson.name + ".html"),
              draw.page(lesson, pictures, [p.trace.get("orders", 1) for p in pictures]))
    write(os.path.join(output, "index.html"), draw.index(lessons))


# ------------------------------------------------------------------------------ under ThreadSanitizer

def tsan_verdicts(binary, strict=False, timeout=60):
    """What ThreadSanitizer and the library say in one run; anything unforeseen is an error."""
    variables = environment(strict, TSAN_OPTIONS=TSAN_OPTIONS)
    process = subprocess.Popen([binary], env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True, errors="replace")
    try:
        _, log = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return {"deadlock"}
    verdicts = set()
    # Not anchored: while one thread prints its report, another may panic in the middle of a line.
    for kind in re.findall(r"WARNING: ThreadSanitizer: (.*?)(?: \(pid=.*)?$", log, re.M):
        verdicts.add("WaitGroup misuse" if kind.startswith("WaitGroup misuse") else kind)
    panic = re.search(r"panic: (.*)$", log, re.M)
    if panic:
        verdicts.add(panic.group(0))
    expected = -signal.SIGABRT if panic else 66 if verdicts else 0
    if process.returncode != expected or "FATAL" in log:
        raise RuntimeError(f"{binary}: exit status {process.returncode}, expected {expected}:\n{log}")
    return verdicts or {"no race"}


def tally_command(runs, binaries):
    """What real runs show; no two countings are the same, so this one is kept with the pages."""
    counted = {}
    compilers = sorted({os.path.basename(os.path.dirname(binary)) for binary in binaries})
    for binary in binaries:
        name = os.path.basename(binary).removesuffix(".tsan")
        entry = counted.setdefault(name, {"runs": 0, "with": ", ".join(compilers), "verdicts": {}})
        for _ in range(int(runs) // len(compilers)):
            entry["runs"] += 1
            for verdict in tsan_verdicts(binary):
                entry["verdicts"][verdict] = entry["verdicts"].get(verdict, 0) + 1
    write(os.path.join(HERE, "tally.json"), json.dumps(counted, indent=1, sort_keys=True) + "\n")


# ------------------------------------------------------------------------------ commands

def lesson_command(source, binary, tsan):
    lesson = draw.Lesson(source)
    print(f"{lesson.title}\n\n{lesson.head['question']}\n")
    for number, line in enumerate("\n".join(lesson.lines[lesson.first:]).rstrip().split("\n"), lesson.first + 1):
        print(f"{number:4}  {line}" if line else f"{number:4}")
    pictures = pictures_of(lesson, binary)
    choices, right = draw.choices(lesson, pictures)
    print("\n" + "   ".join(f"{i}: {choice}" for i, choice in enumerate(choices, 1)))
    try:
        answer = input("Your prediction (1, 2 or 3; Enter to be told): ").strip()
    except EOFError:
        answer = ""
    if answer and answer not in ("1", "2", "3"):
        sys.exit(f"expected 1, 2 or 3, got {answer!r}")
    print("\nThreadSanitizer says: " + ", ".join(sorted(tsan_verdicts(tsan))))
    if lesson.any_order:
        print_table(Table(binary))
    else:
        print("\n" + draw.as_text(pictures[0]), end="")
    if answer:
        print("\n" + ("Your prediction was right." if int(answer) - 1 == right else
                      f"You predicted: {choices[int(answer) - 1]}."))
    if lesson.any_order:
        print("\n" + lesson.head["why"])
    print(f"\nWhere it is said: {lesson.head['place']}.")


def print_table(table):
    verdicts = table.verdicts()
    width = max([len(v) for v in verdicts] + [8])
    for verdict, (count, schedule) in verdicts.items():
        print(f"  {verdict:{width}}  {count:6} order{'s' if count != 1 else ' '}  SCHEDULE={schedule}")
    several = sum(len(v) > 1 for _, v, _ in table.orders)
    if several:
        print(f"  ({several} order{'s show' if several != 1 else ' shows'} more than one of these, and count"
              f"{'' if several != 1 else 's'} for each)")


def explore_command(arguments):
    parser = argparse.ArgumentParser(prog="lessons.py explore")
    parser.add_argument("source")
    parser.add_argument("binary")
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("--schedule")
    parser.add_argument("--orders")
    parser.add_argument("--form")
    options = parser.parse_args(arguments)
    forms = {"text": draw.as_text, "svg": lambda p: draw.Drawing(p).svg(), "shiviz": draw.as_shiviz,
             "chrome": draw.as_chrome}
    # Told in the words of make, which is how one comes here.
    if options.form and options.form not in forms:
        return refuse(f"FORM={options.form}: expected text, svg, shiviz or chrome")
    if options.form and not options.schedule:
        return refuse(f"FORM={options.form} draws one order: say which by SCHEDULE=digits "
                      "(without FORM and SCHEDULE you get the list)")
    if options.orders and not re.fullmatch("0*[1-9][0-9]{0,7}", options.orders):
        return refuse(f"ORDERS={options.orders}: expected a number from 1 to 99999999")
    if options.schedule:
        picture = draw.Picture(draw.Lesson(options.source), record(options.binary, options.schedule, options.strict))
        sys.stdout.write(forms[options.form or "text"](picture))
        return 0
    bound = int(options.orders or 20000)
    begin = time.monotonic()
    table = Table(options.binary, options.strict, bound, PROGRESS="1")
    seconds = time.monotonic() - begin
    name = os.path.basename(options.source)
    if table.end.startswith("stopped: "):
        print(f"{name}: cannot be explored: {table.end[9:]}")
        print("Change that in a copy, or test the program as it is, in some of its orders: ci/race-test.")
        return 2
    cut, reduced = table.end.startswith("cut off"), table.end.startswith("reduced")
    count = len(table.orders)
    print(f"{name}: {count} order{'s' if count != 1 else ''}" + (" of many more" if cut else
                                                                ", one of each kind" if reduced else "") + ":")
    print_table(table)
    if reduced:
        print(f"There are more than {bound} orders. Any that is not among these differs from one of them only by swaps "
              f"of acts\nthat do not concern each other, and has the same verdict: no verdict is missing.")
    if cut:
        first, at_random = re.findall("[0-9]+", table.end)
        print(f"There are too many orders to try them all. These are the first {first} and {at_random} at random; one "
              f"that was not tried may\nhave another verdict. ORDERS={2 * bound} tries about twice as many, in about "
              f"{max(1, round(2 * seconds))} s; or give the program fewer threads.")
    print(f"To see one: make explore SRC={options.source}{' STRICT=1' if options.strict else ''} SCHEDULE=digits")
    return 0


def refuse(problem):
    print(f"make explore: {problem}", file=sys.stderr)
    return 2


def main(arguments):
    sys.stdout.reconfigure(encoding="utf-8")
    if len(arguments) >= 4 and arguments[0] == "lesson":
        lesson_command(*arguments[1:4])
    elif len(arguments) >= 3 and arguments[0] == "explore":
        return explore_command(arguments[1:])
    elif len(arguments) >= 3 and arguments[0] == "pictures":
        draw_all(arguments[1], arguments[2], arguments[3:])
    elif len(arguments) >= 3 and arguments[0] == "tally":
        tally_command(arguments[1], arguments[2:])
    else:
        sys.exit(__doc__)
    return 0


if __name__ == "__main__":
    try:
        STATUS = main(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read it (head, a pager) has seen enough; nor shall Python complain when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        STATUS = 0
    sys.exit(STATUS)
