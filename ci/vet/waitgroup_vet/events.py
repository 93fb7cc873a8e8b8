"""What happens on a way through a function, and the names of the functions that make it happen."""

import re
from typing import Any, NamedTuple

from .places import Place
from .tree import Node

NONZERO, TIMEOUT, SOME = "nonzero", "timeout", "more than one"
Result = int | str | None  # what a call returned, as far as a condition can tell


class Event(NamedTuple):
    """Something that happens to an object:

    add done wait          waitgroups; a wait with a deadline that ended in time is a wait too
    start                  of a thread; the extra is the routine and what its parameters point to
    lock unlock destroy    mutexes and the like
    meet post              what may hold a thread up until another one came as far; what lets such a one go on
    unseen refused         a function of another file is handed what reaches a group; or it told that it failed
    null claim             what a branch tells: no object, one of several tasks is chosen
    write round goto call  to what a loop around a wait asks for; of a loop, or its end; a jump; anything else
    unclear                anything may happen
    """

    kind: str
    place: Place | None
    node: Node
    extra: Any = None


Events = tuple[Event, ...]


class Outcome(NamedTuple):
    """A way through a call or a function: what happened, and how it ends: it "returns", the thread "exits", or it
    "goes on" for ever. (A process that ends is no outcome.)"""

    events: Events = ()
    result: Result = None
    end: Node | None = None
    how: str = "returns"


# Functions whose first argument is the object.
SIMPLE = {
    "waitgroup_done": "done", "waitgroup_wait": "wait", "sem_post": "post", "free": "destroy",
    "pthread_mutex_lock": "lock", "pthread_spin_lock": "lock", "mtx_lock": "lock", "pthread_rwlock_wrlock": "lock",
    "pthread_rwlock_rdlock": "lock", "pthread_mutex_unlock": "unlock", "pthread_spin_unlock": "unlock",
    "mtx_unlock": "unlock", "pthread_rwlock_unlock": "unlock", "pthread_mutex_destroy": "destroy",
    "pthread_spin_destroy": "destroy", "mtx_destroy": "destroy", "pthread_rwlock_destroy": "destroy",
}
READ_LOCKS = {"pthread_rwlock_rdlock", "shared_lock", "lock_shared"}
METHODS = {"lock": "lock", "unlock": "unlock", "lock_shared": "lock", "unlock_shared": "unlock"}
GUARDS = {"lock_guard", "unique_lock", "scoped_lock", "shared_lock"}
# The routine and its argument among the arguments.
STARTS = {"pthread_create": (2, 3), "thrd_create": (1, 2), "waitgroup_go": (1, 2)}
THREADS, JOIN_AT_END = {"thread", "jthread"}, {"future", "jthread"}
ENDS_THREAD = {"pthread_exit", "thrd_exit"}
ENDS_PROCESS = re.compile(r"_*(exit|_Exit|quick_exit|abort|assert_\w*fail|assert|(sig)?longjmp|errx?|terminate|"
                          r"builtin_unreachable|builtin_trap)")
MEETS = re.compile(r"join|wait(?!group$)|barrier|recv|^get$|^accept|^poll$|^select$|^read$|sleep")
CLAIMS = re.compile(r"atomic_(fetch|exchange|compare|flag_test)|__atomic_(fetch|exchange|compare|\w+_fetch|test)|"
                    r"__sync_|fetch_(add|sub|or|and)|exchange|test_and_set|SERIAL_THREAD|try_?lock|call_once")
ATOMICS = re.compile(r"atomic_load|__atomic_load|\.load\(|atomic_flag|__c11_atomic")
CONDITION_WAITS = re.compile("cond_(timed|clock)?wait|cnd_(timed)?wait")
