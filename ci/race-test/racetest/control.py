"""A program under the scheduler (tsan/schedule): one thread at a time, by schedules that can be made again exactly.

Two servers make its runs. The quiet one is quick: its ThreadSanitizer prints addresses only. A run of it that shows
something new is made again by the loud one, from whose words come the findings, with the same keys as in free runs;
a new key's schedule is shrunk first, and then made three times."""

import glob
import os
import shutil
import tempfile
import time
from collections.abc import Iterable
from types import TracebackType
from typing import Any, NamedTuple, Optional

from racetest.addresses import Symbols
from racetest.frames import PRELOADED, Frame, frame_of, number_of
from racetest.hang import Hang, examine, symbolizer_works
from racetest.judge import runtime_end
from racetest.library import library_reports
from racetest.manner import TSAN_OPTIONS
from racetest.names import modules_of, with_full_names
from racetest.pattern import pattern
from racetest.problem import Finding
from racetest.process import ALWAYS, MARK, Guard, both_ends
from racetest.program import Program
from racetest.schedule import Server, misfit
from racetest.schedule_memory import RUNNING, TRACE, TRACE_CALLERS
from racetest.schedule_shrink import shrink
from racetest.schedule_story import Teller
from racetest.schedule_text import Schedule, format_schedule
from racetest.sketch import Sketches
from racetest.text import count, plain, quoted
from racetest.tsan_log import findings_in
from racetest.witness import witnesses_in

SUMMARY = pattern(r"^(SUMMARY: .* )(\S+?:\d+)(?::\d+)? in (.+)$",
                  "SUMMARY: ThreadSanitizer: thread leak /src/tsan/schedule/thread.c:67:23 in create_controlled")
REPLAYS = 3
NAMES_TAKE, GOES_ON = 60, 1  # seconds at most, on a busy machine; in which a run that goes on makes a step


class Replay(NamedTuple):
    """A run of the loud server."""
    run: Any
    findings: list[Finding]
    sketch: dict[str, Finding]

    @property
    def shown(self) -> set[str]:
        """Keys. Of a crash there is no sketch here: what tells of it is in the log."""
        return self.sketch.keys() | {finding.key for finding in self.findings}


class Replays(NamedTuple):
    """What a schedule shows, in how many of its replays, its story, and the keys, those in the sketches as well."""
    findings: list[Finding]
    again: int
    story: str
    shown: set[str]
    misfit: str  # why none is the run that the schedule tells of


class Control:
    """One program under control. Use it in a with statement: nothing is left running after it."""

    def __init__(self, program: Program, timeout: float, known: Iterable[str] = ()) -> None:
        self.program, self.timeout = program, timeout
        self.symbols = Symbols()
        self.at_accesses = True  # whether plain accesses are points at which others may go first
        self.folder = tempfile.mkdtemp(prefix="race-test-")
        self.guard = Guard(self.folder)
        self.servers: dict[bool, Any] = {}
        self.tellers: dict[bool, Any] = {}
        self.sketches: dict[bool, Sketches] = {}
        self.findings: dict[str, list[Finding]] = {}  # by the key that one of them has in a sketch
        self.known = frozenset(known)  # keys whose schedules are not shrunk
        self.commands: dict[str, str] = {}  # by key

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
            self.servers[loud] = Server(self.program.argv, environment, timeout=self.timeout, symbolize=loud,
                                        fixed_layout=self.program.fixed_layout)
            self.servers[loud].examine = self.examine
            self.program.has_tsan = True
            self.program.learn([witness for witness in witnesses_in(self.folder).values() if witness.path])
        return self.servers[loud]

    def examine(self) -> Hang:
        """Where the threads of the run are that is under way."""
        return examine(self.folder, self.symbols, {server.process.pid for server in self.servers.values()})

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

    def sketches_of(self, loud: bool = False) -> Sketches:
        if loud not in self.sketches:
            self.sketches[loud] = Sketches(self.server(loud), self.teller(loud), self.folder, self.program.label)
        return self.sketches[loud]

    def sketch(self, run: Any, loud: bool = False) -> dict[str, Finding]:
        """What the run has shown, by keys: those of the findings, or nearly."""
        shown = self.sketches_of(loud).of(run)
        self.forget()
        return shown

    def command(self, schedule: Schedule) -> str:
        words = ["race-test", "--replay", format_schedule(schedule), "--", *self.program.argv]
        return " ".join(map(quoted, words))

    # --- what a run of the quiet server shows

    def judged(self, run: Any) -> list[Finding]:
        return [finding for key in self.sketch(run) for finding in self.judged_as(run, key)]

    def judged_as(self, run: Any, key: str) -> list[Finding]:
        """The findings behind what the run has shown under this key."""
        if key not in self.findings:
            self.findings[key] = self.proved(run, key)
        return self.findings[key]

    def proved(self, run: Any, key: str) -> list[Finding]:
        """What a key stands for is found out once. Each gets the command of its schedule; what is new, shrunk and with
        its story."""
        remembered = self.sketch(run)[key]
        if run.timed_out:
            self.tell([remembered], run.schedule, "  not replayed, nor shrunk, as each replay takes as long as the time limit")
            return [remembered]
        seen = self.replay(run.schedule)
        if key in seen.shown and seen.findings and {f.key for f in seen.findings} <= self.known | self.commands.keys():
            self.tell(seen.findings, run.schedule, "  seen again in the replay of this schedule (not shrunk, as it is known)")
            return seen.findings
        schedule, _ = shrink(self.server(), run, key, self.sketch)
        schedule = schedule or run.schedule
        replays = self.replays(schedule)
        found = replays.findings or seen.findings
        if not found or key not in replays.shown | seen.shown:
            found = [*found, remembered]  # which no replay has shown
        again = seen_again(replays.again, REPLAYS, run.text if run.inexact else "")
        self.tell(found, schedule, f"{again}\n{indented(replays.story)}")
        return found

    def tell(self, found: list[Finding], schedule: Schedule, words: str) -> None:
        """The command of this schedule for those that have none."""
        for finding in found:
            if finding.key not in self.commands:
                finding.report += f"\n\n{words}"
                self.commands[finding.key] = self.command(schedule)

    # --- what a run of the loud server shows

    def replays(self, schedule: Schedule, runs: int = REPLAYS) -> Replays:
        all_of_them = [self.replay(schedule) for _ in range(runs)]
        keys = [{finding.key for finding in replay.findings} for replay in all_of_them]
        found = {finding.key: finding for replay in reversed(all_of_them) for finding in replay.findings}
        again = min((sum(key in seen for seen in keys) for key in found), default=0)
        telling = next((replay.run for replay in all_of_them if replay.findings), all_of_them[0].run)
        nearest = min((replay.run for replay in all_of_them), key=lambda run: len(run.unmade))
        return Replays(list(found.values()), again, self.teller(loud=True).story(telling),
                       {key for replay in all_of_them for key in replay.shown}, misfit(nearest))

    def replay(self, schedule: Schedule) -> Replay:
        """One replay, and what it finds."""
        loud = self.server(loud=True)
        self.forget()
        self.log()
        run = self.patiently(loud, schedule)
        modules = modules_of([mapping.path for mapping in loud.mappings])
        log, output = (without_our_frames(with_full_names(text, modules, self.symbols))
                       for text in (self.log(), plain(run.errors) + "\n" + plain(run.output)))
        found, log = findings_in(log, [self.sketches_of(loud=True).variables(run)])
        panics, _ = library_reports(output, "", self.program.label)
        vanished = run.outcome == RUNNING and not found and not run.timed_out and run.status == 0
        found += panics + runtime_end(log, vanished, self.program.label)
        ends = self.sketches_of(loud=True).ends(run)
        if run.outcome != RUNNING or run.signal or run.timed_out or run.exit_status or not found:  # else it is in the log
            found += [finding for finding in ends if finding.kind != "panic"]
        return Replay(run, found, self.sketch(run, loud=True))

    def patiently(self, loud: Any, schedule: Schedule) -> Any:
        """A replay. It is slower than the run was, by the names that the runtime looks up."""
        loud.begin_replay(schedule, TRACE | TRACE_CALLERS)
        last = time.monotonic() + self.timeout + NAMES_TAKE
        steps, run = 0, loud.answered(self.timeout)
        while run is None and time.monotonic() < last and (loud.steps() != steps or symbolizer_works(self.folder)):
            steps, run = loud.steps(), loud.answered(GOES_ON)
        return run or loud.cut_off()

    def forget(self) -> None:
        """What the processes of the last run have written; a server goes on to use its own maps."""
        servers = {server.process.pid for server in self.servers.values()}
        for entry in os.scandir(self.folder):
            what, _, process = entry.name.partition(".")
            if what in ("witness", "maps") and int(process) not in servers:
                os.unlink(entry.path)
            elif what == "witness":
                os.truncate(entry.path, 0)


def summary_of(frame: Frame) -> str:
    return f"{frame.file}:{frame.line} in {frame.function}"


def without_our_frames(log: str) -> str:
    """Stacks and summaries without the calls that the preloaded object makes in place of the program."""
    lines: list[str] = []
    number = 0
    ours: list[Frame] = []
    summaries: dict[str, str] = {}  # what one ends with, and what it is to end with
    for line in log.splitlines():
        frame = frame_of(line)
        if not frame:
            number = 0
            summary = SUMMARY.match(line)
            if summary and f"{summary[2]} in {summary[3]}" in summaries:
                line = summary[1] + summaries[f"{summary[2]} in {summary[3]}"]
        elif frame.module == PRELOADED:
            ours.append(frame)
            if frame.function == "locals_of_returned_functions":
                lines.append("    (end of the lifetime of local variables: their functions have returned)")
            continue
        else:
            line, number = line.replace(f"#{number_of(line)} ", f"#{number} ", 1), number + 1
            while ours:
                summaries[summary_of(ours.pop())] = summary_of(frame)
        lines.append(line)
    return "\n".join(lines)


def seen_again(times: int, runs: int, why_not: str = "", note: str = "") -> str:
    why = note or (why_not if times < runs else "")
    return f"  seen again in {times} of {count(runs, 'replay')} of this schedule{f' ({why})' if why else ''}:"


def indented(story: str) -> str:
    lines = story.splitlines()
    if len(lines) > 60:
        lines = [*lines[:30], f"... {len(lines) - 60} lines ...", *lines[-30:]]
    return "\n".join(f"    {line}" for line in lines)
