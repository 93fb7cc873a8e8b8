"""a wait holds a mutex that a task of the group takes

a task that this group counts takes the mutex that is held here, so the wait never ends: unlock the mutex before
waitgroup_wait()
"""

from collections.abc import Iterator

from ..events import Event
from ..places import Place, cousins, same
from ..tasks import Function, Run, Tasks, both_read, held_at
from ..tree import Node


def find(tasks: Tasks) -> Iterator[Node]:
    for function, events in tasks.ways():
        for at, wait in enumerate(events):
            if wait.kind == "wait" and not wait.extra and wait.place:
                if any(taken(tasks, function, wait.place, lock) for lock in held_at(events[:at]) if lock.place):
                    yield wait.node


def taken(tasks: Tasks, function: Function, group: Place, held: Event) -> bool:
    for run in tasks.runs:
        for lock, left in locks(run):
            mutex = lock.place
            if mutex and held.place and not both_read(lock, held):
                counts = run.event.place if run.go else run.here(left)
                if run.starter is function and same(counts, group) and same(run.here(mutex), held.place):
                    return True
                if left and (same(left, group) and same(mutex, held.place) or cousins(left, mutex, group, held.place)):
                    return True
    return False


def locks(run: Run) -> Iterator[tuple[Event, Place | None]]:
    """The locks that the task takes while it is counted, with the group that it leaves after them."""
    for way in run.task.outcomes():
        for at, lock in enumerate(way.events):
            before = {event.place for event in way.events[:at] if event.kind == "done"}
            after = {event.place for event in way.events[at:] if event.kind == "done"} - before
            for group in ({None} if run.go else after) if lock.kind == "lock" else ():
                yield lock, group
