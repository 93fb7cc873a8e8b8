"""A run under control, as text: who ran, where each thread was held, what was found."""

import os
import re
import signal

from .addresses import AddressSpace, Symbols, symbolizer
from .schedule_memory import DEADLOCK, ENDED, EVENT_BLOCKED, RUNNING
from .trouble import Trouble

RUNTIME = re.compile(r"^(?:lib(?:tsan|clang_rt|c|pthread|racetest|stdc\+\+|gcc_s)[-.\d]|ld-)")


class Teller:
    """Runs as text."""

    def __init__(self, server):
        if not symbolizer():
            raise Trouble("neither llvm-addr2line (package llvm) nor addr2line (package binutils) is there: they give "
                          "addresses their lines")
        self.server, self.addresses = server, AddressSpace(Symbols(), server.mappings)
        self.sources = {}

    def line(self, pc, call=True):
        frame = self.addresses.call(pc)[0] if call else self.addresses.start(pc)
        if frame.file and frame.line:
            return f"{frame.function} {os.path.basename(frame.file)}:{frame.line}"
        return f"{frame.function} ({frame.module})" if frame.named else str(frame)

    def source(self, pc):
        frame = self.addresses.call(pc)[0]
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
        if 0 < thread < len(run.starts) and run.starts[thread]:
            return f"T{thread} ({self.addresses.start(run.starts[thread]).function})"
        return f"T{thread}"

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
            kind = self.server.kinds[stands.kind]
            pcs = self.own(stands.pcs)
            lines.append(f"  {self.name(run, stands.thread)} waits in {kind}"
                         + (f" at {self.line(stands.pc)} | {self.source(stands.pc)}" if stands.pc else "")
                         + (f", held by {self.name(run, stands.holder)}" if stands.holder >= 0 else ""))
            for _, pc, held in stands.held:
                lines.append(f"    holds what it took by {self.server.kinds[held]} at {self.line(pc)}")
            lines.extend(f"    #{i} {self.line(pc)}" for i, pc in enumerate(pcs))
        return "\n".join(lines)

    def story(self, run):
        """The schedule of a traced run: who runs, where each is held, who goes on."""
        lines, last = [], None
        for number, event in enumerate(run.events):
            if last and event.thread == last.thread:
                last = event
                continue
            if last:
                lines.append(f"{self.name(run, last.thread)} {self.halt(run, last, number)}")
            where = f" at {self.line(event.pc, event.step > 0)}" if event.pc else ""
            lines.append(f"{self.name(run, event.thread)} runs from {self.server.kinds[event.kind]}{where}")
            last = event
        return "\n".join(lines)

    def halt(self, run, last, number):
        """Where the thread of the event last is held up, number being the event that comes next."""
        if self.server.kinds[last.kind] == "end":
            return "ends"
        for event in run.events[number:]:
            if event.thread == last.thread:
                where = f" at {self.line(event.pc)} | {self.source(event.pc)}" if event.pc else ""
                return ("waits in " if event.flags & EVENT_BLOCKED else "is held before ") + \
                    self.server.kinds[event.kind] + where
        for stands in run.blocked:
            if stands.thread == last.thread:
                return f"waits in {self.server.kinds[stands.kind]} at {self.line(stands.pc)} | {self.source(stands.pc)}"
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
