"""a task can end without its done

the task can end here without waitgroup_done(), and the wait would never return: call it on every way out, or use
WAITGROUP_DONE_ON_RETURN()
"""

from ..events import Event, Outcome
from ..places import Place, distinct, within
from ..program import Function
from ..tasks import Found, Tasks, about, handed
from ..tree import Node


def find(tasks: Tasks) -> Found:
    for task, runs in tasks.threads():
        for group in task.groups:
            if is_own(task, group) and not any(run.too_many(run.here(group)) for run in runs):
                others = one_or_the_other(task, group)
                missing = [way for way in task.outcomes() if way.how != "goes on" and not any(
                    excuses(event, group, others) for event in way.events)]
                yield from (end(way, missing, task) for way in missing)


def is_own(task: Function, group: Place) -> bool:
    """The task's own count: not of a group of its own, one that it adds to, or one that it leaves more than once."""
    outer = group[:2] in task.formals or group[:1] not in task.locals and group[0] in task.program.unit.nodes
    return outer and not any(
        about("add", group, way.events) or sum(event.kind == "done" and event.place == group for event in way.events) > 1
        for way in task.outcomes())


def one_or_the_other(task: Function, group: Place) -> set[Place]:
    """The groups that the task leaves instead of this one, the last one of which is its own."""
    ways = [{event.place for event in way.events if event.kind == "done"} for way in task.outcomes()]
    later = task.groups[task.groups.index(group) + 1:]
    return {other for other in later if not any({group, other} <= left for left in ways)}


def excuses(event: Event, group: Place, others: set[Place]) -> bool:
    """The count was given back, handed on, or is not due on this way."""
    if event.kind == "done":
        return not distinct(event.place, group) or event.place in others
    if event.kind == "null":
        return within(group, event.place) or any(inner.type == "waitgroup *" for inner in event.node.below)
    return event.kind in ("start", "claim") or event.kind != "refused" and handed(event, group)


def end(way: Outcome, missing: list[Outcome], task: Function) -> Node:
    """Where a way ends; or the one goto that leads past the done to an end which other ways share."""
    gotos = {jump(other) for other in missing if other.end is way.end}
    shared = any(other.end is way.end for other in task.outcomes() if other not in missing)
    return jump(way) if shared and len(gotos) == 1 else way.end


def jump(way: Outcome) -> Node:
    return next((event.node for event in way.events if event.kind == "goto"), way.end)
