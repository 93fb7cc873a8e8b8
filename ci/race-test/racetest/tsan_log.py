"""ThreadSanitizer's log: reports, crashes, and what else its runtime says."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from racetest.frames import Frame, allocated_by, frame_of, frames_of, number_of, program_frames
from racetest.pattern import pattern
from racetest.problem import Finding
from racetest.variables import Variables, name_at, name_told

REPORT = pattern(r"^WARNING: ThreadSanitizer: (.*?)(?: \(pid=\d+\))?$",
                 "WARNING: ThreadSanitizer: unlock of an unlocked mutex (or by a wrong thread) (pid=21937)")
HINT = pattern(r" \([^()]*\)$", "lock-order-inversion (potential deadlock)")
CRASH = pattern(r"^(?:==\d+==)?ERROR: ThreadSanitizer: ([\w-]+)",
                "==7==ERROR: ThreadSanitizer: SEGV on unknown address 0x000000000000 (pc 0x55 bp 0x7f sp 0x7f T7)")

HEADING = pattern(r"^  \S", "  Previous write of size 8 at 0x55b2060591c8 by thread T1:")
ACCESS = pattern(r"(?:read|write|access) of |acquired here while holding",
                 "  Read of size 8 at 0x55b2060591c8 by main thread:",
                 "  Modifying access of Container at 0x55aacf6d5840 by main thread:",
                 "  Mutex M1 acquired here while holding mutex M0 in thread T1:", flags=re.I)
TAKEN = pattern(r"^Mutex \S+ (?:acquired here while holding|previously acquired by the same thread)",
                "Mutex M1 acquired here while holding mutex M0 in thread T1:",
                "Mutex M0 previously acquired by the same thread here:")
ASIDE = pattern(r"^(?:Thread |Location |Mutex \S+ \S* ?created|As if synchronized|Hint)",
                "Thread T1 (tid=21720, finished) created by main thread at:", "Location is stack of main thread.",
                "Mutex M0 (0x556843f4c300) created at:", "As if synchronized via sleep:")
LOST = "[failed to restore the stack]"

GLOBAL = pattern(r"^Location is global '(.*?)'(?: of size \d+)? at (0x[0-9a-f]+)",
                 "Location is global 'count_both.calls' of size 8 at 0x55e99ed3e860 (prog+0x1497860)")
HEAP = pattern(r"^Location is heap block of size \d+",
               "Location is heap block of size 64 at 0x7b1000000 allocated by main thread:")
DESCRIPTOR = pattern(r"^Location is file descriptor \d+", "Location is file descriptor 3 created by main thread at:")
OF_THREAD = pattern(r"^Location is (stack|TLS) of (main thread|thread T\d+)",
                    "Location is stack of thread T1.", "Location is TLS of main thread.")
ACCESSED = pattern(r" at (0x[0-9a-f]+) by ", "Read of size 4 at 0x7fdb8913c4bc by main thread:")
CYCLE = pattern(r"^Cycle in lock order graph: ", "Cycle in lock order graph: M0 (0x55e99ed3e8) => M1 (0x55e99ed3f8) => M0")
ADDRESS = pattern(r"\((0x[0-9a-f]+)\)", "M0 (0x559df9ba5140)")


class Section(NamedTuple):
    """What follows one heading of a report."""
    heading: str
    stack: list[Frame]
    lost: bool = False  # the runtime remembers no stack any more


def sections_of(block: list[str]) -> list[Section]:
    """Some kinds of report have no heading above their first stack: theirs is empty."""
    parts: list[tuple[str, list[str]]] = [("", [])]
    for line in block:
        if HEADING.match(line):
            parts.append((line.strip(), []))
        else:
            parts[-1][1].append(line)
    return [Section(heading, frames_of(body), any(LOST in line for line in body))
            for heading, body in parts if heading or frames_of(body)]


def stacks_that_matter(sections: list[Section]) -> list[list[Frame]]:
    """The accesses, if the report has some; else what stands first; else (a thread leak) any. Of an inversion all, in
    pairs, empty ones among them."""
    taken = [section.stack for section in sections if TAKEN.match(section.heading)]
    if taken:
        return taken
    first = [section for section in sections if not ASIDE.match(section.heading)]
    for wanted in ([section for section in first if ACCESS.search(section.heading)], first, sections):
        stacks = [section.stack for section in wanted if section.stack]
        if stacks:
            return stacks
    return []


def object_of(sections: list[Section], processes: Sequence[Variables]) -> str:
    """The object of which the report speaks, by a name that stays: of a variable its own, of a heap block the
    function that has allocated it, of a stack the function that its thread began with."""
    for heading, stack, _ in sections:
        match = GLOBAL.match(heading)
        if match:
            return name_at(int(match[2], 16), processes) or ("" if match[1] == "<null>" else name_told(match[1]))
        if CYCLE.match(heading):
            return names_of([int(address, 16) for address in ADDRESS.findall(heading)], processes)
        for form, what in ((HEAP, "heap block"), (DESCRIPTOR, "file descriptor")):
            if form.match(heading):
                return f"{what} of {allocated_by(stack)}" if stack else ""
        match = OF_THREAD.match(heading)
        if match:
            owner = match[2] if match[2] == "main thread" else entry_of(match[2], sections)
            addresses = [int(access[1], 16) for section in sections if (access := ACCESSED.search(section.heading))]
            name = name_at(addresses[0], processes) if match[1] == "TLS" and addresses else ""
            return place_in(match[1], name, owner)
    return ""


def place_in(what: str, name: str, owner: str) -> str:
    """A place in a thread's memory, in a key."""
    return f"{what}{f' {name}' if name else ''} of {owner}"


def names_of(mutexes: list[int], processes: Sequence[Variables]) -> str:
    """What those have for names, in a key."""
    return " | ".join(sorted(filter(None, {name_at(address, processes) for address in mutexes})))


def entry_of(thread: str, sections: list[Section]) -> str:
    """How the thread is called in a key: by the program's function that it began with; if the report shows no
    stack of it, by the one that has created it."""
    number = thread.rpartition(" ")[2]
    for heading, stack, _ in sections:
        if stack and ACCESS.search(heading) and re.search(rf"\b(?:by|in) thread {number}\b", heading):
            own = [frame for frame in stack if not frame.is_runtime()]
            return f"thread of {(own or stack)[-1]}"
    for heading, stack, _ in sections:
        if stack and heading.startswith(f"Thread {number} "):
            return f"thread from {program_frames(stack)[0]}"
    return "thread"


def report_finding(block: list[str], processes: Sequence[Variables]) -> Finding:
    """A finding from the lines of one report, WARNING line first."""
    head = REPORT.match(block[0])
    assert head
    sections = sections_of(block[1:])
    stacks = stacks_that_matter(sections)
    finding = Finding(HINT.sub("", head[1]), None, "\n".join(block), stacks, object_of(sections, processes))
    if any(section.lost and ACCESS.search(section.heading) for section in sections) and len(stacks) < 2:
        finding.key += " | ?"
    return finding


def findings_in(text: str, processes: Sequence[Variables] = ()) -> tuple[list[Finding], str]:
    """TSan's reports and crashes, and the lines that belong to no report. The processes are those that may have
    written them."""
    found, rest, lines, i = [], [], text.splitlines(), 0
    while i < len(lines):
        line = lines[i]
        if REPORT.match(line):
            end = i + 1
            while end < len(lines) and not lines[end].startswith("======") and not REPORT.match(lines[end]):
                end += 1
            found.append(report_finding(lines[i:end], processes))
            i = end
            continue
        crash = CRASH.match(line)
        if crash:
            found.append(Finding(crash[1], None, "\n".join(lines[i:i + 60]), [frames_of(lines[i + 1:])]))
        rest.append(line)
        i += 1
    return found, "\n".join(rest)


def stacks_in(text: str) -> list[list[str]]:
    """The lines of each stack in the text."""
    stacks: list[list[str]] = []
    for line in text.splitlines():
        if number_of(line) == 0:
            stacks.append([])
        if stacks and frame_of(line):
            stacks[-1].append(line)
    return stacks
