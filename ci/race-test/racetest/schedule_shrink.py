"""Fewer switches that show the same, at plainer places.

Delta debugging ends where no single switch can be left out. That is often not the end: a switch away and the one
back only go together, and another place may need fewer. So then groups are left out, switches at accesses tried at
the acts beside them, and schedules of one switch alone."""

import itertools
import time

from .schedule_memory import EVENT_BLOCKED, TRACE
from .schedule_text import Schedule

# Of the runs' processor time, so that the machine's load has no say: for delta debugging, and for the rest.
TRIES, SECONDS, MORE = 400, 10, 2
PATIENCE = 60  # seconds by the clock
FEW = 5  # switches, of which all selections are tried
MOST_IN_A_ROW = 6  # of more
ALONE = 200  # schedules of one switch
LATER = 8  # acts


def shrink(server, run, problem, shown_by):
    """The switches that are needed for run to show problem again (a member of shown_by(run)); what a run has really
    made is adopted. Returns (schedule, tries), None for the schedule if its replay shows something else."""
    patience, server.timeout = server.timeout, min(server.timeout, 1 + 5 * run.seconds)
    tries = 0
    try:
        for phase in sorted({0, run.schedule.phase}):  # 0 if that will do
            attempts = Attempts(server, phase, problem, shown_by)
            best = attempts.made(run.switches)
            if best is not None:
                return Schedule(shrunk(best, attempts), phase), tries + attempts.tries
            tries += attempts.tries
        return None, tries
    finally:
        server.timeout = patience


class Attempts:
    """Replays, as many as there may be, each schedule once."""

    def __init__(self, server, phase, problem, shown_by):
        self.server, self.phase, self.problem, self.shown_by = server, phase, problem, shown_by
        self.tries, self.known = 0, {}
        self.end, self.cpu_end = time.monotonic() + PATIENCE, server.cpu_of_runs() + SECONDS

    def made(self, switches):
        """The switches that the replay has made, if it shows the problem; else None."""
        schedule = tuple(switches)
        if schedule not in self.known and not self.spent():
            self.tries += 1
            run = self.replay(schedule)
            self.known[schedule] = run.switches if self.problem in self.shown_by(run) else None
        return self.known.get(schedule)

    def replay(self, switches, flags=0):
        return self.server.replay(Schedule(switches, self.phase), flags)

    def spent(self):
        return self.tries >= TRIES or time.monotonic() > self.end or self.server.cpu_of_runs() > self.cpu_end

    def go_on_for(self, seconds):
        self.cpu_end = min(self.cpu_end, self.server.cpu_of_runs() + seconds)

    def places(self):
        """All switches before an act of the run that has none, to a thread that is there by then."""
        found, alive = {}, {0}
        for act in self.replay((), TRACE).events:
            found.update(dict.fromkeys((act.thread, act.step, 0, other) for other in alive - {act.thread} if act.step))
            kind = self.server.kinds[act.kind]
            if kind == "create":
                alive.add(act.argument)
            elif kind == "end":
                alive.discard(act.thread)
        return list(found)

    def waits(self, switches):
        """Where threads wait: thread, step."""
        return [(act.thread, act.step) for act in self.replay(switches, TRACE).trace
                if act.held and act.flags & EVENT_BLOCKED]


def cost(switches):
    return len(switches), sum(access > 0 for _, _, access, _ in switches)


def shrunk(best, attempts):
    best, alone = debugged(best, attempts), False
    attempts.go_on_for(MORE)
    while True:
        better = improved(best, itertools.chain(variants(best), plainer(best, attempts)), attempts)
        if better is None and len(best) > 1 and not alone:
            alone = True
            better = improved(best, ([one] for one in likely(best, attempts.places())), attempts)
        if better is None:
            return best
        best = better


def improved(best, schedules, attempts):
    """What the replay of the first has made that shows the problem and is better."""
    for schedule in schedules:
        made = attempts.made(schedule)
        if made is not None and cost(made) < cost(best):
            return made
    return None


def debugged(best, attempts):
    """Delta debugging: no single one of its switches can be left out."""
    pieces = 2
    while best:
        size = max(1, len(best) // pieces)
        rests = [best[:start] + best[start + size:] for start in range(0, len(best), size)]
        better = improved(best, rests, attempts)
        if better is not None:
            best, pieces = better, max(pieces - 1, 2)
        elif size == 1:
            break
        else:
            pieces = min(len(best), pieces * 2)
    return best


def variants(best):
    """Fewer of its switches."""
    for kept in range(len(best)) if len(best) <= FEW else ():
        yield from map(list, itertools.combinations(best, kept))
    if len(best) > FEW:
        for size in range(2, min(len(best), MOST_IN_A_ROW + 1)):
            for start in range(len(best) - size + 1):
                yield best[:start] + best[start + size:]
        for two in itertools.combinations(range(len(best)), 2):
            yield [switch for number, switch in enumerate(best) if number not in two]


def plainer(best, attempts):
    """The same switches at acts instead of accesses."""
    waits = attempts.waits(best) if any(access for _, _, access, _ in best) else []
    for number, (thread, step, access, following) in enumerate(best):
        if not access:
            continue
        before, after = best[:number], best[number + 1:]
        then = next((switch for switch in after if switch[0] == thread), None)
        for place in [*range(step + 1, min(step + LATER, then[1] if then else step + LATER)), step]:
            yield [*before, (thread, place, 0, following), *after]
        if then and not then[2]:  # both at once: who waits lets the other go first
            rest = [switch for switch in after if switch is not then]
            for place in (place for waiting, place in waits if waiting == following):
                yield [*before, (thread, then[1], 0, following), (following, place, 0, then[3]), *rest]


def likely(best, places):
    """Those of the threads that the schedule is about come first."""
    pairs = {(thread, following) for thread, _, _, following in best}
    return sorted(places, key=lambda one: (one[0], one[3]) not in pairs)[:ALONE]
