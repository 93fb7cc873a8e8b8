"""The add comes only after the start of the thread that it counts."""

from collections.abc import Iterator

from ..events import Event
from ..places import Place, distinct, perhaps, same
from ..tasks import Run, Tasks, counts_too_few, handed, held_at
from ..tree import Node

NAME = "add-after-start"
SUMMARY = "the add comes after the start of the thread that it counts"
MESSAGE = "the thread that this add counts is already started and may be done before: call waitgroup_add() before the start, or " \
    "use waitgroup_go()"


def find(tasks: Tasks) -> Iterator[Node]:
    for run in tasks.runs:
        if run.go:
            continue
        for group in {place for place in run.counted() if is_late(run, place) and not held_up(run, place)}:
            late = first_add(run, group)
            if late and not counts_too_few(run, group) and not tasks.elsewhere_held(group, run.starter):
                yield late.node


def first_add(run: Run, group: Place) -> Event | None:
    return next((event for event in run.outcome.events[run.at:] if event.kind == "add" and same(event.place, group)), None)


def is_late(run: Run, group: Place) -> bool:
    """Nobody counted the task before, and the starter has no count of its own."""
    before = run.outcome.events[:run.at]
    return not any(event.kind == "add" and perhaps(event.place, group) or handed(event, group) for event in before) \
        and not any(event.kind == "done" and not distinct(event.place, group) for event in run.outcome.events)


def held_up(run: Run, group: Place) -> bool:
    """The task cannot be done before something that the starter may do after the add; or it adds itself."""
    held = held_at(run.outcome.events[:run.at])
    for outcome in run.task.outcomes():
        for event in outcome.events:
            if event.kind == "done" and same(run.here(event.place), group):
                break
            if event.kind in ("meet", "wait", "add", "unclear"):
                return True
            if event.kind == "lock" and any(not distinct(lock.place, run.here(event.place)) for lock in held):
                return True
    return False
