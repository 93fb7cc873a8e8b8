"""The checks, a module each. Its docstring tells what the check is about, and then what a report says; find()
yields what is to be reported."""

from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

from ..tasks import Found, Tasks

PREFIX = "custom-waitgroup-"
NAMES = ("copy", "add-in-task", "missing-done", "done-in-go-task", "wait-in-task", "wait-locked", "add-after-start",
         "stack-group", "not-started", "done-locked", "add-after-hand-over")


class Check(NamedTuple):
    name: str
    summary: str
    message: str
    find: Callable[[Tasks], Found]


def read(name: str) -> Check:
    module = import_module(f"{__name__}.{name.replace('-', '_')}")
    summary, message = (module.__doc__ or "").split("\n\n", 1)
    return Check(PREFIX + name, summary, " ".join(message.split()), module.find)


ALL = [read(name) for name in NAMES]
