"""The memory that the scheduler and its driver share: tsan/schedule/interface.h, line by line."""

import ctypes

VERSION = 12
MAX_THREADS, MAX_SWITCHES, MAX_EVENTS, MAX_REPORTS = 8192, 1 << 16, 1 << 16, 32
MAX_FRAMES, MAX_STACKS, MAX_CALLERS, MAX_HELD, MAX_BLOCKED, MAX_KINDS = 32, 8, 15, 16, 128, 96
PHASES = 4
MAX_PLACES, MAX_ACTING, MAX_ACTED = 1 << 21, 256, 256
REPLAY, WALK, PCT, POS, SURW, ORDERS, TURNS, HOLD = range(8)
ACCESSES, ALL_ACCESSES, HASTY, TRACE, TRACE_ACCESSES, LEARN = 1, 2, 4, 8, 16, 32
TRACE_CALLERS, READY, UNREDUCED = 64, 128, 256
RUNNING, ENDED, DEADLOCK, LIVELOCK, LIMIT, REPEATED, REFUSED = range(7)
MADE, IMPOSSIBLE = 1, 3  # fates of switches
EVENT_BLOCKED, EVENT_FAILED, EVENT_TIMED_OUT, EVENT_HELD = 1, 2, 4, 8
u8, u16, u32, u64, i32, text = (ctypes.c_uint8, ctypes.c_uint16, ctypes.c_uint32, ctypes.c_uint64, ctypes.c_int32,
                                ctypes.c_char)


class Switch(ctypes.Structure):
    _fields_ = [("thread", u16), ("next", u16), ("step", u32), ("access", u32)]


class Request(ctypes.Structure):
    _fields_ = [("strategy", u32), ("parameter", u32), ("seed", u64), ("flags", u32), ("first_order", u32),
                ("max_choices", u32), ("phase", u32), ("switch_count", u32), ("switches", Switch * MAX_SWITCHES)]


class Event(ctypes.Structure):
    _fields_ = [("pc", u64), ("object", u64), ("argument", u64), ("step", u32), ("access", u32), ("thread", u16),
                ("kind", u16), ("flags", u16), ("size", u16), ("callers", u64 * MAX_CALLERS)]


class Stack(ctypes.Structure):
    _fields_ = [("thread", i32), ("size", u32), ("writes", u32), ("atomic", u32), ("address", u64),
                ("pcs", u64 * MAX_FRAMES)]


class Report(ctypes.Structure):
    _fields_ = [("kind", text * 64), ("event", u32), ("count", u32), ("thread", u32), ("step", u32), ("access", u32),
                ("stacks", Stack * MAX_STACKS), ("place", text * 16), ("memory", Stack),
                ("mutexes", u64 * 4)]


class Held(ctypes.Structure):
    _fields_ = [("object", u64), ("pc", u64), ("kind", u32), ("unused", u32)]


class Blocked(ctypes.Structure):
    _fields_ = [("thread", u32), ("kind", u32), ("object", u64), ("pc", u64), ("holder", i32), ("held_count", u32),
                ("held", Held * MAX_HELD), ("pcs", u64 * MAX_FRAMES), ("call", text * 48)]


class Result(ctypes.Structure):
    _fields_ = [("process", i32), ("outcome", u32), ("threads", u32), ("choices", u32), ("steps", u64),
                ("inexact", u32), ("diverged", u32), ("switch_count", u32),
                ("event_count", u32), ("report_count", u32), ("blocked_count", u32), ("running", i32),
                ("orders", u64), ("last_order", u32), ("started", u32), ("ending", u32), ("text", text * 256),
                ("starts", u64 * MAX_THREADS), ("handles", u64 * MAX_THREADS),
                ("creators", u16 * MAX_THREADS), ("switches", Switch * MAX_SWITCHES),
                ("fates", u8 * MAX_SWITCHES), ("reports", Report * MAX_REPORTS), ("blocked", Blocked * MAX_BLOCKED),
                ("events", Event * MAX_EVENTS)]


class Learnt(ctypes.Structure):
    _fields_ = [("choices", u32), ("shared", u32), ("place", u8 * MAX_PLACES), ("acts", u32 * MAX_ACTING * 64),
                ("acted", u8 * MAX_ACTED), ("held", u32), ("preempted", u32), ("picks", u32 * MAX_ACTING)]


class Shared(ctypes.Structure):
    _fields_ = [("magic", u32), ("version", u32), ("size", u64), ("server", i32), ("kind_count", u32),
                ("refused", text * 256), ("kinds", text * 32 * MAX_KINDS), ("request", Request), ("learnt", Learnt),
                ("result", Result)]


class Answer(ctypes.Structure):
    _fields_ = [("process", i32), ("status", i32)]
