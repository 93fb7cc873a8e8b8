#!/usr/bin/env python3
"""Draws what the recorder wrote: a happens-before picture of one run, as SVG, as text, as a page.

    draw.py text   SOURCE.c TRACE.json              the picture for a terminal
    draw.py svg    SOURCE.c TRACE.json...           one picture, or several side by side
    draw.py page   SOURCE.c TRACE.json...           the lesson's page (any-order: a tab for each trace)
    draw.py index  SOURCE.c...                      the list of all lessons
    draw.py model  SOURCE.c TRACE.json              for tests: each box and the boxes in its past, as JSON
    draw.py shiviz SOURCE.c TRACE.json              the log format of ShiViz
    draw.py chrome SOURCE.c TRACE.json              the trace format of Chrome's about:tracing

Everything goes to standard output and depends on the input alone, byte for byte."""
import base64
import hashlib
import html
import json
import os
import re
import sys
import textwrap

HERE = os.path.dirname(os.path.abspath(__file__))

# Okabe-Ito's blue and vermillion; each is doubled by a word, a dotted line or a width.
INK, GREY, BLUE, RED = "#24292f", "#57606a", "#0072b2", "#d55e00"
PALE_BLUE, PALE_RED, STRETCH = "#eef4fc", "#fdf0e6", "#c9d6e6"

LIBRARY = {"add", "done", "wait", "returns", "gives up", "go"}
SYNC = LIBRARY | {"create", "join", "lock", "unlock", "sem_post", "sem_wait", "sem_getvalue", "barrier",
                  "barrier passed", "acquire", "release", "atomic load", "atomic store", "atomic update"}
TIME = "time passes here: no edge"


# ------------------------------------------------------------------------------ lessons

class Lesson:
    """The head comment of a lesson, and its source."""

    def __init__(self, path):
        self.path = path
        self.name = os.path.splitext(os.path.basename(path))[0]
        self.title = self.name.replace("_", " ")
        with open(path, encoding="utf-8") as file:
            self.lines = file.read().split("\n")
        self.head = {}
        text = "\n".join(self.lines)
        self.first = 0  # index of the first line that is shown
        comment = re.match(r"/\* (question: .*?) \*/\n", text, re.S)
        if comment:
            self.first = comment.group(0).count("\n")
            key = None
            for line in comment.group(1).split("\n"):
                line = re.sub(r"^ \* ?", "", line)
                found = re.match(r"([a-z][a-z ]*): (.*)", line)
                if found:
                    key = found.group(1)
                    self.head[key] = found.group(2)
                else:
                    self.head[key] += " " + line.strip()
        self.answers = re.split(r", (?=[a-zA-Z])", self.head.get("answers") or self.head.get("answer", ""))
        self.any_order = "answers" in self.head
        # Two boxes: thread "start of text".
        self.pair = re.findall(r'(\w+) "([^"]*)"', self.head.get("pair", ""))

    def code(self, line):
        if not 0 < line <= len(self.lines):
            return ""
        return re.sub(r"\s*(//.*|/\*.*?\*/)", "", self.lines[line - 1]).strip().rstrip(";")


# ------------------------------------------------------------------------------ the model of a picture

class Box:
    def __init__(self, thread, kind, line, text):
        self.thread, self.kind, self.line, self.text = thread, kind, line, text
        self.number = 0      # of its last event, in its thread
        self.clock = []      # of its last event
        self.blocked = False
        self.row = 0
        self.marks = set()   # "race", "path"


class Picture:
    """A trace, reduced to what is drawn."""

    def __init__(self, lesson, trace):
        self.lesson, self.trace = lesson, trace
        self.verdicts = trace["verdict"].split("|")
        events = trace["events"]
        racing = {race[side] for race in trace["races"] for side in ("first", "second")}
        used = [0] * len(trace["threads"])
        for event in events:
            used[event["thread"]] += 1
        self.threads = trace["threads"]
        self.boxes, self.created, self.gaps = [], {}, []
        box_of, last = {}, {}

        def drawn(index, event):
            if event["kind"] in SYNC or index in racing:
                return True
            return event["access"] and event["shared"] and event["line"] > 0

        # A join that nothing follows orders nothing worth drawing.
        trailing = set()
        for thread in range(len(self.threads)):
            for index in reversed([i for i, e in enumerate(events) if e["thread"] == thread and drawn(i, e)]):
                if events[index]["kind"] != "join" or index in racing:
                    break
                trailing.add(index)

        row, step = 0, None
        waiting = {}  # threads that are blocked now
        for index, event in enumerate(events):
            thread, kind = event["thread"], event["kind"]
            if kind == "wait" and event["blocked"]:
                waiting[thread] = True
            elif kind in ("returns", "gives up"):
                waiting.pop(thread, None)
            if kind == "step":
                if step is not None and step != thread:
                    self.gaps.append((row, *sorted((step, thread))))
                    row += 1
                step = thread
            elif kind == "until blocked" and waiting:
                ends = sorted([*waiting, thread])
                self.gaps.append((row, ends[0], ends[-1]))
                row += 1
            if index in trailing or not drawn(index, event):
                continue
            text = self.label(event)
            previous = last.get(thread)
            if previous and event["access"] and previous.kind == "access" and previous.line == event["line"]:
                box = previous
            else:
                box = Box(thread, "access" if event["access"] else kind, event["line"], text)
                box.row = row
                row += 1
                self.boxes.append(box)
                last[thread] = box
                if kind in ("create", "go"):
                    self.created[event["argument"]] = box
            box.number, box.clock = event["clock"][thread], event["clock"]
            box.blocked |= bool(event["blocked"])
            box_of[index] = box
        self.rows = row
        self.edges, self.ends = [], []
        for source, target in trace["edges"]:
            if target not in box_of:
                continue
            if source in box_of:
                if (box_of[source], box_of[target]) not in self.edges:
                    self.edges.append((box_of[source], box_of[target]))
            elif events[source]["kind"] == "ends":
                self.ends.append((events[source]["thread"], box_of[target]))
        # Program order, for paths.
        self.next = {}
        for thread in range(len(self.threads)):
            lane = [box for box in self.boxes if box.thread == thread]
            self.next.update(zip(lane, lane[1:]))
        self.races = [(box_of[r["first"]], box_of[r["second"]], r["kind"]) for r in trace["races"]
                      if r["first"] in box_of and r["second"] in box_of]
        self.path, self.unordered = [], None
        self.choose_pair()

    def label(self, event):
        kind, code = event["kind"], self.lesson.code(event["line"])
        if kind in ("create", "join"):
            name = self.threads[event["argument"]]
            return f"pthread_{kind}(… {name} …)"
        call = re.search(r"waitgroup_\w+\(([^()]|\([^()]*\))*\)", code)
        if kind in LIBRARY:
            code = call.group(0) if call else {"done": "done, by waitgroup_go"}.get(kind, "waitgroup_" + kind)
        if kind == "wait":
            return code + " …"
        if kind == "returns":
            return "… wait returns"
        if kind == "gives up":
            return "… wait gives up"
        if kind == "barrier passed":
            return "… barrier passed"
        return re.sub(r"^(if|while) \((.*)\)$", r"\2", code.rstrip("{ ")) or kind

    def successors(self, box):
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

    def find_path(self, start, goal):
        """The shortest path of steps; None if nothing orders the two."""
        came, queue = {start: None}, [start]
        for box in queue:
            if box is goal:
                path = []
                while box:
                    path.append(box)
                    box = came[box]
                return path[::-1]
            for following in self.successors(box):
                if following not in came:
                    came[following] = box
                    queue.append(following)
        return None

    def find(self, thread, start):
        for box in self.boxes:
            if self.threads[box.thread] == thread and box.text.startswith(start):
                return box
        return None

    def choose_pair(self):
        """What the picture is about: the race, else the lesson's pair, else a write and a later read."""
        if self.races:
            # The misuse, if there is one: it is the cause.
            first, second, kind = sorted(self.races, key=lambda race: race[2] != "WaitGroup misuse")[0]
            self.unordered = (first, second, kind)
            for box in (first, second):
                box.marks.add("race")
            return
        ends = [self.find(*end) for end in self.lesson.pair]
        if len(ends) != 2 or None in ends:
            ends = self.some_ordered_pair()
        if not ends:
            return
        path = self.find_path(*ends)
        if path:
            self.path = path
            for box in path:
                box.marks.add("path")
        else:
            self.unordered = (*ends, "")
            for box in ends:
                box.marks.add("pair")

    def some_ordered_pair(self):
        accesses = [box for box in self.boxes if box.kind == "access"]
        pairs = [(a, b) for i, a in enumerate(accesses) for b in accesses[i + 1:]
                 if a.thread != b.thread and self.find_path(a, b)]
        return pairs[-1] if pairs else None

    # -- words

    def name(self, box):
        line = f", line {box.line}" if box.line else ""
        return f"{box.text.replace(' …', '')} ({self.threads[box.thread]}{line})"

    def verdict(self):
        return ", ".join(self.verdicts)

    def sign(self):
        return "✓" if self.verdicts == ["no race"] else "✗"

    def caption(self):
        if self.unordered:
            first, second, kind = self.unordered
            if kind == "WaitGroup misuse":
                return f"No path joins the first add and the wait: {self.name(first)} and {self.name(second)}."
            if kind:
                return f"No path of arrows joins {self.name(first)} and {self.name(second)}."
            return f"No path joins {self.name(first)} and {self.name(second)}, and yet nothing is reported."
        if self.path:
            return f"The thick path orders {self.name(self.path[0])} before {self.name(self.path[-1])}."
        if self.verdicts[0] == "deadlock":
            return "Every thread that is left waits, and nobody can wake it."
        return ""

    # -- vector clocks, in boxes instead of events

    def clock(self, box):
        return [sum(b.thread == thread and b.number <= box.clock[thread] for b in self.boxes)
                for thread in range(len(self.threads))]

    def place(self, box):
        """Its number in its thread, from 1."""
        return sum(b.thread == box.thread and b.number <= box.number for b in self.boxes)

    def past(self, box):
        return [i for i, b in enumerate(self.boxes) if b.number <= box.clock[b.thread]]

    def canonical(self):
        """The same for two runs that look the same but for the time of unordered acts."""
        places = [(box.thread, self.place(box)) for box in self.boxes]
        return json.dumps([
            self.verdict(),
            sorted((*place, box.text, box.line, box.blocked, self.clock(box))
                   for place, box in zip(places, self.boxes)),
            sorted((places[self.boxes.index(a)], places[self.boxes.index(b)]) for a, b in self.edges),
            [places[self.boxes.index(b)] for b in (self.unordered or [])[:2]]])


# ------------------------------------------------------------------------------ SVG

FONT = "DejaVu Sans, Verdana, sans-serif"
PITCH, HEIGHT, LEFT, TOP = 46, 30, 24, 92
GLYPH = 7.25  # of the source font, with room for a wider one


def number(value):
    return f"{value:.1f}".rstrip("0").rstrip(".")


def escape(text):
    return html.escape(text, quote=True)


def crosses(a, b, rect):
    """Does the segment a-b meet the rectangle (x0, y0, x1, y1)?"""
    (ax, ay), (bx, by) = a, b
    low, high = 0.0, 1.0
    for start, delta, lo, hi in ((ax, bx - ax, rect[0], rect[2]), (ay, by - ay, rect[1], rect[3])):
        if abs(delta) < 1e-9:
            if not lo < start < hi:
                return False
            continue
        near, far = sorted(((lo - start) / delta, (hi - start) / delta))
        low, high = max(low, near), min(high, far)
    return low < high


def meeting(a, b, c, d):
    """Where the segments a-b and c-d cross; None if they do not."""
    (ux, uy), (vx, vy), (wx, wy) = ((q[0] - p[0], q[1] - p[1]) for p, q in ((a, b), (c, d), (a, c)))
    turn = ux * vy - uy * vx
    if abs(turn) < 1e-9:
        return None
    s, t = (wx * vy - wy * vx) / turn, (wx * uy - wy * ux) / turn
    return (a[0] + ux * s, a[1] + uy * s) if 0 <= s <= 1 and 0 <= t <= 1 else None


# The marks of a picture and what they mean, in the order of the legend.
MARKS = {
    "call": "call of the library, with its line",
    "arrow": "happens before",
    "path": "the path that orders the two",
    "no path": "nothing orders the two",
    "blocked": "blocked in wait",
    "time": "earlier in time, which orders nothing",
    "end": "end of a thread",
}


def glyph(mark, x, y):
    """A small one of each mark, 30 wide, its middle at y."""
    def line(x0, x1, extra, up=0):
        return f'<line x1="{number(x0)}" y1="{number(y - up)}" x2="{number(x1)}" y2="{number(y + up)}" {extra}/>'
    if mark == "call":
        return (f'<rect x="{number(x)}" y="{number(y - 7)}" width="30" height="14" rx="4" fill="{PALE_BLUE}" '
                f'stroke="{BLUE}" stroke-width="1.4"/><text x="{number(x + 5)}" y="{number(y + 3.5)}" font-size="9" '
                f'font-family="monospace" fill="{GREY}">12</text>')
    if mark in ("arrow", "path"):
        colour, width, size = (GREY, 1.5, 9) if mark == "arrow" else (BLUE, 3.4, 12)
        return line(x, x + 30 - size * 0.8, f'stroke="{colour}" stroke-width="{width}"') + \
            (f'<polygon points="{number(x + 30)},{number(y)} {number(x + 30 - size)},{number(y - size * 0.45)} '
             f'{number(x + 30 - size)},{number(y + size * 0.45)}" fill="{colour}"/>')
    if mark == "blocked":
        return f'<rect x="{number(x + 10)}" y="{number(y - 8)}" width="10" height="16" fill="{STRETCH}"/>'
    if mark == "end":
        return line(x + 15, x + 15, f'stroke="{GREY}" stroke-width="1.5"', 7) + \
            f'<rect x="{number(x + 3)}" y="{number(y + 5.5)}" width="24" height="3" fill="{GREY}"/>'
    return line(x, x + 30, {
        "no path": f'stroke="{RED}" stroke-width="2.6" stroke-dasharray="0.1 6.5" stroke-linecap="round"',
        "time": f'stroke="{GREY}" stroke-width="1.2" stroke-dasharray="8 5"'}[mark])


def legend(marks, width, top):
    """Rows of marks and words, and how high they are together."""
    out = [f'<g aria-hidden="true" font-family="{FONT}" font-size="11.5" fill="{GREY}">']
    x, y = 20, top + 18
    for mark in [mark for mark in MARKS if mark in marks]:
        room = 38 + 6.1 * len(MARKS[mark])
        if x > 20 and x + room > width - 12:
            x, y = 20, y + 20
        out += [glyph(mark, x, y), f'<text x="{number(x + 38)}" y="{number(y + 4)}">{escape(MARKS[mark])}</text>']
        x += room + 20
    return [*out, "</g>"], y + 16 - top


class Drawing:
    def __init__(self, picture, told=True, interactive=False, heading=None, intro=True, gutter=98):
        self.p, self.told, self.interactive = picture, told, interactive
        self.given, self.gutter = (picture, told, interactive, heading, intro), gutter
        p = picture
        longest = max([len(b.text) for b in p.boxes] + [18])
        self.width = min(int(longest * GLYPH) + 52, 320)
        self.lane = self.width + gutter
        lanes = len(p.threads)
        self.total = max(LEFT * 2 + self.lane * (lanes - 1) + self.width, 560)
        self.out = []
        self.heading = heading or p.lesson.title
        question = p.lesson.head.get("question", "") if intro else ""
        self.intro = textwrap.wrap(question, int((self.total - 40) / 7.1))
        self.top = TOP + 20 * (len(self.intro) - 1)
        # Rows without the last gap; each thread begins beside the box that creates it.
        self.bottom = self.top + 30 + PITCH * p.rows + 34
        self.obstacles = [(*self.corner(b), self.corner(b)[0] + self.width, self.corner(b)[1] + HEIGHT)
                          for b in p.boxes]
        for thread in range(lanes):
            x, y = self.x(thread), self.pill_y(thread)
            self.obstacles.append((x - 46, y, x + 46, y + 26))
        self.dashes = []
        for row, first, last in p.gaps:
            y = self.y(row) + HEIGHT / 2 - 8
            x = self.x(last) + 112
            self.dashes.append(((self.x(first) - 112, y), (x, y)))
            self.obstacles.append((x - 178, y - 20, x, y - 2))
        self.arrows, self.marks = [], set()

    def x(self, thread):
        return LEFT + self.width / 2 + self.lane * thread

    def y(self, row):
        return self.top + 45 + PITCH * row

    def corner(self, box):
        return self.x(box.thread) - self.width / 2, self.y(box.row)

    def pill_y(self, thread):
        creator = self.p.created.get(thread)
        return self.y(creator.row) + 2 if creator else self.top

    def lane_end(self, thread):
        rows = [b.row for b in self.p.boxes if b.thread == thread]
        joined = [target.row for ended, target in self.p.ends if ended == thread]
        if joined:
            return self.y(max(rows + [min(joined) - 1])) + HEIGHT + 8
        return self.bottom - 12

    def add(self, text):
        self.out.append(text)

    def text(self, x, y, text, size=13, extra=""):
        self.add(f'<text x="{number(x)}" y="{number(y)}" font-size="{size}"{extra}>{escape(text)}</text>')

    # Lines that avoid boxes and words: straight if nothing is in the way; else down the gutter beside
    # the source and along the free band above the target's row.
    def route(self, start, goal, ignore):
        blocks = [o for o in self.obstacles if o not in ignore]
        if not any(crosses(start, goal, o) for o in blocks):
            return [start, goal]
        side = 1 if goal[0] >= start[0] else -1
        for band in [goal[1] - PITCH / 2 - k * PITCH for k in range(0, self.p.rows + 2)] + \
                    [goal[1] + PITCH / 2 + k * PITCH for k in range(0, 3)]:
            for offset in (24, 40, 56, 72, 12, 84):
                a, b = start[0] + side * offset, goal[0] - side * 24
                points = [start, (a, start[1]), (a, band), (b, band), goal]
                if not any(crosses(m, n, o) for m, n in zip(points, points[1:]) for o in blocks):
                    return points
        return [start, goal]

    def line(self, points, extra):
        d = f"M{number(points[0][0])} {number(points[0][1])}"
        for i, (x, y) in enumerate(points[1:], 1):
            if i == len(points) - 1:
                d += f"L{number(x)} {number(y)}"
                continue
            # Rounded corners.
            (px, py), (nx, ny) = points[i - 1], points[i + 1]
            before = max(abs(x - px), abs(y - py)) or 1
            after = max(abs(nx - x), abs(ny - y)) or 1
            r = min(8, before / 2, after / 2)
            d += (f"L{number(x - (x - px) / before * r)} {number(y - (y - py) / before * r)}"
                  f"Q{number(x)} {number(y)} {number(x + (nx - x) / after * r)} {number(y + (ny - y) / after * r)}")
        self.add(f'<path d="{d}" fill="none" {extra}/>')

    def head(self, points, colour, size):
        """An arrow head at the end, its tip on the target."""
        (ax, ay), (bx, by) = points[-2], points[-1]
        length = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5 or 1
        ux, uy = (bx - ax) / length, (by - ay) / length
        left = (bx - ux * size - uy * size * 0.45, by - uy * size + ux * size * 0.45)
        right = (bx - ux * size + uy * size * 0.45, by - uy * size - ux * size * 0.45)
        corners = " ".join(f"{number(x)},{number(y)}" for x, y in ((bx, by), left, right))
        self.add(f'<polygon points="{corners}" fill="{colour}"/>')

    def rect_of(self, box):
        x, y = self.corner(box)
        return (x, y, x + self.width, y + HEIGHT)

    def side(self, box, towards, source=None):
        """The middle of the side that faces a lane; arrows that arrive there together keep apart."""
        x, y, right, bottom = self.rect_of(box)
        sources = sorted((a for a, b in self.p.edges if b is box and (a.thread > b.thread) == (towards > b.thread)
                          and a.thread != b.thread), key=lambda a: a.row)
        apart = (sources.index(source) - (len(sources) - 1) / 2) * min(9, 18 / len(sources)) if source in sources else 0
        return (right if towards > box.thread else x, (y + bottom) / 2 + apart)

    def arrow(self, start, goal, ignore, thick):
        points = self.route(start, goal, ignore)
        self.arrows += zip(points, points[1:])
        colour, width, size = (BLUE, 3.4, 13) if thick else (GREY, 1.5, 9)
        (ax, ay), (bx, by) = points[-2], points[-1]
        length = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5 or 1
        shaft = [*points[:-1], (bx - (bx - ax) / length * size * 0.8, by - (by - ay) / length * size * 0.8)]
        self.line(shaft, f'stroke="{colour}" stroke-width="{width}"')
        self.head(points, colour, size)

    def draw_lanes(self):
        p = self.p
        for thread in range(len(p.threads)):
            x = self.x(thread)
            self.add(f'<line x1="{number(x)}" y1="{number(self.pill_y(thread) + 13)}" x2="{number(x)}" '
                     f'y2="{number(self.lane_end(thread))}" stroke="{GREY}" stroke-width="1.5" class="lane"/>')
        for box in p.boxes:
            if not box.blocked:
                continue
            after = p.next.get(box)
            end = self.y(after.row) if after else self.lane_end(box.thread)
            self.add(f'<rect x="{number(self.x(box.thread) - 5)}" y="{number(self.y(box.row) + HEIGHT)}" width="10" '
                     f'height="{number(end - self.y(box.row) - HEIGHT)}" fill="{STRETCH}" class="blocked"/>')
        for a, b in zip(p.path, p.path[1:]) if self.told else ():
            if p.next.get(a) is b:
                x = self.x(a.thread)
                self.add(f'<line x1="{number(x)}" y1="{number(self.y(a.row) + HEIGHT)}" x2="{number(x)}" '
                         f'y2="{number(self.y(b.row))}" stroke="{BLUE}" stroke-width="4"/>')
        for (x0, y), (x1, _) in self.dashes:
            self.add(f'<line x1="{number(x0)}" y1="{number(y)}" x2="{number(x1)}" y2="{number(y)}" '
                     f'stroke="{GREY}" stroke-width="1.2" stroke-dasharray="8 5"/>')
            # The white rim keeps lanes out of the words.
            self.text(x1, y - 6, TIME, 12, f' text-anchor="end" font-style="italic" fill="{GREY}" stroke="#fff" '
                                           f'stroke-width="5" paint-order="stroke"')

    def draw_arrows(self):
        p = self.p
        steps = set(zip(p.path, p.path[1:]))
        for thread, creator in sorted(p.created.items()):
            if not self.told:
                break
            y = self.y(creator.row) + HEIGHT / 2
            goal = (self.x(thread) + (-46 if thread > creator.thread else 46), y)
            thick = any(a is creator and b.thread == thread and b is not p.next.get(a) for a, b in steps)
            self.arrow(self.side(creator, thread), goal, [self.rect_of(creator)], thick)
        for a, b in p.edges:
            if not self.told:
                break
            if a.thread != b.thread:
                self.arrow(self.side(a, b.thread), self.side(b, a.thread, a),
                           [self.rect_of(a), self.rect_of(b)], (a, b) in steps)
        for thread, target in p.ends:
            x, y = self.x(thread), self.lane_end(thread)
            self.add(f'<line x1="{number(x - 12)}" y1="{number(y)}" x2="{number(x + 12)}" y2="{number(y)}" '
                     f'stroke="{GREY}" stroke-width="3"/>')
            if self.told:
                thick = any(b is target and a.thread == thread for a, b in steps)
                self.arrow((x, y), self.side(target, thread), [self.rect_of(target)], thick)

    @staticmethod
    def s_curve(start, goal, out, back):
        """A curve, the points along it, and places for words on it, those in the middle first."""
        across = goal[0] - start[0]
        curve = (start, (start[0] + across * out, start[1]), (goal[0] - across * back, goal[1]), goal)

        def at(t):
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t ** 3)
            return tuple(sum(w * point[i] for w, point in zip(weights, curve)) for i in (0, 1))
        d = "M{} {}C{} {} {} {} {} {}".format(*(number(v) for point in curve for v in point))
        return d, [at(t / 40) for t in range(41)], [at(t) for t in (0.5, 0.42, 0.58, 0.35, 0.65, 0.28, 0.72)]

    def crossings(self, points):
        """Where a line through these points meets arrows, and those arrows."""
        return [(found, arrow) for arrow in self.arrows for a, b in zip(points, points[1:])
                if (found := meeting(*arrow, a, b))]

    def draw_no_path(self, below):
        """The dotted line goes under the arrows, which are in the output from this index on."""
        first, second, _ = self.p.unordered
        start, goal = self.side(first, second.thread), self.side(second, first.thread)
        ignore = [self.rect_of(first), self.rect_of(second)]
        adjacent = abs(first.thread - second.thread) == 1
        if adjacent:
            # An S in the gutter between the two lanes, where no box is; its steep part in the middle, or
            # to one side if arrows are in the way of the words.
            shapes = [self.s_curve(start, goal, *bends) for bends in ((0.75, 0.75), (0.2, 1.05), (1.05, 0.2))]
            places = [(points, d, place) for d, points, found in shapes for place in found]
        else:
            points = self.route(start, goal, ignore)
            places = [(points, None, (ax + (bx - ax) * t, ay + (by - ay) * t))
                      for (ax, ay), (bx, by) in zip(points, points[1:]) for t in (0.5, 0.35, 0.65, 0.2, 0.8, 0.1, 0.9)]

        def cost(points, place):
            x, y = place
            rect = (x - 40, y - 13, x + 40, y + 13)
            boxes = sum(x0 < rect[2] and rect[0] < x1 and y0 < rect[3] and rect[1] < y1
                        for x0, y0, x1, y1 in self.obstacles)
            lanes = sum(rect[0] < self.x(t) < rect[2] for t in range(len(self.p.threads)))
            dashes = sum(crosses(a, b, rect) for a, b in self.dashes)
            return (boxes * 100 + lanes * 5 + sum(crosses(a, b, rect) for a, b in self.arrows) +
                    dashes * 0.4 + len(self.crossings(points)) * 0.05)
        points, curve, (x, y) = min(places, key=lambda found: cost(found[0], found[2]))
        self.crowded = cost(points, (x, y)) >= 1
        above, self.out = self.out[below:], self.out[:below]
        dots = f'stroke="{RED}" stroke-width="2.6" stroke-dasharray="0.1 6.5" stroke-linecap="round"'
        if curve:
            self.add(f'<path d="{curve}" fill="none" {dots}/>')
        else:
            self.line(points, dots)
        # Where an arrow crosses it, the dotted line makes way: the two have nothing to do with each other.
        for (cx, cy), ((ax, ay), (bx, by)) in self.crossings(points):
            length = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5
            ux, uy = (bx - ax) / length * 9, (by - ay) / length * 9
            self.line([(cx - ux, cy - uy), (cx + ux, cy + uy)], 'stroke="#fff" stroke-width="13"')
        self.out += above
        self.add(f'<rect x="{number(x - 38)}" y="{number(y - 11)}" width="76" height="22" rx="11" fill="#fff" '
                 f'stroke="{RED}" stroke-width="1.5"/>')
        self.text(x, y + 4.5, "no path", 13, f' text-anchor="middle" font-weight="bold" fill="{RED}"')

    def draw_boxes(self):
        p = self.p
        for thread, name in enumerate(p.threads):
            x, y = self.x(thread), self.pill_y(thread)
            self.add(f'<rect x="{number(x - 46)}" y="{number(y)}" width="92" height="26" rx="13" fill="{INK}"/>')
            self.text(x, y + 18, name if len(name) <= 12 else name[:11] + "…", 13, ' text-anchor="middle" fill="#fff"')
        for index, box in enumerate(p.boxes):
            x, y = self.corner(box)
            race = self.told and ({"race", "pair"} & box.marks)
            path = self.told and "path" in box.marks
            fill = PALE_RED if race else PALE_BLUE if box.kind in LIBRARY else "#fff"
            stroke = RED if race else BLUE if path or box.kind in LIBRARY else GREY
            label = f"{p.threads[box.thread]}, line {box.line}: {box.text}"
            group = f'<g class="box" data-box="{index}"'
            if self.interactive:
                group += f' tabindex="{0 if index == 0 else -1}" role="button" aria-label="{escape(label)}"'
            self.add(group + ">")
            self.add(f'<rect x="{number(x)}" y="{number(y)}" width="{self.width}" height="{HEIGHT}" rx="5" '
                     f'fill="{fill}" stroke="{stroke}" stroke-width="{3 if race or path else 1.4}"/>')
            if box.line:
                self.text(x + 10, y + 19, str(box.line), 10, f' font-family="monospace" fill="{GREY}"')
            limit = int((self.width - 44) / GLYPH)
            text = box.text if len(box.text) <= limit else box.text[:limit - 1] + "…"
            self.text(x + 32, y + 19.5, text, 12, ' font-family="monospace"')
            self.add("</g>")

    def description(self):
        p = self.p
        if not self.told:
            return f"{len(p.boxes)} events in {len(p.threads)} threads: {', '.join(p.threads)}."
        parts = [f"{p.verdict()}. {p.caption()}"]
        parts += [f"An arrow leads from {p.name(a)} to {p.name(b)}, {p.threads[b.thread]}." for a, b in p.edges]
        return " ".join(parts)

    def marks_shown(self):
        p = self.p
        shown = {"call": any(box.kind in LIBRARY for box in p.boxes), "blocked": any(box.blocked for box in p.boxes),
                 "time": p.gaps, "end": p.ends, "arrow": self.told and (p.created or p.edges or p.ends),
                 "path": self.told and p.path, "no path": self.told and p.unordered}
        return {mark for mark, there in shown.items() if there}

    def svg(self, verdict_of_lesson=True, with_legend=True):
        p = self.p
        after = self.bottom + 6
        lines = []
        if self.told:
            for sentence in (p.caption(), p.lesson.head.get("why", "") if verdict_of_lesson else ""):
                lines += textwrap.wrap(sentence, int((self.total - 40) / 7.1))
        self.marks = self.marks_shown()
        key, rows = legend(self.marks, self.total, after + 20 * len(lines)) if with_legend else ([], 14)
        height = after + 20 * len(lines) + rows
        self.size = (self.total, height)
        name = escape(self.heading)
        role = "group" if self.interactive else "img"
        self.out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {number(self.total)} {number(height)}" '
                    f'width="{number(self.total)}" height="{number(height)}" role="{role}" '
                    f'aria-label="{name}" font-family="{FONT}" fill="{INK}">',
                    f"<title>{name}</title>", f"<desc>{escape(self.description())}</desc>",
                    f'<rect width="{number(self.total)}" height="{number(height)}" fill="#fff"/>']
        self.text(20, 28, self.heading, 17, ' font-weight="bold"')
        if self.told:
            good = p.sign() == "✓"
            shown = f"{p.sign()} {p.verdict()}"
            if 11.2 * len(self.heading) + 9.5 * len(shown) > self.total - 40 and ":" in shown:
                shown = shown[:shown.index(":")]
            self.text(self.total - 20, 28, shown, 16,
                      f' text-anchor="end" font-weight="bold" fill="{BLUE if good else RED}"')
        for i, line in enumerate(self.intro):
            self.text(20, 52 + 20 * i, line, 13, f' fill="{GREY}"')
        self.draw_lanes()
        below = len(self.out)
        self.draw_arrows()
        self.draw_boxes()
        self.crowded = False
        if self.told and p.unordered:
            self.draw_no_path(below)
        if self.crowded and self.gutter < 200:
            # The words stand on an arrow or a box: once more, with wider gutters.
            wider = Drawing(*self.given, gutter=200)
            svg = wider.svg(verdict_of_lesson, with_legend)
            if not wider.crowded:
                self.size = wider.size
                return svg
        for i, line in enumerate(lines):
            self.text(20, after + 10 + 20 * i, line)
        self.out += key
        self.add("</svg>")
        return "\n".join(self.out) + "\n"


def side_by_side(pictures):
    """Several orders of one program as one picture."""
    drawings = []
    for picture in pictures:
        drawing = Drawing(picture, heading=f"order {picture.trace['schedule']}", intro=False)
        drawings.append((drawing, drawing.svg(verdict_of_lesson=False, with_legend=False)))
    width = sum(d.size[0] for d, _ in drawings)
    key, rows = legend(set().union(*(d.marks for d, _ in drawings)), width, max(d.size[1] for d, _ in drawings) - 8)
    height = max(d.size[1] for d, _ in drawings) - 8 + rows
    lesson = pictures[0].lesson
    told = " ".join(f"Order {p.trace['schedule']}: {d.description()}" for p, (d, _) in zip(pictures, drawings))
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {number(width)} {number(height)}" '
           f'width="{number(width)}" height="{number(height)}" role="img" aria-label="{escape(lesson.title)}">',
           f"<title>{escape(lesson.title)}: one program, {len(pictures)} orders</title>",
           f"<desc>{escape(told)}</desc>", f'<rect width="{number(width)}" height="{number(height)}" fill="#fff"/>']
    x = 0
    for drawing, svg in drawings:
        body = svg.replace('xmlns="http://www.w3.org/2000/svg" ', f'x="{number(x)}" y="0" ', 1)
        out.append(body.rstrip("\n"))
        x += drawing.size[0]
    out += [*key, "</svg>"]
    return "\n".join(out) + "\n"


# ------------------------------------------------------------------------------ text

def as_text(picture):
    p = picture
    width = max([len(b.text) for b in p.boxes] + [12]) + 6
    sources = {}
    for a, b in p.edges:
        sources.setdefault(b, []).append(f"{a.line} {p.threads[a.thread]}")
    for thread, target in p.ends:
        sources.setdefault(target, []).append(f"the end of {p.threads[thread]}")
    out = [f"{p.lesson.title}: {p.sign()} {p.verdict()}", ""]
    out.append("".join(name.center(width - 2).ljust(width) for name in p.threads).rstrip())
    gaps = {row: (first, last) for row, first, last in p.gaps}
    boxes = {box.row: box for box in p.boxes}
    for row in range(p.rows):
        alive = [box.thread for box in p.boxes if box.row <= row]
        alive += [thread for thread, creator in p.created.items() if creator.row < row]
        if row in gaps:
            first, last = gaps[row]
            out.append(" " * (width * first) + f"- - {TIME} ".ljust(width * (last - first + 1) - 2, "-"))
            continue
        box = boxes[row]
        mark = "✗" if {"race", "pair"} & box.marks else "┃" if "path" in box.marks else " "
        cells = []
        for thread in range(len(p.threads)):
            if thread == box.thread:
                cells.append(f"{mark}{str(box.line or ''):>3} {box.text}".ljust(width))
            else:
                cells.append(("  │" if thread in alive or thread == 0 else "").ljust(width))
        notes = []
        if box in sources:
            notes.append("◀── from line " + ", ".join(sources[box]))
        if box in p.created.values():
            notes.append("──▶ starts " + ", ".join(p.threads[t] for t, c in p.created.items() if c is box))
        if box.blocked:
            notes.append("(blocks)")
        out.append(("".join(cells).rstrip() + ("   " if notes else "") + " ".join(notes)))
    marks = {"◀── ──▶ happens before": p.edges or p.created or p.ends, "✗ the two that nothing orders": p.unordered,
             "┃ the path that orders the two": p.path, f"- - {TIME.split(':')[0]}, which orders nothing": p.gaps}
    out += ["", "   ".join(words for words, there in marks.items() if there)]
    out += ["", *textwrap.wrap(p.caption(), 100), *textwrap.wrap(p.lesson.head.get("why", ""), 100)]
    return "\n".join(out) + "\n"


def as_shiviz(picture):
    """Two lines for each box: thread and clock, then the text."""
    out = []
    for box in picture.boxes:
        clock = {picture.threads[t]: n for t, n in enumerate(picture.clock(box)) if n}
        out.append(f"{picture.threads[box.thread]} {json.dumps(clock, sort_keys=True)}\nline {box.line}: {box.text}\n")
    return "".join(out)


def as_chrome(picture):
    """One microsecond for each row, with flow arrows."""
    events = [{"ph": "M", "pid": 1, "tid": t, "name": "thread_name", "args": {"name": name}}
              for t, name in enumerate(picture.threads)]
    events += [{"ph": "X", "pid": 1, "tid": b.thread, "ts": b.row, "dur": 0.8, "name": b.text,
                "args": {"line": b.line, "clock": picture.clock(b)}} for b in picture.boxes]
    for i, (a, b) in enumerate(picture.edges):
        events += [{"ph": "s", "pid": 1, "tid": a.thread, "ts": a.row, "id": i, "name": "happens before", "cat": "hb"},
                   {"ph": "f", "bp": "e", "pid": 1, "tid": b.thread, "ts": b.row, "id": i, "name": "happens before",
                    "cat": "hb"}]
    return json.dumps({"traceEvents": events}, indent=1) + "\n"


# ------------------------------------------------------------------------------ pages

def model(picture):
    """Boxes with their past found by walking the arrows, not by the clocks that the page shows."""
    boxes = []
    for goal in picture.boxes:
        past = [i for i, box in enumerate(picture.boxes) if picture.find_path(box, goal)]
        boxes.append({"label": f"{picture.threads[goal.thread]}, line {goal.line}", "past": past})
    return boxes


def box_data(picture):
    """What the page tells of each box."""
    race = picture.unordered if picture.unordered and picture.unordered[2] else None
    data = []
    for box in picture.boxes:
        item = {"name": picture.threads[box.thread], "line": box.line, "clock": picture.clock(box),
                "past": picture.past(box)}
        if race and box in race[:2]:
            other = race[0] if box is race[1] else race[1]
            thread, place = picture.threads[other.thread], picture.place(other)
            known = picture.clock(box)[other.thread]
            tail = f"{place} > {known}: not in its past." if place > known else "It is in its past."
            item["race"] = (f"The other side of the race is event {place} of {thread} (line {other.line}); this one knows "
                            f"{thread} only up to {known}. {tail}")
        data.append(item)
    return {"threads": picture.threads, "boxes": data}


def script_json(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c")


def scrolling(label, content):
    """A part that scrolls sideways in a narrow window; to be reached by keyboard, it takes the focus."""
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(label)}">\n{content}</div>'


def listing(lesson):
    lines = lesson.lines[lesson.first:]
    while lines and not lines[-1]:
        lines.pop()
    items = "".join(f'<li data-line="{lesson.first + 1 + i}"><code>{escape(line)}</code></li>\n'
                    for i, line in enumerate(lines))
    return scrolling("source", f'<ol class="code" start="{lesson.first + 1}">\n{items}</ol>')


def csp(script, style):
    def digest(text):
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"
    return f"default-src 'none'; script-src {digest(script)}; style-src {digest(style)}; base-uri 'none'; form-action 'none'"


def template(part):
    with open(os.path.join(HERE, "page.html"), encoding="utf-8") as file:
        text = file.read()
    return re.search(rf"<!-- {part} -->\n(.*?)(?=<!-- [a-z]+ -->\n|\Z)", text, re.S).group(1)


def fill(frame, values):
    style = template("style").strip("\n")
    script = template("script").strip("\n") if "{script}" in frame else ""
    values = {**values, "style": style, "script": script, "csp": escape(csp(script, style))}
    return re.sub(r"\{([a-z]+)\}", lambda found: values[found.group(1)], frame)


def tally(lesson):
    """Runs under ThreadSanitizer, counted once and kept: unlike all else here, they are not repeatable."""
    path = os.path.join(HERE, "tally.json")
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        return json.load(file).get(lesson.name)


def choices(lesson, pictures):
    """What the reader may predict, and the index of what is right."""
    if not lesson.any_order:
        options = ["no race", "data race", "WaitGroup misuse"]
        return options, options.index(lesson.answers[0])
    wrong = [picture.verdicts != ["no race"] for picture in pictures]
    return (["every order is fine", "some orders go wrong", "every order goes wrong"],
            2 if all(wrong) else 1 if any(wrong) else 0)


def page(lesson, pictures, counts):
    options, right = choices(lesson, pictures)
    said = f"{sum(counts)} orders: {', '.join(lesson.answers)}" if lesson.any_order else lesson.answers[0]
    why = escape(lesson.head["why"]) + f'</p>\n<p class="place">Where it is said: {escape(lesson.head["place"])}.'
    told, data = [], []
    for i, picture in enumerate(pictures):
        drawing = Drawing(picture, interactive=True, intro=False,
                          heading=f"order {picture.trace['schedule']}" if lesson.any_order else None)
        svg = drawing.svg(verdict_of_lesson=False).replace("<svg ", f'<svg data-picture="{i}" ', 1)
        scroll = scrolling(f"picture of {drawing.heading}", svg)
        told.append(f'<div role="tabpanel" id="panel{i}" aria-labelledby="tab{i}"{" hidden" if i else ""}>{scroll}</div>'
                    if lesson.any_order else scroll)
        data.append(box_data(picture))
    tabs = ""
    if lesson.any_order:
        tabs = '<div role="tablist" aria-label="distinct pictures">' + "".join(
            f'<button role="tab" id="tab{i}" aria-controls="panel{i}" aria-selected="{"true" if i == 0 else "false"}" '
            f'tabindex="{0 if i == 0 else -1}">{escape(short(p))} <small>{n} of {sum(counts)}</small></button>\n'
            for i, (p, n) in enumerate(zip(pictures, counts))) + "</div>\n" + table(lesson, pictures, counts)
    asking = Drawing(pictures[0], told=False, intro=False)
    frame = template("lesson")
    if lesson.any_order:
        before = "<p>Its pictures, one for each kind of order, appear when you have answered.</p>"
    else:
        before = scrolling("picture", asking.svg())
    # In a template the answer is neither shown nor read out, and no part of the document.
    answer = (f'<p class="why">{escape(said[0].upper() + said[1:])}. {why}</p>\n{tabs}'
              f'<p class="tools"><button id="earlier">← earlier</button> <button id="later">later →</button> '
              f'<button id="clear">clear</button> or click a box; arrow keys move between boxes.</p>\n'
              + "\n".join(told) + '\n<div id="clock" role="status"></div>\n')
    return fill(frame, {
        "title": escape(lesson.title), "question": escape(lesson.head["question"]),
        "choices": "".join(f'<button class="choice" data-choice="{i}" aria-pressed="false">{escape(choice)}</button>\n'
                           for i, choice in enumerate(options)),
        "listing": listing(lesson), "before": before, "answer": answer,
        "data": script_json({"right": right, "pictures": data})})


def short(picture):
    return ", ".join(re.sub(r"^panic: sync: (WaitGroup )?(is )?", "panic: ", v).split(" before")[0]
                     for v in picture.verdicts)


def table(lesson, pictures, counts):
    per = {}
    for picture, count in zip(pictures, counts):
        for verdict in picture.verdicts:
            per[verdict] = per.get(verdict, 0) + count
    measured = tally(lesson)
    head = "<tr><th>verdict</th><th>of all orders</th>"
    if measured:
        head += f'<th>of {measured["runs"]} real runs ({escape(measured["with"])})</th>'
    rows = ""
    for answer in lesson.answers:
        rows += f"<tr><th>{escape(answer)}</th><td>{per.get(answer, 0)}</td>"
        if measured:
            rows += f'<td>{measured["verdicts"].get(answer, 0)}</td>'
        rows += "</tr>\n"
    note = "An order with two verdicts counts for both."
    return scrolling("verdicts", f"<table><caption>{note}</caption>{head}</tr>\n{rows}</table>") + "\n"


def index(lessons):
    def items(wanted):
        return "".join(f'<li><a href="{lesson.name}.html">{escape(lesson.title)}</a><br>'
                       f'{escape(lesson.head["question"])}</li>\n' for lesson in lessons if lesson.any_order == wanted)
    return fill(template("index"), {"one": items(False), "any": items(True)})


# ------------------------------------------------------------------------------ commands

def load(lesson, paths):
    pictures = []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            pictures.append(Picture(lesson, json.load(file)))
    return pictures


def main(arguments):
    if len(arguments) < 2 or arguments[0] not in ("text", "svg", "page", "index", "model", "shiviz", "chrome"):
        sys.exit(__doc__)
    command, source, paths = arguments[0], arguments[1], arguments[2:]
    sys.stdout.reconfigure(encoding="utf-8")
    if command == "index":
        sys.stdout.write(index([Lesson(path) for path in arguments[1:]]))
        return
    if not paths:
        sys.exit("draw.py: no trace given")
    lesson = Lesson(source)
    pictures = load(lesson, paths)
    if command == "svg":
        out = Drawing(pictures[0]).svg() if len(pictures) == 1 else side_by_side(pictures)
    elif command == "page":
        out = page(lesson, pictures, [picture.trace.get("orders", 1) for picture in pictures])
    elif command == "model":
        out = json.dumps([model(picture) for picture in pictures]) + "\n"
    else:
        out = {"text": as_text, "shiviz": as_shiviz, "chrome": as_chrome}[command](pictures[0])
    sys.stdout.write(out)


if __name__ == "__main__":
    main(sys.argv[1:])
