"""a task of waitgroup_go() calls done itself

waitgroup_go() calls done itself when the task returns, this one is one too many: remove it, or start the task with
pthread_create()
"""

from collections.abc import Iterator

from ..events import Event
from ..places import Place, linked, same, tail
from ..tasks import Run, Tasks, about
from ..tree import Node


def find(tasks: Tasks) -> Iterator[Node]:
    for task, runs in tasks.by_task.items():
        for way in task.outcomes():
            for at, done in enumerate(way.events):
                if done.kind == "done" and not about("add", done.place, way.events[:at]) and all(
                        too_many(run, done, tasks) for run in runs):
                    yield done.node


def too_many(run: Run, done: Event, tasks: Tasks) -> bool:
    group, left = run.event.place, run.here(done.place)
    if not run.go or not group or not same(left, group) and not by_way_of_argument(left, group):
        return False
    counted_again = any(about("add", group, way.events) for way in run.starter.outcomes())
    return not counted_again and not tasks.elsewhere_held(group, run.starter)


def by_way_of_argument(place: Place | None, group: Place) -> bool:
    """The same field of an object that the task's argument points to: the pool of a job, that counts the job."""
    return place is not None and () != tail(place) == tail(group) and len(place) > len(group) and not linked(place)
