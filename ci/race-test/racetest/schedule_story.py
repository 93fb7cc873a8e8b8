"""A run under control, as text: who ran, where each thread was held, what was found."""

import os
import re
import signal

from .addresses import AddressSpace, Symbols, symbolizer
from .frames import LIBRARY_NAME
from .schedule_memory import DEADLOCK, ENDED, EVENT_BLOCKED, RUNNING
from .trouble import Trouble

RUNTIME = re.compile(r"^(?:lib(?:tsan|clang_rt|c|pthread|racetest|stdc\+\+|gcc_s)[-.\d]|ld-)")
# What is waited for ends the wait; it is called by its begin.
WAITS = {"condition woken": "condition wait", "barrier passed": "barrier", "futex woken": "futex wait"}


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
            return f"{frame.function} {os.path.basename(frame.file)}:{frame.line}"
        return f"{frame.function} ({frame.module})" if frame.named else str(frame)

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
            own = (self.places(event.pcs) for event in run.events if event.thread == thread and event.step)
            name = next((places[-1].function for places in own if places), name)
        return f"T{thread} ({name})"

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
        lines = ["deadlock:"]
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
        kind = self.server.kinds[stands.kind]
        return f"waits in {WAITS.get(kind, kind)} at {where}{self.code(stands.pcs)}"

    def story(self, run):
        """The schedule of a traced run: who runs, where each is held, who goes on."""
        self.learn(run.events)
        lines, last = [], None
        for number, event in enumerate(run.events):
            if last and event.thread == last.thread:
                last = event
                continue
            if last:
                lines.append(f"{self.name(run, last.thread)} {self.halt(run, last, number)}")
            lines.append(f"{self.name(run, event.thread)} runs from {self.server.kinds[event.kind]}{self.at(event)}")
            last = event
        return "\n".join(lines)

    def halt(self, run, last, number):
        """Where the thread of the event last is held up, number being the event that comes next."""
        if self.server.kinds[last.kind] == "end":
            return "ends"
        for event in run.events[number:]:
            if event.thread == last.thread:
                kind = self.server.kinds[event.kind]
                how = f"waits in {WAITS.get(kind, kind)}" if event.flags & EVENT_BLOCKED else f"is held before {kind}"
                return how + self.at(event) + self.code(event.pcs)
        for stands in run.blocked:
            if stands.thread == last.thread:
                return self.waiting(stands)
        return "does nothing more"

    def verdict(self, run):
        parts = [self.report(run, report) for report in run.reports]
        if run.outcome == DEADLOCK:
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
