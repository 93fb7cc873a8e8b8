"""The verdict on one run: what it has found, or why the program cannot be tested.

Findings come from what the run has written, never from the fact that its status is not 0 alone, and none
hides another: ThreadSanitizer's reports, the library's panics, the runtime's last words, and how the program
itself ended, each stands for itself."""

import os
import re
import shutil
import signal
from collections.abc import Container, Iterable
from typing import NamedTuple, Optional

from racetest.addresses import AddressSpace, Symbols, line_of
from racetest.frames import Frame, frames_of, own_frames, program_frames, without_preloaded
from racetest.hang import Hang
from racetest.library import PANIC, REFUSAL, Stall, library_reports
from racetest.manner import TSAN_OPTIONS
from racetest.names import modules_of, with_full_names
from racetest.pattern import pattern
from racetest.problem import Finding
from racetest.process import Run
from racetest.text import count, ending, shown
from racetest.tsan_log import findings_in, stacks_in
from racetest.witness import Stack, Witness

LOADER = pattern(r"(?:error while loading shared libraries: |symbol lookup error: |\S+: version `.*' not found"
                 r"|Error loading shared library |Error relocating ).*$",
                 "./prog: error while loading shared libraries: libneeded.so: cannot open shared object file",
                 flags=re.M)
ASSERTION = pattern(r"^.*?(?:[^\s:]+: )?([^\s:]+):(\d+): (?:.*: )?Assertion `(.*)' failed\.$",
                    "as: /tmp/as.c:17: int main(void): Assertion `total == 2' failed.", flags=re.M)
UNKNOWN_FLAGS = pattern(r"WARNING: found \d+ unrecognized flag\(s\):\n((?: +.*\n?)+)",
                        "WARNING: found 1 unrecognized flag(s):\n    nonsense\n")

# Lines of the log that explain nothing; the others do.
NOISE = pattern(r"^(?:=+|ThreadSanitizer: reported \d+ warnings?|ThreadSanitizer:DEADLYSIGNAL|WARNING: .*|\s*"
                r"|ThreadSanitizer: Matched \d+ suppressions.*|ThreadSanitizer can not provide additional info\.)$",
                "==================", "ThreadSanitizer: reported 2 warnings",
                "WARNING: Symbolizer was blocked from starting itself!")
LAST_WORDS = pattern(
    r"^(?:==\d+==)?(?:FATAL: |ERROR: (?!ThreadSanitizer)|ERROR: ThreadSanitizer (?!:)"
    r"|(?:FATAL: )?ThreadSanitizer: (?=CHECK failed|ERROR|failed to|incorrect value|unexpected|starting new threads"
    r"|dup thread|can't|nested bug|internal allocator|.*finished with ignores))(.*)$",
    "FATAL: ThreadSanitizer: unexpected memory mapping 0x7fb35c6a5000-0x7fb35cb00000",
    "FATAL: Unrecognized delay spec: nonsense",
    "ThreadSanitizer: failed to read suppressions file '/nowhere'",
    "ThreadSanitizer: thread T1  finished with ignores enabled, created at:",
    "ThreadSanitizer: CHECK failed: tsan_rtl.cpp:300 \"((thr->ignore_sync)) >= ((0))\" (0xffffffff, 0x0) (tid=7)",
    "==7==ERROR: External symbolizer path is set to '/nowhere' which isn't a known symbolizer. Please set it",
    flags=re.M)
CHANGING = pattern(r"0x[0-9a-f]+|\(tid=\d+\)|\b(?:T|tid |pid )?\d+\b|==\d+==|, created at:|:$",
                   "thread T1  finished with ignores enabled, created at:")


class Verdict:
    """Findings; or trouble, a text; or that the run has to be made again."""

    def __init__(self, findings: Optional[list[Finding]] = None, trouble: str = "", again: bool = False,
                 commands: Optional[dict[str, str]] = None) -> None:
        self.findings, self.trouble, self.again = findings or [], trouble, again
        self.commands = commands or {}  # by key, those that make the very same run again


class Said(NamedTuple):
    """What a run has written, sorted."""
    findings: list[Finding]
    log: str  # the rest of ThreadSanitizer's log
    output: str  # the rest of the program's output


class Assertion(NamedTuple):
    file: str
    line: int
    text: str


def judge(run: Run, symbols: Symbols, hang: Optional[Hang] = None) -> Verdict:
    if run.asking:
        return Verdict(trouble=unknown_flags(run.logs + run.output.text()))
    program, name = run.program, run.program.label
    begun = [witness for witness in run.witnesses.values() if witness.path]
    modules = modules_of([mapping.path for witness in begun for mapping in witness.mappings])
    processes = [witness.variables(symbols) for witness in begun]
    from_log, log = findings_in(with_full_names(run.logs, modules, symbols), processes)
    from_output, output = findings_in(with_full_names(run.output.text(), modules, symbols), processes)
    said = Said(from_log + from_output, log, output)
    program.has_tsan = program.has_tsan or bool(begun) or bool(said.findings)
    program.learn(begun)

    refusal = REFUSAL.search(output)
    if refusal and run.code == 2:
        return Verdict(trouble=refusal[1])
    if not begun and not said.findings:
        return without_tsan(run, said)
    panics, stalls = library_reports(output, log, name)
    main = run.witnesses.get(run.pid)
    vanished = main is not None and main.ended is None and run.code == 0 and not run.timed_out
    found = said.findings + panics + runtime_end(said.log, vanished and not said.findings, name)
    if run.timed_out:
        program.hangs += 1
        where, stacks = (hang.key, hang.stacks) if hang and hang.key else (name, [])
        found.append(Finding("hang", where, hang_report(hang, stalls, output), stacks))
    elif run.code != 0:
        found += program_end(run.code, last_stack(main, run.pid, symbols), output, name, bool(panics))
    return Verdict(found + dead_children(run.witnesses.values(), {run.pid}, symbols, output, name))


def hang_report(hang: Optional[Hang], stalls: list[Stall], output: str) -> str:
    threads = f"no end within the time limit; {count(len(hang.stacks), 'thread')}:\n\n{hang.text}" if hang else ""
    words = "" if hang and hang.stacks else "\n".join(stall.text for stall in stalls)
    said = f"and this was said:\n\n{shown(output)}" if output.strip() else "(no output)"
    return "\n\n".join(filter(None, [threads, words or said]))


def without_tsan(run: Run, said: Said) -> Verdict:
    """No process of the run got as far as the program's own beginning with ThreadSanitizer in it."""
    words = LAST_WORDS.search(said.log) or LAST_WORDS.search(said.output)
    if words:
        if "unexpected memory mapping" in words[1] and not run.fixed_layout and shutil.which("setarch"):
            run.program.fixed_layout = True
            return Verdict(again=True)
        text = "; ".join(line.strip() for line in (said.log.strip() or said.output.strip()).splitlines()[:8])
        return Verdict(trouble=f"ThreadSanitizer's runtime died: {text}")
    if run.timed_out:
        run.program.hangs += 1
    loader = LOADER.search(said.output)
    if loader and run.code != 0:
        return Verdict(trouble=f"cannot start: {loader[0].strip()} (set LD_LIBRARY_PATH, or run ldconfig after an "
                               "installation)")
    text = "not built with ThreadSanitizer (compile and link with -fsanitize=thread, better also with -g)"
    if run.code != 0:
        text += f", or ended before it: {ending(run.code)}; {' '.join(said.output.split())[-200:]}".rstrip("; ")
    return Verdict(trouble=text)


def unknown_flags(log: str) -> str:
    """What is wrong with the user's TSAN_OPTIONS; some flags of ours not every runtime knows."""
    unknown = {flag.strip() for match in UNKNOWN_FLAGS.finditer(log) for flag in match[1].splitlines()}
    unknown -= set(re.findall(r"(\w+)=", TSAN_OPTIONS))
    return f"TSAN_OPTIONS: not a flag of this ThreadSanitizer: {', '.join(sorted(unknown))}" if unknown else ""


def runtime_end(log: str, vanished: bool, name: str) -> list[Finding]:
    """The runtime has ended the program, and its log says why: a line that is known to be the last, or any in
    the log of a process that has vanished, neither by exit() nor by a signal."""
    lines = [line for line in log.splitlines() if not NOISE.match(line)]
    text = "\n".join(lines)
    words = LAST_WORDS.search(text)
    if not words and not (vanished and lines):
        return []
    first = words[0] if words else lines[0]
    stacks = [frames_of(stack) for stack in stacks_in(text[max(0, text.find("Ignore was enabled at:")):])[:1]]
    kind = " ".join(CHANGING.sub("", words[1] if words and words[1] else first).split())
    where = str(program_frames(stacks[0])[0]) if stacks else name
    return [Finding(f"ThreadSanitizer: {kind}", where, text, stacks)]


def program_end(code: int, stack: list[Frame], output: str, name: str, panicked: bool) -> list[Finding]:
    """The program's own end: a signal, or a status that is not 0."""
    if code == -signal.SIGABRT:
        if any(frame.function.startswith("waitgroup_panic_") for frame in stack) or panicked and not stack:
            return []  # it is the panic's
    own = own_frames(stack)
    kind, where = ending(code), str(own[0]) if own else name
    assertion = assertion_at(stack, own, output) if code == -signal.SIGABRT else None
    if assertion:
        where = f"Assertion `{assertion.text}' failed: {where if own else assertion.file}"
    while len(stack) > 1 and stack[-1].is_runtime():
        stack = stack[:-1]
    lines = [line_of(i, frame) for i, frame in enumerate(without_preloaded(stack))]
    report = "\n".join([shown(output.strip("\n")) or "(no output)", *(["", f"  {kind} here:", *lines] if own else [])])
    return [Finding(kind, where, report, [own] if own else [])]


def assertion_at(stack: list[Frame], own: list[Frame], output: str) -> Optional[Assertion]:
    """What has failed there, of all that the processes of a run have said. Where the call spreads over lines, or the
    place is not known, it is the last one."""
    said = [Assertion(os.path.basename(match[1]), int(match[2]), match[3]) for match in ASSERTION.finditer(output)]
    place = (os.path.basename(own[0].file or ""), own[0].line) if own else None
    here = [assertion for assertion in said if assertion[:2] == place]
    if not here and (not own or any(frame.function.startswith("__assert") for frame in stack)):
        here = said
    return here[-1] if here else None


def last_stack(witness: Optional[Witness], process: int, symbols: Symbols) -> list[Frame]:
    """Where the process stood when it gave itself up."""
    last = witness.last(process) if witness else None
    return frames_at(witness, last, symbols) if witness and last else []


def frames_at(witness: Witness, stack: Stack, symbols: Symbols) -> list[Frame]:
    return AddressSpace(symbols, witness.mappings).stacks_of([stack.addresses])[0]


def dead_children(witnesses: Iterable[Witness], besides: Container[int], symbols: Symbols, output: str,
                  name: str) -> list[Finding]:
    """Processes that have died of themselves, whatever their parents make of that. Of a broken pipe any may die."""
    panicked = PANIC.search(output) is not None
    return [finding for witness in witnesses for stack in witness.dead()
            if stack.process not in besides and int(stack.why) != signal.SIGPIPE
            for finding in program_end(-int(stack.why), frames_at(witness, stack, symbols), output, name, panicked)]
