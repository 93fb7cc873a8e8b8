"""Lanes side by side, time running down, each act a box in its lane: for screens and paper."""
from .geometry import Point, Rect, crosses, meeting, overlap, s_curve
from .picture import Box, Picture
from .svg import GLYPH, Canvas, box_class, describe, escape, marks_of, pill_width

PITCH, HEIGHT, MARGIN, PILL, WIDEST_PILL = 37, 27, 12, 92, 240
GUTTER, WIDER_GUTTER = 82, 180


class Wide(Canvas):
    def __init__(self, picture: Picture, told: bool = True, focusable: bool = False, top: float = 6,
                 gutter: float = GUTTER) -> None:
        super().__init__()
        self.p, self.told, self.focusable, self.top = picture, told, focusable, top
        lanes = len(picture.threads)
        digits = max([len(str(box.line)) for box in picture.boxes], default=0)
        self.indent = 16 + 6 * max(digits, 2)  # of source, behind its line's number
        self.pills = [max(PILL, min(pill_width(name), WIDEST_PILL)) for name in picture.threads]
        self.widths = [max([self.pills[t]] + [min(int(len(b.text) * GLYPH) + 12 + self.indent, 400)
                                              for b in picture.boxes if b.thread == t]) for t in range(lanes)]
        self.centres: list[float] = []
        left = float(MARGIN)
        for width in self.widths:
            self.centres.append(left + width / 2)
            left += width + gutter
        self.total = left - gutter + MARGIN
        # Each thread begins beside the box that creates it.
        self.bottom = top + 28 + PITCH * picture.rows + 26
        pills = [(self.centres[t] - self.pills[t] / 2, self.pill_y(t), self.centres[t] + self.pills[t] / 2,
                  self.pill_y(t) + 26) for t in range(lanes)]
        self.obstacles: list[Rect] = [self.rect_of(box) for box in picture.boxes] + pills
        self.dashes: list[tuple[Point, Point]] = []
        for row, first, last in picture.gaps:
            y, right = self.y(row) + HEIGHT / 2 - 4, self.centres[last] + self.widths[last] / 2
            self.dashes.append(((self.centres[first] - self.widths[first] / 2, y), (right, y)))
            self.obstacles.append((right - 178, y - 18, right, y - 2))
        self.arrows: list[tuple[Point, Point]] = []
        self.crowded = False

    # -- places

    def y(self, row: int) -> float:
        return self.top + 38 + PITCH * row

    def rect_of(self, box: Box) -> Rect:
        x, width, y = self.centres[box.thread], self.widths[box.thread], self.y(box.row)
        return (x - width / 2, y, x + width / 2, y + HEIGHT)

    def pill_y(self, thread: int) -> float:
        creator = self.p.created.get(thread)
        return self.y(creator.row) + 0.5 if creator else self.top

    def lane_end(self, thread: int) -> float:
        rows = [b.row for b in self.p.boxes if b.thread == thread]
        joined = [target.row for ended, target in self.p.ends if ended == thread]
        return self.y(max(rows + [min(joined) - 1])) + HEIGHT + 8 if joined else self.bottom - 14

    def side(self, box: Box, towards: int, source: Box | None = None) -> Point:
        """The middle of the side that faces a lane; arrows that arrive there together keep apart."""
        x, y, right, bottom = self.rect_of(box)
        sources = sorted((a for a, b in self.p.edges if b is box and (a.thread > b.thread) == (towards > b.thread)
                          and a.thread != b.thread), key=lambda a: a.row)
        apart = 0.0
        if source in sources:
            apart = (sources.index(source) - (len(sources) - 1) / 2) * min(9, 18 / len(sources))
        return (right if towards > box.thread else x, (y + bottom) / 2 + apart)

    def route(self, start: Point, goal: Point, ignore: list[Rect]) -> list[Point]:
        """A line that avoids boxes and words: straight if nothing is in the way; else down the gutter
        beside the source and along the free band above the target's row."""
        blocks = [o for o in self.obstacles if o not in ignore]
        if not any(crosses(start, goal, o) for o in blocks):
            return [start, goal]
        side = 1 if goal[0] >= start[0] else -1
        bands = [goal[1] - PITCH / 2 - k * PITCH for k in range(self.p.rows + 2)]
        for band in bands + [goal[1] + PITCH / 2 + k * PITCH for k in range(3)]:
            for offset in (22, 36, 50, 64, 12):
                a, b = start[0] + side * offset, goal[0] - side * 24
                points = [start, (a, start[1]), (a, band), (b, band), goal]
                if not any(crosses(m, n, o) for m, n in zip(points, points[1:]) for o in blocks):
                    return points
        return [start, goal]

    # -- what is painted

    def lanes(self) -> None:
        for thread, x in enumerate(self.centres):
            self.segment((x, self.pill_y(thread) + 13), (x, self.lane_end(thread)), "lane")
        for box, before, after in self.p.waits():
            start = self.y(before.row) + HEIGHT if before else self.pill_y(box.thread) + 13
            end = self.y(after.row) if after else self.lane_end(box.thread)
            self.rect(self.centres[box.thread] - 5, start, 10, end - start, "waits")
        for a, b in zip(self.p.path, self.p.path[1:]) if self.told else ():
            if self.p.next.get(a) is b:
                x = self.centres[a.thread]
                self.segment((x, self.y(a.row) + HEIGHT), (x, self.y(b.row)), "arrow path")
        for a_end, b_end in self.dashes:
            self.segment(a_end, b_end, "time")
            # The rim keeps lanes out of the words.
            self.text(b_end[0], b_end[1] - 5, self.p.texts.say("picture.time"), 12, ' text-anchor="end" class="rim"')

    def edge(self, start: Point, goal: Point, ignore: list[Rect], on_path: bool) -> None:
        points = self.route(start, goal, ignore)
        self.arrows += zip(points, points[1:])
        self.arrow(points, on_path)

    def edges(self) -> None:
        p, steps = self.p, set(zip(self.p.path, self.p.path[1:]))
        for thread, target in p.ends:
            x, y = self.centres[thread], self.lane_end(thread)
            self.segment((x - 12, y), (x + 12, y), "end")
            if self.told:
                on_path = any(b is target and a.thread == thread for a, b in steps)
                self.edge((x, y), self.side(target, thread), [self.rect_of(target)], on_path)
        if not self.told:
            return
        for thread, creator in sorted(p.created.items()):
            half = self.pills[thread] / 2
            goal = (self.centres[thread] + (-half if thread > creator.thread else half), self.y(creator.row) + HEIGHT / 2)
            on_path = any(a is creator and b.thread == thread and b is not p.next.get(a) for a, b in steps)
            self.edge(self.side(creator, thread), goal, [self.rect_of(creator)], on_path)
        for a, b in p.edges:
            if a.thread != b.thread:
                self.edge(self.side(a, b.thread), self.side(b, a.thread, a), [self.rect_of(a), self.rect_of(b)],
                          (a, b) in steps)

    def boxes(self) -> None:
        for thread, name in enumerate(self.p.threads):
            self.pill(self.centres[thread], self.pill_y(thread), name, self.pills[thread])
        for index, box in enumerate(self.p.boxes):
            x, y, right, _ = self.rect_of(box)
            self.add(box_group(self.p, index, self.told, self.focusable))
            self.rect(x, y, right - x, HEIGHT, "act", 5)
            if box.line:
                self.text(x + 8, y + 17.5, str(box.line), 10, ' class="mono dim"')
            self.code(x + self.indent, y + 18, box.text, right - x - self.indent - 6)
            self.add("</g>")

    # -- the dotted line between two that nothing orders

    def crossings(self, points: list[Point]) -> list[tuple[Point, tuple[Point, Point]]]:
        """Where a line through these points meets arrows, and those arrows."""
        return [(found, arrow) for arrow in self.arrows for a, b in zip(points, points[1:])
                if (found := meeting(*arrow, a, b))]

    def no_path_places(self, first: Box, second: Box) -> list[tuple[list[Point], str, Point]]:
        """Ways of the dotted line, with its curve if it is one, and places of the words on it."""
        start, goal = self.side(first, second.thread), self.side(second, first.thread)
        if abs(first.thread - second.thread) == 1:
            # An S in the gutter between the two lanes, where no box is; its steep part in the middle, or
            # to one side if arrows are in the way of the words.
            shapes = [s_curve(start, goal, *bends) for bends in ((0.75, 0.75), (0.2, 1.05), (1.05, 0.2))]
            return [(points, d, place) for d, points, found in shapes for place in found]
        points = self.route(start, goal, [self.rect_of(first), self.rect_of(second)])
        return [(points, "", (ax + (bx - ax) * t, ay + (by - ay) * t))
                for (ax, ay), (bx, by) in zip(points, points[1:]) for t in (0.5, 0.35, 0.65, 0.2, 0.8, 0.1, 0.9)]

    def cost(self, points: list[Point], place: Point) -> float:
        """How badly the words would stand here: on boxes, on lanes, on arrows."""
        rect = (place[0] - 38, place[1] - 12, place[0] + 38, place[1] + 12)
        return (sum(overlap(rect, o) for o in self.obstacles) * 100 +
                sum(rect[0] < x < rect[2] for x in self.centres) * 5 +
                sum(crosses(a, b, rect) for a, b in self.arrows) +
                sum(crosses(a, b, rect) for a, b in self.dashes) * 0.4 + len(self.crossings(points)) * 0.05)

    def no_path(self, below: int) -> None:
        """The dotted line goes under the arrows, which are in the output from this index on."""
        if not self.p.unordered:
            return
        first, second, _ = self.p.unordered
        points, curve, (x, y) = min(self.no_path_places(first, second), key=lambda found: self.cost(found[0], found[2]))
        self.crowded = self.cost(points, (x, y)) >= 1
        above, self.out = self.out[below:], self.out[:below]
        if curve:
            self.add(f'<path d="{curve}" class="none"/>')
        else:
            self.line(points, "none")
        # Where an arrow crosses it, the dotted line makes way: the two have nothing to do with each other.
        for (cx, cy), ((ax, ay), (bx, by)) in self.crossings(points):
            length = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5
            ux, uy = (bx - ax) / length * 9, (by - ay) / length * 9
            self.segment((cx - ux, cy - uy), (cx + ux, cy + uy), "way")
        self.out += above
        self.add('<g class="sign">')
        self.rect(x - 36, y - 10.5, 72, 21, "", 10.5)
        self.text(x, y + 4.5, self.p.texts.say("picture.none"), 12.5, ' text-anchor="middle"')
        self.add("</g>")

    def paint(self) -> None:
        self.lanes()
        below = len(self.out)
        self.edges()
        self.boxes()
        if self.told:
            self.no_path(below)


def box_group(picture: Picture, index: int, told: bool, focusable: bool) -> str:
    """The tag that opens a box: what it is, and how one comes to it by keyboard."""
    box = picture.boxes[index]
    group = f'<g class="{box_class(box, told)}" data-box="{index}"'
    if focusable:
        key = "picture.label" if box.line else "picture.label_without_line"
        label = picture.texts.say(key, thread=picture.threads[box.thread], line=box.line, act=box.text)
        group += f' tabindex="{0 if index == 0 else -1}" role="button" aria-label="{escape(label)}"'
    return group + ">"


def wide_lanes(picture: Picture, told: bool, focusable: bool, top: float) -> Wide:
    """The painted lanes; with wider gutters if the words would stand on an arrow or a box."""
    drawing = Wide(picture, told, focusable, top)
    drawing.paint()
    if drawing.crowded:
        wider = Wide(picture, told, focusable, top, WIDER_GUTTER)
        wider.paint()
        if not wider.crowded:
            return wider
    return drawing


def wide(picture: Picture, told: bool = True, focusable: bool = False) -> str:
    """The picture as part of a page, which says the rest in words."""
    drawing = wide_lanes(picture, told, focusable, 6)
    width = max(drawing.total, 420)
    height = drawing.bottom + drawing.legend(marks_of(picture, told), picture.texts, width, drawing.bottom - 4)
    return drawing.svg(width, height, "wide", picture.lesson.title, describe(picture, told), False, focusable)
