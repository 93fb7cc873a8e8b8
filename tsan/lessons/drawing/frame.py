"""Pictures that stand alone, with title, question and key sentence: for the README and `make explore`."""
import textwrap

from .course import plain
from .geometry import number
from .picture import Picture
from .svg import Canvas, describe, marks_of
from .wide import wide_lanes

LETTER = 7.1  # of the text font at 13 px


def wrapped(text: str, width: float) -> list[str]:
    return textwrap.wrap(plain(text), int((width - 28) / LETTER))


class Frame(Canvas):
    """The lanes of a picture, and words around them."""

    def __init__(self, picture: Picture, heading: str, question: str, why: str) -> None:
        super().__init__()
        self.width = max(wide_lanes(picture, True, False, 0).total, 480)
        above = wrapped(question, self.width)
        drawing = wide_lanes(picture, True, False, 56 + 20 * len(above))
        self.text(14, 28, heading, 17, ' font-weight="bold"')
        shown = f"{picture.sign()} {picture.verdict()}"
        if 11.2 * len(heading) + 9.5 * len(shown) > self.width - 28 and ":" in shown:
            shown = shown[:shown.index(":")]
        kind = "good" if picture.is_good() else "bad"
        self.text(self.width - 14, 28, shown, 16, f' text-anchor="end" class="{kind}"')
        for i, line in enumerate(above):
            self.text(14, 52 + 20 * i, line, 13, ' class="dim"')
        self.out += drawing.out
        self.bottom = drawing.bottom
        for sentence in (picture.caption(), why):
            for line in wrapped(sentence, self.width):
                self.bottom += 20
                self.text(14, self.bottom - 6, line)


def alone(picture: Picture) -> str:
    lesson = picture.lesson
    frame = Frame(picture, lesson.title, lesson.said.get("question", ""), lesson.why_of_run())
    height = frame.bottom + frame.legend(marks_of(picture, True), picture.texts, frame.width, frame.bottom)
    return frame.svg(frame.width, height, "wide", picture.lesson.title, describe(picture, True), True)


def side_by_side(pictures: list[Picture]) -> str:
    """Several orders of one program as one picture."""
    lesson, texts = pictures[0].lesson, pictures[0].texts
    whole = Canvas()
    x, bottom, told, marks = 0.0, 0.0, [], set()
    for picture in pictures:
        heading = texts.say("picture.order", schedule=picture.trace["schedule"])
        frame = Frame(picture, heading, "", "")
        whole.add(f'<g transform="translate({number(x)})">')
        whole.out += [*frame.out, "</g>"]
        x, bottom = x + frame.width, max(bottom, frame.bottom)
        told.append(f"{heading}: {describe(picture, True)}")
        marks |= marks_of(picture, True)
    height = bottom + whole.legend(marks, texts, x, bottom)
    return whole.svg(x, height, "wide", lesson.title, " ".join(told), True)
