"""Lessons and other programs: the stated verdict, ThreadSanitizer's under the scheduler and at full speed, and
the detector's (tsan/lessons/detector), which is fed the same acts."""
from __future__ import annotations

import os
import re
import shutil
import tempfile

from common import BUILD, COMPILERS, LESSONS, check, in_parallel, is_controlled, link, program, read, run, show
from drawing import frame
from drawing.course import Lesson, fixes_time
from drawing.picture import Picture, Trace
from runs import Table, pictures_of, record, tsan_verdicts
from scheduler import Program


def detector_agrees(name: str, trace: Trace, sees_all: bool = True) -> None:
    """The races that the detector finds are those that ThreadSanitizer reports, in the same run."""
    told, found = set(trace["verdict"].split("|")) & {"data race", "WaitGroup misuse"}, set(trace["detected"])
    check(found == told if sees_all else found <= told,
          f"{name}: the detector finds {show(found)}, ThreadSanitizer {show(told)}", trace["schedule"])


# ------------------------------------------------------------------------------ lessons

def is_blind(lesson: Lesson, compiler: str) -> bool:
    """Does its ThreadSanitizer miss an access of the pair?"""
    blind = re.fullmatch(r"clang before (\d+)", lesson.facts.get("not seen by", ""))
    return bool(blind and "clang" in compiler and
                int(run(compiler, "-dumpversion").split(".")[0]) < int(blind.group(1)))


def stated_verdicts(lesson: Lesson, compiler: str, strict: bool) -> set[str]:
    if strict:
        return {lesson.facts["strict"]}
    if is_blind(lesson, compiler):
        return {"no race"}
    return set(lesson.answers)


def at_full_speed(lesson: Lesson, binary: str, strict: bool, stated: set[str]) -> set[str]:
    """The verdicts of a run. Of two accesses in the same instant ThreadSanitizer can miss both: where no line keeps them
    apart in time, it is asked again."""
    verdicts: set[str] = set()
    for _ in range(1 if any(map(fixes_time, lesson.lines)) else 10):
        verdicts = tsan_verdicts(binary, strict)
        if verdicts == stated or not verdicts - {"no race"} < stated:
            break
    return verdicts


def answers(compilers: tuple[str, ...] = COMPILERS, runs: int = 20) -> None:
    cases = [(lesson, compiler, strict) for lesson in LESSONS if not lesson.any_order for compiler in compilers
             for strict in ((False, True) if "strict" in lesson.facts else (False,))]

    def one(case: tuple[Lesson, str, bool]) -> tuple[Picture | None, list[set[str]]]:
        lesson, compiler, strict = case
        binary = f"{BUILD}/{compiler}/{lesson.name}"
        return (Picture(lesson, record(binary, lesson.path, strict=strict)) if is_controlled(compiler) else None,
                [at_full_speed(lesson, binary, strict, stated_verdicts(*case)) for _ in range(runs)])

    drawn: dict[str, str] = {}
    for (lesson, compiler, strict), (picture, seen) in zip(cases, in_parallel(one, cases)):
        name = f"{lesson.name}, {compiler}" + (", strict=1" if strict else "")
        stated = stated_verdicts(lesson, compiler, strict)
        agree = sum(verdicts == stated for verdicts in seen)
        check(agree == runs, f"{name}: stated {show(stated)}, ThreadSanitizer agrees in {agree} of {runs} runs",
              " | ".join(sorted({show(verdicts) for verdicts in seen})))
        if picture:
            check(set(picture.verdicts) == stated,
                  f"{name}: stated {show(stated)}, under the scheduler {show(picture.verdicts)}")
            detector_agrees(name, picture.trace)
            if not strict and not is_blind(lesson, compiler):
                picture_of_answer(name, lesson, picture, drawn)


def picture_of_answer(name: str, lesson: Lesson, picture: Picture, drawn: dict[str, str]) -> None:
    """The pair that the lesson states is the pair that races; the picture is the same with each compiler."""
    ends = picture.stated_pair()
    if picture.races and picture.unordered:
        check(set(ends) == set(picture.unordered[:2]), f"{name}: the stated pair is not the one that races",
              str([picture.name(box) for box in picture.unordered[:2]]))
    else:
        check(ends, f"{name}: the stated pair is not in the picture")
        check(picture.path or lesson.facts.get("program") == "wrong", f"{name}: no path orders the two, and no report")
    check(bool(picture.gaps) == any(map(fixes_time, lesson.shown())), f"{name}: where time passes is not drawn")
    svg = frame.alone(picture)
    check(drawn.setdefault(lesson.name, svg) == svg, f"{name}: another picture than with the first compiler")


def orders(compilers: tuple[str, ...] = COMPILERS, runs: int = 200) -> None:
    for lesson in LESSONS:
        if not lesson.any_order:
            continue
        stated, tables = set(lesson.answers), {}
        for compiler in filter(is_controlled, compilers):
            name = f"{lesson.name}, {compiler}"
            table = tables[compiler] = Table([f"{BUILD}/{compiler}/{lesson.name}"], [lesson.path], traced=True)
            check(table.whole and not table.inexact, f"{name}: not all orders, or not exactly: {table.inexact}")
            check(set(table.verdicts()) == stated, f"{name}: stated {show(stated)}, found {show(table.verdicts())}")
            check([o[:2] for o in table.orders] == [o[:2] for o in tables[compilers[0]].orders],
                  f"{name}: other orders than with {compilers[0]}")
            for _, _, trace in table.orders:
                if trace:
                    detector_agrees(name, trace)
                    check(stated != {"no race"} or Picture(lesson, trace).path,
                          f"{name}: a right program, and no path in {trace['schedule']}")
        binaries = [f"{BUILD}/{compiler}/{lesson.name}" for compiler in compilers
                    for _ in range(runs // len(compilers))]
        counts: dict[str, int] = {}
        for binary, verdicts in zip(binaries, in_parallel(tsan_verdicts, binaries)):
            check(verdicts <= stated, f"{lesson.name}: {binary} saw {show(verdicts)}, not among the answers")
            for verdict in verdicts:
                counts[verdict] = counts.get(verdict, 0) + 1
        print(f"  {lesson.name}: {len(tables[compilers[0]].orders)} orders; {len(binaries)} runs at full speed saw "
              + (", ".join(f"{v} {n}" for v, n in sorted(counts.items()))))


# ------------------------------------------------------------------------------ mutants

# What the annotations say, changed one at a time, in a copy of the sources: name, file, sed expression.
MUTANTS = [line.split(" | ") for line in """
Wait releases | src/waitgroup.c | /^    if (outcome == RELEASED)/i race_release_merge(wg);
Add releases | src/waitgroup.c | s/^    if (delta < 0)$/    if (1)/
Done acquires | src/waitgroup.c | s/^        race_release_merge(wg);/        race_acquire(wg), race_release_merge(wg);/
every Add reads | src/waitgroup.c | s/^    if (state_is_first_add(now, delta))/    if (delta > 0)/
every waiter writes | src/waitgroup.c | s/return arrival == ARRIVED_FIRST ||/return arrival != ARRIVED_AT_ZERO ||/
no release in Done | src/waitgroup.c | s/^    if (delta < 0)$/    if (0)/
no acquire in Wait | src/waitgroup.c | s/^        race_acquire(wg);$/        ;/
a wait that gives up acquires | src/waitgroup.c | s/^    if (outcome == RELEASED)/    if (outcome != REUSED)/
no read in Add | src/waitgroup.c | s/^        race_read(&wg->race);/        ;/
no write in Wait | src/waitgroup.c | s/^        race_write(&wg->race);/        ;/
""".strip().split("\n")]


def outcome(directory: str, lesson: Lesson) -> tuple[list[str], list[str]]:
    """All that a mutant could change: verdicts, by default and with strict=1, or of every order; and pictures."""
    binary = os.path.join(directory, lesson.name)
    pictures = pictures_of(lesson, binary)
    verdicts = ["|".join(picture.verdicts) for picture in pictures]
    if not lesson.any_order:
        verdicts.append(record(binary, lesson.path, strict=True)["verdict"])
    return verdicts, [picture.canonical() for picture in pictures]


def mutated_archive(copy: str, file: str, expression: str) -> bool:
    """libwaitgroup.a of changed sources; false if the expression changes nothing."""
    for directory in ("include", "src", "tsan"):
        shutil.copytree(directory, os.path.join(copy, directory), ignore=shutil.ignore_patterns("lessons"))
    path = os.path.join(copy, file)
    before = read(path)
    run("sed", "-i", expression, path)
    if before == read(path):
        return False
    sources = [os.path.join("src", name) for name in sorted(os.listdir("src"))
               if name.endswith(".c") and name != "sema_pthread.c"] + ["tsan/race.c"]
    run("gcc", "-std=c11", "-O1", "-pthread", "-DWAITGROUP_BUILDING_", "-Iinclude", "-Isrc", "-Itsan", "-c", *sources,
        cwd=copy)
    run("ar", "rcs", "libwaitgroup.a", *[os.path.basename(name)[:-2] + ".o" for name in sources], cwd=copy)
    return True


def mutants() -> None:
    right = {lesson.name: outcome(f"{BUILD}/gcc", lesson) for lesson in LESSONS}
    objects = [(lesson.name, f"{BUILD}/gcc/{lesson.name}.o") for lesson in LESSONS]

    def one(mutant: list[str]) -> tuple[str, list[str], list[str]] | None:
        """The lessons whose verdict changes, and those whose picture does."""
        name, file, expression = mutant
        with tempfile.TemporaryDirectory() as copy:
            if not mutated_archive(copy, file, expression):
                return None
            link(copy, os.path.join(copy, "libwaitgroup.a"), objects)
            seen = {lesson.name: outcome(copy, lesson) for lesson in LESSONS}
        return (name, [lesson for lesson in right if seen[lesson][0] != right[lesson][0]],
                [lesson for lesson in right if seen[lesson][1] != right[lesson][1]])

    noticed: set[str] = set()
    for mutant, result in zip(MUTANTS, in_parallel(one, MUTANTS)):
        check(result, f"mutant \"{mutant[0]}\": the expression changes nothing in {mutant[1]}")
        if result:
            name, flipped, redrawn = result
            check(flipped, f"mutant \"{name}\" changes no lesson's verdict")
            print(f"  {name}: changes {', '.join(flipped)}")
            noticed |= {*flipped, *redrawn}
    for lesson in LESSONS:
        check(lesson.name in noticed, f"{lesson.name} tests no annotation: no mutant changes its verdict or picture")


# ------------------------------------------------------------------------------ other programs

def explored(source: str, compiler: str) -> str:
    """The verdicts of all orders, and how that ended. Each is seen again by its schedule, and by the detector, which
    is not told what the runtime sees inside of functions of libc."""
    name = os.path.splitext(os.path.basename(source))[0]
    binary = program(source, f"{BUILD}/programs/{compiler}/{name}", compiler)
    table = Table([binary], [source], bound=2000)
    seen, sees_all = list(table.verdicts()), "beyond the detector" not in read(source).split("\n")[0]
    with Program([binary], [source]) as again:
        for verdict, (_, schedule) in table.verdicts().items():
            trace = again.trace(again.run(schedule))
            check(verdict in trace["verdict"].split("|"), f"{source}: {verdict} is not seen again by {schedule}")
            detector_agrees(f"{source}, {compiler}", trace, sees_all)
    return ", ".join(seen + ([] if table.whole else ["cut off"]))


def features(compilers: tuple[str, ...] = (COMPILERS[0], COMPILERS[-1])) -> None:
    """Programs of any kind: their first line states the verdicts among all orders, and how that ends."""
    names = sorted(os.listdir("tests/lessons/programs"))
    cases = [(f"tests/lessons/programs/{name}", compiler) for name in names for compiler in compilers
             if is_controlled(compiler)]

    for (source, compiler), seen in zip(cases, in_parallel(lambda case: explored(*case), cases)):
        stated = re.fullmatch(r"/\* expect: (.*?)(?: \| .*)? \*/", read(source).split("\n")[0].strip())
        expected = stated.group(1) if stated else "a first line with \"expect: \""
        check(seen == expected, f"{source}, {compiler}: expected {expected}, explored {seen}")
