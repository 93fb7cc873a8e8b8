#!/usr/bin/env python3
"""Runs lessons and other small programs under ThreadSanitizer, in the orders that the scheduler gives them.

    lessons.py lesson   SOURCE.c BINARY                        ask, run, show
    lessons.py explore  BINARY SOURCE... [--strict] [--schedule SCHEDULE [--form FORM]] [--orders BOUND]
                        [-- ARGUMENT...]           all orders of a program, or one of them
    lessons.py site     OUTPUT BINARIES [TEXTS.toml]           the course as a folder of pages
    lessons.py picture  NAME OUTPUT.svg BINARIES               the picture of one lesson, for the README
    lessons.py tally    RUNS BINARY...                         count real verdicts of any-order lessons, for pages

`make lesson`, `make explore`, `make lessons-site` and `make lessons-pictures` build what these need."""
from __future__ import annotations

import argparse
import io
import json
import os
import re
import sys
import time
from collections.abc import Callable

from drawing import forms, frame, page
from drawing.course import ENGLISH, HERE, Course, Lesson, Texts, plain
from drawing.picture import Picture
from runs import Table, distinct, pictures_of, tally
from scheduler import Program, Trouble, misfit

FORMS = {"text": forms.as_text, "svg": frame.alone, "shiviz": forms.as_shiviz, "chrome": forms.as_chrome}
TALLY = os.path.join(HERE, "tally.json")


# ------------------------------------------------------------------------------ pictures, pages

def svg_of(lesson: Lesson, binaries: str) -> str:
    """One picture; of an any-order lesson, the first of each verdict."""
    pictures = pictures_of(lesson, os.path.join(binaries, lesson.name))
    if not lesson.any_order:
        return frame.alone(pictures[0])
    seen: dict[str, Picture] = {}
    for picture in pictures:
        seen.setdefault(picture.verdict(), picture)
    return frame.side_by_side(list(seen.values())[:3])


def site_command(output: str, binaries: str, texts: str = ENGLISH) -> None:
    course = Course(Texts(texts))
    with open(TALLY, encoding="utf-8") as file:
        counted = json.load(file)
    pictures = {lesson.name: pictures_of(lesson, os.path.join(binaries, lesson.name))
                for lesson in [course.first_page, *course.lessons]}
    page.site(output, course, pictures, counted)


def picture_command(name: str, output: str, binaries: str) -> None:
    page.write(output, svg_of(Course().lesson(name), binaries))


def tally_command(runs: str, *binaries: str) -> None:
    """Kept with the sources, as it is the one thing in the pages that no run repeats."""
    page.write(TALLY, json.dumps(tally(list(binaries), int(runs)), indent=1, sort_keys=True) + "\n")


# ------------------------------------------------------------------------------ a lesson in the terminal

def lesson_command(source: str, binary: str) -> None:
    lesson = Lesson(source)
    say = lesson.texts.say
    print(f"{lesson.title}\n")
    for key in ("step", "question"):
        if key in lesson.said:
            print(plain(lesson.said[key]))
    print()
    for number, line in enumerate(lesson.shown(), lesson.first + 1):
        print(f"{number:4}  {line}".rstrip())
    table = Table([binary], [source], traced=True) if lesson.any_order else None
    pictures = distinct(lesson, table) if table else pictures_of(lesson, binary)
    choices, right = page.choices_of(lesson, pictures)
    print("\n" + say("page.prompt_any_order" if lesson.any_order else "page.prompt"))
    print("   ".join(f"{i}: {choice}" for i, choice in enumerate(choices, 1)))
    try:
        answer = input("Your prediction (1, 2 or 3; Enter to be told): ").strip()
    except EOFError:
        answer = ""
    if answer and answer not in ("1", "2", "3"):
        sys.exit(f"expected 1, 2 or 3, got {answer!r}")
    print()
    if table:
        print_table(table)
    else:
        print(forms.as_text(pictures[0]), end="")
    if answer:
        told = "page.right" if int(answer) - 1 == right else "page.wrong"
        print("\n" + say(told, choice=choices[right]))
    if lesson.facts.get("program") == "wrong":
        print(say("page.wrong_program"))
    if lesson.any_order:
        print("\n" + plain(lesson.said["why"]))
    print(f"\n{say('page.place')}: {lesson.said['place']}.")


# ------------------------------------------------------------------------------ explore

def print_table(table: Table) -> None:
    verdicts = table.verdicts()
    width = max([len(v) for v in verdicts] + [8])
    for verdict, (count, schedule) in verdicts.items():
        print(f"  {verdict:{width}}  {count:6} order{'s' if count != 1 else ' '}  REPLAY={schedule}")
    several = sum(len(v) > 1 for _, v, _ in table.orders)
    if several:
        print(f"  ({several} order{'s show' if several != 1 else ' shows'} more than one of these, and count"
              f"{'' if several != 1 else 's'} for each)")


def explore_options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="lessons.py explore")
    parser.add_argument("binary")
    parser.add_argument("sources", nargs="+")
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("--schedule")
    parser.add_argument("--orders")
    parser.add_argument("--form")
    end = arguments.index("--") if "--" in arguments else len(arguments)
    options = parser.parse_args(arguments[:end])
    options.command = [options.binary, *arguments[end + 1:]]
    return options


def problem_of(options: argparse.Namespace) -> str:
    """Told in the words of make, which is how one comes here."""
    if options.form and options.form not in FORMS:
        return f"FORM={options.form}: expected text, svg, shiviz or chrome"
    if options.form and not options.schedule:
        return (f"FORM={options.form} draws one order: say which by REPLAY=... "
                "(without FORM and REPLAY you get the list)")
    if options.orders and not re.fullmatch("0*[1-9][0-9]{0,7}", options.orders):
        return f"ORDERS={options.orders}: expected a number from 1 to 99999999"
    return ""


def explore_command(*arguments: str) -> int:
    options = explore_options(list(arguments))
    problem = problem_of(options)
    try:
        if not problem:
            return draw_order(options) if options.schedule else tell_orders(options)
    except Trouble as trouble:
        problem = str(trouble)
    print(f"make explore: {problem}", file=sys.stderr)
    return 2


def draw_order(options: argparse.Namespace) -> int:
    with Program(options.command, options.sources, options.strict) as program:
        run = program.run(options.schedule)
        if run.unmade:
            print(f"make explore: REPLAY is not of this program: {misfit(run)}", file=sys.stderr)
            return 2
        picture = Picture(Lesson(options.sources[0]), program.trace(run))
    sys.stdout.write(FORMS[options.form or "text"](picture))
    return 0


def tell_orders(options: argparse.Namespace) -> int:
    bound = int(options.orders or 20000)
    begin = time.monotonic()
    table = Table(options.command, options.sources, options.strict, bound)
    seconds, count = time.monotonic() - begin, len(table.orders)
    kind = "" if table.whole else " of many more"
    print(f"{' '.join(map(os.path.basename, options.sources))}: {count} order{'s' if count != 1 else ''}{kind}:")
    print_table(table)
    if not table.whole:
        print(f"There are too many orders to try them all. These are the first {table.first} and {count - table.first} "
              f"at random; one that was not tried may\nhave another verdict. ORDERS={2 * bound} tries about twice as "
              f"many, in about {max(1, round(2 * seconds))} s; or give the program fewer threads.")
    if table.inexact:
        print(f"Not all of it is in the scheduler's hands: {table.inexact}")
    print(f"To see one: make explore SRC={options.sources[0]}{' STRICT=1' if options.strict else ''} REPLAY=...")
    return 0


# How many arguments each takes, at least and at most.
COMMANDS: dict[str, tuple[Callable[..., int | None], int, int]] = {
    "lesson": (lesson_command, 2, 2), "explore": (explore_command, 2, 99), "site": (site_command, 2, 3),
    "picture": (picture_command, 3, 3), "tally": (tally_command, 2, 99)}


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in COMMANDS:
        sys.exit(__doc__)
    command, least, most = COMMANDS[arguments[0]]
    if not least <= len(arguments) - 1 <= most:
        sys.exit(__doc__)
    return command(*arguments[1:]) or 0


if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    try:
        STATUS = main(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read it (head, a pager) has seen enough; nor shall Python complain when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        STATUS = 0
    sys.exit(STATUS)
