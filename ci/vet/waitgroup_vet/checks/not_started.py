"""An add that counts a thread, and a way on which that thread is not started."""

from collections.abc import Iterator

from ..events import Event, Outcome
from ..places import Place, distinct, same
from ..program import Function
from ..tasks import Run, Tasks, akin, groups, handed
from ..tree import Node

NAME = "not-started"
SUMMARY = "an add, then a way to the wait on which nothing is started and nothing dones"
MESSAGE = "this add counts a thread that is not started on every way from here to the wait, which then never returns: call " \
    "waitgroup_done() on the ways without a start, or add after them"


def find(tasks: Tasks) -> Iterator[Node]:
    for function in tasks.roots:
        outcomes = function.outcomes()
        for outcome in outcomes:
            for add, rest in adds_waited_for(outcome):
                if add.place and leaves_it(rest, add.place) and counts_threads(tasks, function, add):
                    yield add.node


def adds_waited_for(outcome: Outcome) -> Iterator[tuple[Event, tuple[Event, ...]]]:
    """Each add of one, with what happens in the same round of its loop, or up to the wait."""
    for at, event in enumerate(outcome.events):
        if event.kind == "add" and event.extra == 1:
            rest = outcome.events[at + 1:]
            if any(later.kind == "wait" and same(later.place, event.place) for later in rest):
                end = next(i for i, later in enumerate(rest) if later.kind == "round"
                           or later.kind == "wait" and same(later.place, event.place))
                begin = max((i for i, earlier in enumerate(outcome.events[:at]) if earlier.kind == "round"), default=0)
                if begin or rest[end].kind == "wait":
                    yield event, outcome.events[begin:at] + rest[:end]


def leaves_it(events: tuple[Event, ...], group: Place) -> bool:
    """Nothing is started, nothing dones, nobody else may have taken the count."""
    return not any(event.kind in ("start", "unclear", "write", "claim", "post") or handed(event, group) or
                   event.kind in ("done", "add") and not distinct(event.place, group) for event in events)


def counts_threads(tasks: Tasks, function: Function, add: Event) -> bool:
    """On another way this add is followed by the start of a task that leaves the group; and only such tasks leave it."""
    followed = False
    starting: set[Function] = set()
    for outcome in function.outcomes():
        for at, event in enumerate(outcome.events):
            for task in event.extra.tasks if event.kind == "start" else ():
                run = Run(function, outcome, at, task)
                if any(same(place, add.place) for place in run.counted()) and not run.go:
                    starting.add(task)
                    followed = followed or any(earlier.node is add.node for earlier in outcome.events[:at])
    others = [other for other in tasks.functions if other not in starting and other is not function]
    return followed and not any(akin(group, add.place) and loose(other, tasks, starting) for other in others for group in groups(other))


def loose(function: Function, tasks: Tasks, starting: set[Function]) -> bool:
    """Whether somebody else than these tasks calls the function."""
    return not tasks.program.callers.get(function, set()) <= starting or function not in tasks.program.callers
