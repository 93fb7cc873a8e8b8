"""an add, then a way to the wait on which nothing is started and nothing dones

this add counts a thread that is not started on every way from here to the wait, which then never returns: call
waitgroup_done() on the ways without a start, or add after them
"""

from collections.abc import Iterator

from ..events import Event, Events
from ..places import akin, same
from ..program import Function
from ..tasks import Found, Tasks, about, groups, handed


def find(tasks: Tasks) -> Found:
    for function, events in tasks.ways:
        for add, meanwhile in adds_waited_for(events):
            left = any(event.kind in ("start", "write", "claim", "post") or handed(event, add.place) for event in meanwhile)
            if not left and not about("done", add.place, meanwhile) and counts_threads(tasks, function, add):
                yield add.node


def adds_waited_for(events: Events) -> Iterator[tuple[Event, Events]]:
    """Each add of one, with what happens in the same round of its loop, or up to the wait."""
    rounds = [i for i, event in enumerate(events) if event.kind == "round"]
    for at, add in enumerate(events):
        wait = next((i for i, event in enumerate(events) if i > at and event.kind == "wait" and same(event.place, add.place)), 0)
        if add.kind == "add" and add.extra == 1 and wait:
            begin = max((i for i in rounds if i < at), default=0)
            end = min((i for i in rounds if i > at), default=wait)
            if events[begin].node is events[end].node and not events[begin].extra or end >= wait:
                yield add, events[begin:min(end, wait)]


def counts_threads(tasks: Tasks, function: Function, add: Event) -> bool:
    """On another way this add is followed by the start of a task that leaves the group; and only such tasks leave it."""
    runs = [run for run in tasks.runs if run.starter is function and not run.go and any(
        same(group, add.place) for group in run.counted_by())]
    starting = {run.task for run in runs}
    others = [other for other in tasks.functions if other not in starting | {function}
              and not (other.callers and other.callers <= starting)]
    return any(event.node is add.node for run in runs for event in run.events[:run.at]) and not any(
        akin(group, add.place) for other in others for group in groups(other))
