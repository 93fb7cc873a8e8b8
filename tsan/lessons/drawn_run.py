"""A run of any program as a picture, for race-test: of however many sources, in C or C++."""
from __future__ import annotations

import os
import re
from collections import Counter
from typing import Any

from drawing import forms, frame
from drawing.course import Lesson
from drawing.picture import Picture
from scheduler import Program, Trouble

FORMS = {"text": forms.as_text, "svg": frame.alone, "shiviz": forms.as_shiviz, "chrome": forms.as_chrome}


class Line(int):
    """A line's number, which knows its file."""

    file = ""


class Sources(Lesson):
    """The program's sources as the text of a lesson."""

    def __init__(self, files: list[str], title: str) -> None:
        super().__init__(files[0])
        self.title, self.first, self.facts, self.said, self.pair = title, 0, {}, {}, []
        self.answers, self.any_order, self.sibling = [], False, ""
        self.texts_of = {file: Lesson(file) for file in files}

    def code(self, line: int) -> str:
        return self.texts_of[line.file].code(line) if isinstance(line, Line) and line.file in self.texts_of else ""


def short(name: str) -> str:
    """A thread's name without the parameters of its function."""
    number, _, function = name.partition(" ")
    return f"{number} {re.sub(r'[(][^()]*[)]', '', function[1:-1]).replace('::operator const', '')}".strip()


class DrawnRun(Program):
    """A program, and its runs as pictures."""

    def __init__(self, command: list[str], detector: str) -> None:
        super().__init__(command, [], strict=True)
        self.detector = detector
        self.line: dict[int, Line] = {}

    def places(self, pc: int) -> list[Any]:
        """Of a call, those in the program's own sources."""
        return list(self.teller.places([pc]))

    def line_of(self, pc: int) -> int:
        if pc not in self.line:
            places = self.places(pc)
            self.line[pc] = Line(places[0].line if places else 0)
            self.line[pc].file = places[0].file if places else ""
        return self.line[pc]

    def thread_names(self, run: Any) -> list[str]:
        return [short(self.teller.name(run, thread)) for thread in range(run.threads)]

    def drawn(self, run: Any, title: str, form: str, most: int, kinds: list[str]) -> str:
        """Of problems of these kinds, some of which the run itself does not know: the death of a child, say."""
        self.teller.learn(run.trace)
        for event in run.trace:  # where the program does it, not inside of a library's header
            event.pc = next((pc for pc in event.pcs if self.places(pc)), event.pc)
        trace = self.trace(run)
        if trace["verdict"] == "no race" and kinds:
            trace["verdict"] = "|".join(dict.fromkeys(kinds))
        files = Counter(line.file for line in self.line.values() if line.file and os.path.isfile(line.file))
        if not files:
            raise Trouble(f"{title}: no line of its sources is known: build it with -g, and draw it where they are")
        picture = Picture(Sources([file for file, _ in files.most_common()], title), trace)
        if len(picture.boxes) > most:
            raise Trouble(f"{title}: a picture of {len(picture.boxes)} acts is none")
        return FORMS[form](picture)
