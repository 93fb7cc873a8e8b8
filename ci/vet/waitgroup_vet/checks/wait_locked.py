"""a wait holds a mutex that a task of the group takes

a task that this group counts takes the mutex that is held here, so the wait never ends: unlock the mutex before
waitgroup_wait()
"""

from collections.abc import Iterator
from functools import cache

from ..events import Event
from ..places import Place, cousins, same
from ..program import Function
from ..tasks import Tasks, both_read, held_at
from ..tree import Node


def find(tasks: Tasks) -> Iterator[Node]:
    for function, events in tasks.ways():
        for at, wait in enumerate(events):
            if wait.kind == "wait" and not wait.extra and wait.place:
                if any(taken(tasks, function, wait.place, lock) for lock in held_at(events[:at]) if lock.place):
                    yield wait.node


def taken(tasks: Tasks, function: Function, group: Place, held: Event) -> bool:
    for run in tasks.starts:
        for lock, left in locks(run.task, run.go):
            mutex = lock.place
            if mutex and held.place and not both_read(lock, held):
                counts = run.event.place if run.go else run.here(left)
                if run.starter is function and same(counts, group) and same(run.here(mutex), held.place):
                    return True
                if left and (same(left, group) and same(mutex, held.place) or cousins(left, mutex, group, held.place)):
                    return True
    return False


@cache
def locks(task: Function, go: bool) -> set[tuple[Event, Place | None]]:
    """The locks that the task takes while it is counted, with the group that it leaves after them."""
    found: set[tuple[Event, Place | None]] = set()
    for way in task.outcomes():
        left: set[Place | None] = set()
        taken: list[Event] = []
        for event in way.events:
            if event.kind == "lock":
                taken.append(event)
                found.update([(event, None)] if go else [])
            elif event.kind == "done" and event.place not in left:
                left.add(event.place)
                found.update((lock, event.place) for lock in taken)
    return found
