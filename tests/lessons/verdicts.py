"""Lessons and other programs: the stated verdict, the recorder's, ThreadSanitizer's."""
from __future__ import annotations

import os
import re
import shutil
import tempfile

from common import BUILD, COMPILERS, LESSONS, check, in_parallel, link, program, read, run, show
from drawing import frame
from drawing.course import Lesson
from drawing.picture import Picture
from runs import Table, pictures_of, record, recorded_verdict, tsan_verdicts


# ------------------------------------------------------------------------------ lessons

def stated_verdicts(lesson: Lesson, compiler: str, strict: bool) -> set[str]:
    if strict:
        return {lesson.facts["strict"]}
    blind = re.fullmatch(r"clang before (\d+)", lesson.facts.get("not seen by", ""))
    if blind and "clang" in compiler and int(run(compiler, "-dumpversion").split(".")[0]) < int(blind.group(1)):
        return {"no race"}
    return set(lesson.answers)


def answers(compilers: tuple[str, ...] = COMPILERS, runs: int = 20) -> None:
    cases = [(lesson, compiler, strict) for lesson in LESSONS if not lesson.any_order for compiler in compilers
             for strict in ((False, True) if "strict" in lesson.facts else (False,))]

    def one(case: tuple[Lesson, str, bool]) -> tuple[Picture, list[set[str]]]:
        lesson, compiler, strict = case
        binary = f"{BUILD}/{compiler}/{lesson.name}"
        return (Picture(lesson, record(binary, strict=strict)),
                [tsan_verdicts(binary + ".tsan", strict) for _ in range(runs)])

    drawn: dict[str, str] = {}
    for (lesson, compiler, strict), (picture, seen) in zip(cases, in_parallel(one, cases)):
        name = f"{lesson.name}, {compiler}" + (", strict=1" if strict else "")
        stated = stated_verdicts(lesson, compiler, strict)
        check(set(picture.verdicts) == stated,
              f"{name}: stated {show(stated)}, the recorder says {show(picture.verdicts)}")
        agree = sum(verdicts == stated for verdicts in seen)
        check(agree == runs, f"{name}: stated {show(stated)}, ThreadSanitizer agrees in {agree} of {runs} runs",
              " | ".join(sorted({show(verdicts) for verdicts in seen})))
        if not strict and stated == set(lesson.answers):
            picture_of_answer(name, lesson, picture, drawn)
    for lesson in LESSONS:
        if "any order" in lesson.facts:
            table = Table(f"{BUILD}/{compilers[0]}/{lesson.name}", STEPS="ignore")
            check(set(table.verdicts()) == set(lesson.facts["any order"].split(", ")),
                  f"{lesson.name} without its steps: {show(table.verdicts())}")


def picture_of_answer(name: str, lesson: Lesson, picture: Picture, drawn: dict[str, str]) -> None:
    """The pair that the lesson states is the pair that races; the picture is the same with each compiler."""
    if picture.races and picture.unordered:
        ends = {picture.find(*end) for end in lesson.pair}
        check(ends == set(picture.unordered[:2]), f"{name}: the stated pair is not the one that races",
              str([picture.name(box) for box in picture.unordered[:2]]))
    else:
        check(picture.path or picture.unordered, f"{name}: the stated pair is not in the picture")
    svg = frame.alone(picture)
    check(drawn.setdefault(lesson.name, svg) == svg, f"{name}: another picture than with the first compiler")


def orders(compilers: tuple[str, ...] = COMPILERS, runs: int = 200) -> None:
    for lesson in LESSONS:
        if not lesson.any_order:
            continue
        stated = set(lesson.answers)
        tables = {compiler: Table(f"{BUILD}/{compiler}/{lesson.name}") for compiler in compilers}
        for compiler, table in tables.items():
            check(table.end.startswith("all "), f"{lesson.name}, {compiler}: {table.end}")
            check(set(table.verdicts()) == stated,
                  f"{lesson.name}, {compiler}: stated {show(stated)}, the recorder finds {show(table.verdicts())}")
            check([o[:2] for o in table.orders] == [o[:2] for o in tables[compilers[0]].orders],
                  f"{lesson.name}, {compiler}: other orders than with {compilers[0]}")
        binaries = [f"{BUILD}/{compiler}/{lesson.name}.tsan" for compiler in compilers
                    for _ in range(runs // len(compilers))]
        counts: dict[str, int] = {}
        for binary, verdicts in zip(binaries, in_parallel(tsan_verdicts, binaries)):
            check(verdicts <= stated, f"{lesson.name}: {binary} saw {show(verdicts)}, not among the answers")
            for verdict in verdicts:
                counts[verdict] = counts.get(verdict, 0) + 1
        print(f"  {lesson.name}: {len(tables[compilers[0]].orders)} orders; {len(binaries)} runs under TSan saw "
              + (", ".join(f"{v} {n}" for v, n in sorted(counts.items()))))
    add_inside = Table(f"{BUILD}/gcc/add_inside_any_order")
    found = {verdict: count for verdict, (count, _) in add_inside.verdicts().items()}
    check(found == {"no race": 1, "data race": 2, "WaitGroup misuse": 1}, f"add_inside_any_order: {found}")


# ------------------------------------------------------------------------------ mutants

# What the annotations say, changed one at a time, in a copy of the sources: name, file, sed expression.
MUTANTS = [line.split(" | ") for line in """
Wait releases | src/waitgroup.c | /^    if (outcome == RELEASED)/i race_release_merge(wg);
Add releases | src/waitgroup.c | s/^    if (delta < 0)$/    if (1)/
Done acquires | src/waitgroup.c | s/^    race_release_merge(wg);/    race_acquire(wg); race_release_merge(wg);/
every Add reads | src/waitgroup.c | s/^    if (state_is_first_add(now, delta))/    if (delta > 0)/
every waiter writes | src/waitgroup.c | s/return arrival == ARRIVED_FIRST ||/return arrival != ARRIVED_AT_ZERO ||/
no release in Add | src/waitgroup.c | s/^    if (delta < 0)$/    if (0)/
no release in Done | src/waitgroup.c | s/^    race_release_merge(wg);//
no acquire in Wait | src/waitgroup.c | s/^        race_acquire(wg);$/        ;/
no read in Add | src/waitgroup.c | s/^        race_read(&wg->race);/        ;/
no write in Wait | src/waitgroup.c | s/^        race_write(&wg->race);/        ;/
""".strip().split("\n")]


def outcome(directory: str, lesson: Lesson) -> tuple[list[str], list[str]]:
    """All that a mutant could change: verdicts, by default and with strict=1, or of every order; and pictures."""
    binary = os.path.join(directory, lesson.name)
    drawn = [picture.canonical() for picture in pictures_of(lesson, binary)]
    if lesson.any_order:
        return ["|".join([schedule, *verdicts]) for schedule, verdicts, _ in Table(binary).orders], drawn
    return [record(binary, strict=strict)["verdict"] for strict in (False, True)], drawn


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


# ------------------------------------------------------------------------------ the scenarios of tests/verdict

def expected_of(text: str, panics: bool) -> set[str]:
    """A head line's expectation, in the recorder's words."""
    if text == "no race":
        return {text}
    if panics or text.startswith("panic: "):
        return {"panic: " + text.removeprefix("panic: ")}
    return {report.split(" in ")[0] for report in text.split("; ")}


def verdict(compilers: tuple[str, ...] = COMPILERS) -> None:
    sources = sorted(os.path.join("tests/verdict", kind, name) for kind in ("norace", "race", "panic")
                     for name in os.listdir(f"tests/verdict/{kind}") if name.endswith(".c"))
    # A signal arrives in real time, which the recorder does not have; and a thread that calls until it
    # is stopped has no end in an order in which the others never get their turn.
    left_out = [s for s in sources if "<signal.h>" in read(s) or os.path.basename(s) == "add_zero_during_release.c"]
    print(f"  not in lessons, for signals or a loop without end of its own: {show(left_out)}")

    def one(case: tuple[str, str]) -> tuple[str, list[set[str]], list[set[str]]]:
        source, compiler = case
        head = read(source).split("\n")[0].strip().removeprefix("/* ").removesuffix(" */")
        fields = dict(part.split(": ", 1) for part in head.split(" | "))
        wanted = expected_of(fields["expect"], "/panic/" in source)
        strict = expected_of(fields["strict"], False) if "strict" in fields else wanted
        name = os.path.splitext(os.path.basename(source))[0]
        binary = program(source, f"{BUILD}/verdict/{compiler}/{name}", compiler,
                         ("-std=c11", "-D_GNU_SOURCE", "-Itests/verdict"))
        seen = [set(recorded_verdict(binary, mode, fields.get("options", "")).split("|")) for mode in (False, True)]
        return f"{name}, {compiler}", [wanted, strict], seen

    for name, wanted, seen in in_parallel(one, [(s, c) for c in compilers for s in sources if s not in left_out]):
        check(seen == wanted, f"tests/verdict: {name}: ThreadSanitizer {wanted}, recorder {seen}")


# ------------------------------------------------------------------------------ features of the explorer

def explored(binary: str) -> tuple[str, bool]:
    """The verdicts of all orders and how that ended; are they the same when reduced, and as a schedule?"""
    whole = Table(binary, orders=2000)
    if whole.end.startswith("stopped: "):
        return "cannot be explored: " + whole.end.removeprefix("stopped: "), True
    seen = list(whole.verdicts())
    if not whole.end.startswith("all "):
        return ", ".join([*seen, "reduced" if whole.end.startswith("reduced") else "cut off"]), True
    # The reduction loses no verdict, nor any way in which what happened was ordered.
    reduced = Table(binary, orders=2000, REDUCE="1")
    kept, all_there_are = ({(tuple(verdicts), relation) for _, verdicts, relation in table.orders}
                           for table in (reduced, whole))
    same = kept == all_there_are and len(reduced.orders) <= len(whole.orders)
    # A schedule shows what the table says of it.
    shown = all(verdict in record(binary, schedule)["verdict"].split("|")
                for verdict, (_, schedule) in whole.verdicts().items() if not verdict.startswith("crash"))
    return ", ".join(seen), same and shown


def features(compilers: tuple[str, ...] = (COMPILERS[0], COMPILERS[-1])) -> None:
    """Programs of any kind: their first line states the verdicts among all orders, and how that ends."""
    names = sorted(name for name in os.listdir("tests/lessons/programs") if name.endswith(".c"))
    cases = [(name, compiler) for name in names for compiler in compilers]

    def one(case: tuple[str, str]) -> tuple[str, str, bool]:
        name, compiler = case
        source = os.path.join("tests/lessons/programs", name)
        stated = re.fullmatch(r"/\* expect: (.*) \*/", read(source).split("\n")[0].strip())
        seen, consistent = explored(program(source, f"{BUILD}/programs/{compiler}/{name[:-2]}", compiler))
        return stated.group(1) if stated else "a first line with \"expect: \"", seen, consistent

    for (name, compiler), (expected, seen, consistent) in zip(cases, in_parallel(one, cases)):
        check(seen == expected, f"tests/lessons/programs/{name}, {compiler}: expected {expected}, explored {seen}")
        check(consistent, f"tests/lessons/programs/{name}, {compiler}: reduced, or as a schedule, it shows otherwise")
