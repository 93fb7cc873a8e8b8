"""Which tasks a file starts, on which ways, and what a task's group is to the one that starts it."""

from collections.abc import Iterator
from typing import NamedTuple

from .events import Event, Events
from .places import Place, akin, cousins, distinct, same, within
from .program import Function, Program
from .tree import Node

Found = Iterator[Node]


class Run(NamedTuple):
    """A start of a task on one way through a function."""

    starter: Function
    events: Events
    at: int  # of the start among the events
    task: Function

    @property
    def event(self) -> Event:
        return self.events[self.at]

    @property
    def go(self) -> bool:
        return self.event.node.name == "waitgroup_go"

    def here(self, place: Place | None) -> Place | None:
        """What the starter calls an object of the task."""
        _, *arguments = self.event.extra
        bound = dict(zip(self.task.formals[-len(arguments):], arguments))
        return self.starter.places.translate(place, bound) if place and place[:1] not in self.task.locals else None

    def counted_by(self) -> list[Place]:
        """The groups that count this run, in the places of the starter."""
        return [place for place in ([self.event.place] if self.go else map(self.here, self.task.groups)) if place]

    def too_many(self, group: Place | None) -> bool:
        """Whether the starter adds, but on this way less than it starts: some tasks are not counted on purpose."""
        amounts = [event.extra for event in self.events if event.kind == "add" and not distinct(event.place, group)]
        counted = sum(same(group, place) for run in starts(self.starter, self.events) for place in run.counted_by())
        return self.adds(group) and None not in amounts and sum(amounts) < counted

    def adds(self, group: Place | None) -> bool:
        """Whether the starter adds to the group, on any way."""
        return any(about("add", group, way.events) for way in self.starter.outcomes())

    def meets(self, left: Place | None, lock: Place | None, function: Function, group: Place, mutex: Place | None) -> bool:
        """Whether the group that the task leaves and a lock of it are that group and that mutex of another function."""
        mine = self.event.place if self.go else self.here(left)
        return self.starter is function and same(mine, group) and same(self.here(lock), mutex) \
            or same(left, group) and same(lock, mutex) or cousins(left, lock, group, mutex)


class Tasks:
    """All starts of a file."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.functions = list(program.functions.values())
        opaque = {function for function in self.functions if function.opaque()}
        # What is called by others is a part of these, unless it or they have too many ways.
        self.roots = [function for function in self.functions
                      if function in opaque or all(caller.unclear for caller in function.callers)]
        self.ways = [(function, way.events) for function in self.roots for way in function.outcomes()]
        self.runs = [run for function, events in self.ways for run in starts(function, events)]
        # One for each place of a start, where it does not matter what else happens on the way.
        self.starts = list({(run.starter, run.event, run.task): run for run in self.runs}.values())
        self.by_task: dict[Function, list[Run]] = {}
        for run in self.runs:
            self.by_task.setdefault(run.task, []).append(run)

    def threads(self) -> Iterator[tuple[Function, list[Run]]]:
        """The tasks of threads that do not call done by themselves, as those of waitgroup_go() do."""
        for task, runs in self.by_task.items():
            if not all(run.go for run in runs):
                yield task, [run for run in runs if not run.go]

    def elsewhere_held(self, group: Place, but: Function) -> bool:
        """Whether another function may hold a count: it adds, and hands it neither back nor on."""
        for function in self.roots:
            if function is not but and function not in self.by_task:
                adds = [node for node in function.body.below if function.unclear and node.name == "waitgroup_add"]
                if any(akin(function.places.target(add.arguments[0]), group) for add in adds if add.kind == "CALL_EXPR"):
                    return True
                kinds = {event.kind for way in function.outcomes() for event in way.events
                         if event.kind != "add" or akin(event.place, group)}
                if "add" in kinds and not kinds & {"done", "wait", "start", "write", "post", "unseen"}:
                    return True
        return False


def starts(function: Function, events: Events) -> list[Run]:
    tasks = [(at, function.program.at(event.extra[0])) for at, event in enumerate(events) if event.kind == "start"]
    return [Run(function, events, at, task) for at, task in tasks if task]


def about(kind: str, group: Place | None, events: Events) -> bool:
    """Whether there is such an event, perhaps on this object."""
    return any(event.kind == kind and not distinct(event.place, group) for event in events)


def handed(event: Event, group: Place) -> bool:
    """Whether a function of another file got hold of the group."""
    return event.kind == "unclear" or event.kind in ("unseen", "refused") and (event.extra is None or any(
        place is None or within(group, place) or within(place, group) for place in event.extra))


def held_at(events: Events) -> list[Event]:
    """The locks that are held after these events."""
    held: list[Event] = []
    for event in events:
        if event.kind == "lock":
            held.append(event)
        elif event.kind in ("unlock", "unclear"):
            held = [lock for lock in held if event.kind == "unlock" and distinct(lock.place, event.place)]
    return held
