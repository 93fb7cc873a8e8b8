"""What tells the pictures of one verdict apart, in a few words each."""
from collections.abc import Callable
from functools import partial

from .picture import Box, Picture


Key = tuple[int, int, str]  # what a box of several pictures has in common: thread, line, kind


def key_of(box: Box) -> Key:
    return (box.thread, box.line, box.kind)


def blocking(picture: Picture) -> str:
    """Which waits block?"""
    lines = [str(box.line) for box in picture.boxes if box.blocked]
    return picture.texts.say("page.blocks", lines=", ".join(lines)) if lines else picture.texts.say("page.no_blocks")


def racing(picture: Picture) -> str:
    if not picture.unordered:
        return ""
    first, second, _ = picture.unordered
    return picture.texts.say("page.unordered", first=first.line, second=second.line)


def present(picture: Picture, act: Key) -> str:
    """Is the act done at all?"""
    if any(key_of(box) == act for box in picture.boxes):
        return ""
    return picture.texts.say("page.without", line=act[1])


def ordered(picture: Picture, first: Key, second: Key) -> str:
    """Does the first of two acts happen before the other, or after it?"""
    a, b = (next((box for box in picture.boxes if key_of(box) == key), None) for key in (first, second))
    if not a or not b:
        return ""
    if picture.find_path(b, a):
        a, b = b, a
    elif not picture.find_path(a, b):
        return picture.texts.say("page.unordered", first=a.line, second=b.line)
    return picture.texts.say("page.ordered", first=a.line, second=b.line)


def features(group: list[Picture]) -> list[Callable[[Picture], str]]:
    """Questions to each picture, those that a reader sees at once first."""
    boxes = {key_of(box): box for picture in group for box in picture.boxes}
    calls = [key for key, box in sorted(boxes.items()) if box.is_call() and key[2] != "returns"]
    others = [key for key in sorted(boxes) if key not in calls]
    asked: list[Callable[[Picture], str]] = [blocking, racing]
    asked += [partial(present, act=key) for key in sorted(boxes)]
    for keys in (calls, sorted(calls + others)):
        asked += [partial(ordered, first=a, second=b) for i, a in enumerate(keys) for b in keys[i + 1:] if a[0] != b[0]]
    return asked


def labels(group: list[Picture]) -> list[str]:
    """One for each picture of a group, by as few answers as tell them all apart."""
    told: list[tuple[str, ...]] = [() for _ in group]
    for ask in features(group):
        if len(set(told)) == len(group):
            break
        answers = [ask(picture) for picture in group]
        further = [before + (answer,) for before, answer in zip(told, answers)]
        if len(set(further)) > len(set(told)):
            told = further
    said = ["; ".join(dict.fromkeys(filter(None, answers))) for answers in told]
    # One may be what is left: the one of which nothing of this holds.
    return [label or group[0].texts.say("page.usual") for label in said]
