"""What a call means to the checks: the names of the libraries that are known, and the events that they cause."""

import re
from typing import Any, NamedTuple

from .places import Place
from .tree import Node

# What a call may return, as far as a condition can tell: a number, or one of these.
NONZERO, TIMEOUT = "nonzero", "timeout"
Result = int | str | None

ADDS, DONES, WAITS, GOES = "waitgroup_add", "waitgroup_done", "waitgroup_wait", "waitgroup_go"
CLOCKWAITS = "waitgroup_clockwait"
# The routine and its argument among the arguments.
STARTS = {"pthread_create": (2, 3), "thrd_create": (1, 2), GOES: (1, 2)}
LOCKS = {
    "pthread_mutex_lock": "write", "pthread_spin_lock": "write", "mtx_lock": "write",
    "pthread_rwlock_wrlock": "write", "pthread_rwlock_rdlock": "read",
}
UNLOCKS = {"pthread_mutex_unlock", "pthread_spin_unlock", "mtx_unlock", "pthread_rwlock_unlock"}
DESTROYS = {"pthread_mutex_destroy", "pthread_spin_destroy", "mtx_destroy", "pthread_rwlock_destroy", "free"}
COPIES = {f"{prefix}{name}{suffix}" for name in ("memcpy", "memmove", "mempcpy")
          for prefix, suffix in (("", ""), ("__builtin_", ""), ("__builtin___", "_chk"))}
ENDS_THREAD = {"pthread_exit", "thrd_exit"}
ENDS_PROCESS = {"exit", "_exit", "_Exit", "quick_exit", "abort", "__assert_fail", "__assert_perror_fail", "__assert",
                "longjmp", "siglongjmp", "_longjmp", "err", "errx", "terminate", "__builtin_unreachable", "__builtin_trap"}
# After these another thread may have come further: what holds a task up, or tells that it is ready.
MEETS = re.compile(r"join|wait|barrier|recv|^get$|^accept|^poll$|^select$|^read$|sleep")
POSTS = {"sem_post": "sem_wait"}
GUARDS = {"lock_guard": "write", "unique_lock": "write", "scoped_lock": "write", "shared_lock": "read"}
JOINS_AT_END = {"future", "jthread"}
THREADS = {"thread", "jthread"}
# A decision that one of several tasks takes for all.
CLAIMS = re.compile(r"atomic_(fetch|exchange|compare|flag_test)|__atomic_(fetch|exchange|compare|\w+_fetch|test)|__sync_"
                    r"|fetch_(add|sub|or|and)|exchange|test_and_set|SERIAL_THREAD|try_?lock|call_once")
ATOMICS = re.compile(r"atomic_load|__atomic_load|\.load\(|atomic_flag|__c11_atomic")


class Start(NamedTuple):
    """The tasks that a thread may run, and what their parameters point to."""

    tasks: tuple[Any, ...]  # of Function
    arguments: tuple[Place | None, ...]
    routine: Place | None = None  # a parameter that holds the task


class Event(NamedTuple):
    """One thing that happens on a way through a function: "add", "done", "wait", "start", "lock", "unlock", "meet",
    "post", "destroy"; "unseen" (a function of another file is handed what reaches a group), "null" (there is no
    object), "claim", "flag" (a field decides), "write" (to what other threads read), "call" (any other first call)."""

    kind: str
    place: Place | None
    node: Node
    extra: Any = None


class Outcome(NamedTuple):
    """One way through a call or a function: what happened, what it returned, and whether the thread ended there."""

    events: tuple[Event, ...]
    result: Result = None
    end: str = "return"  # or "thread"; a process that ends is no outcome
    node: Node | None = None


def opposite(result: Result) -> Result:
    return None if result is None else int(result == 0)
