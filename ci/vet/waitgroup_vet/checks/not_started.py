"""an add, then a way to the wait on which nothing is started and nothing dones

this add counts a thread that is not started on every way from here to the wait, which then never returns: call
waitgroup_done() on the ways without a start, or add after them
"""

from collections.abc import Iterator

from ..events import Event, Events
from ..places import Place, akin, same
from ..program import Function
from ..tasks import Found, Tasks, about, handed


def find(tasks: Tasks) -> Found:
    for function, events in tasks.ways:
        for add, meanwhile, waited in adds_of_one(events):
            left = any(event.kind in ("start", "write", "claim", "post") or handed(event, add.place) for event in meanwhile)
            if not left and not about("done", add.place, meanwhile) and counts_threads(tasks, function, add) \
                    and (waited or secret(tasks, function, add.place)):
                yield add.node


def adds_of_one(events: Events) -> Iterator[tuple[Event, Events, bool]]:
    """Each with what happens in the same round of its loop, or up to the wait or the end; and whether there is a wait."""
    rounds = [i for i, event in enumerate(events) if event.kind == "round"]
    for at, add in enumerate(events):
        if add.kind == "add" and add.extra == 1:
            wait = next((i for i, event in enumerate(events) if i > at and event.kind == "wait" and same(event.place, add.place)),
                        len(events))
            begin = max((i for i in rounds if i < at), default=0)
            end = min((i for i in rounds if i > at), default=wait)
            if end >= wait or events[begin].node is events[end].node and not events[begin].extra:
                yield add, events[begin:min(end, wait)], wait < len(events)


def secret(tasks: Tasks, function: Function, group: Place) -> bool:
    """Whether no other file can get at the group, and others wait for it: nobody is left to hand the add back."""
    variable = tasks.program.unit.nodes.get(group[0])
    waiting = {other for other, events in tasks.ways for event in events if event.kind == "wait" and event.place == group}
    mine = variable and variable.static and variable.type == "waitgroup" and not function.callers
    if not mine or not waiting or function in waiting:
        return False
    nodes = [node for declaration in tasks.program.unit.declarations for node in declaration.below]
    calls = [node for node in nodes if node.kind in ("CALL_EXPR", "VAR_DECL") and node.name.startswith("waitgroup_")]
    named = {id(inner) for call in calls for inner in call.below}
    return not any(node.kind == "DECL_REF_EXPR" and node.key == group[0] and id(node) not in named for node in nodes)


def counts_threads(tasks: Tasks, function: Function, add: Event) -> bool:
    """On another way this add is followed by the start of a task that leaves the group; and only such tasks leave it,
    but for adds that are handed back."""
    runs = [run for run in tasks.runs if run.starter is function and not run.go and any(
        same(group, add.place) for group in run.counted_by())]
    starting = {run.task for run in runs}
    others = [other for other in tasks.functions if other not in starting | {function}
              and not (other.callers and other.callers <= starting)]
    return any(event.node is add.node for run in runs for event in run.events[:run.at]) and not any(
        event.kind == "done" and akin(event.place, add.place) and not about("add", event.place, way.events[:at])
        for other in others for way in other.outcomes() for at, event in enumerate(way.events))
