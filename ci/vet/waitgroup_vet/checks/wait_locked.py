"""A wait holds a mutex that a task of the group takes before its done."""

from collections.abc import Iterator

from ..events import Event, Outcome
from ..places import Place, cousins, same
from ..program import Function
from ..tasks import Run, Tasks, held_at
from ..tree import Node

NAME = "wait-locked"
SUMMARY = "a wait holds a mutex that a task of the group takes"
MESSAGE = "a task that this group counts takes the mutex that is held here, so the wait never ends: unlock the mutex before " \
    "waitgroup_wait()"


def find(tasks: Tasks) -> Iterator[Node]:
    for function in tasks.roots:
        for outcome in function.outcomes():
            for at, wait in enumerate(outcome.events):
                if wait.kind == "wait" and wait.extra is None and wait.place:
                    if any(taken(tasks, function, wait.place, lock) for lock in held_at(outcome.events[:at])):
                        yield wait.node


def taken(tasks: Tasks, function: Function, group: Place, held: Event) -> bool:
    for run in tasks.runs:
        for lock, done in locks(run):
            if not held.place or not lock.place or held.extra == lock.extra == "read":
                continue
            if run.starter is function and counts(run, done, group) and same(run.here(lock.place), held.place):
                return True
            left = run.event.place if run.go else done
            if left and not run.go and same(left, group) and same(lock.place, held.place):
                return True
            if done and cousins(done, lock.place, group, held.place):
                return True
    return False


def counts(run: Run, done: Place | None, group: Place) -> bool:
    return same(run.event.place if run.go else run.here(done), group)


def locks(run: Run) -> Iterator[tuple[Event, Place | None]]:
    """The locks that the task takes while it is counted, with the group that it leaves after them."""
    for outcome in run.task.outcomes():
        for at, event in enumerate(outcome.events):
            if event.kind != "lock":
                continue
            if run.go:
                yield event, None
            for later in done_later(outcome, at):
                yield event, later


def done_later(outcome: Outcome, at: int) -> Iterator[Place | None]:
    before = [event.place for event in outcome.events[:at] if event.kind == "done"]
    for event in outcome.events[at:]:
        if event.kind == "done" and event.place not in before:
            yield event.place
