"""A task counts itself: the wait may come before."""

from collections.abc import Iterator

from ..events import Event
from ..places import Place, distinct, linked, same
from ..program import Function
from ..tasks import Run, Tasks, akin, groups, handed
from ..tree import Node

NAME = "add-in-task"
SUMMARY = "a task adds itself to the group that its starter waits for"
MESSAGE = "the task adds itself to the group, perhaps after the wait: call waitgroup_add() before the thread is started, or use " \
    "waitgroup_go()"


def find(tasks: Tasks) -> Iterator[Node]:
    for task, runs in tasks.by_task.items():
        add = adds_first(task)
        if add and add.place and any(uncounted(run, add.place, tasks) for run in runs):
            if all(uncounted(run, add.place, tasks) for run in runs):
                yield add.node


def adds_first(task: Function) -> Event | None:
    """The add that is the first thing on every way, if the task leaves that group and starts no other thread."""
    outcomes = task.outcomes()
    first = outcomes[0].events[0] if outcomes and outcomes[0].events else None
    if first is None or first.kind != "add" or not first.place or linked(first.place):
        return None
    for outcome in outcomes:
        kinds = {event.kind for event in outcome.events if event.kind == "start" or same(event.place, first.place)}
        if outcome.events[:1] != (first,) or kinds & {"start", "wait"} or "done" not in kinds:
            return None
    return None if first.place[:1] in task.locals else first


def uncounted(run: Run, added: Place, tasks: Tasks) -> bool:
    """Nobody holds a count when the task is started, nor waits for a sign of it."""
    group = run.here(added)
    if group is None or run.go and not distinct(group, run.event.place):
        return False
    events = run.outcome.events
    for outcome in run.starter.outcomes():
        if any(event.kind == "add" and not distinct(event.place, group) for event in outcome.events):
            return False
    if any(handed(event, group) for event in events[:run.at]):
        return False
    signed = False
    for event in events[run.at + 1:]:
        if event.kind in ("wait", "done") and not distinct(event.place, group):
            if signed:
                return False
            break
        signed = signed or event.kind == "meet" or event.kind == "wait" and tells(run, event)
    return not tasks.elsewhere_held(group, run.starter) and not waited_after_a_sign(group, run, tasks)


def tells(run: Run, wait: Event) -> bool:
    """Whether the task leaves that other group."""
    return any(not distinct(run.here(place), wait.place) for place in groups(run.task))


def waited_after_a_sign(group: Place, run: Run, tasks: Tasks) -> bool:
    """Another function waits for the group, but only after a join or the like."""
    for function in tasks.roots:
        for outcome in function.outcomes() if function is not run.starter else ():
            kinds = [event.kind for event in outcome.events if event.kind == "meet" or
                     event.kind == "wait" and akin(event.place, group)]
            if "wait" in kinds and kinds[0] == "meet":
                return True
    return False
