"""an item is counted after it was handed to the thread that dones it

the item that this add counts is already handed over and may be done before: call waitgroup_add() before it
"""

from collections.abc import Iterator

from ..events import Event, Events
from ..places import Place, same
from ..program import Function
from ..tasks import Found, Run, Tasks, about, handed, held_at


def find(tasks: Tasks) -> Found:
    for function, events in tasks.ways:
        for at, add in enumerate(events):
            if add.kind == "add" and add.place and not counted(events, at, add.place) and any(
                    takes(run, function, over, add.place) for over in hand_overs(events[:at])
                    for run in tasks.starts if run.task is not function) and not tasks.elsewhere_held(add.place, function):
                yield add.node


def counted(events: Events, at: int, group: Place) -> bool:
    """The function has a count before, gives one back, or somebody else got hold of the group."""
    return about("add", group, events[:at]) or about("done", group, events) or any(handed(event, group) for event in events[:at])


def hand_overs(events: Events) -> Iterator[Event]:
    """The unlocks after which others see what was written, and the posts of semaphores."""
    for at, event in enumerate(events):
        if event.kind == "post":
            yield event
        for lock in held_at(events[:at]) if event.kind == "write" else ():
            yield from (later for later in events[at:] if later.kind == "unlock" and same(later.place, lock.place))


def takes(run: Run, function: Function, over: Event, group: Place) -> bool:
    """The task takes that lock, or waits for that semaphore, before it leaves this group."""
    return any(run.meets(done.place, taken.place, function, group, over.place)
               for way in run.task.outcomes() for at, done in enumerate(way.events) if done.kind == "done"
               for taken in way.events[:at]
               if taken.kind == "lock" and over.kind == "unlock" or taken.extra == "sem_wait" and over.kind == "post")
