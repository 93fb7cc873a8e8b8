"""Which tasks a file starts, on which ways, and what a task's group is to the one that starts it."""

from collections.abc import Iterator
from typing import NamedTuple

from .events import GOES, Event, Outcome, Start
from .places import Place, distinct, same, within
from .program import Function, Program


class Run(NamedTuple):
    """A start of a task on one way through a function."""

    starter: Function
    outcome: Outcome
    at: int  # of the start in the events of the outcome
    task: Function

    @property
    def event(self) -> Event:
        return self.outcome.events[self.at]

    @property
    def go(self) -> bool:
        return self.event.node.name == GOES

    def here(self, place: Place | None) -> Place | None:
        """What the starter calls an object of the task."""
        start: Start = self.event.extra
        formals = [(self.task.program.unit.key(parameter.cursor), "*") for parameter in self.task.parameters]
        if self.task.node.kind == "CXX_METHOD" and len(start.arguments) > len(formals):
            formals.insert(0, ("this", "*"))
        if place is not None and place[:1] in self.task.locals:
            return None
        for formal, actual in zip(formals, start.arguments):
            if place is not None and place[:2] == formal:
                return self.starter.places.follow(actual, place[2:])
        return place

    def counted(self) -> list[Place]:
        """The groups that count this run, in the places of the starter."""
        if self.go:
            return [self.event.place] if self.event.place else []
        return [place for place in map(self.here, groups(self.task)) if place]


class Tasks:
    """All starts of a file."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.functions = list(program.functions.values())
        self.roots = list(program.roots())
        self.runs = [run for function in self.roots for run in runs_of(function)]
        self.by_task: dict[Function, list[Run]] = {}
        for run in self.runs:
            self.by_task.setdefault(run.task, []).append(run)

    def threads(self) -> Iterator[tuple[Function, list[Run]]]:
        """The tasks that a thread runs which does not call done itself, as one of waitgroup_go() would."""
        for task, runs in self.by_task.items():
            if not all(run.go for run in runs):
                yield task, [run for run in runs if not run.go]

    def elsewhere_held(self, group: Place, but: Function) -> bool:
        """Whether another function may hold a count: it adds, and neither dones nor waits nor starts a thread."""
        for function in self.roots:
            for outcome in function.outcomes() if function is not but and function not in self.by_task else ():
                kinds = {event.kind for event in outcome.events}
                if not kinds & {"done", "wait", "late", "start", "failed"} and any(
                        event.kind == "add" and akin(event.place, group) for event in outcome.events):
                    return True
        return False


def runs_of(function: Function) -> Iterator[Run]:
    for outcome in function.outcomes():
        for at, event in enumerate(outcome.events):
            for task in event.extra.tasks if event.kind == "start" else ():
                yield Run(function, outcome, at, task)


def groups(task: Function) -> list[Place]:
    """The groups that a task leaves."""
    found = []
    for outcome in task.outcomes():
        for event in outcome.events:
            if event.kind == "done" and event.place and event.place not in found:
                found.append(event.place)
    return found


def tail(place: Place) -> Place:
    """The fields behind the last pointer."""
    last = max((at for at, step in enumerate(place) if str(step).startswith("*")), default=0)
    return tuple(step for step in place[last + 1:] if str(step).startswith("."))


def akin(one: Place | None, other: Place | None) -> bool:
    """Whether places of two functions look like one object: one variable, or fields of one kind, or mere pointers."""
    if one is None or other is None:
        return True
    direct = [not any(str(step).startswith("*") for step in place[1:]) for place in (one, other)]
    if one[0] == other[0] or all(direct):
        return not distinct(one, other)
    return tail(one) == tail(other) and (bool(tail(one)) or not any(direct))


def handed(event: Event, group: Place) -> bool:
    """Whether a function of another file got hold of the group."""
    if event.kind == "unclear":
        return True
    if event.kind not in ("unseen", "refused"):
        return False
    return event.extra is None or any(place is None or within(group, place) or within(place, group) for place in event.extra)


def held_at(events: tuple[Event, ...]) -> list[Event]:
    """The locks that are held after these events."""
    held: list[Event] = []
    for event in events:
        if event.kind == "lock":
            held.append(event)
        elif event.kind in ("unlock", "unclear"):
            held = [lock for lock in held if event.kind == "unlock" and distinct(lock.place, event.place)]
    return held


def counts_too_few(run: Run, group: Place) -> bool:
    """Whether the starter adds on this way, but less than it starts: some of the tasks are not counted on purpose."""
    amounts = [event.extra for event in run.outcome.events if event.kind == "add" and not distinct(event.place, group)]
    if not amounts or not all(isinstance(amount, int) for amount in amounts):
        return False
    starts = sum(any(same(group, place) for task in event.extra.tasks for place in
                     Run(run.starter, run.outcome, at, task).counted())
                 for at, event in enumerate(run.outcome.events) if event.kind == "start")
    return sum(amounts) < starts
