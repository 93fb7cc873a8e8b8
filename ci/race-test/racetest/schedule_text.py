"""A schedule, and how it is written."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from .schedule_memory import MAX_THREADS, PHASES
from .trouble import Trouble


Switch = tuple[int, int, int, int]  # thread, step, access, next


class Schedule(NamedTuple):
    """Who goes first where; and a phase, on which depends what ThreadSanitizer forgets (tsan_shift in
    tsan/schedule/tsan.c)."""
    switches: Sequence[Switch]
    phase: int = 0


def format_schedule(schedule: Schedule) -> str:
    """As text: phase:2,0@12:1,1@3+2:0 - in phase 2, thread 0 before its act 12 lets 1 go first, 1 before act 3,
    access 2, lets 0."""
    phase = [f"phase:{schedule.phase}"] if schedule.phase else []
    return ",".join(phase + [format_switch(switch) for switch in schedule.switches]) or "-"


def format_switch(switch: Switch) -> str:
    thread, step, access, following = switch
    return f"{thread}@{step}{f'+{access}' if access else ''}:{following}"


def parse_schedule(written: str) -> Schedule:
    """What format_schedule() has written."""
    items = [] if written == "-" else written.split(",")
    phase = 0
    if items and items[0].startswith("phase:"):
        number = items.pop(0)[len("phase:"):]
        if not re.fullmatch(r"[0-9]+", number) or int(number) >= PHASES:
            raise Trouble(f"schedule: phase {number!r}: expected 0 to {PHASES - 1}")
        phase = int(number)
    return Schedule([parse_switch(item) for item in items], phase)


def parse_switch(item: str) -> Switch:
    match = re.fullmatch(r"(\d+)@(\d+)(?:\+(\d+))?:(\d+)", item)
    if not match:
        raise Trouble(f"schedule: {item!r}: expected THREAD@STEP:NEXT or THREAD@STEP+ACCESS:NEXT, or - for none")
    thread, step, access, following = (int(number or 0) for number in match.groups())
    if thread >= MAX_THREADS or following >= MAX_THREADS:
        raise Trouble(f"schedule: {item!r}: threads are numbered up to {MAX_THREADS - 1}")
    if max(step, access) >= 1 << 32:
        raise Trouble(f"schedule: {item!r}: steps and accesses are numbered up to {(1 << 32) - 1}")
    return thread, step, access, following
