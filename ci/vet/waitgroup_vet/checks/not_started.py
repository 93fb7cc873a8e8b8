"""an add, then a way to the wait on which nothing is started and nothing dones

this add counts a thread that is not started on every way from here to the wait, which then never returns: call
waitgroup_done() on the ways without a start, or add after them
"""

from collections.abc import Iterator

from ..events import Event
from ..places import akin, same
from ..program import Function
from ..tasks import Tasks, about, groups, handed
from ..tree import Node


def find(tasks: Tasks) -> Iterator[Node]:
    for function, events in tasks.ways():
        for add, meanwhile in adds_waited_for(events):
            left = any(event.kind in ("start", "write", "claim", "post") or handed(event, add.place or ()) for event in meanwhile)
            if add.place and not left and not about("done", add.place, meanwhile) and counts_threads(tasks, function, add):
                yield add.node


def adds_waited_for(events: tuple[Event, ...]) -> Iterator[tuple[Event, tuple[Event, ...]]]:
    """Each add of one, with what happens in the same round of its loop, or up to the wait."""
    for at, add in enumerate(events):
        waits = [i for i, event in enumerate(events) if i > at and event.kind == "wait" and same(event.place, add.place)]
        if add.kind == "add" and add.extra == 1 and waits:
            rounds = [i for i, event in enumerate(events) if event.kind == "round"]
            begin = max((i for i in rounds if i < at), default=0)
            end = min((i for i in rounds if i > at), default=waits[0])
            if events[begin].node is events[end].node and not events[begin].extra or end >= waits[0]:
                yield add, events[begin:min(end, waits[0])]


def counts_threads(tasks: Tasks, function: Function, add: Event) -> bool:
    """On another way this add is followed by the start of a task that leaves the group; and only such tasks leave it."""
    starting: set[Function] = set()
    followed = False
    for run in tasks.runs:
        if run.starter is function and not run.go and any(same(group, add.place) for group in run.counted_by()):
            starting.add(run.task)
            followed = followed or any(event.node is add.node for event in run.events[:run.at])
    others = [other for other in tasks.functions if other not in starting | {function}
              and not (other.callers and other.callers <= starting)]
    return followed and not any(akin(group, add.place) for other in others for group in groups(other))
