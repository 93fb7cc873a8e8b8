"""A done under a mutex that is destroyed after the wait: the unlock that follows comes too late."""

from collections.abc import Iterator

from ..events import Event, Outcome
from ..places import Place, same
from ..program import Function
from ..tasks import Run, Tasks, held_at
from ..tree import Node

NAME = "done-locked"
SUMMARY = "a done under a mutex that is destroyed or freed after the wait"
MESSAGE = "the mutex that is held here is destroyed after the wait, which may return before the unlock: unlock it before " \
    "waitgroup_done()"


def find(tasks: Tasks) -> Iterator[Node]:
    for task, runs in tasks.threads():
        for outcome in task.outcomes():
            for at, done in enumerate(outcome.events):
                for lock in held_at(outcome.events[:at]) if done.kind == "done" else ():
                    if done.place and lock.place and any(
                            destroyed(function, runs, done.place, lock.place, tasks) for function in tasks.roots):
                        yield done.node


def destroyed(function: Function, runs: list[Run], group: Place, mutex: Place, tasks: Tasks) -> bool:
    for outcome in function.outcomes():
        for wait, end in ends(outcome):
            for run in runs:
                if run.starter is function and lies_in(run.here(group), run.here(mutex), wait.place, end.place):
                    return True
            if not joins(tasks) and (lies_in(group, mutex, wait.place, end.place) or cousin(group, mutex, wait.place, end.place)):
                return True
    return False


def ends(outcome: Outcome) -> Iterator[tuple[Event, Event]]:
    """Each wait with what is destroyed after it, if no thread is joined, and nobody takes a lock in between."""
    for at, wait in enumerate(outcome.events):
        if wait.kind == "wait" and not any(event.kind == "meet" for event in outcome.events):
            for event in outcome.events[at + 1:]:
                if event.kind in ("lock", "unseen", "unclear"):
                    break
                if event.kind == "destroy":
                    yield wait, event


def lies_in(group: Place | None, mutex: Place | None, waited: Place | None, gone: Place | None) -> bool:
    return same(group, waited) and mutex is not None and gone is not None and mutex[:len(gone)] == gone \
        and not any(str(step).startswith("*") for step in mutex[len(gone):])


def cousin(group: Place, mutex: Place, waited: Place | None, gone: Place | None) -> bool:
    """The same in another object of that type."""
    common = next((at for at, (a, b) in enumerate(zip(group, mutex)) if a != b), 0)
    if common < 2 or waited is None or gone is None or not str(group[common - 1]).startswith("*"):
        return False
    base, kept = waited[:len(waited) - len(group) + common], group[common:]
    return bool(base) and waited == base + kept and lies_in(waited, base + mutex[common:], waited, gone)


def joins(tasks: Tasks) -> bool:
    """Whether a thread of the file is joined anywhere: perhaps before."""
    return any(event.kind == "meet" and "join" in str(event.extra) for function in tasks.functions
               for outcome in function.outcomes() for event in outcome.events)
