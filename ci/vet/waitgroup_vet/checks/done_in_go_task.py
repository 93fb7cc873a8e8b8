"""A task of waitgroup_go() calls done, which waitgroup_go() does itself."""

from collections.abc import Iterator

from ..events import Event, Outcome
from ..places import Place, distinct, linked, same
from ..tasks import Run, Tasks, tail
from ..tree import Node

NAME = "done-in-go-task"
SUMMARY = "a task of waitgroup_go() calls done itself"
MESSAGE = "waitgroup_go() calls done itself when the task returns, this one is one too many: remove it, or start the task with " \
    "pthread_create()"


def find(tasks: Tasks) -> Iterator[Node]:
    for task, runs in tasks.by_task.items():
        for outcome in task.outcomes():
            for at, event in enumerate(outcome.events):
                if event.kind == "done" and not balanced(outcome, at, event) and all(too_many(run, event, tasks) for run in runs):
                    yield event.node


def balanced(outcome: Outcome, at: int, done: Event) -> bool:
    """The task gives back what it has added itself."""
    return any(event.kind == "add" and not distinct(event.place, done.place) for event in outcome.events[:at])


def by_way_of_argument(place: Place | None, group: Place) -> bool:
    """The same field of the object that the task's argument points to: a job's pool, that counts the job."""
    return place is not None and bool(tail(group)) and tail(place) == tail(group) and place[0] != group[0] \
        and len(place) > len(group) and not linked(place)


def too_many(run: Run, done: Event, tasks: Tasks) -> bool:
    group = run.event.place
    if not run.go or group is None or not (same(run.here(done.place), group) or by_way_of_argument(run.here(done.place), group)):
        return False
    counted = any(event.kind == "add" and not distinct(event.place, group)
                  for outcome in run.starter.outcomes() for event in outcome.events)
    return not counted and not tasks.elsewhere_held(group, run.starter)
