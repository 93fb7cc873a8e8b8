"""What threads did, as the scheduler recorded it: fed to the detector, and told as a trace for the pictures."""
from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

from drawing.picture import Trace

READ, WRITE, ATOMIC, TAGGED = 0, 1, 2, 4  # of detector/detect.h
BLOCKED, FAILED = 1, 2  # of tsan/schedule/interface.h
ACQUIRING, RELEASING = (1, 2, 4, 5), (3, 4, 5)  # memory orders

# Of each kind of the scheduler's: what it is called here, and what it does to its object: a acquires, r releases,
# s releases and forgets what was released before. These are the edges that ThreadSanitizer makes.
SYNC = {"lock": ("lock", "a"), "trylock": ("lock", "a"), "spin lock": ("lock", "a"), "read lock": ("lock", "a"),
        "write lock": ("lock", "a"), "unlock": ("unlock", "s"), "spin unlock": ("unlock", "s"),
        "rwlock unlock": ("unlock", "r"), "sem_wait": ("sem_wait", "a"), "sem_post": ("sem_post", "r"),
        "barrier": ("barrier", "r"), "barrier passed": ("barrier passed", "a"), "acquire": ("acquire", "a"),
        "release": ("release", "r"), "output": ("output", "r"), "input": ("input", "a"),
        "condition signal": ("signal", ""), "condition broadcast": ("signal", "")}
CALLS = {"waitgroup_add": "add", "waitgroup_done": "done", "waitgroup_wait": "wait", "waitgroup_clockwait": "wait",
         "waitgroup_go": "go"}


class Acts:
    """The acts of one run, one after another."""

    def __init__(self, line_of: Callable[[int], int], function_of: Callable[[int], str],
                 text_at: Callable[[int], str]) -> None:
        self.line_of, self.function_of, self.text_at = line_of, function_of, text_at
        self.told: list[dict[str, Any]] = []  # events, some of them more than once: a loop is one
        self.lines: list[str] = []  # for the detector
        self.inside: dict[int, dict[str, Any]] = {}  # of each thread in a call of the library: its event
        self.at_barrier: dict[int, Any] = {}  # of each thread that has come to a barrier: how
        self.at = 0  # which event of the run is being seen
        self.event(0, "begin", 0)

    def event(self, thread: int, kind: str, pc: int, argument: int = 0) -> dict[str, Any]:
        told = {"thread": thread, "kind": kind, "line": self.line_of(pc) if pc else 0, "argument": argument,
                "access": 0, "blocked": 0, "at": self.at, "line of": len(self.lines)}
        self.told.append(told)
        self.lines.append(f"e {thread}")
        return told

    def part(self, letter: str, thread: int, *values: int) -> None:
        """Something that the thread's last event does."""
        self.lines.append(" ".join([letter, str(thread), *map(str, values)]))

    def see(self, act: Any, kind: str) -> None:
        """One event of the scheduler's."""
        thread, inside = act.thread, self.inside.get(act.thread)
        came = self.at_barrier.pop(thread, None)
        if came and kind != "barrier passed":  # the last to come goes on at once
            self.event(thread, "barrier passed", came.pc)
            self.part("a", thread, came.object)
        if kind == "barrier":
            self.at_barrier[thread] = act
        if kind in ("read", "write"):
            self.access(act, kind, inside)
        elif kind.startswith("atomic "):
            self.atomic(act, kind, inside)
        elif kind == "call":
            self.inside[thread] = self.event(thread, CALLS.get(self.text_at(act.argument), "call"), act.pc)
        elif inside and kind in ("release", "acquire", "create", "futex woken", "sleep", "return"):
            self.within_call(act, kind, inside)
        elif kind in SYNC and not act.flags & FAILED:
            called, does = SYNC[kind]
            self.event(thread, called, act.pc)["blocked"] = act.flags & BLOCKED
            for letter in does:
                self.part(letter, thread, act.object)
        else:
            self.lives_and_waits(act, kind)

    def within_call(self, act: Any, kind: str, inside: dict[str, Any]) -> None:
        """A call of the library is one event; a wait is two, its begin and its end."""
        thread = act.thread
        if kind == "release":
            self.part("r", thread, act.object)
        elif kind == "acquire":
            inside["returned"] = self.event(thread, "returns", 0)
            inside["returned"]["line"] = inside["line"]
            self.part("a", thread, act.object)
        elif kind == "create":
            inside["argument"] = act.argument
            self.part("c", thread, act.argument)
        elif kind in ("futex woken", "sleep"):
            inside["blocked"] |= act.flags & BLOCKED
        elif kind == "return":
            del self.inside[thread]
            if inside["kind"] == "wait" and "returned" not in inside:
                self.event(thread, "gives up", 0)["line"] = inside["line"]

    def access(self, act: Any, kind: str, inside: dict[str, Any] | None) -> None:
        how = WRITE if kind == "write" else READ
        if inside and act.argument:  # the library's own, with its tag
            self.part("h", act.thread, act.object, 4, how | TAGGED)
            return
        self.told.append({"thread": act.thread, "kind": kind, "line": self.line_of(act.pc), "argument": 0,
                          "access": 1, "blocked": 0, "at": self.at, "line of": len(self.lines)})
        self.part("m", act.thread, act.object, act.size, how, act.pc * 2 + how)

    def atomic(self, act: Any, kind: str, inside: dict[str, Any] | None) -> None:
        loads, stores = kind != "atomic store", kind != "atomic load" and not act.flags & FAILED
        if not inside:
            shown = kind if kind in ("atomic load", "atomic store") else "atomic update"
            self.event(act.thread, shown, act.pc)
        if loads and act.argument in ACQUIRING:
            self.part("a", act.thread, act.object)
        self.part("h", act.thread, act.object, act.size, ATOMIC | (WRITE if stores else READ))
        if stores and act.argument in RELEASING:
            # An update continues what was released before; a store ends it.
            self.part("r" if loads else "s", act.thread, act.object)

    def lives_and_waits(self, act: Any, kind: str) -> None:
        thread, end_of = act.thread, 1 << 63
        if kind == "create":
            self.event(thread, "create", act.pc, act.argument)
            self.part("c", thread, act.argument)
        elif kind == "end":
            self.event(thread, "ends", 0)
            self.part("s", thread, end_of + thread)
        elif kind == "join":
            self.event(thread, "join", act.pc, act.argument)["blocked"] = act.flags & BLOCKED
            self.part("a", thread, end_of + act.argument)
        elif kind == "condition wait":
            self.event(thread, "condition wait", act.pc)["blocked"] = BLOCKED
            self.part("s", thread, act.argument)
        elif kind == "condition woken":
            self.event(thread, "condition woken", act.pc)
            self.part("a", thread, act.argument)
        elif kind == "yield" and self.function_of(act.pc) in ("step", "until_blocked", "until_zero"):
            # How step.c marks that it lets the thread go on. It orders nothing, so it is no event of the detector's.
            self.told.append({"thread": thread, "kind": self.function_of(act.pc).replace("_", " "), "line": 0,
                              "argument": 0, "access": 0, "blocked": 0, "at": self.at, "shared": 0, "clock": []})

    def wait(self, act: Any, kind: str) -> None:
        """What the thread waits for at a deadlock."""
        thread = act.thread
        if thread in self.inside:
            self.inside[thread]["blocked"] = BLOCKED
        elif kind == "barrier passed":
            next(told for told in reversed(self.told) if told["thread"] == thread)["blocked"] = BLOCKED
        elif kind != "condition woken":
            pending = self.event(thread, SYNC.get(kind, (kind, ""))[0], act.pc, act.argument if kind == "join" else 0)
            pending.update({"blocked": BLOCKED, "pending": True})

    def trace(self, detector: str) -> Trace:
        """Events with their clocks, edges and races, as the detector finds them."""
        done = subprocess.run([detector], input="\n".join(self.lines) + "\n", capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip())
        answers, _, found = done.stdout.partition("{")
        known = json.loads("{" + found)
        numbers = iter(map(int, answers.split()))
        number_at = {i: next(numbers) for i, line in enumerate(self.lines) if line[0] in "em"}
        events: list[dict[str, Any]] = []
        index_of: dict[int, int] = {}
        for told in self.told:
            number = number_at[told.pop("line of")] if "line of" in told else None
            told.pop("returned", None)
            if number is None or number not in index_of:
                events.append(told)
                if number is not None:
                    index_of[number] = len(events) - 1
                    told.update({key: known["events"][number][key] for key in ("shared", "clock")})
        return {"events": events, "edges": [[index_of[a], index_of[b]] for a, b in known["edges"]],
                "races": [{**race, "first": index_of[race["first"]], "second": index_of[race["second"]]}
                          for race in known["races"]]}
