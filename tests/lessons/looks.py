"""What the reader meets: the course, its texts, the pictures, the pages in a browser."""
from __future__ import annotations

import html.parser
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from common import BUILD, COURSE, LESSONS, check, program, read, show
import lessons
from drawing.course import ENGLISH, HERE, Lesson, fixes_time
from drawing.page import choices_of, first_shown
from drawing.picture import Picture
from runs import pictures_of

SITE = "build/lessons/checked-site"


# ------------------------------------------------------------------------------ the course

def course() -> None:
    """Each lesson has its place and its texts, and is one small step from the lesson that it is compared with."""
    sources = {name[:-2] for name in os.listdir(HERE) if name.endswith(".c")} - {"step", COURSE.first_page.name}
    names = [lesson.name for lesson in LESSONS]
    check(sorted(names) == sorted(sources), f"course.toml and the sources differ: {set(names) ^ sources}")
    check(len(LESSONS) >= 24, f"the course has only {len(LESSONS)} lessons")
    for lesson in LESSONS:
        for key in ("title", "question", "why", "place", *(("step",) if lesson is not LESSONS[0] else ())):
            check(lesson.said.get(key), f"{ENGLISH}: {lesson.name} has no {key}")
        if lesson.any_order:
            check(not any(map(fixes_time, lesson.lines)) and lesson.name.endswith("_any_order"),
                  f"{lesson.name}: a lesson with answers is called *_any_order and fixes no time")
        else:
            check(len(lesson.pair) == 2, f"{lesson.name}: its head names no pair of events")
    for _, chapter in COURSE.chapters:
        for before, lesson in zip([None, *chapter], chapter):
            step_of_course(before, lesson)
    terms = COURSE.texts.section("terms")
    source = "\n".join("\n".join(lesson.shown()) for lesson in LESSONS)
    for name, term in terms.items():
        check(term.get("in_code", "int main") in source, f"{ENGLISH}: no lesson has {name}'s {term.get('in_code')}")
    for target in re.findall(r"\]\((\w+)\)", read(ENGLISH)):
        check(target in terms, f"{ENGLISH}: a link to {target}, which the glossary does not have")


FARTHEST = 2  # lines: two where the counter would not come out at zero by one


def step_of_course(before: Lesson | None, lesson: Lesson) -> None:
    """In a chapter, each lesson changes the one before it. The first has a program of its own, or changes an earlier
    lesson: no program of its own is as near to one that the reader knows."""
    known = LESSONS[:COURSE.numbers[lesson.name] - 1]
    if not lesson.sibling and not before:
        near = [other.name for other in known if lesson.distance(other) <= FARTHEST]
        check(not near, f"{lesson.name}: is no new program, but near {show(near)}")
        return
    sibling = COURSE.find(lesson.sibling)
    check(sibling is before if before else sibling in known,
          f"{lesson.name}: is compared with {lesson.sibling or 'none'}, not with the lesson before it")
    if sibling:
        differ = lesson.distance(sibling)
        words = {0: "time", 1: "1 line"}.get(differ, f"{differ} lines")
        check(differ <= FARTHEST and lesson.facts["sibling"] == f"{sibling.name}, {words}",
              f"{lesson.name}: states \"{lesson.facts['sibling']}\", differs from {sibling.name} by {words}")
        check(lesson.shown() != sibling.shown(), f"{lesson.name} is {sibling.name} once more")


# ------------------------------------------------------------------------------ pictures

def pictures() -> None:
    """The one that is kept with the sources is what is drawn anew, and the only one."""
    name = "add_inside_any_order"
    drawn = lessons.svg_of(COURSE.lesson(name), f"{BUILD}/gcc")
    path = os.path.join(HERE, name + ".svg")
    check(read(path) == drawn, f"{path} is not what is drawn anew (make lessons-pictures)")
    kept = {file for file in os.listdir(HERE) if file.endswith((".svg", ".html"))}
    check(kept == {name + ".svg"}, f"built files among the sources: {show(kept - {name + '.svg'})}")


# ------------------------------------------------------------------------------ another language

def translated(value: object) -> object:
    """Another language, in which each text has double brackets around it."""
    if isinstance(value, dict):
        return {key: text if key in ("lang", "in_code") else translated(text) for key, text in value.items()}
    return f"⟦{str(value).strip()}⟧"


def as_toml(table: dict[str, object], prefix: str = "") -> str:
    """Of nested tables of strings."""
    lines = [f"{json.dumps(key)} = {json.dumps(text, ensure_ascii=False)}" for key, text in table.items()
             if isinstance(text, str)]
    for key, value in table.items():
        if isinstance(value, dict):
            lines += [f"[{prefix}{json.dumps(key)}]", as_toml(value, f"{prefix}{json.dumps(key)}.")]
    return "\n".join(lines)


class Words(html.parser.HTMLParser):
    """The texts of a page that are not of the program that it shows."""
    VOID = {"meta", "link", "br", "circle", "line", "path", "polygon", "rect"}

    def __init__(self) -> None:
        super().__init__()
        self.open: list[bool] = []  # is the text of this element the program's, or the page's machinery?
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        kinds = (values.get("class") or "").split()
        self.found += [text for key in ("aria-label", "title") if (text := values.get(key))]
        if tag not in self.VOID:
            inside = bool(self.open and self.open[-1])
            self.open.append(inside or tag in ("code", "script", "kbd") or bool({"mono", "name"} & set(kinds)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if not (self.open and self.open[-1]):
            self.found.append(data)


def untranslated(page: str) -> list[str]:
    words = Words()
    words.feed(page)
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page)
    if data:
        told = json.loads(data.group(1))
        words.found += [*told["words"].values(), *told.get("choices", [])]
        words.found += [box[key] for picture in told.get("pictures", []) for box in picture["boxes"]
                        for key in ("says", "race") if box[key]]
    joined = "\n".join(words.found)
    for panic in {answer for lesson in LESSONS for answer in lesson.answers if answer.startswith("panic: ")}:
        joined = joined.replace(panic, "")  # the library's own words
    while True:
        less = re.sub(r"⟦[^⟦⟧]*⟧", "", joined)
        if less == joined:
            break
        joined = less
    return [line.strip() for line in joined.split("\n") if re.search("[A-Za-z]", line)]


def texts() -> None:
    """A site in another language has no word of English left."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "xx.toml")
        table = translated(COURSE.texts.table)
        assert isinstance(table, dict)
        with open(path, "w", encoding="utf-8") as file:
            file.write(as_toml(table))
        lessons.site_command(os.path.join(directory, "site"), f"{BUILD}/gcc", path)
        for name in sorted(os.listdir(os.path.join(directory, "site"))):
            if name.endswith(".html"):
                left = untranslated(read(os.path.join(directory, "site", name)))
                check(not left, f"{name}: not from the file of texts: {left[:5]}")
    check(not re.search(r"'[A-Za-z]+ [a-z]+ [a-z]", read(os.path.join(HERE, "pages/script.js"))),
          "script.js has a text of its own")


# ------------------------------------------------------------------------------ commands

def commands() -> None:
    source = "tests/lessons/programs/one_done_too_many.c"
    binary = program(source, f"{BUILD}/programs/gcc/one_done_too_many", "gcc")

    def explore(*options: str, output: int = subprocess.DEVNULL) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-B", "tsan/lessons/lessons.py", "explore", binary, source, *options],
                              stdout=output, stderr=subprocess.PIPE, text=True, check=False)

    for options, words in ((("--schedule=-", "--form=foo"), "FORM=foo: expected text, svg, shiviz or chrome"),
                           (("--form=svg",), "FORM=svg draws one order: say which by REPLAY=..."),
                           (("--orders=0",), "ORDERS=0: expected a number from 1"),
                           (("--schedule=0.5",), "'0.5': expected THREAD@STEP:NEXT"),
                           (("--schedule=0@1:9",), "REPLAY is not of this program")):
        done = explore(*options)
        check(done.returncode > 0 and words in done.stderr and done.stderr.count("\n") == 1,
              f"explore {' '.join(options)}: expected \"{words}\"", done.stderr)
    for options in ((), ("--schedule=-",)):
        reader, writer = os.pipe()
        os.close(reader)
        done = explore(*options, output=writer)
        os.close(writer)
        check(done.returncode == 0 and not done.stderr, f"explore {' '.join(options)} into a closed pipe", done.stderr)


TWO_FILES = {
    "starts.cpp": """#include <cstdlib>
#include <thread>
#include <waitgroup.h>
waitgroup_t wg;
void work();
int main(int, char **arguments)
{
    waitgroup_add(&wg, std::atoi(arguments[1]));
    std::thread worker(work);
    waitgroup_wait(&wg);
    worker.join();
}
""",
    "works.cpp": """#include <waitgroup.h>
extern waitgroup_t wg;
void work()
{
    waitgroup_done(&wg);
}
"""}


def explore() -> None:
    """By make: C++, several files, arguments, what cannot be read."""
    with tempfile.TemporaryDirectory() as directory:
        sources = []
        for name, text in TWO_FILES.items():
            sources.append(os.path.join(directory, name))
            with open(sources[-1], "w", encoding="utf-8") as file:
                file.write(text)
        cases: list[tuple[list[str], int, str]] = [
            ([f"SRC={' '.join(sources)}", "ARGS=1"], 0, "no race "), ([f"SRC={' '.join(sources)}", "ARGS=2"], 0, "deadlock "),
            ([f"SRC={directory}/none.c"], 2, "cannot read"), ([], 2, "SRC is missing")]
        for given, status, words in cases:
            done = subprocess.run(["make", "-s", "explore", *given], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, check=False)
            check(done.returncode == status and words in done.stdout, f"make explore {given[1:]}: expected {words}",
                  done.stdout)


# ------------------------------------------------------------------------------ pages

def seen_in(picture: Picture) -> list[dict[str, object]]:
    """Boxes with their past found by walking the arrows, not by the clocks that the page shows."""
    return [{"label": picture.threads[goal.thread] + (f", line {goal.line}:" if goal.line else ":"),
             "past": [i for i, box in enumerate(picture.boxes) if picture.find_path(box, goal)]}
            for goal in picture.boxes]


def model(lesson: Lesson) -> dict[str, object]:
    """What the browser shall find on a lesson's page."""
    found = pictures_of(lesson, f"{BUILD}/gcc/{lesson.name}")
    choices, right = choices_of(lesson, found)
    return {"name": lesson.name, "title": lesson.title, "choices": choices, "right": right,
            "sibling": lesson.sibling and lesson.sibling + ".html",
            "secrets": [captions for picture in found if (captions := re.sub("`", "", picture.caption()))] +
                       ["✓", "✗", "no path", "vector clock"],
            "wrong_program": lesson.facts.get("program") == "wrong",
            "shown": first_shown(found), "keys": [[p.boxes.index(b) for b in p.key_boxes()] for p in found],
            "pictures": [seen_in(picture) for picture in found]}


def pages() -> None:
    if not shutil.which("node") or not os.path.exists("tests/lessons/node_modules"):
        sys.exit("pages: need node and tests/lessons/node_modules: ci/run lessons, or npm ci in tests/lessons")
    chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    if not os.path.exists(chromium):
        sys.exit(f"pages: need {chromium}: apt-get install chromium, or CHROMIUM=path")
    lessons.site_command(SITE, f"{BUILD}/gcc")
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"site": os.path.abspath(SITE), "lessons": [model(lesson) for lesson in LESSONS]}, file)
        file.flush()
        done = subprocess.run(["node", "tests/lessons/pages.mjs", file.name], check=False, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    counts = re.search(r"^(\d+) passed, (\d+) failed$", done.stdout, re.M)
    check(done.returncode == 0 and counts, "pages", done.stdout)
    if counts:
        print(f"  in Chromium: {counts.group(0)}")
