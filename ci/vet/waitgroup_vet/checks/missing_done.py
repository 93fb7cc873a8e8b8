"""a task can end without its done

the task can end here without waitgroup_done(), and the wait would never return: call it on every way out, or use
WAITGROUP_DONE_ON_RETURN()
"""

from collections.abc import Iterator
from functools import cache

from ..events import Event, Outcome
from ..places import Place, distinct, within
from ..program import Function
from ..tasks import Run, Tasks, about, groups, handed
from ..tree import Node


def find(tasks: Tasks) -> Iterator[Node]:
    for task, runs in tasks.threads():
        for group in groups(task):
            if is_own(task, group) and not any(run.counts_too_few(run.here(group)) for run in runs):
                flags = {flag for run in runs for flag in not_counted_if(run, run.here(group))}
                missing = [way for way in task.outcomes() if way.how != "goes on" and not chooses(task, way, group)
                           and not any(excuses(event, group, flags) for event in way.events)]
                yield from ends(missing, [way for way in task.outcomes() if way not in missing])


def is_own(task: Function, group: Place) -> bool:
    """The task's own count: not of a group of its own, one that it adds to, or one that it leaves more than once."""
    given = group[0] == "this" or group[:1] in task.places.parameters
    outer = group[:1] not in task.locals and group[0] in task.program.variables
    return (given or outer) and not any(
        about("add", group, way.events) or sum(event.kind == "done" and event.place == group for event in way.events) > 1
        for way in task.outcomes())


def not_counted_if(run: Run, group: Place | None) -> set[str]:
    """The fields that decide in the starter whether a task is counted, as they are on a way on which it is not."""
    chosen = any(about("add", group, way.events) for way in run.starter.outcomes()) and not about("add", group, run.events)
    return {event.extra for event in run.events if chosen and event.kind == "flag"}


def excuses(event: Event, group: Place, flags: set[str]) -> bool:
    """The count was given back, handed on, or is not due on this way."""
    if event.kind == "done":
        return not distinct(event.place, group)
    if event.kind == "null":
        return within(group, event.place) or any(inner.type == "waitgroup *" for inner in event.node.walk())
    return event.kind in ("start", "claim") or event.kind == "flag" and event.extra in flags \
        or event.kind != "refused" and handed(event, group)


def chooses(task: Function, way: Outcome, group: Place) -> bool:
    """The task leaves one of two groups, here the other one: the one that is left last is its own."""
    ways = dones(task)
    for done in (event for event in way.events if event.kind == "done"):
        first = next(left[group] for left in ways if group in left)
        if done.node.place > first.node.place and not any(group in left and done.place in left for left in ways):
            return True
    return False


@cache
def dones(task: Function) -> list[dict[Place | None, Event]]:
    """The last done of each group, for each way."""
    return [{event.place: event for event in way.events if event.kind == "done"} for way in task.outcomes()]


def ends(missing: list[Outcome], others: list[Outcome]) -> Iterator[Node]:
    """Where these ways end; or the one goto that leads past the done to an end which other ways share."""
    for end in {way.end for way in missing}:
        jumps = {next((event.node for event in way.events if event.kind == "goto"), end) for way in missing if way.end is end}
        jump = jumps.pop() if len(jumps) == 1 and any(way.end is end for way in others) else end
        if jump:
            yield jump
