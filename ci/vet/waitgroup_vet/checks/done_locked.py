"""a done under a mutex that is destroyed or freed after the wait

the mutex that is held here is destroyed after the wait, which may return before the unlock: unlock it before
waitgroup_done()
"""

from collections.abc import Iterator

from ..events import Event
from ..places import Place, cousins, direct, same, within
from ..tasks import Run, Tasks, held_at
from ..tree import Node


def find(tasks: Tasks) -> Iterator[Node]:
    for task, runs in tasks.threads():
        for way in task.outcomes():
            for at, done in enumerate(way.events):
                for lock in held_at(way.events[:at]) if done.kind == "done" and done.place else ():
                    if lock.place and done.place and destroyed(tasks, runs, done.place, lock.place):
                        yield done.node


def destroyed(tasks: Tasks, runs: list[Run], group: Place, mutex: Place) -> bool:
    joins = any("join" in str(event.extra) for _, events in tasks.ways() for event in events if event.kind == "meet")
    for function, events in tasks.ways():
        for wait, end in ends(events):
            pairs = [(run.here(group), run.here(mutex)) for run in runs if run.starter is function]
            if not joins:  # who destroys it may have joined the threads, too
                pairs += [(group, mutex), moved(group, mutex, wait)]
            if any(same(one, wait.place) and in_object(two, end.place) for one, two in pairs):
                return True
    return False


def ends(events: tuple[Event, ...]) -> Iterator[tuple[Event, Event]]:
    """Each wait with what is destroyed after it, if no thread is joined, and nobody takes a lock in between."""
    for at, wait in enumerate(events):
        if wait.kind == "wait" and not any(event.kind == "meet" for event in events):
            for event in events[at + 1:]:
                if event.kind in ("lock", "unseen", "unclear"):
                    break
                if event.kind == "destroy":
                    yield wait, event


def in_object(mutex: Place | None, gone: Place | None) -> bool:
    return gone is not None and mutex is not None and within(mutex, gone) and direct(("",) + mutex[len(gone):])


def moved(group: Place, mutex: Place, wait: Event) -> tuple[Place | None, Place | None]:
    """The mutex beside the group that is waited for, in another object of this type."""
    place = wait.place or ()
    for at in range(1, len(place) + 1):
        for cut in range(2, len(mutex)):
            beside = place[:at] + mutex[cut:]
            if cousins(group, mutex, place, beside):
                return place, beside
    return None, None
