#!/usr/bin/env python3
"""Checks the lessons: check.py all | short | PART...

    answers    the stated answer is ThreadSanitizer's, under the scheduler and at full speed, and the detector's
    orders     any-order lessons: the stated answers are exactly those of all orders; no run has another
    course     each lesson has its place and its texts, and is as near to its sibling as it states
    texts      the pages take every word from the file of texts
    pictures   the README's picture is what is drawn anew
    mutants    each annotation, changed or left out, changes a lesson; each lesson is changed by one
    features   small programs with known orders and verdicts (tests/lessons/programs)
    commands   what make explore answers to what it cannot do, and to a reader who stops reading
    explore    make explore for C++, several files, arguments
    pages      the pages in a browser: three widths, light and dark, by keyboard, on paper

`make lessons` and `make lessons-short` build what this needs."""
from __future__ import annotations

import sys
import time
from collections.abc import Callable

import looks
import verdicts
from common import COMPILERS, Count

PARTS: dict[str, Callable[[], None]] = {
    "answers": verdicts.answers, "orders": verdicts.orders, "course": looks.course, "texts": looks.texts,
    "pictures": looks.pictures, "mutants": verdicts.mutants, "features": verdicts.features,
    "commands": looks.commands, "explore": looks.explore, "pages": looks.pages}
SHORT: dict[str, Callable[[], None]] = {
    "answers": lambda: verdicts.answers(COMPILERS[:2], 2),
    "orders": lambda: verdicts.orders(("gcc",), 8),
    "course": looks.course,
    "texts": looks.texts,
    "pictures": looks.pictures,
    "features": lambda: verdicts.features(("gcc",)),
    "commands": looks.commands,
    "explore": looks.explore,
}


def main(arguments: list[str]) -> int:
    if not arguments or not set(arguments) <= {"all", "short", *PARTS}:
        sys.exit(__doc__)
    parts = SHORT if arguments == ["short"] else PARTS if arguments == ["all"] else {n: PARTS[n] for n in arguments}
    for name, part in parts.items():
        begin, before = time.monotonic(), Count.passed
        print(f"lessons, {name}:", flush=True)
        part()
        print(f"  {Count.passed - before} checks in {time.monotonic() - begin:.0f} s", flush=True)
    print(f"{Count.passed} passed, {len(Count.failed)} failed")
    return 1 if Count.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
