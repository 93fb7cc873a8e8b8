"""a task of waitgroup_go() calls done itself

waitgroup_go() calls done itself when the task returns, this one is one too many: remove it, or start the task with
pthread_create()
"""

from ..events import Event
from ..places import linked, same, tail
from ..tasks import Found, Run, Tasks, about


def find(tasks: Tasks) -> Found:
    for task, runs in tasks.by_task.items():
        for way in task.outcomes():
            for at, done in enumerate(way.events):
                if done.kind == "done" and not about("add", done.place, way.events[:at]) and all(
                        too_many(run, done, tasks) for run in runs):
                    yield done.node


def too_many(run: Run, done: Event, tasks: Tasks) -> bool:
    """It is the group that counts the task, or the same field of an object that the task's argument points to: the
    pool of a job, that counts the job."""
    group, left = run.event.place, run.here(done.place)
    if not run.go or not group or not left or run.adds(group) or tasks.elsewhere_held(group, run.starter):
        return False
    return same(left, group) or () != tail(left) == tail(group) and len(left) > len(group) and not linked(left)
