"""What the waitgroup library says: its panics, its reports of waits that block, options that it refuses."""

import re
from typing import NamedTuple

from racetest.frames import Frame, frames_of, program_frames
from racetest.pattern import pattern
from racetest.problem import Finding
from racetest.tsan_log import stacks_in

PANIC = pattern(r"^panic: ((?:sync|waitgroup): .*?)\s*$", "panic: sync: negative WaitGroup counter", flags=re.M)
TASK = pattern(r"^  this is the Done that waitgroup_go\(\) calls after the task:\n(    #0 .*)$",
               "  this is the Done that waitgroup_go() calls after the task:\n    #0 task /a/b.c:3 (prog+0x12)", flags=re.M)
WORDS = pattern(PANIC.pattern + r"|^waitgroup: a Wait has been blocked .*$",
                "waitgroup: a Wait has been blocked for 10.0 s", flags=re.M)
REFUSAL = pattern(r"^waitgroup: ((?:WAITGROUP_OPTIONS|waitgroup_default_options\(\)): .*)$",
                  "waitgroup: WAITGROUP_OPTIONS: unknown option: nonsense=1", flags=re.M)


class Stall(NamedTuple):
    text: str
    stack: list[Frame]


def library_reports(output: str, log: str, name: str) -> tuple[list[Finding], list[Stall]]:
    """The library's panics, and its reports of waits that block, in what it said. With a log, its
    words are in the output and the stacks that TSan printed for it in the log: pair them in order."""
    stacks = stacks_in(log)
    panics, stalls = [], []
    words = list(WORDS.finditer(output))
    for here, following in zip(words, [*words[1:], None]):
        text = output[here.start():following.start() if following else here.start() + 4000].rstrip("\n")
        stack = frames_of(text.splitlines())
        if not stack and stacks:
            lines = stacks.pop(0)
            stack, text = frames_of(lines), "\n".join([text, *lines])
        if here[1]:
            task = TASK.search(text)
            if task:
                stack += frames_of([task[1]])
            where = program_frames(stack)[0] if stack else name
            panics.append(Finding("panic", f"{here[1]}: {where}", text, [stack]))
        else:
            stalls.append(Stall(text, stack))
    return panics, stalls
