"""Lessons and what is said of them: sources, the course's order, the texts of one language."""
import difflib
import html
import os
import re
import sys
import tomllib
from collections import Counter
from typing import Any

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ENGLISH = os.path.join(HERE, "texts", "en.toml")


class Texts:
    """All that a reader is told, in one language: a file like texts/en.toml."""

    def __init__(self, path: str = ENGLISH) -> None:
        self.path = path
        with open(path, "rb") as file:
            self.table: dict[str, Any] = tomllib.load(file)

    def find(self, key: str) -> Any:
        node: Any = self.table
        for part in key.split("."):
            node = node.get(part) if isinstance(node, dict) else None
        return node

    def section(self, key: str) -> dict[str, Any]:
        """All the texts below a key."""
        found = self.find(key)
        if not isinstance(found, dict):
            sys.exit(f"{self.path}: there are no texts below {key!r}")
        return found

    def say(self, key: str, **values: object) -> str:
        text = self.find(key)
        if not isinstance(text, str):
            sys.exit(f"{self.path}: there is no text {key!r}")
        return text.format(**values) if values else text

    def verdict(self, verdict: str) -> str:
        """A verdict in the reader's words; the library's own messages stay as they are."""
        return str(self.section("verdicts").get(verdict, verdict))

    def verdicts(self, verdicts: list[str]) -> str:
        return ", ".join(self.verdict(verdict) for verdict in verdicts)

    def verdicts_short(self, verdicts: list[str]) -> str:
        short = self.section("verdicts_short")
        return ", ".join(short.get(verdict) or self.verdict(verdict) for verdict in verdicts)


def plain(text: str) -> str:
    """A text without its links and marks of code, for the terminal and for pictures."""
    return re.sub(r"\[([^\]]+)\]\(\w+\)", r"\1", text).replace("`", "")


def marked(text: str) -> str:
    """A text as HTML: `code` and [words](term of the glossary)."""
    text = html.escape(text)
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
    return re.sub(r"\[([^\]]+)\]\((\w+)\)", r'<a href="glossary.html#\2">\1</a>', text)


# What the head comment of a lesson may state, each on a line of its own or more.
FACTS = ("answer", "answers", "strict", "not seen by", "program", "sibling", "pair")


class Lesson:
    """A source and the facts of its head comment."""

    def __init__(self, path: str, texts: Texts | None = None) -> None:
        self.path = path
        self.texts = texts or Texts()
        self.name = os.path.splitext(os.path.basename(path))[0]
        with open(path, encoding="utf-8", errors="replace") as file:
            self.lines = file.read().split("\n")
        self.first = 0  # index of the first line that is shown
        self.facts: dict[str, str] = {}
        comment = re.match(rf"/\* ((?:{'|'.join(FACTS)}): .*?) \*/\n", "\n".join(self.lines), re.S)
        if comment:
            self.first = comment.group(0).count("\n")
            text = re.sub(r"\n \* +", " ", re.sub(rf"\n \* (?=(?:{'|'.join(FACTS)}): )", "\n\n", comment.group(1)))
            self.facts = dict(fact.split(": ", 1) for fact in text.split("\n\n"))
        self.answers = re.split(r", (?=[a-zA-Z])", self.facts.get("answers", self.facts.get("answer", "")))
        self.any_order = "answers" in self.facts
        # Two boxes: thread "start of text".
        self.pair: list[tuple[str, str]] = re.findall(r'(\w+) "([^"]*)"', self.facts.get("pair", ""))
        self.sibling = self.facts.get("sibling", "").partition(",")[0]
        said = self.texts.find(f"lessons.{self.name}")
        self.said: dict[str, str] = said if isinstance(said, dict) else {}
        self.title = self.said.get("title") or self.name.replace("_", " ")

    def why_of_run(self) -> str:
        """What is said below the picture of one run; not of any order, as it speaks of all of them."""
        return "" if self.any_order else self.said.get("why", "")

    def code(self, line: int) -> str:
        """A line of the source as a box shows it."""
        if not 0 < line <= len(self.lines):
            return ""
        return re.sub(r"\s*(//.*|/\*.*?\*/)", "", self.lines[line - 1]).strip().rstrip(";")

    def shown(self) -> list[str]:
        return "\n".join(self.lines[self.first:]).rstrip("\n").split("\n")

    def changes(self, other: "Lesson") -> list[tuple[str, list[str], list[str]]]:
        """How the other's source becomes this one: (equal, replace, delete, insert), its lines, ours."""
        theirs, ours = other.shown(), self.shown()
        steps = difflib.SequenceMatcher(None, [line.strip() for line in theirs], [line.strip() for line in ours],
                                        autojunk=False).get_opcodes()
        return [(tag, theirs[i1:i2], ours[j1:j2]) for tag, i1, i2, j1, j2 in steps]

    def changes_time(self, other: "Lesson") -> bool:
        """Is one of the lines in which the two differ there for the time of the run?"""
        return any(fixes_time(line) for tag, theirs, ours in self.changes(other) if tag != "equal"
                   for line in theirs + ours)

    def distance(self, other: "Lesson") -> int:
        """In how many lines the two differ. A moved line counts once, and so does a changed one; a line that only
        fixes the time of the run does not count."""
        hunks = [(counted(theirs), counted(ours)) for tag, theirs, ours in self.changes(other) if tag != "equal"]
        moved = counted([line for gone, _ in hunks for line in gone.elements()])
        moved &= counted([line for _, new in hunks for line in new.elements()])
        return moved.total() + sum(max((gone - moved).total(), (new - moved).total()) for gone, new in hunks)


def fixes_time(line: str) -> bool:
    return bool(re.match(r"\s*(step|until_\w+)\(", line))


def counted(lines: list[str]) -> Counter[str]:
    return Counter(line.strip() for line in lines if line.strip() and not fixes_time(line))


class Course:
    """The lessons in their order."""

    def __init__(self, texts: Texts | None = None) -> None:
        self.texts = texts or Texts()
        with open(os.path.join(HERE, "course.toml"), "rb") as file:
            table = tomllib.load(file)
        self.first_page = self.lesson(table["first_page"])
        self.chapters = [(str(chapter["name"]), [self.lesson(name) for name in chapter["lessons"]])
                         for chapter in table["chapters"]]
        self.lessons = [lesson for _, lessons in self.chapters for lesson in lessons]
        self.numbers = {lesson.name: number for number, lesson in enumerate(self.lessons, 1)}

    def lesson(self, name: str) -> Lesson:
        return Lesson(os.path.join(HERE, name + ".c"), self.texts)

    def begins(self, lesson: Lesson) -> str:
        """The chapter that begins with this lesson."""
        return next((name for name, lessons in self.chapters if lessons[0] is lesson), "")

    def find(self, name: str) -> Lesson | None:
        return next((lesson for lesson in self.lessons if lesson.name == name), None)
