#!/usr/bin/env python3
"""The driver of the scheduler: starts the fork server of a program, runs schedules, shrinks them and
tells them as text. protocol.h is the other side. As a program: schedule.py --help"""

import argparse
import bisect
import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from mmap import mmap

OBJECT = "libracetest-schedule.so"
MAX_THREADS, MAX_SWITCHES, MAX_EVENTS, MAX_REPORTS = 1024, 1 << 16, 1 << 16, 32
MAX_FRAMES, MAX_HELD, MAX_BLOCKED, MAX_KINDS, MAX_PLACES = 32, 16, 128, 96, 1 << 16
REPLAY, WALK, PCT, POS, SURW, ORDERS = range(6)
ACCESSES, ALL_ACCESSES, HASTY, TRACE, TRACE_ACCESSES, LEARN = 1, 2, 4, 8, 16, 32
RUNNING, ENDED, DEADLOCK, LIVELOCK, LIMIT, REPEATED, REFUSED = range(7)
EVENT_BLOCKED, EVENT_FAILED, EVENT_TIMED_OUT = 1, 2, 4
u8, u16, u32, u64, i32, text = (ctypes.c_uint8, ctypes.c_uint16, ctypes.c_uint32, ctypes.c_uint64, ctypes.c_int32,
                                ctypes.c_char)


class Trouble(Exception):
    """What keeps the driver from its work, in one line."""


class Switch(ctypes.Structure):
    _fields_ = [("thread", u16), ("next", u16), ("step", u32), ("access", u32)]


class Request(ctypes.Structure):
    _fields_ = [("strategy", u32), ("parameter", u32), ("seed", u64), ("flags", u32), ("first_order", u32),
                ("max_choices", u32), ("switch_count", u32), ("switches", Switch * MAX_SWITCHES)]


class Event(ctypes.Structure):
    _fields_ = [("pc", u64), ("object", u64), ("argument", u64), ("step", u32), ("access", u32), ("thread", u16),
                ("kind", u16), ("flags", u16), ("size", u16)]


class Stack(ctypes.Structure):
    _fields_ = [("thread", i32), ("size", u32), ("writes", u32), ("atomic", u32), ("address", u64),
                ("pcs", u64 * MAX_FRAMES)]


class Report(ctypes.Structure):
    _fields_ = [("kind", text * 64), ("event", u32), ("count", u32), ("thread", u32), ("step", u32), ("access", u32),
                ("stacks", Stack * 4)]


class Held(ctypes.Structure):
    _fields_ = [("object", u64), ("pc", u64), ("kind", u32), ("unused", u32)]


class Blocked(ctypes.Structure):
    _fields_ = [("thread", u32), ("kind", u32), ("object", u64), ("pc", u64), ("holder", i32), ("held_count", u32),
                ("held", Held * MAX_HELD), ("pcs", u64 * MAX_FRAMES)]


class Result(ctypes.Structure):
    _fields_ = [("process", i32), ("outcome", u32), ("threads", u32), ("choices", u32), ("steps", u64),
                ("inexact", u32), ("diverged", u32), ("accesses_spent", u32), ("switch_count", u32),
                ("event_count", u32), ("report_count", u32), ("blocked_count", u32), ("running", i32),
                ("orders", u64), ("last_order", u32), ("started", u32), ("ending", u32), ("text", text * 256),
                ("starts", u64 * MAX_THREADS), ("creators", u16 * MAX_THREADS), ("switches", Switch * MAX_SWITCHES),
                ("reports", Report * MAX_REPORTS), ("blocked", Blocked * MAX_BLOCKED), ("events", Event * MAX_EVENTS)]


class Learnt(ctypes.Structure):
    _fields_ = [("choices", u32), ("shared", u32), ("place", u8 * MAX_PLACES), ("acts", u32 * 64 * 64)]


class Shared(ctypes.Structure):
    _fields_ = [("magic", u32), ("version", u32), ("size", u64), ("server", i32), ("kind_count", u32),
                ("refused", text * 256), ("kinds", text * 32 * MAX_KINDS), ("request", Request), ("learnt", Learnt),
                ("result", Result)]


class Answer(ctypes.Structure):
    _fields_ = [("process", i32), ("status", i32)]


def find_object():
    """Where the scheduler is: beside a build of this source tree, or installed."""
    here = os.path.dirname(os.path.realpath(__file__))
    given = os.environ.get("RACE_TEST_OBJECT")
    places = [given] if given else [os.path.join(here, up, OBJECT) for up in
                                    ("../../build", "../../lib", "../../../lib", "..", ".")]
    for place in places:
        if os.path.exists(place):
            return os.path.realpath(place)
    raise Trouble(f"{OBJECT} is not there (looked for: {', '.join(places)}): make builds it, make install installs it")


def runtime_folder(program):
    """The folder of clang's shared runtime, if the program needs it and the loader would not find it."""
    listing = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    missing = re.search(r"(libclang_rt\.tsan\S*) => not found", listing)
    if not missing:
        return None
    for pattern in ("/usr/lib/llvm-*/lib/clang/*/lib/linux", "/usr/lib/clang/*/lib/*", "/usr/local/lib/clang/*/lib/*"):
        for folder in sorted(__import__("glob").glob(pattern), key=_version, reverse=True):
            if os.path.exists(os.path.join(folder, missing[1])):
                return folder
    raise Trouble(f"{program}: its ThreadSanitizer runtime, {missing[1]}, is not found: put its folder into "
                  f"LD_LIBRARY_PATH (dirname $(clang -print-file-name={missing[1]}))")


def _version(path):
    return [int(number) for number in re.findall(r"\d+", path)]


# --------------------------------------------------------------------------------------- schedules

def format_switches(switches):
    """As text: 0@12:1,1@3+2:0 - thread 0 before its act 12 lets 1 go first, 1 before act 3, access 2, lets 0."""
    return ",".join(f"{s[0]}@{s[1]}{f'+{s[2]}' if s[2] else ''}:{s[3]}" for s in switches) or "-"


def parse_switches(written):
    """The list of (thread, step, access, next) that format_switches() has written."""
    if written in ("-", ""):
        return []
    switches = []
    for item in written.split(","):
        match = re.fullmatch(r"(\d+)@(\d+)(?:\+(\d+))?:(\d+)", item)
        if not match:
            raise Trouble(f"schedule: {item!r}: expected THREAD@STEP:NEXT or THREAD@STEP+ACCESS:NEXT")
        thread, step, access, following = (int(number or 0) for number in match.groups())
        if thread >= MAX_THREADS or following >= MAX_THREADS:
            raise Trouble(f"schedule: {item!r}: threads are numbered up to {MAX_THREADS - 1}")
        switches.append((thread, step, access, following))
    return switches


# The rotation: (strategy, parameter). No one finds all.
ROTATION = [(WALK, 1), (WALK, 4), (PCT, 2), (POS, 0), (WALK, 16), (PCT, 3), (SURW, 0), (PCT, 4)]
NAMES = {REPLAY: "replay", WALK: "walk", PCT: "pct", POS: "pos", SURW: "surw", ORDERS: "orders"}


def rotation(number):
    """Strategy, parameter and flags of the run with this number, from 0."""
    strategy, parameter = ROTATION[number % len(ROTATION)]
    flags = LEARN | ACCESSES
    if number // len(ROTATION) % 4 == 3:
        flags |= HASTY
    return strategy, parameter, flags


class Run:
    """What a run has come to, copied out of the memory that the next one overwrites."""

    def __init__(self, server, status, output, errors, timed_out):
        result = server.shared.result
        self.status, self.output, self.errors, self.timed_out = status, output, errors, timed_out
        self.outcome, self.choices, self.steps = result.outcome, result.choices, result.steps
        self.inexact, self.diverged, self.text = bool(result.inexact), result.diverged, result.text.decode()
        self.threads = result.started
        self.starts = [result.starts[i] for i in range(min(self.threads, MAX_THREADS))]
        self.creators = [result.creators[i] for i in range(min(self.threads, MAX_THREADS))]
        count = min(result.switch_count, MAX_SWITCHES)
        self.switches = [(s.thread, s.step, s.access, s.next) for s in result.switches[:count]]
        self.truncated = result.switch_count > MAX_SWITCHES
        self.orders, self.last_order = result.orders, bool(result.last_order)
        self.running = result.running
        self.reports = [Told(r) for r in result.reports[:min(result.report_count, MAX_REPORTS)]]
        self.blocked = [Stands(b) for b in result.blocked[:result.blocked_count]] if result.outcome == DEADLOCK else []
        self.events = result.events[:min(result.event_count, MAX_EVENTS)] and \
            [Act(e) for e in result.events[:min(result.event_count, MAX_EVENTS)]]
        self.accesses_spent = bool(result.accesses_spent)

    @property
    def signal(self):
        """The signal that ended it, or 0."""
        return 0 if self.timed_out or self.outcome in (DEADLOCK, LIVELOCK) else self.status & 0x7f

    @property
    def exit_status(self):
        return self.status >> 8 & 0xff

    def verdicts(self, base=0):
        """A set of words for what went wrong; empty if nothing did."""
        found = set()
        for report in self.reports:
            found.add((report.kind, *sorted({s.top for s in report.stacks[:2]})))
        if self.outcome == DEADLOCK:
            found.add(("deadlock",))
        elif self.outcome == LIVELOCK:
            found.add(("livelock",))
        elif self.outcome in (LIMIT, REFUSED):
            found.add((("limit", "refused")[self.outcome == REFUSED], self.text))
        elif self.timed_out:
            found.add(("no end",))
        elif self.signal:
            found.add((signal.Signals(self.signal).name,))
        elif self.outcome == RUNNING:
            found.add(("crash", self.exit_status))
        else:
            if self.exit_status != base and not (self.exit_status == 66 and self.reports):
                found.add(("exit", self.exit_status))
        return frozenset(found)


class Told:
    """One of TSan's reports: kind, and the stacks of its accesses (pcs, the innermost first)."""

    def __init__(self, report):
        self.kind = report.kind.decode()
        self.event, self.thread, self.step, self.access = report.event, report.thread, report.step, report.access
        self.stacks = [Side(s) for s in report.stacks[:report.count]]


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


class Stands:
    """A thread in a deadlock: what it waits for, who holds that, what it holds itself, its stack."""

    def __init__(self, blocked):
        self.thread, self.kind, self.object, self.pc = blocked.thread, blocked.kind, blocked.object, blocked.pc
        self.holder = blocked.holder
        self.held = [(h.object, h.pc, h.kind) for h in blocked.held[:blocked.held_count]]
        self.pcs = [pc for pc in blocked.pcs if pc]


# ------------------------------------------------------------------------------------------- server

class Server:
    """The fork server of one program. Use it in a with statement: nothing is left running after it."""

    def __init__(self, command, environment=None, object_path=None, cwd=None, timeout=10.0, start_timeout=60.0):
        self.command, self.timeout = command, timeout
        program = shutil.which(command[0])
        if not program:
            raise Trouble(f"{command[0]}: no such program")
        object_path = object_path or find_object()
        memory = os.memfd_create("race-test-schedule")
        os.ftruncate(memory, ctypes.sizeof(Shared))
        self.map = mmap(memory, ctypes.sizeof(Shared))
        self.shared = Shared.from_buffer(self.map)
        command_read, self.commands = os.pipe()
        self.answers, answer_write = os.pipe()
        self.files = [tempfile.TemporaryFile() for _ in range(2)]  # pylint: disable=consider-using-with
        env = dict(os.environ if environment is None else environment)
        env["LD_PRELOAD"] = f"{object_path}:{env['LD_PRELOAD']}" if env.get("LD_PRELOAD") else object_path
        env["RACE_TEST_SCHEDULE"] = f"{memory},{command_read},{answer_write}"
        folder = runtime_folder(program)
        if folder:
            env["LD_LIBRARY_PATH"] = f"{folder}:{env['LD_LIBRARY_PATH']}" if env.get("LD_LIBRARY_PATH") else folder
        env["TSAN_OPTIONS"] = f"{env.get('TSAN_OPTIONS', '')} symbolize=0 atexit_sleep_ms=0".strip()
        outputs = [os.open(f"/proc/self/fd/{f.fileno()}", os.O_WRONLY | os.O_APPEND) for f in self.files]
        try:
            self.process = subprocess.Popen(  # pylint: disable=consider-using-with
                command, executable=program, stdin=subprocess.DEVNULL, stdout=outputs[0], stderr=outputs[1], env=env,
                cwd=cwd, pass_fds=(memory, command_read, answer_write), start_new_session=True)
        finally:
            for descriptor in (*outputs, memory, command_read, answer_write):
                os.close(descriptor)
        self._begin(start_timeout)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _begin(self, timeout):
        answer = self._answer(timeout)
        if answer is None:
            self.process.kill()
            self.process.wait()
            errors = self._read(1).decode(errors="replace").strip().splitlines()
            self.close()
            raise Trouble(f"{self.command[0]}: the scheduler did not start"
                          + (f": {errors[-1]}" if errors else " (is it a program for this machine, and dynamically "
                             "linked?)"))
        if answer.status < 0:
            why = self.shared.refused.decode()
            self.close()
            raise Trouble(f"{self.command[0]}: {why}")
        if self.shared.size != ctypes.sizeof(Shared) or self.shared.version != 1:
            self.close()
            raise Trouble(f"{OBJECT} is of another version than its driver: build and install them together")
        self.kinds = [self.shared.kinds[i].value.decode() for i in range(self.shared.kind_count)]
        self.mappings = Mappings(self.shared.server)

    def _answer(self, timeout):
        """The next answer; None if it does not come in time, or the server is gone."""
        import select
        deadline, got = time.monotonic() + timeout, b""
        while len(got) < ctypes.sizeof(Answer):
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.answers], [], [], left)[0]:
                return None
            some = os.read(self.answers, ctypes.sizeof(Answer) - len(got))
            if not some:
                return None
            got += some
        return Answer.from_buffer_copy(got)

    def _read(self, which):
        self.files[which].seek(0)
        return self.files[which].read()

    def run(self, strategy, parameter=0, seed=0, flags=0, switches=(), first_order=False, max_choices=0):
        """One run, from the program's beginning to its end or the time limit."""
        request = self.shared.request
        request.strategy, request.parameter, request.seed, request.flags = strategy, parameter, seed, flags
        request.first_order, request.max_choices, request.switch_count = first_order, max_choices, len(switches)
        for i, (thread, step, access, following) in enumerate(switches):
            request.switches[i] = Switch(thread, following, step, access)
        for file in self.files:
            os.ftruncate(file.fileno(), 0)
        try:
            os.write(self.commands, b"r")
        except BrokenPipeError:
            raise Trouble(f"{self.command[0]}: the scheduler's server is gone") from None
        answer, timed_out = self._answer(self.timeout), False
        if answer is None:
            if self.process.poll() is not None:
                raise Trouble(f"{self.command[0]}: the scheduler's server is gone")
            timed_out = True
            self.kill_run()
            answer = self._answer(30)
            if answer is None:
                raise Trouble(f"{self.command[0]}: a run could not be ended")
        return Run(self, answer.status, self._read(0), self._read(1), timed_out)

    def kill_run(self):
        """Ends the run that is under way, and what it has started."""
        process = self.shared.result.process
        if process > 0:
            for kill in (os.killpg, os.kill):
                try:
                    kill(process, signal.SIGKILL)
                except (ProcessLookupError, PermissionError):
                    pass

    def replay(self, switches, flags=0):
        return self.run(REPLAY, switches=switches, flags=flags)

    def orders(self, bound, flags=0):
        """All orders, each once: the runs; the last one has last_order set unless the bound cut it off."""
        first, runs = True, 0
        while runs < bound:
            run = self.run(ORDERS, first_order=first, flags=flags)
            first, runs = False, runs + 1
            yield run
            if run.last_order:
                return

    def close(self):
        """Ends the server and whatever it runs."""
        for descriptor in ("commands", "answers"):
            if getattr(self, descriptor, -1) >= 0:
                os.close(getattr(self, descriptor))
                setattr(self, descriptor, -1)
        if self.process.poll() is None:
            try:
                self.process.wait(2)
            except subprocess.TimeoutExpired:
                self.kill_run()
                self.process.kill()
                self.process.wait()
        for file in self.files:
            file.close()


# ------------------------------------------------------------------------------------------ shrinking

def shrink(server, run, problem, limit=400):
    """The switches that are needed for run to show problem again (a member of run.verdicts()): delta
    debugging, then one by one; what a run has really made is adopted. Returns (switches, tries)."""
    tries = 0

    def shows(switches):
        nonlocal tries
        tries += 1
        again = server.replay(switches)
        return again.switches if problem in again.verdicts() else None

    best = list(run.switches)
    adopted = shows(best)
    if adopted is None:
        return None, tries
    best = adopted if len(adopted) <= len(best) else best
    pieces = 2
    while len(best) >= 1 and tries < limit:
        size = max(1, len(best) // pieces)
        for start in range(0, len(best), size):
            rest = best[:start] + best[start + size:]
            adopted = shows(rest)
            if adopted is not None:
                best = adopted if len(adopted) <= len(rest) else rest
                pieces = max(pieces - 1, 2)
                break
            if tries >= limit:
                break
        else:
            if size == 1:
                break
            pieces = min(len(best), pieces * 2)
    return best, tries


# -------------------------------------------------------------------------------------- addresses to lines

class Mappings:
    """Which file an address of the server belongs to. All its runs have the same addresses."""

    def __init__(self, process):
        self.starts, self.entries, bases = [], [], {}
        with open(f"/proc/{process}/maps", encoding="utf-8", errors="surrogateescape") as maps:
            for line in maps:
                fields = line.split(maxsplit=5)
                if len(fields) < 6 or not fields[5].startswith("/"):
                    continue
                start, end = (int(part, 16) for part in fields[0].split("-"))
                path = fields[5].rstrip("\n")
                bases.setdefault(path, start - int(fields[2], 16))
                self.starts.append(start)
                self.entries.append((start, end, path, bases[path]))

    def find(self, address):
        """(path, offset in the file as linked), or None."""
        i = bisect.bisect_right(self.starts, address) - 1
        if i < 0 or address >= self.entries[i][1]:
            return None
        return self.entries[i][2], address - self.entries[i][3]


class Place:
    """A line of source: function, file, line; inlined callers follow in a list."""

    def __init__(self, function, file, line, module):
        self.function, self.file, self.line, self.module = function, file, line, module

    def __str__(self):
        if self.line:
            return f"{self.function} {self.file}:{self.line}"
        return f"{self.function} ({os.path.basename(self.module)})"


class Symbols:
    """Lines for addresses, by addr2line, each asked once."""

    def __init__(self, mappings):
        self.mappings, self.known, self.fixed = mappings, {}, {}

    def _is_fixed(self, path):
        """Linked to fixed addresses?"""
        if path not in self.fixed:
            with open(path, "rb") as file:
                self.fixed[path] = int.from_bytes(file.read(18)[16:18], "little") == 2
        return self.fixed[path]

    def learn(self, addresses):
        wanted = {}
        for address in addresses:
            found = self.mappings.find(address) if address not in self.known else None
            if found:
                path, offset = found
                wanted.setdefault(path, []).append((address, address if self._is_fixed(path) else offset))
            else:
                self.known.setdefault(address, [Place(f"{address:#x}", "", 0, "?")])
        for path, pairs in wanted.items():
            self._ask(path, pairs)

    def _ask(self, path, pairs):
        tool = shutil.which("llvm-symbolizer") and False or shutil.which("addr2line")
        if not tool:
            raise Trouble("addr2line (package binutils) is missing: it gives addresses their lines")
        given = "".join(f"{offset:#x}\n" for _, offset in pairs)
        told = subprocess.run([tool, "-aifCe", path], input=given, capture_output=True, text=True, errors="replace",
                              check=False).stdout.splitlines()
        at, current = -1, []
        for i, line in enumerate(told):
            if re.fullmatch(r"0x[0-9a-f]+", line):
                at, current = at + 1, []
                self.known[pairs[at][0]] = current
            elif i and (re.fullmatch(r"0x[0-9a-f]+", told[i - 1]) or not re.search(r":(\d+|\?)( \(|$)", line)):
                current.append(Place(line if line != "??" else f"{os.path.basename(path)}+{pairs[at][1]:#x}", "", 0, path))
            elif current:
                match = re.match(r"(.*):(\d+|\?)(?: \(.*)?$", line)
                if match and match[1] != "??":
                    current[-1].file = match[1]
                    current[-1].line = int(match[2]) if match[2] != "?" else 0

    def call(self, pc):
        """The line of the call that returns to pc, the innermost inlined function first."""
        self.learn([pc - 1])
        return self.known[pc - 1]

    def start(self, address):
        """The function that begins there."""
        self.learn([address])
        return self.known[address][-1]


RUNTIME = re.compile(r"^(?:lib(?:tsan|clang_rt|c|pthread|racetest|stdc\+\+|gcc_s)[-.\d]|ld-)")


class Teller:
    """Runs as text."""

    def __init__(self, server):
        self.server, self.symbols = server, Symbols(server.mappings)
        self.sources = {}

    def line(self, pc, call=True):
        places = self.symbols.call(pc) if call else [self.symbols.start(pc)]
        place = places[0]
        return f"{place.function} {os.path.basename(place.file)}:{place.line}" if place.line else str(place)

    def source(self, pc):
        place = self.symbols.call(pc)[0]
        if not place.line:
            return ""
        if place.file not in self.sources:
            try:
                with open(place.file, encoding="utf-8", errors="replace") as file:
                    self.sources[place.file] = file.read().splitlines()
            except OSError:
                self.sources[place.file] = []
        lines = self.sources[place.file]
        return lines[place.line - 1].strip() if place.line <= len(lines) else ""

    def own(self, pcs):
        """The frames of a stack that are the program's."""
        self.symbols.learn([pc - 1 for pc in pcs])
        kept = [pc for pc in pcs if not RUNTIME.match(os.path.basename((self.server.mappings.find(pc - 1) or ("?",))[0]))]
        return kept or list(pcs)

    def name(self, run, thread):
        if thread == 0:
            return "T0 (main)"
        if 0 < thread < len(run.starts) and run.starts[thread]:
            return f"T{thread} ({self.symbols.start(run.starts[thread]).function})"
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


# ---------------------------------------------------------------------------------------- as a program

def arguments():
    parser = argparse.ArgumentParser(description="run a program built with ThreadSanitizer under chosen schedules")
    parser.add_argument("-n", type=int, default=100, metavar="N", help="so many runs (default 100)")
    parser.add_argument("--strategy", choices=[n for n in NAMES.values() if n != "replay"] + ["rotation"], default="rotation")
    parser.add_argument("--parameter", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--replay", metavar="SCHEDULE")
    parser.add_argument("--exhaustive", action="store_true")
    parser.add_argument("--accesses", choices=["none", "shared", "all"], default="shared")
    parser.add_argument("--timeout", type=float, default=10.0)
    parser.add_argument("--trace", action="store_true", help="print the acts of the run that --replay makes")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    if given.command[:1] == ["--"]:
        del given.command[0]
    if not given.command:
        parser.error("which program?")
    return given


def run_of(given, server, number):
    strategy, parameter, flags = rotation(number)
    if given.strategy != "rotation":
        strategy = next(key for key, name in NAMES.items() if name == given.strategy)
        parameter = given.parameter
    flags &= ~ACCESSES
    flags |= {"none": 0, "shared": ACCESSES, "all": ALL_ACCESSES}[given.accesses]
    return server.run(strategy, parameter, given.seed + number, flags)


def show_replay(given, server):
    run = server.replay(parse_switches(given.replay), TRACE)
    teller = Teller(server)
    if given.trace:
        for event in run.events:
            print(f"T{event.thread} {event.step}+{event.access} {server.kinds[event.kind]} {event.object:#x} "
                  f"{teller.line(event.pc) if event.pc else ''}{' blocked' if event.flags & EVENT_BLOCKED else ''}")
    print(teller.story(run))
    print(teller.verdict(run))
    return 1 if run.verdicts() else 0


def hunt(given, server):
    teller, seen, began = Teller(server), {}, time.monotonic()
    for number in range(given.n):
        run = run_of(given, server, number)
        for problem in run.verdicts() - seen.keys():
            seen[problem] = number + 1
            print(f"--- run {number + 1}: {problem[0]}, {len(run.switches)} switches")
            switches, tries = shrink(server, run, problem)
            if switches is None:
                print("not seen again by its replay" + (f" ({run.text})" if run.inexact else ""))
                print(teller.verdict(run))
                continue
            print(f"shrunk in {tries} replays: --replay {format_switches(switches)}")
            again = server.replay(switches, TRACE)
            print(teller.story(again))
            print(teller.verdict(again))
    took = time.monotonic() - began
    print(f"{given.n} runs, {len(seen)} problems, {1000 * took / max(1, given.n):.1f} ms a run")
    return 1 if seen else 0


def exhaust(given, server):
    kinds, teller, began, run = {}, Teller(server), time.monotonic(), None
    runs = 0
    for run in server.orders(given.n):
        runs += 1
        if run.outcome != REPEATED:
            kinds.setdefault(run.verdicts(), []).append(run)
    for verdicts, those in kinds.items():
        print(f"{len(those)} orders: {', '.join(v[0] for v in verdicts) or 'no problem'}   --replay "
              f"{format_switches(those[0].switches)}")
        if verdicts:
            print(teller.verdict(those[0]))
    whole = run is not None and run.last_order
    print(f"{'all ' if whole else 'cut off after '}{run.orders} orders in {runs} runs, "
          f"{1000 * (time.monotonic() - began) / runs:.1f} ms a run")
    return 1 if set(kinds) - {frozenset()} else 0


def main():
    given = arguments()
    try:
        with Server(given.command, timeout=given.timeout) as server:
            if given.replay is not None:
                return show_replay(given, server)
            return exhaust(given, server) if given.exhaustive else hunt(given, server)
    except Trouble as trouble:
        print(f"schedule: {trouble}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
