"""a wait holds a mutex that a task of the group takes

a task that this group counts takes the mutex that is held here, so the wait never ends: unlock the mutex before
waitgroup_wait()
"""

from ..events import READ_LOCKS, Event
from ..places import Place
from ..program import Function
from ..tasks import Found, Tasks, held_at


def find(tasks: Tasks) -> Found:
    taken = [(run, lock, left) for run in tasks.starts for lock, left in locks(run.task, run.go)]
    for function, events in tasks.ways:
        for at, wait in enumerate(events):
            for held in held_at(events[:at]) if wait.kind == "wait" and not wait.extra and wait.place else ():
                if any(run.meets(left, lock.place, function, wait.place, held.place)
                       for run, lock, left in taken if not {lock.extra, held.extra} <= READ_LOCKS):
                    yield wait.node


def locks(task: Function, go: bool) -> set[tuple[Event, Place | None]]:
    """The locks that the task takes while it is counted, with the group that it leaves after them."""
    found: set[tuple[Event, Place | None]] = set()
    for way in task.outcomes():
        for at, lock in enumerate(way.events):
            if lock.kind == "lock":
                before = {event.place for event in way.events[:at] if event.kind == "done"}
                after = {event.place for event in way.events[at:] if event.kind == "done"} - before
                found.update((lock, left) for left in (after | {None} if go else after))
    return found
