"""What a run under control has shown, from what the scheduler and the witness remember of it. ThreadSanitizer's own
report needs its symbolizer, which takes longer than the run; the sketch is there at once and tells two problems
apart as their keys will, so that none is taken for another that the scheduler has the same word for."""

from collections.abc import Callable, Sequence
from typing import Any

from racetest.addresses import AddressSpace, line_of
from racetest.frames import Frame, allocated_by, frame_of, number_of, own_frames
from racetest.judge import ASSERTION, dead_children, hang_report, last_stack, program_end, runtime_end
from racetest.library import PANIC
from racetest.names import modules_of
from racetest.problem import LOCK_ORDER, Finding
from racetest.schedule_memory import RUNNING
from racetest.text import plain, shown
from racetest.tsan_log import CRASH, findings_in, names_of, place_in
from racetest.variables import Locals, Variables
from racetest.witness import witness_of, witnesses_in

NO_END = "no end within the time limit"


class Sketches:
    """Of the runs of one server. What they have in common is looked up once."""

    def __init__(self, server: Any, teller: Any, folder: str, name: str) -> None:
        self.server, self.teller, self.folder, self.name = server, teller, folder, name
        self.addresses: AddressSpace = teller.addresses
        self.locals_of_main: Sequence[Locals] = ()  # the same in all runs
        self.known: dict[Any, list[Finding]] = {}  # by what makes them what they are

    def of(self, run: Any) -> dict[str, Finding]:
        """By key."""
        found = [self.report(run, report) for report in run.reports] + self.ends(run)
        return {finding.key: finding for finding in found}

    def once(self, what: Any, find: Callable[[], list[Finding]]) -> list[Finding]:
        key = repr(what)
        if key not in self.known:
            self.known[key] = find()
        return self.known[key]

    def frames(self, pcs: list[int]) -> list[Frame]:
        return [frame for pc in self.teller.own(pcs) for frame in self.addresses.call(pc)]

    # --- reports

    def report(self, run: Any, report: Any) -> Finding:
        def find() -> list[Finding]:
            stacks = [self.frames(side.pcs) for side in sides]
            return [Finding(report.kind.replace("data-race", "data race"), None, self.teller.report(run, report), stacks,
                            self.object_of(run, report))]
        sides, memory = report.stacks if report.kind == LOCK_ORDER else report.stacks[:2], report.memory
        return self.once((report.kind, [(side.pcs, side.address) for side in sides], report.place, memory.pcs,
                          memory.thread, report.mutexes), find)[0]

    def object_of(self, run: Any, report: Any) -> str:
        memory = report.memory
        if memory.pcs:
            what = "file descriptor" if report.place == "fd" else "heap block"
            return f"{what} of {allocated_by(self.frames(memory.pcs))}"
        address = report.stacks[0].address if report.stacks else memory.address
        variables = self.variables(run)
        if report.place in ("stack", "tls"):
            start = run.starts[memory.thread] if 0 < memory.thread < len(run.starts) else 0
            owner = f"thread of {self.addresses.start(start)}" if start else "main thread"
            name = variables.thread_local_at(address) if report.place == "tls" else ""
            return place_in(report.place.replace("tls", "TLS"), name, owner)
        return names_of(report.mutexes if report.kind == LOCK_ORDER else [address], [variables])

    def variables(self, run: Any) -> Variables:
        self.locals_of_main = self.locals_of_main or witness_of(self.folder, run.process).locals
        return Variables(self.addresses, run.handles, self.locals_of_main)

    # --- ends

    def ends(self, run: Any) -> list[Finding]:
        """How the program has ended badly, and what it has forked; to be asked first before the next run begins."""
        if run.ends is None:
            run.ends = self.end(run) if run.ended_badly(status_of_reports=None) else []
            if run.inexact:  # as are all that start other processes
                run.ends += dead_children(witnesses_in(self.folder).values(), {run.process}, self.addresses.symbols,
                                          self.text(run), self.name)
        ends: list[Finding] = run.ends
        return ends

    @staticmethod
    def text(run: Any) -> str:
        return plain(run.errors) + "\n" + plain(run.output)

    def end(self, run: Any) -> list[Finding]:
        if run.blocked:
            return self.once([(stands.call, stands.pcs) for stands in run.blocked], lambda: [self.deadlock(run)])
        text = self.text(run)
        if run.timed_out and run.hang and run.hang.key:
            report = "\n".join(filter(None, [run.text, hang_report(run.hang, [], text)]))
            return [Finding("hang", run.hang.key, report, run.hang.stacks)]
        if run.timed_out:
            return [Finding("hang", f"{self.name} running", run.text or NO_END)]
        return self.crash(run, text) if run.outcome == RUNNING and not run.signal else self.gave_up(run, text)

    def deadlock(self, run: Any) -> Finding:
        """The same key as that of a run that hangs so."""
        places, stacks = set(), []
        for stands in run.blocked:
            frames = self.frames(stands.pcs)
            own = own_frames(frames)
            if own:
                above = [frame.function for frame in frames if frame.function.startswith("waitgroup_")]
                call = above[-1] if above else stands.call.decode()
                places.add(f"{own[0]} in {call}" if call else f"{own[0]} running")
                stacks.append(own)
        return Finding("hang", " | ".join(sorted(places)) or self.name, self.teller.deadlock(run), stacks)

    def crash(self, run: Any, text: str) -> list[Finding]:
        """ThreadSanitizer has caught a signal, or given up itself, with status 0 (ALWAYS); or the program has ended by a
        bare system call."""
        found, log = findings_in(self.with_names(text))
        crashes = [finding for finding in found if CRASH.match(finding.report)]
        words = crashes or runtime_end(log, run.exit_status == 0 and "ThreadSanitizer" in log, self.name)
        return words or (self.gave_up(run, text) if run.exit_status else [Finding("crash", self.name, shown(text))])

    def with_names(self, text: str) -> str:
        """A log of the runtime that was not allowed to ask its symbolizer."""
        modules, lines = modules_of([mapping.path for mapping in self.addresses.mappings]), []
        for line in text.split("\n"):
            frame = frame_of(line)
            inlined = [] if frame is None or frame.named or frame.module not in modules else \
                self.addresses.symbols.at(modules[frame.module], int(frame.offset, 16))
            lines += [line_of(number_of(line) + i, one) for i, one in enumerate(inlined)] or [line]
        return "\n".join(lines)

    def gave_up(self, run: Any, text: str) -> list[Finding]:
        """The program has ended itself: where, the witness knows."""
        code = -run.signal if run.signal else run.exit_status
        witness = next((one for one in witnesses_in(self.folder).values() if one.last(run.process)), None)
        last = witness.last(run.process) if witness else None
        panics = PANIC.findall(text)

        def find() -> list[Finding]:
            stack = last_stack(witness, run.process, self.addresses.symbols)
            found = program_end(code, stack, text, self.name, bool(panics))
            own = own_frames(stack)
            return found or [Finding("panic", f"{panics[0]}: {own[0] if own else self.name}", shown(text), [own])]
        return self.once((code, last and last.addresses, panics, ASSERTION.findall(text)), find)
