"""What all pictures share: shapes, the legend, the SVG around them."""
import html
import os
import re
import tomllib

from .course import HERE, Texts, plain
from .geometry import Point, number, rounded, shorten, tip
from .picture import Box, Picture

GLYPH = 7.25  # of the source font at 12 px, with room for a wider one
NAME_GLYPH = 0.56  # of the font of names, at 1 px

# The marks of a picture, in the order of the legend; what they mean is in the texts.
MARKS = ("call", "arrow", "path", "none", "waits", "time", "end")


def escape(text: str) -> str:
    return html.escape(text, quote=True)


def page_file(name: str) -> str:
    with open(os.path.join(HERE, "pages", name), encoding="utf-8") as file:
        return file.read()


def colours() -> dict[str, dict[str, str]]:
    """Scheme, name, colour."""
    return tomllib.loads(page_file("colours.toml"))


def own_style() -> str:
    """The style of an SVG that stands alone. Colours by value: not every viewer knows var()."""
    rules = re.sub(r"/\*.*?\*/\n?", "", page_file("picture.css"), flags=re.S)
    rules = rules.replace(".picture {", "svg {").replace(".picture ", "")
    schemes = {}
    for scheme, values in colours().items():
        schemes[scheme] = rules
        for name, value in values.items():
            schemes[scheme] = schemes[scheme].replace(f"var(--{name})", value)
    dark = "".join(line for line in schemes["dark"].splitlines(True) if line not in schemes["light"].splitlines(True))
    return f"<style>{schemes['light']}@media (prefers-color-scheme: dark) {{\n{dark}}}</style>"


def pill_width(name: str) -> int:
    return int(NAME_GLYPH * 13 * len(name)) + 18


class Canvas:
    """The elements of one picture, in the order in which they are painted."""

    def __init__(self) -> None:
        self.out: list[str] = []

    def add(self, element: str) -> None:
        self.out.append(element)

    def text(self, x: float, y: float, text: str, size: float = 13, extra: str = "") -> None:
        self.add(f'<text x="{number(x)}" y="{number(y)}" font-size="{number(size)}"{extra}>{escape(text)}</text>')

    def segment(self, a: Point, b: Point, kind: str) -> None:
        self.add(f'<line x1="{number(a[0])}" y1="{number(a[1])}" x2="{number(b[0])}" y2="{number(b[1])}" '
                 f'class="{kind}"/>')

    def rect(self, x: float, y: float, width: float, height: float, kind: str, rx: float = 0) -> None:
        corner = f' rx="{number(rx)}"' if rx else ""
        self.add(f'<rect x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"{corner}'
                 f'{f" class={chr(34)}{kind}{chr(34)}" if kind else ""}/>')

    def line(self, points: list[Point], kind: str) -> None:
        self.add(f'<path d="{rounded(points)}" class="{kind}"/>')

    def arrow(self, points: list[Point], on_path: bool) -> None:
        size, kind = (13.0, " path") if on_path else (9.0, "")
        self.line(shorten(points, size * 0.8), "arrow" + kind)
        corners = " ".join(f"{number(x)},{number(y)}" for x, y in tip(points, size))
        self.add(f'<polygon points="{corners}" class="tip{kind}"/>')

    def code(self, x: float, y: float, code: str, room: float) -> None:
        """Source, in a smaller size where it is long, and cut where it would still be too long."""
        size = max(9.5, min(12.0, 12 * room / (len(code) * GLYPH + 0.1)))
        limit = int(room / (GLYPH * size / 12))
        self.text(x, y, code if len(code) <= limit else code[:limit - 1] + "…", size, ' class="mono"')

    def pill(self, x: float, y: float, name: str, width: float, size: float = 13) -> None:
        """The name of a thread, at the top of its lane."""
        limit = int((width - 4) / (NAME_GLYPH * size))
        shown = name if len(name) <= limit else name[:limit - 1] + "…"
        self.add('<g class="name">')
        self.rect(x - width / 2, y, width, 26, "", 13)
        self.text(x, y + 13 + size * 0.37, shown, size, ' text-anchor="middle"')
        self.add("</g>")

    def glyph(self, mark: str, x: float, y: float) -> None:
        """A small one of each mark, 30 wide, its middle at y."""
        if mark == "call":
            self.add('<g class="call">')
            self.rect(x, y - 7, 30, 14, "act", 4)
            self.text(x + 5, y + 3.5, "12", 9, ' class="mono dim"')
            self.add("</g>")
        elif mark in ("arrow", "path"):
            self.arrow([(x, y), (x + 30, y)], mark == "path")
        elif mark == "waits":
            self.rect(x + 10, y - 8, 10, 16, "waits")
        elif mark == "end":
            self.segment((x + 15, y - 7), (x + 15, y + 7), "lane")
            self.segment((x + 3, y + 7), (x + 27, y + 7), "end")
        else:
            self.segment((x, y), (x + 30, y), mark)

    def legend(self, marks: set[str], texts: Texts, width: float, top: float) -> float:
        """Rows of marks and words; how high they are together."""
        self.add('<g aria-hidden="true">')
        x, y = 12.0, top + 18
        for mark in MARKS:
            if mark not in marks:
                continue
            words = texts.say(f"picture.legend.{mark}")
            room = 38 + 6.2 * len(words)
            if x > 12 and x + room > width - 8:
                x, y = 12, y + 20
            self.glyph(mark, x, y)
            self.text(x + 38, y + 4, words, 11.5, ' class="dim"')
            x += room + 18
        self.add("</g>")
        return y + 14 - top

    def svg(self, width: float, height: float, kind: str, name: str, description: str, alone: bool,
            focusable: bool = False) -> str:
        """All of it, as one element; alone, with its own style and ground."""
        size = f'viewBox="0 0 {number(width)} {number(height)}" width="{number(width)}" height="{number(height)}"'
        head = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="{"group" if focusable else "img"}" '
                f'aria-label="{escape(name)}" class="picture {kind}">']
        if alone:
            head += [f"<title>{escape(name)}</title>", own_style()]
            head.append(f'<rect width="{number(width)}" height="{number(height)}" class="ground"/>')
        head.insert(1 + alone, f"<desc>{escape(description)}</desc>")
        return "\n".join([*head, *self.out, "</svg>"]) + "\n"


def marks_of(picture: Picture, told: bool) -> set[str]:
    """What the legend has to explain."""
    shown = {"call": any(box.is_call() for box in picture.boxes),
             "waits": any(box.blocked for box in picture.boxes),
             "time": bool(picture.gaps), "end": bool(picture.ends),
             "arrow": told and bool(picture.created or picture.edges or picture.ends),
             "path": told and bool(picture.path), "none": told and bool(picture.unordered)}
    return {mark for mark, there in shown.items() if there}


def box_class(box: Box, told: bool) -> str:
    mark = {"race": "race", "pair": "race", "path": "path"}.get(box.mark, "") if told else ""
    return " ".join(filter(None, ("box", "call" if box.is_call() else "", mark)))


def describe(picture: Picture, told: bool) -> str:
    """The picture in words."""
    say = picture.texts.say
    if not told:
        return say("picture.untold", events=len(picture.boxes), threads=", ".join(picture.threads))
    parts = [picture.texts.verdicts(picture.verdicts) + ".", picture.caption()]
    parts += [say("picture.edge", source=picture.name(a), target=picture.name(b)) for a, b in picture.edges]
    return plain(" ".join(filter(None, parts)))
