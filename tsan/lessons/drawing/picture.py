"""A trace reduced to what is drawn: boxes, edges, the two acts that the picture is about."""
from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from .course import Lesson

LIBRARY = {"add", "done", "wait", "returns", "gives up", "go"}
SYNC = LIBRARY | {"create", "join", "lock", "unlock", "sem_post", "sem_wait", "barrier", "barrier passed",
                  "condition wait", "condition woken", "signal", "acquire", "release", "atomic load", "atomic store",
                  "atomic update", "output", "input"}

BEGUN = {"wait", "condition wait", "barrier"}  # told when they begin, and again when they are over

# One run as it was recorded: verdict, schedule, threads, events, edges, races.
Trace = dict[str, Any]
Event = dict[str, Any]


class Box:
    """An act of one thread; several accesses of one line are one box, up to where another thread does something."""

    def __init__(self, thread: int, kind: str, line: int, text: str, row: int) -> None:
        self.thread, self.kind, self.line, self.text, self.row = thread, kind, line, text, row
        self.number = 0  # of its last event, in its thread
        self.clock: list[int] = []  # of its last event
        self.blocked = self.pending = False
        self.mark = ""  # "race", "pair" (unordered, but not reported) or "path"

    def is_call(self) -> bool:
        return self.kind in LIBRARY


class Picture:
    """What is drawn of one run, and what is said of it."""

    def __init__(self, lesson: Lesson, trace: Trace) -> None:
        self.lesson, self.trace, self.texts = lesson, trace, lesson.texts
        self.verdicts: list[str] = trace["verdict"].split("|")
        self.threads: list[str] = trace["threads"]
        self.boxes: list[Box] = []
        self.created: dict[int, Box] = {}  # of each thread but main: the box that started it
        self.gaps: list[tuple[int, int, int]] = []  # time that passes: row, from lane, to lane
        self.rows = 0
        box_of = self.place_boxes()
        self.edges: list[tuple[Box, Box]] = []
        self.ends: list[tuple[int, Box]] = []  # the end of a thread, and the join that it lets go on
        for source, target in trace["edges"]:
            if target not in box_of:
                continue
            if source in box_of:
                if (box_of[source], box_of[target]) not in self.edges:
                    self.edges.append((box_of[source], box_of[target]))
            elif trace["events"][source]["kind"] == "ends":
                self.ends.append((trace["events"][source]["thread"], box_of[target]))
        self.next: dict[Box, Box] = {}  # program order
        for thread in range(len(self.threads)):
            lane = [box for box in self.boxes if box.thread == thread]
            self.next.update(zip(lane, lane[1:]))
        self.races = [(box_of[race["first"]], box_of[race["second"]], str(race["kind"])) for race in trace["races"]
                      if race["first"] in box_of and race["second"] in box_of]
        self.path: list[Box] = []
        self.unordered: tuple[Box, Box, str] | None = None  # the third: what is reported, if anything is
        self.choose_pair()

    # -- from events to boxes

    def events_drawn(self) -> set[int]:
        """Acts of synchronization, accesses to what threads share; but no joins at the end of the run."""
        racing = {race[side] for race in self.trace["races"] for side in ("first", "second")}
        drawn = {index for index, event in enumerate(self.trace["events"])
                 if index in racing or event["kind"] in LIBRARY or
                 (event["line"] > 0 and (event["kind"] in SYNC or (event["access"] and event["shared"])))}
        left = sorted(drawn)
        while left and self.trace["events"][left[-1]]["kind"] == "join" and left[-1] not in racing and \
                not self.trace["events"][left[-1]].get("pending"):
            drawn.discard(left.pop())
        return drawn

    def place_boxes(self) -> dict[int, Box]:
        """A row for each box, in the order of the run; which box each event is in."""
        drawn, box_of = self.events_drawn(), {}
        last: dict[int, Box] = {}
        gaps = TimePassing(self)
        for index, event in enumerate(self.trace["events"]):
            gaps.see(event)
            if index not in drawn:
                continue
            thread, previous = event["thread"], last.get(event["thread"])
            begun = previous if previous and event["access"] and previous.kind == "access" and \
                previous.line == event["line"] else None
            if begun and begun is self.boxes[-1]:
                box = begun
            else:
                box = Box(thread, "access" if event["access"] else event["kind"], event["line"], self.label(event),
                          self.rows)
                if begun:  # it was held within the line
                    begun.text, box.text = begun.text + " …", "… " + box.text
                self.rows += 1
                self.boxes.append(box)
                last[thread] = box
                if event["kind"] in ("create", "go"):
                    self.created[event["argument"]] = box
            box.number, box.clock = event["clock"][thread], event["clock"]
            box.blocked |= bool(event["blocked"])
            box.pending |= bool(event.get("pending"))
            box_of[index] = box
        return box_of

    def label(self, event: Event) -> str:
        return self.words(event) + (" …" if event.get("pending") else "")

    def words(self, event: Event) -> str:
        kind, code = str(event["kind"]), self.lesson.code(event["line"])
        if kind in ("create", "join"):
            return f"pthread_{kind}(… {self.threads[event['argument']]})"
        said = self.texts.section("picture.acts").get(kind.replace(" ", "_"))
        if kind in LIBRARY:
            call = re.search(r"waitgroup_\w+\(([^()]|\([^()]*\))*\)", code)
            code = call.group(0) if call else said or "waitgroup_" + kind
        if kind in ("wait", "condition wait"):
            return code + " …"
        if kind in ("returns", "gives up", "barrier passed", "condition woken"):
            return str(said)
        return re.sub(r"^(if|while) \((.*)\)$", r"\2", code.rstrip("{ ")) or kind

    def waits(self) -> Iterator[tuple[Box, Box | None, Box | None]]:
        """Each box that blocks, and between which two of its lane the thread waits. Most acts are told when they are
        over, so before them."""
        previous = {after: box for box, after in self.next.items()}
        for box in self.boxes:
            if box.blocked and (box.pending or box.kind in BEGUN):
                yield box, box, self.next.get(box)
            elif box.blocked:
                yield box, previous.get(box), box

    # -- what orders what

    def successors(self, box: Box) -> Iterator[Box]:
        """Where one step of happens-before leads."""
        if box in self.next:
            yield self.next[box]
        for source, target in self.edges:
            if source is box:
                yield target
        for thread, creator in self.created.items():
            if creator is box:
                yield from [b for b in self.boxes if b.thread == thread][:1]
        for thread, target in self.ends:
            if [b for b in self.boxes if b.thread == thread][-1:] == [box]:
                yield target

    def find_path(self, start: Box, goal: Box) -> list[Box]:
        """The shortest path of steps; empty if nothing orders the two."""
        came: dict[Box, Box | None] = {start: None}
        queue = [start]
        for box in queue:
            if box is goal:
                path, step = [], came[goal]
                path.append(goal)
                while step:
                    path.append(step)
                    step = came[step]
                return path[::-1]
            for following in self.successors(box):
                if following not in came:
                    came[following] = box
                    queue.append(following)
        return []

    def stated_pair(self) -> list[Box]:
        """The lesson's two acts: the first that is like the one, the last that is like the other. Empty if it names
        none, or not both are in this run."""
        alike = [[box for box in self.boxes if self.threads[box.thread] == thread and box.text.startswith(start)]
                 for thread, start in self.lesson.pair]
        return [alike[0][0], alike[1][-1]] if len(alike) == 2 and all(alike) else []

    def choose_pair(self) -> None:
        """What the picture is about: the race, else the lesson's pair, else a write and a later read."""
        if self.races:
            # The misuse, if there is one: it is the cause.
            self.unordered = sorted(self.races, key=lambda race: race[2] != "WaitGroup misuse")[0]
            self.unordered[0].mark = self.unordered[1].mark = "race"
            return
        ends = self.stated_pair() or (self.some_ordered_pair() if self.is_good() or self.lesson.pair else [])
        if not ends:
            return
        self.path = self.find_path(ends[0], ends[1])
        if self.path:
            for box in self.path:
                box.mark = "path"
        else:
            self.unordered = (ends[0], ends[1], "")
            ends[0].mark = ends[1].mark = "pair"

    def shows_stated_pair(self) -> bool:
        """Are the lesson's two acts, if it names any, in this run?"""
        return not self.lesson.pair or bool(self.stated_pair())

    def some_ordered_pair(self) -> list[Box]:
        accesses = [box for box in self.boxes if box.kind == "access"]
        pairs = [[a, b] for i, a in enumerate(accesses) for b in accesses[i + 1:]
                 if a.thread != b.thread and self.find_path(a, b)]
        return pairs[-1] if pairs else []

    def key_boxes(self) -> list[Box]:
        """The two that the picture is about."""
        if self.unordered:
            return [self.unordered[0], self.unordered[1]]
        return [self.path[0], self.path[-1]] if self.path else []

    # -- words

    def name(self, box: Box) -> str:
        text = box.text.replace(" …", "")
        if box.kind == "access":
            text = text.removeprefix("… ")
        where = "picture.place" if box.line else "picture.thread"
        return self.texts.say(where, act=f"`{text}`", thread=self.threads[box.thread], line=box.line)

    def verdict(self) -> str:
        return ", ".join(self.verdicts)

    def is_good(self) -> bool:
        """Nothing is reported; that the program is right is another question."""
        return self.verdicts == ["no race"]

    def sign(self) -> str:
        return "✓" if self.is_good() else "✗"

    def caption(self) -> str:
        """The key sentence."""
        if self.unordered:
            first, second, kind = self.unordered
            key = {"WaitGroup misuse": "no_path_misuse", "": "no_path_silent"}.get(kind, "no_path")
            return self.texts.say("picture." + key, first=self.name(first), second=self.name(second))
        if self.path:
            return self.texts.say("picture.path", first=self.name(self.path[0]), second=self.name(self.path[-1]))
        return self.texts.say("picture.deadlock") if self.verdicts[0] == "deadlock" else ""

    # -- vector clocks, in boxes instead of events

    def clock(self, box: Box) -> list[int]:
        return [sum(b.thread == thread and b.number <= box.clock[thread] for b in self.boxes)
                for thread in range(len(self.threads))]

    def place(self, box: Box) -> int:
        """Its number in its thread, from 1."""
        return sum(b.thread == box.thread and b.number <= box.number for b in self.boxes)

    def past(self, box: Box) -> list[int]:
        return [i for i, b in enumerate(self.boxes) if b.number <= box.clock[b.thread]]

    def canonical(self) -> str:
        """The same for two runs that look the same but for the time of unordered acts."""
        places = {box: (box.thread, self.place(box)) for box in self.boxes}
        return json.dumps([
            "|".join(self.verdicts),
            sorted((*places[box], box.text, box.line, box.blocked, self.clock(box)) for box in self.boxes),
            sorted((places[a], places[b]) for a, b in self.edges),
            [places[box] for box in (self.unordered or ())[:2] if isinstance(box, Box)]])


class TimePassing:
    """Finds where step(), until_blocked() and until_zero() put acts in order by time alone: a row of its own."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self.stepped: int | None = None  # the thread that took the last step
        self.counted: int | None = None  # the thread that called done last
        self.waiting: set[int] = set()

    def see(self, event: Event) -> None:
        thread, kind = event["thread"], event["kind"]
        if kind == "wait" and event["blocked"]:
            self.waiting.add(thread)
        elif kind in ("returns", "gives up"):
            self.waiting.discard(thread)
        if kind == "done":
            self.counted = thread
        if kind == "step":
            if self.stepped is not None and self.stepped != thread:
                self.gap(self.stepped, thread)
            self.stepped = thread
        elif kind == "until blocked" and self.waiting:
            self.gap(*self.waiting, thread)
        elif kind == "until zero" and self.counted is not None:
            self.gap(self.counted, thread)

    def gap(self, *threads: int) -> None:
        self.picture.gaps.append((self.picture.rows, min(threads), max(threads)))
        self.picture.rows += 1
