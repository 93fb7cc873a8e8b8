"""A program under the scheduler (tsan/schedule): one thread at a time, by schedules that can be made again exactly.

Two servers make its runs. The quiet one is quick: its ThreadSanitizer prints addresses only. A run of it that shows
something new is made again by the loud one, from whose words come the findings, with the same keys as in free runs;
a new key's schedule is shrunk first, and then made three times."""

import glob
import os
import shutil
import tempfile
from collections.abc import Iterable
from types import TracebackType
from typing import Any, NamedTuple, Optional

from racetest.addresses import Symbols
from racetest.frames import PRELOADED, Frame, frame_of, number_of, own_frames
from racetest.judge import last_stack, program_end, runtime_end
from racetest.library import library_reports
from racetest.manner import TSAN_OPTIONS
from racetest.names import modules_of, with_full_names
from racetest.problem import Finding
from racetest.process import ALWAYS, MARK, Guard, both_ends
from racetest.program import Program
from racetest.schedule import Server, format_switches
from racetest.schedule_memory import DEADLOCK, LIVELOCK, RUNNING, TRACE, TRACE_CALLERS
from racetest.schedule_shrink import shrink
from racetest.schedule_story import Teller
from racetest.text import plain, printable, quoted
from racetest.tsan_log import findings_in
from racetest.witness import Witness, witnesses_in

REPLAYS = 3
NAMES_TAKE = 60  # seconds at most, on a busy machine
NO_END = ("no end",)  # the scheduler's word for a run that took too long
CALLS = {  # in which call of pthreads a thread stands that does one of the scheduler's acts
    "lock": "pthread_mutex_lock", "read lock": "pthread_rwlock_rdlock", "write lock": "pthread_rwlock_wrlock",
    "spin lock": "pthread_spin_lock", "condition wait": "pthread_cond_wait", "condition woken": "pthread_cond_wait",
    "barrier": "pthread_barrier_wait", "join": "pthread_join", "once": "pthread_once",
}
Switches = list[tuple[int, int, int, int]]


class Replay(NamedTuple):
    """A run of the loud server."""
    run: Any
    findings: list[Finding]


class Control:
    """One program under control. Use it in a with statement: nothing is left running after it."""

    def __init__(self, program: Program, timeout: float, known: Iterable[str] = ()) -> None:
        self.program, self.timeout = program, timeout
        self.name = printable(os.path.basename(program.argv[0]))
        self.symbols = Symbols()
        self.at_accesses = True  # whether plain accesses are points at which others may go first
        self.folder = tempfile.mkdtemp(prefix="race-test-")
        self.guard = Guard(self.folder)
        self.servers: dict[bool, Any] = {}
        self.tellers: dict[bool, Any] = {}
        self.findings: dict[Any, list[Finding]] = {}  # by what the scheduler says of a run
        self.commands: dict[str, str] = dict.fromkeys(known, "")  # by key; none is looked for of what is known

    def __enter__(self) -> "Control":
        return self

    def __exit__(self, kind: Optional[type[BaseException]], error: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        self.close()

    def close(self) -> None:
        for server in self.servers.values():
            server.close()
        self.guard.dismiss()
        shutil.rmtree(self.folder, ignore_errors=True)

    def server(self, loud: bool = False) -> Any:
        if loud not in self.servers:
            environment = {
                **os.environ, MARK: self.folder,
                "TSAN_OPTIONS": " ".join(filter(None, [TSAN_OPTIONS, os.environ.get("TSAN_OPTIONS")])) + ALWAYS
                + (f' log_path="{self.log_path}"' if loud else " log_path=stderr"),
                "WAITGROUP_OPTIONS": ":".join(filter(None, ["strict=1", os.environ.get("WAITGROUP_OPTIONS")]))}
            patience = self.timeout + (NAMES_TAKE if loud else 0)
            self.servers[loud] = Server(self.program.argv, environment, timeout=patience, symbolize=loud,
                                        fixed_layout=self.program.fixed_layout)
            self.program.has_tsan = True
            self.program.learn([witness for witness in witnesses_in(self.folder).values() if witness.path])
        return self.servers[loud]

    @property
    def log_path(self) -> str:
        return os.path.join(self.folder, "log")

    def log(self) -> str:
        """What ThreadSanitizer has said in the last replay. The program may have closed its standard error."""
        text = ""
        for path in sorted(glob.glob(glob.escape(self.log_path) + ".*")):
            text += both_ends(path) + "\n"
            os.unlink(path)
        return text

    def teller(self, loud: bool = False) -> Any:
        """One for each server: it remembers names."""
        if loud not in self.tellers:
            self.tellers[loud] = Teller(self.server(loud))
        return self.tellers[loud]

    def command(self, switches: Switches) -> str:
        words = ["race-test", "--replay", format_switches(switches), "--", *self.program.argv]
        return " ".join(map(quoted, words))

    # --- what a run of the quiet server shows

    def judged(self, run: Any) -> list[Finding]:
        return [finding for verdict in run.verdicts() for finding in self.judged_as(run, verdict)]

    def judged_as(self, run: Any, verdict: Any) -> list[Finding]:
        """The findings behind one of the scheduler's verdicts on the run."""
        if verdict not in self.findings:
            self.findings[verdict] = self.proved(run, verdict)
        return self.findings[verdict]

    def proved(self, run: Any, verdict: Any) -> list[Finding]:
        """What a verdict stands for is found out once. What is new of it gets its command and story."""
        if verdict == NO_END:  # three times the time limit to see it again is too much
            found = [Finding("hang", f"{self.name} running", "no end within the time limit")]
            self.commands.setdefault(found[0].key, self.command(run.switches))
            return found
        seen = self.replay(run.switches).findings
        if seen and all(finding.key in self.commands for finding in seen):
            return seen
        switches, _ = shrink(self.server(), run, verdict)
        switches = run.switches if switches is None else switches
        found, again, story = self.replays(switches)
        found = found or seen or [self.unrepeated(run, verdict)]
        for finding in found:
            if finding.key not in self.commands:
                finding.report += f"\n\n{seen_again(again, run.text if run.inexact else '')}\n{indented(story)}"
                self.commands[finding.key] = self.command(switches)
        return found

    def unrepeated(self, run: Any, verdict: Any) -> Finding:
        """A finding of what no replay has shown, from what the scheduler remembers."""
        teller = self.teller()
        for report in run.reports:
            if report.kind == verdict[0]:
                stacks = [self.frames(teller, stack.pcs) for stack in report.stacks[:2]]
                variable = teller.addresses.variable_at(report.stacks[0].address).partition("+")[0] if report.stacks else ""
                return Finding(report.kind.replace("data-race", "data race"), None, teller.report(run, report), stacks,
                               variable)
        if run.outcome == DEADLOCK:
            return self.deadlock(self.server(), run, teller)
        return Finding(verdict[0], self.name, teller.verdict(run))

    # --- what a run of the loud server shows

    def replays(self, switches: Switches) -> tuple[list[Finding], int, str]:
        """What the schedule shows, in how many of the replays, and its story."""
        all_of_them = [self.replay(switches) for _ in range(REPLAYS)]
        keys = [{finding.key for finding in replay.findings} for replay in all_of_them]
        found = {finding.key: finding for replay in reversed(all_of_them) for finding in replay.findings}
        again = min((sum(key in seen for seen in keys) for key in found), default=0)
        telling = next((replay.run for replay in all_of_them if replay.findings), all_of_them[0].run)
        return list(found.values()), again, self.teller(loud=True).story(telling)

    def replay(self, switches: Switches) -> Replay:
        """One replay, and what it finds."""
        loud = self.server(loud=True)
        self.forget()
        self.log()
        run = loud.replay(switches, TRACE | TRACE_CALLERS)
        modules = modules_of([mapping.path for mapping in loud.mappings])
        log, output = (without_our_frames(with_full_names(text, modules, self.symbols))
                       for text in (self.log(), plain(run.errors) + "\n" + plain(run.output)))
        found, log = findings_in(log)
        panics, _ = library_reports(output, "", self.name)
        vanished = run.outcome == RUNNING and not found and not run.timed_out and run.status == 0
        found += panics + runtime_end(log, vanished, self.name)
        if run.outcome == DEADLOCK:
            found.append(self.deadlock(loud, run, self.teller(loud=True)))
        elif run.outcome == LIVELOCK or run.timed_out:
            found.append(Finding("hang", f"{self.name} running", run.text or "no end within the time limit"))
        elif not run.beyond and (run.signal or run.exit_status):
            stack = last_stack(self.witness(), self.symbols)
            code = -run.signal if run.signal else run.exit_status
            found += program_end(code, stack, output, self.name, bool(panics))
        return Replay(run, found)

    def witness(self) -> Optional[Witness]:
        return next((witness for witness in witnesses_in(self.folder).values() if witness.last()), None)

    def forget(self) -> None:
        """What the processes of the last run have written; a server goes on to use its own maps."""
        for entry in os.scandir(self.folder):
            if entry.name.startswith("witness."):
                os.truncate(entry.path, 0)

    def deadlock(self, server: Any, run: Any, teller: Any) -> Finding:
        """The same key as that of a run that hangs so."""
        places, stacks = set(), []
        for stands in run.blocked:
            frames = self.frames(teller, stands.pcs)
            own = own_frames(frames)
            if own:
                above = [frame.function for frame in frames if frame.function.startswith("waitgroup_")]
                kind = server.kinds[stands.kind]
                places.add(f"{own[0]} in {above[-1] if above else CALLS.get(kind, kind)}")
                stacks.append(own)
        return Finding("hang", " | ".join(sorted(places)) or self.name, teller.deadlock(run), stacks)

    @staticmethod
    def frames(teller: Any, pcs: list[int]) -> list[Frame]:
        return [frame for pc in teller.own(pcs) for frame in teller.addresses.call(pc)]


def without_our_frames(log: str) -> str:
    """Stacks without the calls that the preloaded object makes in place of the program."""
    lines: list[str] = []
    number = 0
    for line in log.splitlines():
        frame = frame_of(line)
        if not frame:
            number = 0
        elif frame.module == PRELOADED:
            continue
        else:
            line, number = line.replace(f"#{number_of(line)} ", f"#{number} ", 1), number + 1
        lines.append(line)
    return "\n".join(lines)


def seen_again(times: int, why_not: str = "") -> str:
    return f"  seen again in {times} of {REPLAYS} replays of this schedule" + \
        (f" ({why_not})" if times < REPLAYS and why_not else "") + ":"


def indented(story: str) -> str:
    lines = story.splitlines()
    if len(lines) > 60:
        lines = [*lines[:30], f"... {len(lines) - 60} lines ...", *lines[-30:]]
    return "\n".join(f"    {line}" for line in lines)
