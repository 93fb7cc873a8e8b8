#!/usr/bin/env python3
"""Checks the lessons: check.py all | short | PART...

    answers    the stated answer is the recorder's and ThreadSanitizer's, with each compiler
    orders     any-order lessons: the stated answers are exactly the recorder's; TSan sees no others
    pictures   the committed pictures and pages are what is drawn anew
    mutants    each annotation, changed or left out, changes a lesson's verdict or table
    siblings   a lesson differs from its sibling by no more lines than it states
    features   small programs with known orders and verdicts (tests/lessons/programs)
    commands   what make explore answers to what it cannot do, and to a reader who stops reading
    verdict    the recorder gives the programs of tests/verdict ThreadSanitizer's verdicts
    pages      the pages in a browser

`make lessons` and `make lessons-short` build what this needs."""
import concurrent.futures
import difflib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
os.chdir(ROOT)
sys.path.insert(0, "tsan/lessons")
import draw  # noqa: E402
import lessons  # noqa: E402

# By role, as the Makefile says.
COMPILERS = ("gcc", os.environ.get("CLANG_OLDEST", "clang"), os.environ.get("CLANG_NEWEST", "clang"))
BUILD = "build/lessons"
LESSONS = [draw.Lesson(os.path.join("tsan/lessons", name)) for name in sorted(os.listdir("tsan/lessons"))
           if name.endswith(".c") and name != "step.c"]
passed, failed = 0, []


def check(good, what, detail=""):
    global passed
    if good:
        passed += 1
    else:
        failed.append(what)
        print(f"FAILED: {what}" + (f"\n    {detail}" if detail else ""))


def show(verdicts):
    return ", ".join(sorted(verdicts))


def in_parallel(function, items):
    """Results in order; two at a time, as many as the machine has cores."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(function, items))


# ------------------------------------------------------------------------------ answers, orders

def answers(compilers=COMPILERS, runs=20):
    cases = [(lesson, compiler, strict) for lesson in LESSONS if not lesson.any_order for compiler in compilers
             for strict in ((False, True) if "strict" in lesson.head else (False,))]

    def one(case):
        lesson, compiler, strict = case
        stated = {lesson.head["strict"]} if strict else set(lesson.answers)
        binary = f"{BUILD}/{compiler}/{lesson.name}"
        trace = lessons.record(binary, strict=strict)
        seen = [lessons.tsan_verdicts(binary + ".tsan", strict) for _ in range(runs)]
        return case, stated, trace, seen

    pictures = {}
    for (lesson, compiler, strict), stated, trace, seen in in_parallel(one, cases):
        name = f"{lesson.name}, {compiler}" + (", strict=1" if strict else "")
        recorded = set(trace["verdict"].split("|"))
        check(recorded == stated, f"{name}: stated {show(stated)}, the recorder says {show(recorded)}")
        agree = sum(verdicts == stated for verdicts in seen)
        check(agree == runs, f"{name}: stated {show(stated)}, ThreadSanitizer agrees in {agree} of {runs} runs",
              " | ".join(sorted({show(verdicts) for verdicts in seen})))
        if strict:
            continue
        picture = draw.Picture(lesson, trace)
        # The pair that the lesson states is the pair that races.
        if picture.races:
            ends = {picture.find(*end) for end in lesson.pair}
            check(ends == set(picture.unordered[:2]), f"{name}: the stated pair is not the one that races",
                  str([picture.name(box) for box in picture.unordered[:2]]))
        else:
            check(picture.path or picture.unordered, f"{name}: the stated pair is not in the picture")
        drawn = draw.Drawing(picture).svg()
        check(pictures.setdefault(lesson.name, drawn) == drawn, f"{name}: another picture than with {compilers[0]}")
    for lesson in LESSONS:
        if "any order" in lesson.head:
            table = lessons.Table(f"{BUILD}/{compilers[0]}/{lesson.name}", STEPS="ignore")
            check(set(table.verdicts()) == set(lesson.head["any order"].split(", ")),
                  f"{lesson.name} without its steps: {show(table.verdicts())}")


def orders(compilers=COMPILERS, runs=200):
    for lesson in LESSONS:
        if not lesson.any_order:
            continue
        stated = set(lesson.answers)
        tables = {}
        for compiler in compilers:
            table = lessons.Table(f"{BUILD}/{compiler}/{lesson.name}")
            tables[compiler] = table
            check(table.end.startswith("all "), f"{lesson.name}, {compiler}: {table.end}")
            check(set(table.verdicts()) == stated,
                  f"{lesson.name}, {compiler}: stated {show(stated)}, the recorder finds {show(table.verdicts())}")
            check([o[:2] for o in table.orders] == [o[:2] for o in tables[compilers[0]].orders],
                  f"{lesson.name}, {compiler}: other orders than with {compilers[0]}")
        each = runs // len(compilers)
        binaries = [f"{BUILD}/{compiler}/{lesson.name}.tsan" for compiler in compilers for _ in range(each)]
        counts = {}
        for binary, verdicts in zip(binaries, in_parallel(lessons.tsan_verdicts, binaries)):
            check(verdicts <= stated, f"{lesson.name}: {binary} saw {show(verdicts)}, not among the answers")
            for verdict in verdicts:
                counts[verdict] = counts.get(verdict, 0) + 1
        print(f"  {lesson.name}: {len(tables[compilers[0]].orders)} orders; {len(binaries)} runs under TSan saw "
              + (", ".join(f"{v} {n}" for v, n in sorted(counts.items()))))
    if compilers == COMPILERS:
        add_inside = lessons.Table(f"{BUILD}/gcc/add_inside_any_order")
        counts = {verdict: count for verdict, (count, _) in add_inside.verdicts().items()}
        check(counts == {"no race": 1, "data race": 2, "WaitGroup misuse": 1}, f"add_inside_any_order: {counts}")


# ------------------------------------------------------------------------------ pictures

def pictures(names=None):
    with tempfile.TemporaryDirectory() as anew:
        lessons.draw_all(anew, f"{BUILD}/gcc", names)
        for name in sorted(os.listdir(anew)):
            with open(os.path.join(anew, name), "rb") as new:
                path = os.path.join("tsan/lessons", name)
                old = open(path, "rb").read() if os.path.exists(path) else b""
                check(old == new.read(), f"{path} is not what is drawn anew (make lessons-pictures)")
        if not names:
            stale = {name for name in os.listdir("tsan/lessons") if name.endswith((".svg", ".html"))}
            stale -= set(os.listdir(anew)) | {"page.html"}
            check(not stale, f"pictures of no lesson: {show(stale)}")


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


def outcome(directory, lesson):
    """All that a mutant could change: verdicts, by default and with strict=1, or the table."""
    binary = os.path.join(directory, lesson.name)
    if lesson.any_order:
        return [(s, v) for s, v, _ in lessons.Table(binary).orders]
    return [lessons.record(binary, strict=strict)["verdict"] for strict in (False, True)]


def run(*command, cwd=None):
    done = subprocess.run(command, cwd=cwd, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}:\n{done.stdout}")
    return done.stdout


def link(directory, archive, objects):
    recorder = [f"{BUILD}/recorder/{part}.o" for part in ("detect", "hooks", "schedule", "trace")]
    for name, path in objects:
        output = os.path.join(directory, name)
        run("ld", "-r", f"@{BUILD}/recorder/wraps", "-o", output + ".o", path, "--whole-archive", archive)
        run("gcc", "-no-pie", "-pthread", output + ".o", *recorder, "-o", output)


def mutants():
    right = {lesson.name: outcome(f"{BUILD}/gcc", lesson) for lesson in LESSONS}
    objects = [(lesson.name, f"{BUILD}/gcc/{lesson.name}.o") for lesson in LESSONS]

    def one(mutant):
        name, file, expression = mutant
        with tempfile.TemporaryDirectory() as copy:
            for directory in ("include", "src", "tsan"):
                shutil.copytree(directory, os.path.join(copy, directory), ignore=shutil.ignore_patterns("lessons"))
            path = os.path.join(copy, file)
            before = open(path, encoding="utf-8").read()
            run("sed", "-i", expression, path)
            if before == open(path, encoding="utf-8").read():
                return name, None, ["the expression changes nothing in " + file]
            sources = [os.path.join("src", name) for name in sorted(os.listdir("src"))
                       if name.endswith(".c") and name != "sema_pthread.c"] + ["tsan/race.c"]
            run("gcc", "-std=c11", "-O1", "-pthread", "-DWAITGROUP_BUILDING_", "-Iinclude", "-Isrc", "-Itsan", "-c", *sources,
                cwd=copy)
            run("ar", "rcs", "libwaitgroup.a", *[os.path.basename(name)[:-2] + ".o" for name in sources], cwd=copy)
            link(copy, os.path.join(copy, "libwaitgroup.a"), objects)
            return name, [lesson.name for lesson in LESSONS if outcome(copy, lesson) != right[lesson.name]], []

    for name, flipped, problems in in_parallel(one, MUTANTS):
        check(flipped and not problems, f"mutant \"{name}\" changes no lesson", "".join(problems))
        if flipped:
            print(f"  {name}: changes {', '.join(flipped)}")


# ------------------------------------------------------------------------------ siblings

def siblings():
    by_name = {lesson.name: lesson for lesson in LESSONS}
    for lesson in LESSONS:
        found = re.fullmatch(r"(\w+), (\d+) lines?", lesson.head.get("sibling", ""))
        check(found and found.group(1) in by_name, f"{lesson.name}: names no sibling, as \"sibling: name, N lines\"")
        if not found:
            continue
        sibling, stated = by_name[found.group(1)], int(found.group(2))
        ours, theirs = ([line.strip() for line in l.lines[l.first:] if line.strip()] for l in (lesson, sibling))
        # A changed line counts once, not as one removed and one added.
        differ = sum(max(i2 - i1, j2 - j1) for tag, i1, i2, j1, j2 in
                     difflib.SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes() if tag != "equal")
        check(differ <= stated, f"{lesson.name}: differs from {sibling.name} by {differ} lines, stated are {stated}")
        for key in ("question", "why", "place"):
            check(lesson.head.get(key), f"{lesson.name}: its head has no {key}")
        if lesson.any_order:
            check("step(" not in "\n".join(lesson.lines) and lesson.name.endswith("_any_order"),
                  f"{lesson.name}: a lesson with answers is called *_any_order and has no step()")
        else:
            check(len(lesson.pair) == 2, f"{lesson.name}: its head names no pair of events")


# ------------------------------------------------------------------------------ the scenarios of tests/verdict

def program(source, output, compiler, flags=()):
    """Compiles one program and links it with the recorder."""
    os.makedirs(os.path.dirname(output), exist_ok=True)
    run(compiler, "-fsanitize=thread", "-O1", "-gdwarf-4", "-Iinclude", *flags, "-c", source, "-o", output + ".c.o")
    link(os.path.dirname(output), "build/libwaitgroup.a", [(os.path.basename(output), output + ".c.o")])
    return output


def expected_of(text, panics):
    """A head line's expectation, in the recorder's words."""
    if text == "no race":
        return {text}
    if panics or text.startswith("panic: "):
        return {"panic: " + text.removeprefix("panic: ")}
    return {report.split(" in ")[0] for report in text.split("; ")}


def verdict(compilers=COMPILERS):
    sources = sorted(os.path.join("tests/verdict", kind, name) for kind in ("norace", "race", "panic")
                     for name in os.listdir(f"tests/verdict/{kind}") if name.endswith(".c"))
    # A signal arrives in real time, which the recorder does not have; and a thread that calls until it
    # is stopped has no end in an order in which the others never get their turn.
    left_out = [s for s in sources if "<signal.h>" in open(s, encoding="utf-8").read() or
                os.path.basename(s) == "add_zero_during_release.c"]
    print(f"  not in lessons, for signals or a loop without end of its own: {show(left_out)}")
    sources = [s for s in sources if s not in left_out]

    def one(case):
        source, compiler = case
        head = open(source, encoding="utf-8").readline().strip()
        fields = dict(part.split(": ", 1) for part in head.removeprefix("/* ").removesuffix(" */").split(" | "))
        wanted = expected_of(fields["expect"], "/panic/" in source)
        wanted = [wanted, expected_of(fields["strict"], False) if "strict" in fields else wanted]
        name = os.path.splitext(os.path.basename(source))[0]
        binary = program(source, f"{BUILD}/verdict/{compiler}/{name}", compiler,
                         ("-std=c11", "-D_GNU_SOURCE", "-Itests/verdict"))
        seen = [set(lessons.recorded_verdict(binary, strict, fields.get("options", "")).split("|"))
                for strict in (False, True)]
        return f"{name}, {compiler}", wanted, seen

    for name, wanted, seen in in_parallel(one, [(s, c) for c in compilers for s in sources]):
        check(seen == wanted, f"tests/verdict: {name}: ThreadSanitizer {wanted}, recorder {seen}")


# ------------------------------------------------------------------------------ features of the explorer

def features(compilers=(COMPILERS[0], COMPILERS[-1])):
    """Programs of any kind: their first line states the verdicts among all orders, and how that ends."""
    names = sorted(name for name in os.listdir("tests/lessons/programs") if name.endswith(".c"))

    def one(case):
        name, compiler = case
        source = os.path.join("tests/lessons/programs", name)
        expected = re.fullmatch(r"/\* expect: (.*) \*/", open(source, encoding="utf-8").readline().strip()).group(1)
        binary = program(source, f"{BUILD}/programs/{compiler}/{name[:-2]}", compiler)
        whole = lessons.Table(binary, orders=2000)
        if whole.end.startswith("stopped: "):
            return name, compiler, expected, "cannot be explored: " + whole.end.removeprefix("stopped: "), True
        seen = list(whole.verdicts())
        if not whole.end.startswith("all "):
            seen.append("reduced" if whole.end.startswith("reduced") else "cut off")
            return name, compiler, expected, ", ".join(seen), True
        # The reduction loses no verdict, nor any way in which what happened was ordered.
        reduced = lessons.Table(binary, orders=2000, REDUCE="1")
        kept, all_there_are = ({(tuple(verdicts), relation) for _, verdicts, relation in table.orders}
                               for table in (reduced, whole))
        same = kept == all_there_are and len(reduced.orders) <= len(whole.orders)
        # A schedule shows what the table says of it.
        shown = all(verdict in lessons.record(binary, schedule)["verdict"].split("|")
                    for verdict, (_, schedule) in whole.verdicts().items() if not verdict.startswith("crash"))
        return name, compiler, expected, ", ".join(seen), same and shown

    for name, compiler, expected, seen, consistent in in_parallel(one, [(n, c) for n in names for c in compilers]):
        check(seen == expected, f"tests/lessons/programs/{name}, {compiler}: expected {expected}, explored {seen}")
        check(consistent, f"tests/lessons/programs/{name}, {compiler}: reduced, or as a schedule, it shows otherwise")


# ------------------------------------------------------------------------------ commands

def commands():
    source = "tests/lessons/programs/one_done_too_many.c"
    binary = program(source, f"{BUILD}/programs/gcc/one_done_too_many", "gcc")

    def explore(*options, output=subprocess.DEVNULL):
        return subprocess.run([sys.executable, "-B", "tsan/lessons/lessons.py", "explore", source, binary, *options],
                              stdout=output, stderr=subprocess.PIPE, text=True, check=False)

    for options, words in ((("--schedule=0", "--form=foo"), "FORM=foo: expected text, svg, shiviz or chrome"),
                           (("--form=svg",), "FORM=svg draws one order: say which by SCHEDULE=digits"),
                           (("--orders=0",), "ORDERS=0: expected a number from 1"),
                           (("--schedule=0.5",), "SCHEDULE=0.5: expected what \"make explore\" prints"),
                           (("--schedule=9",), "SCHEDULE: choice 1 picks 9, but only")):
        done = explore(*options)
        check(done.returncode > 0 and words in done.stderr and done.stderr.count("\n") == 1,
              f"explore {' '.join(options)}: expected \"{words}\"", done.stderr)
    for options in ((), ("--schedule=0",)):
        reader, writer = os.pipe()
        os.close(reader)
        done = explore(*options, output=writer)
        os.close(writer)
        check(done.returncode == 0 and not done.stderr, f"explore {' '.join(options)} into a closed pipe", done.stderr)


# ------------------------------------------------------------------------------ pages

def pages():
    if not shutil.which("node") or not os.path.exists("tests/lessons/node_modules"):
        sys.exit("pages: need node and tests/lessons/node_modules: ci/run lessons, or npm ci in tests/lessons")
    chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    if not os.path.exists(chromium):
        sys.exit(f"pages: need {chromium}: apt-get install chromium, or CHROMIUM=path")
    models = [{"name": "index", "page": os.path.abspath("tsan/lessons/index.html"),
               "links": [lesson.name + ".html" for lesson in LESSONS]}]
    for lesson in LESSONS:
        found = lessons.pictures_of(lesson, f"{BUILD}/gcc/{lesson.name}")
        choices, right = draw.choices(lesson, found)
        secrets = [picture.caption() for picture in found if picture.caption()]
        secrets += [lesson.head["why"], "✓", "✗", "no path", "answer:", "vector clock"]
        models.append({"name": lesson.name, "page": os.path.abspath(f"tsan/lessons/{lesson.name}.html"),
                       "choices": choices, "right": right, "secrets": secrets, "why": lesson.head["why"],
                       "pictures": [draw.model(picture) for picture in found]})
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(models, file)
        file.flush()
        done = subprocess.run(["node", "tests/lessons/pages.mjs", file.name], check=False, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    counts = re.search(r"^(\d+) passed, (\d+) failed$", done.stdout, re.M)
    check(done.returncode == 0 and counts, "pages", done.stdout)
    if counts:
        print(f"  in Chromium: {counts.group(0)}")


# ------------------------------------------------------------------------------ main

PARTS = {"answers": answers, "orders": orders, "pictures": pictures, "mutants": mutants, "siblings": siblings,
         "features": features, "commands": commands, "verdict": verdict, "pages": pages}
SHORT = {
    "answers": lambda: answers(COMPILERS[:2], 2),
    "orders": lambda: orders(("gcc",), 8),
    "pictures": pictures,
    "siblings": siblings,
    "features": lambda: features(("gcc",)),
    "commands": commands,
    "verdict": lambda: verdict(("gcc",)),
}


def main(arguments):
    if not arguments or not set(arguments) <= {"all", "short", *PARTS}:
        sys.exit(__doc__)
    parts = SHORT if arguments == ["short"] else PARTS if arguments == ["all"] else {n: PARTS[n] for n in arguments}
    for name, part in parts.items():
        begin, before = time.monotonic(), passed
        print(f"lessons, {name}:", flush=True)
        part()
        print(f"  {passed - before} checks in {time.monotonic() - begin:.0f} s", flush=True)
    print(f"{passed} passed, {len(failed)} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
