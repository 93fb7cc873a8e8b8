"""A picture as text: for a terminal, for ShiViz, for Chrome's about:tracing."""
import json
import textwrap

from .course import plain
from .picture import Box, Picture


def sources_of(picture: Picture) -> dict[Box, list[str]]:
    """Where the arrows into each box come from."""
    found: dict[Box, list[str]] = {}
    for a, b in picture.edges:
        found.setdefault(b, []).append(f"line {a.line} {picture.threads[a.thread]}")
    for thread, target in picture.ends:
        found.setdefault(target, []).append(f"the end of {picture.threads[thread]}")
    return found


def text_rows(picture: Picture, width: int) -> list[str]:
    p, out, sources = picture, [], sources_of(picture)
    gaps = {row: (first, last) for row, first, last in p.gaps}
    boxes = {box.row: box for box in p.boxes}
    for row in range(p.rows):
        if row in gaps:
            first, last = gaps[row]
            words = f"- - {p.texts.say('picture.time')} "
            out.append(" " * (width * first) + words.ljust(width * (last - first + 1) - 2, "-"))
            continue
        alive = {0, *(box.thread for box in p.boxes if box.row <= row),
                 *(thread for thread, creator in p.created.items() if creator.row < row)}
        box = boxes[row]
        mark = {"race": "✗", "pair": "✗", "path": "┃"}.get(box.mark, " ")
        cells = [f"{mark}{str(box.line or ''):>3} {box.text}" if thread == box.thread else
                 "  │" if thread in alive else "" for thread in range(len(p.threads))]
        notes = []
        if box in sources:
            notes.append("◀── from " + ", ".join(sources[box]))
        if box in p.created.values():
            notes.append("──▶ starts " + ", ".join(p.threads[t] for t, c in p.created.items() if c is box))
        if box.blocked:
            notes.append("(blocks)")
        line = "".join(cell.ljust(width) for cell in cells).rstrip()
        out.append(line + ("   " if notes else "") + " ".join(notes))
    return out


def as_text(picture: Picture) -> str:
    p, legend = picture, picture.texts.section("picture.legend")
    width = max([len(b.text) for b in p.boxes] + [12]) + 6
    out = [f"{p.lesson.title}: {p.sign()} {p.verdict()}", ""]
    out.append("".join(name.center(width - 2).ljust(width) for name in p.threads).rstrip())
    out += text_rows(p, width)
    marks = {f"◀── ──▶ {legend['arrow']}": p.edges or p.created or p.ends, f"✗ {legend['none']}": p.unordered,
             f"┃ {legend['path']}": p.path, f"- - {legend['time']}": p.gaps}
    out += ["", "   ".join(words for words, there in marks.items() if there), ""]
    for sentence in (p.caption(), p.lesson.why_of_run()):
        out += textwrap.wrap(plain(sentence), 100)
    return "\n".join(out) + "\n"


def as_shiviz(picture: Picture) -> str:
    """Two lines for each box: thread and clock, then the text."""
    out = []
    for box in picture.boxes:
        clock = {picture.threads[t]: n for t, n in enumerate(picture.clock(box)) if n}
        out.append(f"{picture.threads[box.thread]} {json.dumps(clock, sort_keys=True)}\nline {box.line}: {box.text}\n")
    return "".join(out)


def as_chrome(picture: Picture) -> str:
    """One microsecond for each row, with flow arrows."""
    events: list[dict[str, object]] = [
        {"ph": "M", "pid": 1, "tid": t, "name": "thread_name", "args": {"name": name}}
        for t, name in enumerate(picture.threads)]
    events += [{"ph": "X", "pid": 1, "tid": b.thread, "ts": b.row, "dur": 0.8, "name": b.text,
                "args": {"line": b.line, "clock": picture.clock(b)}} for b in picture.boxes]
    for i, (a, b) in enumerate(picture.edges):
        flow = {"pid": 1, "id": i, "name": "happens before", "cat": "hb"}
        events += [{"ph": "s", "tid": a.thread, "ts": a.row, **flow},
                   {"ph": "f", "bp": "e", "tid": b.thread, "ts": b.row, **flow}]
    return json.dumps({"traceEvents": events}, indent=1) + "\n"
