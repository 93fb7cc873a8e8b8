"""A task waits for the group that counts it."""

from collections.abc import Iterator

from ..places import distinct, same
from ..tasks import Run, Tasks
from ..tree import Node
from ..events import Event, Outcome

NAME = "wait-in-task"
SUMMARY = "a task waits for the group that counts it"
MESSAGE = "the group counts this task itself, so its wait never ends: wait in the thread that starts the tasks, or give the inner " \
    "tasks a group of their own"


def find(tasks: Tasks) -> Iterator[Node]:
    for task, runs in tasks.by_task.items():
        for outcome in task.outcomes():
            for at, event in enumerate(outcome.events):
                if event.kind == "wait" and event.extra is None and not left_before(outcome, at, event):
                    if any(waits_for_itself(run, outcome, at) for run in runs):
                        yield event.node


def left_before(outcome: Outcome, at: int, wait: Event) -> bool:
    return any(event.kind == "unclear" or event.kind == "done" and (event.place is None or event.place == wait.place)
               for event in outcome.events[:at])


def waits_for_itself(run: Run, outcome: Outcome, at: int) -> bool:
    wait = outcome.events[at]
    if run.go:
        return same(run.here(wait.place), run.event.place)
    for event in outcome.events[at:]:
        if event.kind == "add" and not distinct(event.place, wait.place):
            return False
        if event.kind == "done" and same(event.place, wait.place):
            return True
    return False
