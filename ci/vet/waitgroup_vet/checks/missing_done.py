"""A task can end on a way on which it does not leave the group that counts it."""

from collections.abc import Iterator

from ..events import Event, Outcome
from ..places import Place, distinct, within
from ..program import Function
from ..tasks import Run, Tasks, counts_too_few, groups, handed
from ..tree import Node

NAME = "missing-done"
SUMMARY = "a task can end without its done"
MESSAGE = "the task can end here without waitgroup_done(), and the wait would never return: call it on every way out, or use " \
    "WAITGROUP_DONE_ON_RETURN()"


def find(tasks: Tasks) -> Iterator[Node]:
    for task, runs in tasks.threads():
        for group in groups(task):
            if is_own(task, group) and not any(counts_too_few(run, run.here(group) or ()) for run in runs):
                flags = choosing_flags(runs, group)
                missing = [outcome for outcome in task.outcomes() if not excused(outcome, group, flags)
                           and not chooses(task, outcome, group)]
                yield from ends(missing, [outcome for outcome in task.outcomes() if outcome not in missing])


def is_own(task: Function, group: Place) -> bool:
    """The task's own count: not of a group of its own, one that it adds to, or one that it leaves for others, in a loop."""
    reached = group[0] == "this" or group[:1] in task.places.parameters or tasks_variable(task, group)
    for outcome in task.outcomes():
        mine = [event for event in outcome.events if event.kind in ("add", "done") and not distinct(event.place, group)]
        if any(event.kind == "add" for event in mine) or sum(event.place == group for event in mine) > 1:
            return False
    return reached


def tasks_variable(task: Function, group: Place) -> bool:
    """A variable of the file, or of the function around a lambda."""
    return group[:1] not in task.locals and group[0] in task.program.variables


def choosing_flags(runs: list[Run], group: Place) -> set[str]:
    """The fields that decide in the starter whether a task is counted, as they are on a way on which it is not."""
    for run in runs:
        mine = run.here(group)
        adds = [any(event.kind == "add" and not distinct(event.place, mine) for event in outcome.events)
                for outcome in run.starter.outcomes()]
        if any(adds) and not any(event.kind == "add" for event in run.outcome.events):
            return {event.extra for event in run.outcome.events if event.kind == "flag"}
    return set()


def excused(outcome: Outcome, group: Place, flags: set[str]) -> bool:
    return any(excuses(event, group, flags) for event in outcome.events)


def chooses(task: Function, outcome: Outcome, group: Place) -> bool:
    """The task leaves one of two groups, here the other one: the one that is left last is its own."""
    for other in (event for event in outcome.events if event.kind == "done" and event.place):
        together = [{event.place for event in way.events} >= {group, other.place} for way in task.outcomes()]
        first = next(event for way in task.outcomes() for event in way.events if event.kind == "done" and event.place == group)
        if not any(together) and first.node.place < other.node.place:
            return True
    return False


def excuses(event: Event, group: Place, flags: set[str]) -> bool:
    """The count was given back, handed on, or is not due on this way."""
    if event.kind == "done":
        return not distinct(event.place, group)
    if event.kind == "null":
        return within(group, event.place) or event.node.unit.group_pointer(event.node)
    if event.kind == "flag":
        return event.extra in flags
    return event.kind in ("start", "claim") or event.kind != "refused" and handed(event, group)


def ends(missing: list[Outcome], others: list[Outcome]) -> Iterator[Node]:
    """Where these ways end; or the one goto that leads past the done to an end which other ways share."""
    for node in {outcome.node for outcome in missing if outcome.node}:
        jumps = {event.node for outcome in missing if outcome.node is node for event in outcome.events if event.kind == "goto"}
        straight = [outcome for outcome in missing if outcome.node is node and not any(e.kind == "goto" for e in outcome.events)]
        shared = any(outcome.node is node for outcome in others)
        yield jumps.pop() if shared and len(jumps) == 1 and not straight else node
