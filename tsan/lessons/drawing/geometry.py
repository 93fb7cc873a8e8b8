"""Segments, rectangles and lines around them."""
Point = tuple[float, float]
Rect = tuple[float, float, float, float]  # left, top, right, bottom


def number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def crosses(a: Point, b: Point, rect: Rect) -> bool:
    """Does the segment a-b meet the rectangle?"""
    low, high = 0.0, 1.0
    for start, delta, near_side, far_side in ((a[0], b[0] - a[0], rect[0], rect[2]),
                                              (a[1], b[1] - a[1], rect[1], rect[3])):
        if abs(delta) < 1e-9:
            if not near_side < start < far_side:
                return False
            continue
        near, far = sorted(((near_side - start) / delta, (far_side - start) / delta))
        low, high = max(low, near), min(high, far)
    return low < high


def overlap(a: Rect, b: Rect) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def meeting(a: Point, b: Point, c: Point, d: Point) -> Point | None:
    """Where the segments a-b and c-d cross; None if they do not."""
    (ux, uy), (vx, vy), (wx, wy) = ((q[0] - p[0], q[1] - p[1]) for p, q in ((a, b), (c, d), (a, c)))
    turn = ux * vy - uy * vx
    if abs(turn) < 1e-9:
        return None
    s, t = (wx * vy - wy * vx) / turn, (wx * uy - wy * ux) / turn
    return (a[0] + ux * s, a[1] + uy * s) if 0 <= s <= 1 and 0 <= t <= 1 else None


def shorten(points: list[Point], by: float) -> list[Point]:
    """The line without its last bit, where the tip of an arrow will be."""
    (ax, ay), (bx, by_) = points[-2], points[-1]
    length = ((bx - ax) ** 2 + (by_ - ay) ** 2) ** 0.5 or 1
    return [*points[:-1], (bx - (bx - ax) / length * by, by_ - (by_ - ay) / length * by)]


def tip(points: list[Point], size: float) -> list[Point]:
    """The triangle of an arrow, its point on the end of the line."""
    (ax, ay), (bx, by) = points[-2], points[-1]
    length = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5 or 1
    ux, uy = (bx - ax) / length, (by - ay) / length
    return [(bx, by), (bx - ux * size - uy * size * 0.45, by - uy * size + ux * size * 0.45),
            (bx - ux * size + uy * size * 0.45, by - uy * size - ux * size * 0.45)]


def rounded(points: list[Point], radius: float = 8) -> str:
    """The line as data of an SVG path, with rounded corners."""
    d = f"M{number(points[0][0])} {number(points[0][1])}"
    for i, (x, y) in enumerate(points[1:], 1):
        if i == len(points) - 1:
            return d + f"L{number(x)} {number(y)}"
        (px, py), (nx, ny) = points[i - 1], points[i + 1]
        before = max(abs(x - px), abs(y - py)) or 1
        after = max(abs(nx - x), abs(ny - y)) or 1
        r = min(radius, before / 2, after / 2)
        d += (f"L{number(x - (x - px) / before * r)} {number(y - (y - py) / before * r)}"
              f"Q{number(x)} {number(y)} {number(x + (nx - x) / after * r)} {number(y + (ny - y) / after * r)}")
    return d


def s_curve(start: Point, goal: Point, out: float, back: float) -> tuple[str, list[Point], list[Point]]:
    """A curve, the points along it, and places for words on it, those in the middle first."""
    across = goal[0] - start[0]
    curve = (start, (start[0] + across * out, start[1]), (goal[0] - across * back, goal[1]), goal)

    def at(t: float) -> Point:
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t ** 3)
        return (sum(w * point[0] for w, point in zip(weights, curve)),
                sum(w * point[1] for w, point in zip(weights, curve)))
    d = "M{} {}C{} {} {} {} {} {}".format(*(number(v) for point in curve for v in point))
    return d, [at(t / 40) for t in range(41)], [at(t) for t in (0.5, 0.42, 0.58, 0.35, 0.65, 0.28, 0.72)]
