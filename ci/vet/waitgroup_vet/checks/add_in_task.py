"""a task adds itself to the group that its starter waits for

the task adds itself to the group, perhaps after the wait: call waitgroup_add() before the thread is started, or use
waitgroup_go()
"""

from ..events import Event
from ..places import Place, akin, distinct, linked, same
from ..program import Function
from ..tasks import Found, Run, Tasks, handed


def find(tasks: Tasks) -> Found:
    for task, runs in tasks.by_task.items():
        add = adds_first(task)
        if add and all(uncounted(run, run.here(add.place), tasks) for run in runs):
            yield add.node


def adds_first(task: Function) -> Event | None:
    """The add that is the first thing on every way, if the task leaves that group and starts no other thread."""
    add = next((event for way in task.outcomes() for event in way.events[:1]), None)
    if not add or add.kind != "add" or not add.place or add.place[:1] in task.locals or linked(add.place):
        return None
    for way in task.outcomes():
        kinds = {event.kind for event in way.events if event.kind == "start" or same(event.place, add.place)}
        if way.events[:1] != (add,) or kinds & {"start", "wait"} or "done" not in kinds:
            return None
    return add


def uncounted(run: Run, group: Place | None, tasks: Tasks) -> bool:
    """Nobody holds a count when the task is started, nor waits for a sign of it."""
    if not group or run.go and not distinct(group, run.event.place) or run.adds(group) or \
            any(handed(event, group) for event in run.events[:run.at]):
        return False
    signed = False
    for event in run.events[run.at + 1:]:
        if event.kind in ("wait", "done") and not distinct(event.place, group):
            break
        signed = signed or event.kind == "meet" or event.kind == "wait" and any(
            not distinct(run.here(left), event.place) for left in run.task.groups)
    else:
        signed = False
    return not signed and not tasks.elsewhere_held(group, run.starter) and not waited_after_a_sign(group, run, tasks)


def waited_after_a_sign(group: Place, run: Run, tasks: Tasks) -> bool:
    """Another function waits for the group, but only after a join or the like."""
    for function, events in tasks.ways:
        kinds = [event.kind for event in events if event.kind == "meet" or event.kind == "wait" and akin(event.place, group)]
        if function is not run.starter and "wait" in kinds and kinds[0] == "meet":
            return True
    return False
