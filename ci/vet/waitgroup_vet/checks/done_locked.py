"""a done under a mutex that is destroyed or freed after the wait

the mutex that is held here is destroyed after the wait, which may return before the unlock: unlock it before
waitgroup_done()
"""

from collections.abc import Iterator

from ..events import Event
from ..places import direct
from ..program import Function
from ..tasks import Found, Run, Tasks, held_at


def find(tasks: Tasks) -> Found:
    ends = list(waits_and_ends(tasks))
    joins = any("join" in str(event.extra) for _, events in tasks.ways for event in events if event.kind == "meet")
    for task, runs in tasks.threads():
        for way in task.outcomes():
            for at, done in enumerate(way.events):
                for lock in held_at(way.events[:at]) if done.kind == "done" else ():
                    # Who destroys what another function started may have joined the threads, too.
                    if any(destroyed(run, done, lock, function, wait, gone) for run in runs for function, wait, gone in ends
                           if run.starter is function or not joins):
                        yield done.node


def waits_and_ends(tasks: Tasks) -> Iterator[tuple[Function, Event, Event]]:
    """Each wait with what is destroyed after it, if no thread is joined, and nobody takes a lock in between."""
    for function, events in tasks.ways:
        for at, wait in enumerate(events):
            if wait.kind == "wait" and not any(event.kind == "meet" for event in events):
                for event in events[at + 1:]:
                    if event.kind in ("lock", "unseen", "unclear"):
                        break
                    if event.kind == "destroy" and event.place:
                        yield function, wait, event


def destroyed(run: Run, done: Event, lock: Event, function: Function, wait: Event, gone: Event) -> bool:
    """The mutex is what is destroyed, or a part of it."""
    mutex = lock.place or ()
    return any(run.meets(done.place, mutex, function, wait.place, gone.place + mutex[cut:])
               for cut in range(1, len(mutex) + 1) if direct(("", *mutex[cut:])))
