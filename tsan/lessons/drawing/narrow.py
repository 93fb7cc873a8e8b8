"""Lanes as thin lines, a row for each act with its text beside them: for a phone."""
from .geometry import Point, number
from .picture import Box, Picture
from .svg import GLYPH, Canvas, describe, marks_of
from .wide import box_group

WIDTH, ROW, TOP = 366, 33, 34
NODE, NODE_HEIGHT = 30, 22
FIRST = 30  # the middle of the first lane
LETTER = 6.4  # of the text that is no code, in italics


class Narrow(Canvas):
    """Each row has one act, so what runs along a row meets no other act: lines are routed along the
    row of their source, then down beside the lane of their target."""

    def __init__(self, picture: Picture, told: bool = True, focusable: bool = False) -> None:
        super().__init__()
        self.p, self.told, self.focusable = picture, told, focusable
        lanes = len(picture.threads)
        longest = max(len(box.text) for box in picture.boxes) if picture.boxes else 0
        # As far apart as the text leaves room for.
        beside = NODE / 2 + (27 if told and picture.unordered else 12)
        room = WIDTH - 4 - longest * GLYPH - FIRST - beside
        self.pitch = max(50.0, min(62.0, room / max(lanes - 1, 1)))
        self.text_x = FIRST + self.pitch * (lanes - 1) + beside
        self.bottom = TOP + ROW * picture.rows + 12

    def x(self, thread: int) -> float:
        return FIRST + self.pitch * thread

    def y(self, row: int) -> float:
        """The middle of a row."""
        return TOP + ROW * row + ROW / 2

    def start(self, thread: int) -> Point:
        """Where a lane begins: at the top, or beside the act that creates the thread."""
        creator = self.p.created.get(thread)
        return (self.x(thread), self.y(creator.row) if creator else TOP - 8)

    def end(self, thread: int) -> float:
        rows = [box.row for box in self.p.boxes if box.thread == thread]
        joined = [target.row for ended, target in self.p.ends if ended == thread]
        return self.y(max(rows + [min(joined) - 1])) + ROW / 2 + 1 if joined else self.bottom - 8

    # -- lines

    def lanes(self) -> None:
        p = self.p
        for thread in range(len(p.threads)):
            x, y = self.start(thread)
            self.segment((x, y), (x, self.end(thread)), "lane")
        for box, before, after in p.waits():
            start = self.y(before.row) if before else self.start(box.thread)[1]
            end = self.y(after.row) if after else self.end(box.thread)
            self.rect(self.x(box.thread) - 5, start, 10, end - start, "waits")
        for a, b in zip(p.path, p.path[1:]) if self.told else ():
            if p.next.get(a) is b:
                self.segment((self.x(a.thread), self.y(a.row)), (self.x(b.thread), self.y(b.row)), "arrow path")
        for row, _, _ in p.gaps:
            words = p.texts.say("picture.time_short")
            self.segment((4, self.y(row)), (WIDTH - 10 - len(words) * LETTER, self.y(row)), "time")
            self.text(WIDTH - 6, self.y(row) + 4, words, 12, ' text-anchor="end" class="rim"')

    def bent(self, start: Point, goal: Point) -> list[Point]:
        """From the middle of a row to the side of a node further down."""
        side = 1 if start[0] > goal[0] else -1
        edge = goal[0] + side * NODE / 2
        turn = goal[0] + side * self.pitch / 2
        return [(start[0] - side * NODE / 2, start[1]), (turn, start[1]), (turn, goal[1]), (edge, goal[1])]

    def edges(self) -> None:
        p, steps = self.p, set(zip(self.p.path, self.p.path[1:]))
        for thread, target in p.ends:
            x, y = self.x(thread), self.end(thread)
            self.segment((x - 10, y), (x + 10, y), "end")
            if self.told:
                on_path = any(b is target and a.thread == thread for a, b in steps)
                side = 1 if x > self.x(target.thread) else -1
                turn, goal = self.x(target.thread) + side * self.pitch / 2, self.y(target.row)
                self.arrow([(x, y), (turn, y), (turn, goal), (self.x(target.thread) + side * NODE / 2, goal)], on_path)
        if not self.told:
            return
        for thread, creator in sorted(p.created.items()):
            on_path = any(a is creator and b.thread == thread and b is not p.next.get(a) for a, b in steps)
            side = 1 if thread > creator.thread else -1
            y = self.y(creator.row)
            self.arrow([(self.x(creator.thread) + side * NODE / 2, y), (self.x(thread) - side * 5, y)], on_path)
        # Those of the path last, on top.
        for a, b in sorted(p.edges, key=lambda edge: edge in steps):
            if a.thread != b.thread:
                self.arrow(self.bent((self.x(a.thread), self.y(a.row)), (self.x(b.thread), self.y(b.row))),
                           (a, b) in steps)

    def no_path(self) -> None:
        """A dotted bracket between the lanes and the text, with a cross on it."""
        if not self.p.unordered:
            return
        first, second, _ = self.p.unordered
        x = self.text_x - 14
        self.line([(self.x(first.thread) + NODE / 2, self.y(first.row)), (x, self.y(first.row)),
                   (x, self.y(second.row)), (self.x(second.thread) + NODE / 2, self.y(second.row))], "none")
        y = (self.y(first.row) + self.y(second.row)) / 2
        self.add(f'<g class="sign"><circle cx="{number(x)}" cy="{number(y)}" r="9"/>')
        self.text(x, y + 4.5, "✗", 12, ' text-anchor="middle"')
        self.add("</g>")

    # -- acts

    def names(self) -> None:
        for thread, name in enumerate(self.p.threads):
            self.pill(self.x(thread), 2, name, self.pitch - 3, 12)
            x, y = self.start(thread)
            if y > TOP:
                self.add(f'<circle cx="{number(x)}" cy="{number(y)}" r="4.5" class="tip"/>')

    def act(self, index: int, box: Box) -> None:
        x, y = self.x(box.thread), self.y(box.row)
        self.add(box_group(self.p, index, self.told, self.focusable))
        # As wide as the screen: what a finger meets.
        self.rect(1, y - ROW / 2 + 1, WIDTH - 2, ROW - 2, "row", 6)
        self.rect(x - NODE / 2, y - NODE_HEIGHT / 2, NODE, NODE_HEIGHT, "act", 5)
        self.text(x, y + 4, str(box.line or "·"), 11, ' text-anchor="middle" class="mono"')
        room = WIDTH - 4 - self.text_x
        halves = in_two(box.text) if len(box.text) * GLYPH * 0.83 > room else [box.text]
        for i, text in enumerate(halves):
            self.code(self.text_x, y + 4.5 + 12 * (i - (len(halves) - 1) / 2), text, room)
        self.add("</g>")

    def paint(self) -> None:
        self.lanes()
        self.edges()
        if self.told:
            self.no_path()
        self.names()
        for index, box in enumerate(self.p.boxes):
            self.act(index, box)


def in_two(text: str) -> list[str]:
    """Broken at the space nearest to the middle."""
    spaces = [i for i, letter in enumerate(text) if letter == " "]
    if not spaces:
        return [text]
    middle = min(spaces, key=lambda i: abs(i - len(text) / 2))
    return [text[:middle + 1], text[middle + 1:]]


def narrow(picture: Picture, told: bool = True, focusable: bool = False) -> str:
    drawing = Narrow(picture, told, focusable)
    drawing.paint()
    height = drawing.bottom + drawing.legend(marks_of(picture, told), picture.texts, WIDTH, drawing.bottom - 6)
    return drawing.svg(WIDTH, height, "narrow", picture.lesson.title, describe(picture, told), False, focusable)
