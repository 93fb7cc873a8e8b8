"""a task waits for the group that counts it

the group counts this task itself, so its wait never ends: wait in the thread that starts the tasks, or give the inner
tasks a group of their own
"""

from ..events import Event, Events
from ..places import distinct, same
from ..tasks import Found, Run, Tasks


def find(tasks: Tasks) -> Found:
    for task, runs in tasks.by_task.items():
        for way in task.outcomes():
            for at, wait in enumerate(way.events):
                if wait.kind == "wait" and not wait.extra and any(
                        waits(run, wait, way.events[:at], way.events[at:]) for run in runs):
                    yield wait.node


def waits(run: Run, wait: Event, before: Events, rest: Events) -> bool:
    """For itself: the start counted it, or it calls done afterwards, and has not added for that since."""
    if any(event.kind == "unclear" or event.kind == "done" and event.place in (None, wait.place) for event in before):
        return False  # it has perhaps called done before
    if run.go:
        return same(run.here(wait.place), run.event.place)
    changes = (event for event in rest if event.kind == "add" and not distinct(event.place, wait.place)
               or event.kind == "done" and same(event.place, wait.place))
    return next((event.kind == "done" for event in changes), False)
