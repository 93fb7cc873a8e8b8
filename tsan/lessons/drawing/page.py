"""The pages: a lesson, the first page, the glossary; and the folder that holds them all."""
import json
import os
import re

from .course import Course, Lesson, Texts, marked
from .differences import labels
from .narrow import narrow
from .picture import Box, Picture
from .svg import colours, escape, page_file
from .wide import wide

Tally = dict[str, dict[str, object]]


def fill(frame: str, texts: Texts, values: dict[str, str]) -> str:
    """{name} is a value of the page, {section.name} a text."""
    def put(found: re.Match[str]) -> str:
        key = found.group(1)
        return marked(texts.say(key).strip()) if "." in key else values[key]
    return re.sub(r"\{([a-z_.]+)\}", put, frame)


def script_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c")


def style() -> str:
    """One style sheet: colours of both schemes, pages, pictures."""
    def variables(scheme: dict[str, str]) -> str:
        return " ".join(f"--{name}: {value};" for name, value in scheme.items())
    both = colours()
    return (f":root {{ color-scheme: light dark; {variables(both['light'])} }}\n"
            f"@media (prefers-color-scheme: dark) {{ :root {{ {variables(both['dark'])} }} }}\n"
            f"@media print {{ :root {{ {variables(both['light'])} }} }}\n"
            + page_file("picture.css") + page_file("style.css"))


# -- parts of a lesson

def choices_of(lesson: Lesson, pictures: list[Picture]) -> tuple[list[str], int]:
    """What the reader may predict, and the index of what is right."""
    if not lesson.any_order:
        verdicts = ["no race", "data race", "WaitGroup misuse"]
        return [lesson.texts.verdict(verdict) for verdict in verdicts], verdicts.index(lesson.answers[0])
    wrong = [not picture.is_good() for picture in pictures]
    words = [lesson.texts.say("choices." + key)
             for key in ("every_order_fine", "some_orders_wrong", "every_order_wrong")]
    return words, 2 if all(wrong) else 1 if any(wrong) else 0


def changed(lesson: Lesson, sibling: Lesson | None) -> str:
    """The words above a listing with marks."""
    if not sibling:
        return ""
    key = "page.compare_time" if lesson.changes_time(sibling) else "page.compare_changed"
    return f'<p class="changed">{marked(lesson.texts.say(key))}</p>\n'


def listing(lesson: Lesson, sibling: Lesson | None) -> str:
    """The source; the lines in which it differs from its sibling are marked."""
    texts, items, line = lesson.texts, [], lesson.first
    steps = lesson.changes(sibling) if sibling else [("equal", [], lesson.shown())]
    for tag, theirs, ours in steps:
        if tag != "equal":
            items += [f'<li class="gone"><span class="unseen">{escape(texts.say("page.compare_removed"))}: </span>'
                      f"<del><code>{escape(gone)}</code></del></li>\n" for gone in theirs if gone.strip()]
        for code in ours:
            line += 1
            shown = f"<code>{escape(code)}</code>"
            kind = ""
            if tag != "equal" and code.strip():
                kind = ' class="new"'
                shown = f'<span class="unseen">{escape(texts.say("page.compare_added"))}: </span><ins>{shown}</ins>'
            items.append(f'<li value="{line}" data-line="{line}"{kind}>{shown}</li>\n')
    return f'<ol class="code">\n{"".join(items)}</ol>'


def step_of(lesson: Lesson, sibling: Lesson | None, course: Course) -> str:
    """That a chapter begins; how the lesson differs from one before it, with a link to that."""
    if "step" not in lesson.said:
        return ""
    chapter, link = "", ""
    if name := course.begins(lesson):
        key = "page.chapter_continues" if sibling else "page.chapter_begins"
        words = lesson.texts.say(key, chapter=lesson.texts.say("chapters." + name))
        chapter = f"<strong>{escape(words)}</strong> "
    if sibling:
        words = f"{lesson.texts.say('page.compare')}: {course.numbers[sibling.name]}. {sibling.title}"
        link = f' <a class="compare" href="{sibling.name}.html">{escape(words)}</a>'
    return f'<p class="step">{chapter}{marked(lesson.said["step"])}{link}</p>\n'


# What the question and its answers speak of.
ASKED = ("threadsanitizer", "data_race", "misuse")


def entry(name: str, term: dict[str, str], linked: bool) -> str:
    """One of the glossary's; linked: as a place that links lead to."""
    word, place = escape(term["word"]), f' id="{name}"' if linked else ""
    shown = f"<code>{word}</code>" if "in_code" in term else word
    return f"<dt{place}>{shown}</dt><dd>{marked(term['text'])}</dd>\n"


def words_in(lesson: Lesson, first: str) -> str:
    """The glossary's entries on what stands in the source, and in the question."""
    source, terms = "\n".join(lesson.shown()), lesson.texts.section("terms")
    names = [name for name, term in terms.items() if "in_code" in term and term["in_code"] in source]
    asked = [*ASKED, "panic"] if lesson.any_order else ASKED
    entries = "".join(entry(name, terms[name], False) for name in (*names, *asked))
    # The reader of the first lesson has not seen any of them.
    shown = " open" if lesson.name == first else ""
    title = escape(lesson.texts.say("page.words_here"))
    return f"<details{shown}><summary>{title}</summary><dl>\n{entries}</dl></details>"


def both(picture: Picture, index: int, told: bool, focusable: bool) -> str:
    """The picture as a wide and as a narrow screen shows it."""
    return "".join(draw(picture, told, focusable).replace("<svg ", f'<svg data-picture="{index}" ', 1)
                   for draw in (wide, narrow))


def race_seen_from(picture: Picture, box: Box) -> str:
    """What the vector clock of one side of a race says of the other side."""
    if not picture.unordered or not picture.unordered[2] or box not in picture.unordered[:2]:
        return ""
    other = picture.unordered[0] if box is picture.unordered[1] else picture.unordered[1]
    thread, place, known = picture.threads[other.thread], picture.place(other), picture.clock(box)[other.thread]
    return picture.texts.say("page.race_unknown" if place > known else "page.race_known",
                             thread=thread, place=place, line=other.line, known=known)


def picture_data(picture: Picture) -> dict[str, object]:
    """What the page tells of each box."""
    say, boxes = picture.texts.say, []
    for box in picture.boxes:
        key = "page.past" if box.line else "page.past_without_line"
        boxes.append({"line": box.line, "clock": picture.clock(box), "past": picture.past(box),
                      "says": say(key, thread=picture.threads[box.thread], line=box.line),
                      "race": race_seen_from(picture, box)})
    return {"threads": picture.threads, "boxes": boxes,
            "key": [picture.boxes.index(box) for box in picture.key_boxes()]}


def counts_of(pictures: list[Picture]) -> list[int]:
    """How many orders look like each picture."""
    return [int(picture.trace.get("orders", 1)) for picture in pictures]


def orders_table(lesson: Lesson, pictures: list[Picture], tally: Tally) -> str:
    """Of each verdict: how many orders; and how many real runs."""
    say, per = lesson.texts.say, dict.fromkeys(lesson.answers, 0)
    for picture, count in zip(pictures, counts_of(pictures)):
        for verdict in picture.verdicts:
            per[verdict] = per.get(verdict, 0) + count
    real = tally.get(lesson.name)
    note = [say("page.table_note")] if any(len(picture.verdicts) > 1 for picture in pictures) else []
    head = [say("page.table_verdict"), say("page.table_orders", orders=sum(counts_of(pictures)))]
    rows = [[lesson.texts.verdict(verdict), str(count)] for verdict, count in per.items()]
    if real:
        seen = real["verdicts"]
        assert isinstance(seen, dict)
        note.append(say("page.table_compilers", compilers=real["with"]))
        head.append(say("page.table_runs", runs=real["runs"]))
        rows = [row + [str(seen.get(verdict, 0))] for row, verdict in zip(rows, per)]
    body = "".join(f"<tr><th>{escape(row[0])}</th>{''.join(f'<td>{cell}</td>' for cell in row[1:])}</tr>\n"
                   for row in rows)
    return (f"<table><caption>{escape(' '.join(note))}</caption>"
            f"<tr>{''.join(f'<th>{escape(cell)}</th>' for cell in head)}</tr>\n{body}</table>\n")


def verdict_groups(pictures: list[Picture]) -> list[tuple[str, list[int]]]:
    groups: dict[str, list[int]] = {}
    for index, picture in enumerate(pictures):
        groups.setdefault(picture.texts.verdicts_short(picture.verdicts), []).append(index)
    return list(groups.items())


def order_buttons(pictures: list[Picture]) -> str:
    """A button for each verdict; where its orders differ, a list of what tells their pictures apart."""
    say, counts = pictures[0].texts.say, counts_of(pictures)
    buttons, lists, shown = "", "", first_shown(pictures)
    for verdict, indexes in verdict_groups(pictures):
        count = sum(counts[i] for i in indexes)
        buttons += (f'<button type="button" data-show="{indexes[0]}" aria-pressed="{str(shown in indexes).lower()}">'
                    f'{escape(say("page.group", verdict=verdict, count=count))}</button>\n')
        if len(indexes) > 1:
            options = "".join(
                f'<option value="{i}">{escape(say("page.some_of", label=label, count=counts[i]))}</option>\n'
                for i, label in zip(indexes, labels([pictures[i] for i in indexes])))
            lists += (f'<select data-ways="{indexes[0]}" aria-label="{escape(say("page.ways"))}"'
                      f'{"" if shown in indexes else " hidden"}>\n{options}</select>\n')
    title = escape(say("page.orders", count=sum(counts)))
    return (f'<div class="orders" role="group" aria-labelledby="orders">\n<span id="orders">{title}</span>\n'
            f"{buttons}{lists}</div>\n")


def first_shown(pictures: list[Picture]) -> int:
    """The first that goes wrong, if one does."""
    return next((i for i, picture in enumerate(pictures) if not picture.is_good()), 0)


def told_run(lesson: Lesson, pictures: list[Picture], tally: Tally) -> str:
    """What replaces the asking picture when the reader has answered."""
    say = lesson.texts.say
    if lesson.any_order:
        panels = "".join(
            f'<div class="panel"{"" if i == first_shown(pictures) else " hidden"}>\n'
            f'<p class="caption">{marked(picture.caption())}</p>\n'
            f"{both(picture, i, True, True)}</div>\n" for i, picture in enumerate(pictures))
        shown = order_buttons(pictures) + panels
        table = orders_table(lesson, pictures, tally)
    else:
        shown, table = both(pictures[0], 0, True, True), ""
    buttons = "".join(f'<button type="button" id="{key}">{escape(say("page." + key))}</button>\n'
                      for key in ("earlier", "later", "clear"))
    return (f'{shown}<p class="tools">{buttons}{escape(say("page.move"))}</p>\n{table}'
            f'<p class="place">{escape(say("page.place"))}: {marked(lesson.said["place"])}.</p>\n')


# -- whole pages

def turn(other: Lesson | None, key: str, arrow: str) -> str:
    """A link to the lesson before or after."""
    if not other:
        return ""
    say = other.texts.say
    return (f'<a href="{other.name}.html" rel="{key[:4]}" class="{key}">'
            f'<span class="arrow" aria-hidden="true">{arrow}</span>'
            f'<span class="label">{escape(say("page." + key))}</span>'
            f'<span class="unseen">: {escape(other.title)}</span></a>')


def lesson_page(course: Course, lesson: Lesson, pictures: list[Picture], tally: Tally) -> str:
    texts, say, number = lesson.texts, lesson.texts.say, course.numbers[lesson.name]
    options, right = choices_of(lesson, pictures)
    sibling = course.find(lesson.sibling)
    caption = "" if lesson.any_order else f"<p>{marked(pictures[0].caption())}</p>"
    before, after = (course.lessons[i] if 0 <= i < len(course.lessons) else None for i in (number - 2, number))
    ahead = f'<p class="ahead"><a class="button" href="{after.name}.html">{escape(say("page.next"))}: ' \
            f"{escape(after.title)}</a></p>\n" if after else ""
    words = ("right", "wrong", "wrong_program", "solved", "tried")
    return fill(page_file("lesson.html"), texts, {
        "lang": texts.say("lang"), "title": escape(f"{number}. {lesson.title}"),
        "question": marked(lesson.said["question"]), "step": step_of(lesson, sibling, course),
        "position": escape(say("page.position", number=number, count=len(course.lessons))),
        "previous": turn(before, "previous", "←"), "next": turn(after, "next", "→"),
        "prompt": escape(say("page.prompt_any_order" if lesson.any_order else "page.prompt")),
        "choices": "".join(f'<button type="button" class="choice" aria-pressed="false"><kbd aria-hidden="true">{i}'
                           f"</kbd>{escape(option)}</button>\n" for i, option in enumerate(options, 1)),
        "changed": changed(lesson, sibling),
        "listing": listing(lesson, sibling), "words": words_in(lesson, course.lessons[0].name),
        "before": (f"<p>{escape(say('page.pictures_later'))}</p>" if lesson.any_order else
                   both(pictures[0], 0, False, False)),
        "reason": f"{caption}<p>{marked(lesson.said['why'])}</p>",
        "told": told_run(lesson, pictures, tally) + ahead,
        "data": script_json({
            "name": lesson.name, "right": right, "choices": options,
            "shown": first_shown(pictures),
            "wrong_program": lesson.facts.get("program") == "wrong",
            "pictures": [picture_data(picture) for picture in pictures],
            "words": {key: say("page." + key) for key in words}})})


def first_page(course: Course, picture: Picture) -> str:
    texts, say, chapters = course.texts, course.texts.say, ""
    for name, lessons in course.chapters:
        items = "".join(
            f'<li><span class="number">{course.numbers[lesson.name]}</span>'
            f'<span class="state" id="state-{lesson.name}"></span><div>'
            f'<a href="{lesson.name}.html">{escape(lesson.title)}</a>'
            f'<p>{marked(lesson.said.get("step", lesson.said["question"]))}</p></div></li>\n' for lesson in lessons)
        chapters += f'<h2>{escape(say("chapters." + name))}</h2>\n<ul class="lessons">\n{items}</ul>\n'
    words = ("progress", "begin", "go_on", "all_solved", "solved", "tried")
    return fill(page_file("index.html"), texts, {
        "lang": say("lang"), "listing": listing(course.first_page, None), "picture": both(picture, 0, True, False),
        "chapters": chapters, "first": course.lessons[0].name + ".html",
        "data": script_json({"lessons": [{"name": lesson.name, "title": lesson.title} for lesson in course.lessons],
                             "words": {key: say("page." + key) for key in words}})})


def glossary(texts: Texts) -> str:
    entries = "".join(entry(name, term, True) for name, term in texts.section("terms").items())
    return fill(page_file("glossary.html"), texts, {"lang": texts.say("lang"), "terms": entries})


def write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def site(output: str, course: Course, pictures: dict[str, list[Picture]], tally: Tally) -> None:
    """A folder of plain files that opens from disk, and from any web server."""
    os.makedirs(output, exist_ok=True)
    write(os.path.join(output, "style.css"), style())
    write(os.path.join(output, "script.js"), page_file("script.js"))
    write(os.path.join(output, "index.html"), first_page(course, pictures[course.first_page.name][0]))
    write(os.path.join(output, "glossary.html"), glossary(course.texts))
    for lesson in course.lessons:
        write(os.path.join(output, lesson.name + ".html"), lesson_page(course, lesson, pictures[lesson.name], tally))
