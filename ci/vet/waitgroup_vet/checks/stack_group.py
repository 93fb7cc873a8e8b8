"""a function can return while a thread has the address of a group on its stack

this group is on the stack, a thread has its address, and the function can return without a wait: call
waitgroup_wait() on every way out, or make the group static
"""

from collections.abc import Iterator

from ..events import Event
from ..places import Place, direct, distinct
from ..program import Function
from ..tasks import Run, Tasks, handed
from ..tree import Node


def find(tasks: Tasks) -> Iterator[Node]:
    for function in tasks.functions:
        for node in function.body.walk(into_lambdas=False):
            if node.kind == "VAR_DECL" and (node.key,) in function.locals and node.holds:
                # The process ends with main().
                ends = ("exits",) if function.name == "main" else ("exits", "returns")
                if any(outlived(function, (node.key,), way.events) for way in function.outcomes() if way.how in ends):
                    yield node


def outlived(function: Function, variable: Place, events: tuple[Event, ...]) -> bool:
    loops = {loop for way in function.outcomes() for loop in waiting_loops(way.events, variable)}
    starts = [at for at, event in enumerate(events) if event.kind == "start" and has_address(function, event, variable)]
    return any(not any(waits(later, variable) or later.extra == "end" and later.node in loops for later in events[at + 1:])
               for at in starts)


def waiting_loops(events: tuple[Event, ...], variable: Place) -> Iterator[Node]:
    """The loops that wait in a round: they have as many of them as were started."""
    for at, event in enumerate(events):
        rounds = [earlier for earlier in events[:at] if earlier.kind == "round"] if waits(event, variable) else []
        if rounds and not rounds[-1].extra:
            yield rounds[-1].node


def waits(event: Event, variable: Place) -> bool:
    """For the group or the thread; or perhaps, where another file got hold of it."""
    return event.kind == "wait" and not distinct(event.place, variable) or event.kind == "meet" or handed(event, variable)


def has_address(function: Function, event: Event, variable: Place) -> bool:
    reached = [event.place]
    for task in event.extra.tasks:
        reached += Run(function, (event,), 0, task).counted_by()
    for argument in event.extra.arguments if not event.extra.tasks else ():  # a task of another file
        reached += [argument]
        for place, values in function.places.stores.items():
            if argument and place[:len(argument)] == argument:
                reached += [function.places.target(value) for value in values if value]
    return any(place and place[:1] == variable and direct(place) for place in reached)
