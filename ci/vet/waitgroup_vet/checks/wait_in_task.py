"""a task waits for the group that counts it

the group counts this task itself, so its wait never ends: wait in the thread that starts the tasks, or give the inner
tasks a group of their own
"""

from collections.abc import Iterator

from ..events import Event
from ..places import Place, distinct, same
from ..tasks import Run, Tasks
from ..tree import Node


def find(tasks: Tasks) -> Iterator[Node]:
    for task, runs in tasks.by_task.items():
        for way in task.outcomes():
            for at, wait in enumerate(way.events):
                if wait.kind == "wait" and not wait.extra and not left(way.events[:at], wait.place) and any(
                        waits(run, wait, way.events[at:]) for run in runs):
                    yield wait.node


def left(events: tuple[Event, ...], group: Place | None) -> bool:
    """The task has perhaps called done before."""
    return any(event.kind == "unclear" or event.kind == "done" and event.place in (None, group) for event in events)


def waits(run: Run, wait: Event, rest: tuple[Event, ...]) -> bool:
    """For itself: the start counted it, or it calls done afterwards, and has not added for that since."""
    if run.go:
        return same(run.here(wait.place), run.event.place)
    changes = (event for event in rest if event.kind == "add" and not distinct(event.place, wait.place)
               or event.kind == "done" and same(event.place, wait.place))
    return next((event.kind == "done" for event in changes), False)
