"""A run under control, as text: who ran, where each thread was held, what was found."""

import os
import re
import signal

from .addresses import AddressSpace, Symbols, symbolizer
from .frames import LIBRARY_NAME, without_result
from .schedule_memory import DEADLOCK, ENDED, EVENT_BLOCKED, EVENT_TIMED_OUT, RUNNING
from .trouble import Trouble

LAMBDA = re.compile(r"\{lambda|'lambda\d*'|\$_\d")
RUNTIME = re.compile(r"^(?:lib(?:tsan|clang_rt|c|pthread|racetest|stdc\+\+|gcc_s)[-.\d]|ld-)")
LONGEST_NAME = 60  # with the arguments of templates and functions
# What is waited for ends the wait; it is called by its begin.
WAITS = {"condition woken": "condition wait", "barrier passed": "barrier", "futex woken": "futex wait"}


def without_brackets(name):
    """A function's name without the arguments of templates and functions."""
    before = None
    while name != before:
        before, name = name, re.sub(r"<[^<>]*>|(?<!operator)\([^()]*\)(?: const)?", "", name)
    return name


def brief(name):
    """A function's name as one can read it within a line."""
    return name if len(name) <= LONGEST_NAME else without_result(without_brackets(name))


class Teller:
    """Runs as text."""

    def __init__(self, server):
        if not symbolizer():
            raise Trouble("neither llvm-addr2line (package llvm) nor addr2line (package binutils) is there: they give "
                          "addresses their lines")
        self.server, self.addresses = server, AddressSpace(Symbols(), server.mappings)
        self.sources = {}

    def line(self, pc, call=True):
        return self.words(self.addresses.call(pc)[0] if call else self.addresses.start(pc))

    def learn(self, events):
        """All at once, which is quicker."""
        self.addresses.stacks_of([[pc - 1 for pc in event.pcs] for event in events])

    def places(self, pcs):
        """The program's own calls in a stack, the innermost first."""
        frames = [frame for pc in pcs for frame in self.addresses.call(pc)]
        inner = max((i for i, frame in enumerate(frames) if LIBRARY_NAME.match(frame.function)), default=-1)
        return [frame for frame in frames[inner + 1:] if frame.file and not frame.is_runtime()]

    def at(self, event):
        """ at FUNCTION FILE:LINE, in the program if that is known."""
        if not event.pc or event.step == 0 and self.is_given_a_task(self.addresses.start(event.pc)):
            return ""
        places = self.places(event.pcs) if event.step else []
        return f" at {self.words(places[0])}" if places else f" at {self.line(event.pc, event.step > 0)}"

    def code(self, pcs):
        """ | LINE OF SOURCE"""
        places = self.places(pcs)
        text = self.source_of(places[0]) if places else ""
        return f" | {text}" if text else ""

    @staticmethod
    def is_given_a_task(start):
        """Whether what a thread runs first is a library's, which calls what the program has given to it."""
        return RUNTIME.match(start.module) or LIBRARY_NAME.match(start.function)

    @staticmethod
    def words(frame):
        if frame.file and frame.line:
            function = frame.function
            if LAMBDA.search(function):  # its own, or that of a template for one
                function = without_result(without_brackets(function))
                function = "lambda" if LAMBDA.search(function) else function
            return f"{brief(function)} {os.path.basename(frame.file)}:{frame.line}"
        return f"{brief(frame.function)} ({frame.module})" if frame.named else str(frame)

    def source(self, pc):
        return self.source_of(self.addresses.call(pc)[0])

    def source_of(self, frame):
        if not frame.line:
            return ""
        if frame.file not in self.sources:
            try:
                with open(frame.file, encoding="utf-8", errors="replace") as file:
                    self.sources[frame.file] = file.read().splitlines()
            except OSError:
                self.sources[frame.file] = []
        lines = self.sources[frame.file]
        return lines[frame.line - 1].strip() if frame.line <= len(lines) else ""

    def own(self, pcs):
        """The frames of a stack that are the program's."""
        self.addresses.stacks_of([[pc - 1 for pc in pcs]])  # all at once, which is quicker
        kept = [pc for pc in pcs if not RUNTIME.match(os.path.basename(self.addresses.place_of(pc - 1)[0]))]
        return kept or list(pcs)

    def name(self, run, thread):
        if thread == 0:
            return "T0 (main)"
        if not (0 < thread < len(run.starts) and run.starts[thread]):
            return f"T{thread}"
        start = self.addresses.start(run.starts[thread])
        name = start.function
        if self.is_given_a_task(start):
            own = (self.places(event.pcs) for event in run.trace if event.thread == thread and (event.step or event.access))
            name = next((places[-1].function for places in own if places), "")
        if not name or LAMBDA.search(name):
            name = self.by_creation(run, thread, "lambda" if name else "started at")
        return f"T{thread} ({brief(name)})" if name else f"T{thread}"

    def by_creation(self, run, thread, what):
        """A name for a thread that runs what has none."""
        for event in run.events:
            if self.server.kinds[event.kind] == "create" and event.argument == thread:
                for place in self.places(event.pcs)[:1]:
                    return f"{what} {os.path.basename(place.file)}:{place.line}"
        return what if what == "lambda" else ""

    def report(self, run, report):
        lines = [f"{report.kind}:"]
        for stack in report.stacks:
            pcs = self.own(stack.pcs)
            if not pcs:
                continue
            what = ("atomic " if stack.atomic else "") + ("write" if stack.writes else "read") if stack.size else "stack"
            who = self.name(run, stack.thread) if stack.thread >= 0 else "a thread"
            lines.append(f"  {who}: {what} at {self.line(pcs[0])} | {self.source(pcs[0])}")
        return "\n".join(lines)

    def deadlock(self, run):
        lines = ["deadlock:" if run.outcome == DEADLOCK else f"livelock: {run.text}:"]
        for stands in run.blocked:
            pcs = self.own(stands.pcs)
            lines.append(f"  {self.name(run, stands.thread)} {self.waiting(stands)}"
                         + (f", held by {self.name(run, stands.holder)}" if stands.holder >= 0 else ""))
            for _, pc, held in stands.held:
                lines.append(f"    holds what it took by {self.server.kinds[held]} at {self.line(pc)}")
            lines.extend(f"    #{i} {self.line(pc)}" for i, pc in enumerate(pcs))
        return "\n".join(lines)

    def waiting(self, stands):
        places = self.places(stands.pcs)
        where = self.words(places[0]) if places else self.line(stands.pc) if stands.pc else "?"
        if not stands.call:
            return f"runs at {where}{self.code(stands.pcs)}"
        kind = self.server.kinds[stands.kind]
        return f"waits in {WAITS.get(kind, kind)} at {where}{self.code(stands.pcs)}"

    def story(self, run):
        """The schedule of a traced run: who runs, where each is held, who goes on."""
        self.learn(run.trace)
        names = {thread: self.name(run, thread) for thread in {act.thread for act in run.trace}}
        lines, held, current = [], {}, None
        for number, act in enumerate(run.trace):
            if act.thread != current:
                if current is not None:
                    lines.append(f"{names[current]} {self.outside(run, current, number)}")
                current = act.thread
                before = held.pop(current, act)
                lines.append(f"{names[current]} runs from {self.kind(before)}{self.at(before)}"
                             + (self.woken(run, before, number) if before is not act else ""))
            if act.held:
                held[current] = act
            if act.held or self.kind(act) == "end":
                lines.append(f"{names[current]} {self.halt(act)}")
                current = None
        if current is not None and self.end(run):
            lines.append(f"{names[current]} {self.end(run)}")
        return "\n".join(lines)

    def kind(self, act):
        kind = self.server.kinds[act.kind]
        return WAITS.get(kind, kind)

    def halt(self, act):
        """Where a thread's turn ends."""
        if not act.held:
            return "ends"
        how = f"waits in {self.kind(act)}" if act.flags & EVENT_BLOCKED else f"is held before {self.kind(act)}"
        return how + self.at(act) + self.code(act.pcs)

    @staticmethod
    def end(run):
        """What becomes of the thread that has run last, if it was not held."""
        if run.signal:
            return f"ends the program by {signal.Signals(run.signal).name}"
        return "ends the program" if run.outcome == ENDED else ""

    def outside(self, run, thread, number):
        """Where a thread is whose turn has gone on without a word, by the act that follows, if any does."""
        last = next(act for act in reversed(run.trace[:number]) if act.thread == thread)
        if self.kind(last) == "call that waits for the outside":
            return f"waits for the outside{self.at(last)}{self.code(last.pcs)}"
        then = next((act for act in run.trace[number:] if act.thread == thread and not act.held), None)
        return f"is outside, up to {self.kind(then)}{self.at(then)}" if then else "is outside, and does not come back"

    def woken(self, run, before, number):
        """Who has ended the wait in which a thread was held, number being what it did then."""
        if self.server.kinds[before.kind] != "condition woken":
            return ""
        if run.trace[number].flags & EVENT_TIMED_OUT:
            return ", whose time is up"
        signals = []
        for act in run.trace[run.trace.index(before):number]:
            kind = self.server.kinds[act.kind]
            if act.object != before.object or act.held:
                continue
            if kind in ("condition signal", "condition broadcast"):
                signals.append(act)
            elif kind == "condition woken" and signals and self.kind(signals[0]) == "condition signal":
                del signals[0]  # somebody else has taken it
        return f", woken by {self.name(run, signals[0].thread)}: {self.kind(signals[0])}{self.at(signals[0])}" \
            if signals else ""

    def verdict(self, run):
        parts = [self.report(run, report) for report in run.reports]
        if run.blocked:
            parts.append(self.deadlock(run))
        elif run.outcome != ENDED and run.text:
            parts.append(run.text)
        if run.timed_out:
            parts.append("no end within the time limit")
        elif run.signal:
            parts.append(f"ended by {signal.Signals(run.signal).name}")
        elif run.outcome == RUNNING:
            parts.append(f"crashed, exit status {run.exit_status}:\n{run.errors.decode(errors='replace')[-600:]}")
        elif run.exit_status and not (run.exit_status == 66 and run.reports):
            parts.append(f"exit status {run.exit_status}")
        return "\n".join(parts) or "no problem"
