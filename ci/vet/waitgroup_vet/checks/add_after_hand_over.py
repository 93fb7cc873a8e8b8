"""An item is counted only after a thread could take it from its queue."""

from collections.abc import Iterator

from ..events import Event, Outcome
from ..places import Place, cousins, distinct, same
from ..program import Function
from ..tasks import Run, Tasks, handed, held_at
from ..tree import Node

NAME = "add-after-hand-over"
SUMMARY = "an item is counted after it was handed to the thread that dones it"
MESSAGE = "the item that this add counts is already handed over and may be done before: call waitgroup_add() before it"


def find(tasks: Tasks) -> Iterator[Node]:
    for function in tasks.roots:
        for outcome in function.outcomes():
            for at, add in enumerate(outcome.events):
                if add.kind == "add" and add.place and is_first(outcome, at, add.place):
                    if any(takes(run, function, over, add.place) for over in hand_overs(outcome.events[:at]) for run in tasks.runs
                           if run.task is not function) and not tasks.elsewhere_held(add.place, function):
                        yield add.node


def is_first(outcome: Outcome, at: int, group: Place) -> bool:
    """The function has no count before, gives none back, and nobody else got hold of the group."""
    return not any(event.kind == "add" and not distinct(event.place, group) or handed(event, group)
                   for event in outcome.events[:at]) \
        and not any(event.kind == "done" and not distinct(event.place, group) for event in outcome.events)


def hand_overs(events: tuple[Event, ...]) -> Iterator[Event]:
    """The unlocks after which others see what was written, and the posts of semaphores."""
    for at, event in enumerate(events):
        if event.kind == "post":
            yield event
        for lock in held_at(events[:at]) if event.kind == "write" else ():
            yield from (later for later in events[at:] if later.kind == "unlock" and same(later.place, lock.place))


def takes(run: Run, function: Function, over: Event, group: Place) -> bool:
    """The task takes that lock, or waits for that semaphore, before it leaves this group."""
    for outcome in run.task.outcomes():
        for at, done in enumerate(outcome.events):
            for taken in outcome.events[:at] if done.kind == "done" else ():
                if taken.kind == "lock" and over.kind == "unlock" or taken.extra == "sem_wait" and over.kind == "post":
                    one, two = done.place, taken.place
                    if same(one, group) and same(two, over.place) or run.starter is function and same(run.here(one), group) \
                            and same(run.here(two), over.place):
                        return True
                    if one and two and over.place and cousins(one, two, group, over.place):
                        return True
    return False
