"""a function can return while a thread has the address of a group on its stack

this group is on the stack, a thread has its address, and the function can return without a wait: call
waitgroup_wait() on every way out, or make the group static
"""

from collections.abc import Iterator

from ..events import Event, Events
from ..places import Place, direct, distinct
from ..program import Function
from ..tasks import Found, Tasks, handed, starts
from ..tree import Node


def find(tasks: Tasks) -> Found:
    for function in tasks.functions:
        for node in function.variables:
            # The process ends with main().
            ends = ("exits",) if function.name == "main" else ("exits", "returns")
            if not node.static and node.holds and any(
                    outlived(function, (node.key,), way.events) for way in function.outcomes() if way.how in ends):
                yield node


def outlived(function: Function, variable: Place, events: Events) -> bool:
    loops = {loop for way in function.outcomes() for loop in waiting_loops(way.events, variable)}
    starts = [at for at, event in enumerate(events) if event.kind == "start" and has_address(function, event, variable)]
    return any(not any(waits(later, variable) or later.extra == "end" and later.node in loops for later in events[at + 1:])
               for at in starts)


def waiting_loops(events: Events, variable: Place) -> Iterator[Node]:
    """The loops that wait in a round: they have as many of them as were started."""
    for at, event in enumerate(events):
        rounds = [earlier for earlier in events[:at] if earlier.kind == "round"] if waits(event, variable) else []
        if rounds and not rounds[-1].extra:
            yield rounds[-1].node


def waits(event: Event, variable: Place) -> bool:
    """For the group or the thread; or perhaps, where another file got hold of it."""
    return event.kind == "wait" and not distinct(event.place, variable) or event.kind == "meet" or handed(event, variable)


def has_address(function: Function, event: Event, variable: Place) -> bool:
    """The task has it by its argument; one of another file, by what the argument points to."""
    tasks = starts(function, (event,))
    reached = [event.place, *(place for run in tasks for place in run.counted_by())]
    for argument in event.extra[1:] if not tasks else ():
        reached += [argument, *(function.places.target(value) for place, values in function.places.stores.items()
                                for value in values if argument and value and place[:len(argument)] == argument)]
    return any(place and place[:1] == variable and direct(place) for place in reached)
