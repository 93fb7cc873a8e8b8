"""A group lies on the stack of a function that can return while a thread has its address."""

from collections.abc import Iterator

from ..events import Event, Outcome
from ..places import Place, distinct
from ..program import Function
from ..tasks import Run, Tasks, handed
from ..tree import Node

NAME = "stack-group"
SUMMARY = "a function can return while a thread has the address of a group on its stack"
MESSAGE = "this group is on the stack, a thread has its address, and the function can return without a wait: call " \
    "waitgroup_wait() on every way out, or make the group static"


def find(tasks: Tasks) -> Iterator[Node]:
    for function in tasks.functions:
        locals_ = {(node.unit.key(node.cursor),): node for node in function.body.own() if node.kind == "VAR_DECL"
                   and node.cursor.storage_class.name != "STATIC" and node.unit.holds(node.cursor.type)}
        for variable, node in locals_.items():
            if any(outlived(function, variable, outcome.events, outcome.end) for outcome in function.outcomes()):
                yield node


def outlived(function: Function, variable: Place, events: tuple[Event, ...], end: str) -> bool:
    if function.node.name == "main" and end == "return":
        return False  # the process ends
    for at, event in enumerate(events):
        if event.kind == "start" and has_address(function, event, variable):
            if not any(waits(later, variable) for later in events[at + 1:]):
                return True
    return False


def waits(event: Event, variable: Place) -> bool:
    """The group, or the thread, is waited for; or perhaps, where another file got hold of it."""
    return event.kind == "wait" and not distinct(event.place, variable) or event.kind == "meet" or handed(event, variable)


def has_address(function: Function, event: Event, variable: Place) -> bool:
    reached = [event.place]
    for task in event.extra.tasks:
        reached += Run(function, Outcome((event,)), 0, task).counted()
    unknown = () if event.extra.tasks else event.extra.arguments
    for argument in unknown:
        reached.append(argument)
        for place, values in function.places.stores.items() if argument else ():
            if argument and place[:len(argument)] == argument:
                reached += [function.places.target(value) for value in values if value is not None]
    return any(place is not None and place[:1] == variable and not any(str(step).startswith("*") for step in place[1:])
               for place in reached)

