"""the add comes after the start of the thread that it counts

the thread that this add counts is already started and may be done before: call waitgroup_add() before the start, or
use waitgroup_go()
"""

from ..places import Place, distinct, perhaps, same
from ..tasks import Found, Run, Tasks, about, handed, held_at


def find(tasks: Tasks) -> Found:
    for run in tasks.runs:
        for group in run.counted_by() if not run.go else ():
            late = next((event for event in run.events[run.at:] if event.kind == "add" and same(event.place, group)), None)
            if late and not counted(run, group) and not held_up(run, group) and not run.too_many(group) \
                    and not tasks.elsewhere_held(group, run.starter):
                yield late.node


def counted(run: Run, group: Place) -> bool:
    """Somebody counted the task before, or the starter has a count of its own."""
    return about("done", group, run.events) or any(
        event.kind == "add" and perhaps(event.place, group) or handed(event, group) for event in run.events[:run.at])


def held_up(run: Run, group: Place) -> bool:
    """The task cannot be done before something that the starter may do after the add; or it adds itself."""
    held = held_at(run.events[:run.at])
    for way in run.task.outcomes():
        for event in way.events:
            if event.kind == "done" and same(run.here(event.place), group):
                break
            if event.kind in ("meet", "wait", "add", "unclear") or event.kind == "lock" and any(
                    not distinct(lock.place, run.here(event.place)) for lock in held):
                return True
    return False
