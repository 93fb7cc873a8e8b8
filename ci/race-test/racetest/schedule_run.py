"""What a run under control has come to."""

from .schedule_memory import (DEADLOCK, EVENT_HELD, LIMIT, LIVELOCK, MADE, MAX_EVENTS, MAX_REPORTS, MAX_SWITCHES,
                              MAX_THREADS, REFUSED, REPLAY, RUNNING)
from .schedule_text import Schedule
from .text import ending


class Run:
    """What a run has come to, copied out of the memory that the next one overwrites."""

    def __init__(self, server, status, output, errors, timed_out, seconds):
        result = server.shared.result
        self.status, self.output, self.errors, self.timed_out = status, output, errors, timed_out
        self.seconds = seconds
        self.outcome, self.choices, self.steps = result.outcome, result.choices, result.steps
        self.inexact, self.diverged, self.text = bool(result.inexact), result.diverged, result.text.decode()
        self.threads, self.process = result.started, result.process
        self.starts = [result.starts[i] for i in range(min(self.threads, MAX_THREADS))]
        self.handles = [result.handles[i] for i in range(min(self.threads, MAX_THREADS))]
        self.creators = [result.creators[i] for i in range(min(self.threads, MAX_THREADS))]
        count = min(result.switch_count, MAX_SWITCHES)
        self.switches = [(s.thread, s.step, s.access, s.next) for s in result.switches[:count]]
        self.schedule = Schedule(self.switches, server.shared.request.phase)
        self.unmade = unmade(server.shared)
        self.truncated = result.switch_count > MAX_SWITCHES
        self.beyond = result.text.decode() if result.outcome in (LIMIT, REFUSED) else ""  # what cannot be scheduled
        self.orders, self.last_order = result.orders, bool(result.last_order) and not self.beyond
        self.hang = None  # where its threads were when it was cut off
        self.ends = None  # what its driver makes of its end
        self.restarted = False  # of all orders: the next run is the first again
        self.order = None  # likewise: its number, from 0; of one that repeats a part of another: none
        self.running = result.running
        self.reports = [Told(r) for r in result.reports[:min(result.report_count, MAX_REPORTS)]]
        stuck = result.outcome in (DEADLOCK, LIVELOCK)
        self.blocked = [Stands(b) for b in result.blocked[:result.blocked_count]] if stuck else []
        self.trace = [Act(e) for e in result.events[:min(result.event_count, MAX_EVENTS)]]
        self.events = [act for act in self.trace if not act.held]  # what has happened

    @property
    def signal(self):
        """The signal that ended it, or 0."""
        return 0 if self.timed_out or self.outcome in (DEADLOCK, LIVELOCK) else self.status & 0x7f

    @property
    def exit_status(self):
        return self.status >> 8 & 0xff

    def verdicts(self, base=0):
        """A set of words for what went wrong in the program; empty if nothing did."""
        found = set()
        for report in self.reports:
            found.add((report.kind, *sorted({s.top for s in report.stacks[:2]})))
        return frozenset(found | {self.ended_badly(base)} - {()})

    def ended_badly(self, base=0, status_of_reports=66):
        """How, if the program did not end as it should, whatever ThreadSanitizer has reported; else ()."""
        if self.outcome == DEADLOCK:
            return ("deadlock",)
        if self.outcome == LIVELOCK:
            return ("livelock",)
        if self.beyond:
            return ()  # the scheduler's limit, not the program's problem
        if self.timed_out:
            return ("no end",)
        if self.signal:
            return (ending(-self.signal),)
        if self.outcome == RUNNING:
            return ("crash", self.exit_status)
        if self.exit_status != base and not (self.exit_status == status_of_reports and self.reports):
            return ("exit", self.exit_status)
        return ()


def unmade(shared):
    """The switches that were asked for and did not come to pass, and what became of them instead."""
    request = shared.request
    count = request.switch_count if request.strategy == REPLAY else 0
    return [((s.thread, s.step, s.access, s.next), fate)
            for s, fate in zip(request.switches[:count], shared.result.fates[:count]) if fate != MADE]


class Told:
    """One of TSan's reports: kind, and the stacks of its accesses (pcs, the innermost first)."""

    def __init__(self, report):
        self.kind = report.kind.decode()
        self.event, self.thread, self.step, self.access = report.event, report.thread, report.step, report.access
        self.stacks = [Side(s) for s in report.stacks[:report.count]]
        self.place, self.memory = report.place.decode(), Side(report.memory)
        self.mutexes = [address for address in report.mutexes if address]


class Side:
    def __init__(self, stack):
        self.thread, self.size, self.writes, self.atomic = stack.thread, stack.size, bool(stack.writes), stack.atomic
        self.address = stack.address
        self.pcs = [pc for pc in stack.pcs if pc]

    @property
    def top(self):
        return self.pcs[0] if self.pcs else 0


class Act:
    def __init__(self, event):
        self.pc, self.object, self.argument = event.pc, event.object, event.argument
        self.step, self.access, self.thread, self.kind = event.step, event.access, event.thread, event.kind
        self.flags, self.size = event.flags, event.size
        self.held = bool(event.flags & EVENT_HELD)  # not done yet: this is where another goes first
        self.pcs = [event.pc, *(pc for pc in event.callers if pc)] if event.pc else []


class Stands:
    """A thread in a deadlock: what it waits for, who holds that, what it holds itself, its stack."""

    def __init__(self, blocked):
        self.thread, self.kind, self.object, self.pc = blocked.thread, blocked.kind, blocked.object, blocked.pc
        self.holder, self.call = blocked.holder, blocked.call
        self.held = [(h.object, h.pc, h.kind) for h in blocked.held[:blocked.held_count]]
        self.pcs = [pc for pc in blocked.pcs if pc]
