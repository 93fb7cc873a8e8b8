"""Where all threads of a hung run are, and what each of them waits for.

Whether a thread is blocked is asked of the kernel before anything is asked of the thread, because the
question may wake it. A blocked one is asked once; one that runs is asked several times, and is where all its
answers agree."""

import ctypes
import os
import re
import struct
import time
from collections.abc import Container
from typing import NamedTuple, Optional

from racetest.addresses import AddressSpace, Symbols, line_of, mappings_in
from racetest.frames import Frame, own_frames, without_preloaded
from racetest.pattern import pattern
from racetest.process import living_thread, still_alive
from racetest.variables import name_of
from racetest.witness import text_of, witnesses_in

QUESTION, UNBLOCKABLE = 64, 32  # see witness.c
NOT_BY_RUNTIME = 11  # ThreadSanitizer's own thread blocks signals, but not SIGSEGV
SETTLES, LOOK, ANSWERS, SAMPLES, PAUSE = 1.0, 0.05, 10.0, 8, 0.015  # seconds; how often a running thread is asked
NAPS = 30  # a second: who wakes more rarely waits, by naps, as the library's waits do (ten) and loops with a sleep
SYMBOLIZERS = ("llvm-symbolizer", "addr2line")  # the runtime's children; a thread of the program waits for each answer
FUTEX_CALLS = (202, 98)  # of x86-64 and of aarch64

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
LIBC.ptrace.restype = ctypes.c_long
QUEUE_TO_THREAD, SI_QUEUE = {"aarch64": 240}.get(os.uname().machine, 297), -1
SEIZE, INTERRUPT, SETSIGMASK, DETACH, WALL = 0x4206, 0x4207, 0x420b, 17, 0x40000000

STATE = pattern(r"^\d+ \(.*\) (\w) ", "27492 (hang (x) y) S 1 27492", flags=re.S)
MASK = pattern(r"^(Sig(?:Blk|Cgt|Pnd)):\s+([0-9a-f]+)$", "SigCgt:\t80000001c00004f8", flags=re.M)
SWITCHES = pattern(r"^(?:non)?voluntary_ctxt_switches:\s+(\d+)$", "nonvoluntary_ctxt_switches:\t14", flags=re.M)
DECORATION = pattern(r"^(?:_*interceptor_(?:trampoline_)?|__GI_|_+)?(.*?)(?:@.*|\.\w+(?:\.\d+)?)?$",
                     "___interceptor_sem_wait", "__new_sem_wait_slow64.constprop.0", "clock_nanosleep@GLIBC_2.2.5")

WAITS = (  # for what a call waits
    (r"pthread_mutex_\w*lock|mtx_\w*lock", "a mutex"),
    (r"pthread_rwlock_\w*lock", "a read-write lock"),
    (r"pthread_spin_lock", "a spin lock"),
    (r"pthread_cond_\w*wait|cnd_\w*wait", "a condition variable"),
    (r"sem_\w*wait", "a semaphore"),
    (r"pthread_barrier_wait", "a barrier"),
    (r"pthread_\w*join\w*|thrd_join", "the end of a thread"),
    (r"pthread_once|call_once|cxa_guard_acquire", "an initialization by another thread"),
    (r"waitgroup_(?:clock)?wait", "a group"),
    (r"u?sleep|(?:clock_)?nanosleep|thrd_sleep", "time to pass"),
    (r"p?poll|p?select|epoll_p?wait\w*|p?readv?\w*|p?writev?\w*|recv\w*|send\w*|accept4?|connect|getc|fgets?|fread"
     r"|fwrite", "input or output"),
    (r"wait|wait[34p]\w*|waitid", "a child process"),
    (r"pause|sig\w*wait\w*|sigsuspend", "a signal"),
    (r"flock|lockf(?:64)?|fcntl(?:64)?", "a file lock"),
    (r"msg(?:rcv|snd)|sem(?:timed)?op", "another process"),
    (r"syscall", "a system call"),
)


class Look(NamedTuple):
    """A thread as the kernel shows it."""
    state: str
    switches: tuple[int, ...]
    masks: dict[str, int]
    call: str  # the system call that it is in

    def blocks(self, signal: int) -> bool:
        return bool(self.masks.get("SigBlk", 0) >> (signal - 1) & 1)

    def is_runtimes(self, thread: tuple[int, int]) -> bool:
        """Main is not: the runtime blocks its signals for a moment, too, when it starts its symbolizer."""
        process, number = thread
        return number != process and self.blocks(QUESTION) and not self.blocks(NOT_BY_RUNTIME)


class Thread:
    def __init__(self, process: int, number: int, blocked: bool, call: str) -> None:
        self.process, self.number, self.blocked, self.call = process, number, blocked, call
        self.stacks: list[list[Frame]] = []
        self.told: Optional[str] = None  # of one that takes turns: the call in which it waits, "" for its turn only

    @property
    def stack(self) -> list[Frame]:
        """What all answers have in common, seen from the thread's beginning. One that was given in the middle
        of a call may begin elsewhere, as nothing tells there how the stack goes on: it does not count."""
        begins = [(stack[-1].function, stack[-1].file) for stack in self.stacks]
        usual = max(begins, key=begins.count)
        whole = [stack for stack, begin in zip(self.stacks, begins) if begin == usual]
        common = whole[0][::-1]
        for stack in whole[1:]:
            agree = [a.function == b.function and a.file == b.file for a, b in zip(common, stack[::-1])]
            common = common[:agree.index(False) if False in agree else len(agree)]
        return common[::-1]

    @property
    def own(self) -> list[Frame]:
        """The program's frames; empty if the thread is in none."""
        return own_frames(self.stack)

    @property
    def waits_in(self) -> str:
        """The call in which the thread is: the known one that the program made, or the one it made."""
        if self.told is not None:
            return self.told
        above = self.stack[:len(self.stack) - len(self.own)]
        names = [bare_name(frame.function) for frame in reversed(above) if frame.named]
        return next((name for name in names if what_for(name)), names[0] if names else "")

    @property
    def place(self) -> str:
        where = str(self.own[0])
        return f"{where} in {self.waits_in}" if self.blocked and self.waits_in else f"{where} running"


def bare_name(function: str) -> str:
    match = DECORATION.match(function)
    return match[1] if match and match[1] else function


def what_for(name: str) -> str:
    return next((text for form, text in WAITS if re.fullmatch(form, name)), "")


def look_at(process: int, thread: int) -> Optional[Look]:
    folder = f"/proc/{process}/task/{thread}"
    state, status = STATE.match(text_of(f"{folder}/stat")), text_of(f"{folder}/status")
    if not state:
        return None
    return Look(state[1], tuple(int(n) for n in SWITCHES.findall(status)),
                {name: int(mask, 16) for name, mask in MASK.findall(status)}, text_of(f"{folder}/syscall"))


def look_around(processes: list[int]) -> dict[tuple[int, int], Look]:
    looks = {}
    for process in processes:
        try:
            threads = os.listdir(f"/proc/{process}/task")  # as they began; by number main may be the last
        except OSError:
            continue
        for thread in map(int, threads):
            look = look_at(process, thread)
            if look and look.state not in "ZX":
                looks[process, thread] = look
    return looks


def symbolizer_works(folder: str) -> bool:
    """Whether one of the runtime's does more than wait for a question, by two looks."""
    helpers = [process for process in still_alive(folder) if text_of(f"/proc/{process}/comm").strip() in SYMBOLIZERS]
    before = look_around(helpers)
    time.sleep(LOOK)
    return any(not is_still(look, before.get(thread)) for thread, look in look_around(helpers).items())


def is_still(look: Look, before: Optional[Look]) -> bool:
    return look.state in "SD" and before is not None and look.switches == before.switches


def is_blocked(looks: list[Look], seconds: float) -> tuple[Look, bool]:
    """The look that counts of those at a thread, and whether it is blocked."""
    if len(looks) == 1 or is_still(looks[-1], looks[-2]):
        return looks[-1], len(looks) > 1
    asleep = [look for look in looks if look.state in "SD"]
    naps = 2 * len(asleep) > len(looks) and sum(looks[-1].switches) - sum(looks[0].switches) < NAPS * seconds
    return (asleep if naps else looks)[-1], naps


class Examination:
    """Of the processes of a hung run, while they are alive."""

    def __init__(self, folder: str, symbols: Symbols, without: Container[int]) -> None:
        self.folder = folder
        caught = {p: look_at(p, p) for p in still_alive(folder)}
        self.processes = sorted(p for p, look in caught.items()
                                if p not in without and look and look.masks.get("SigCgt", 0) >> (QUESTION - 1) & 1)
        self.spaces = {p: AddressSpace(symbols, mappings_in(text_of(f"/proc/{p}/task/{living_thread(p)}/maps")))
                       for p in self.processes}
        self.threads = [Thread(p, t, blocked, look.call) for (p, t), (look, blocked) in self.settled().items()
                        if not look.is_runtimes((p, t))]
        self.answered: dict[int, int] = {}
        for sample in range(SAMPLES):
            asked = [t for t in self.threads if sample == 0 or not t.blocked]
            if sample:
                time.sleep(PAUSE)
            self.ask(asked)
        self.take_stacks()

    def settled(self) -> dict[tuple[int, int], tuple[Look, bool]]:
        """How each thread looks, and whether it is blocked: when all are, or when time has passed."""
        begun, passed = time.monotonic(), 0.0
        history = [look_around(self.processes)]
        while passed < ANSWERS:
            symbolizing = symbolizer_works(self.folder)  # a thread waits for its answer, and has a stack to come back to
            history.append(look_around(self.processes))
            passed = time.monotonic() - begun
            moving = [thread for thread, look in history[-1].items()
                      if not look.is_runtimes(thread) and not is_still(look, history[-2].get(thread))]
            if not symbolizing and (not moving or passed > SETTLES):
                break
        return {thread: is_blocked([looks[thread] for looks in history if thread in looks], passed)
                for thread in history[-1]}

    def stacks(self) -> dict[int, list[list[int]]]:
        found: dict[int, list[list[int]]] = {}
        for witness in witnesses_in(self.folder).values():
            for stack in witness.stacks:
                if stack.why == "asked":
                    found.setdefault(stack.thread, []).append(stack.addresses)
        return found

    def ask(self, threads: list[Thread]) -> None:
        before = {number: len(stacks) for number, stacks in self.stacks().items()}
        for thread in threads:
            ask(thread, question_for(thread))
        end = time.monotonic() + ANSWERS
        waiting = list(threads)
        while waiting and time.monotonic() < end:
            answers = self.stacks()
            waiting = [t for t in waiting if len(answers.get(t.number, ())) <= before.get(t.number, 0)
                       and (look := look_at(t.process, t.number)) and look.state not in "ZXTt"]
            if waiting:
                time.sleep(0.01)

    def take_stacks(self) -> None:
        answers = self.stacks()
        told = {number: call for witness in witnesses_in(self.folder).values() for number, call in witness.waits.items()}
        for thread in self.threads:
            stacks = answers.get(thread.number, [])
            thread.stacks = [without_preloaded(stack) for stack in self.spaces[thread.process].stacks_of(
                stacks[:1] if thread.blocked else stacks) if stack]
            if thread.number in told:
                thread.told, thread.blocked = told[thread.number], told[thread.number] != ""
        self.threads = [t for t in self.threads if t.stacks and t.own]

    # --- what they wait for

    def object_of(self, thread: Thread) -> str:
        """The object by name, and who has it, as far as its memory tells."""
        kind = what_for(thread.waits_in)
        words = thread.call.split()
        if thread.told is not None or len(words) < 2 or not words[0].isdigit() or int(words[0]) not in FUTEX_CALLS:
            return ""
        address = int(words[1], 16)
        if kind == "the end of a thread":
            return f" ({self.name_of(self.number_at(thread.process, address))})"
        variable = self.spaces[thread.process].variable_at(address)
        name = name_of(*variable[:2]) if variable else ""
        if kind == "a mutex":
            holder = self.number_at(thread.process, address + 8)
            place = f"+{variable[2]}" if variable and variable[2] else ""
            return f" ({name + place + ', ' if name else ''}held by {self.name_of(holder)})"
        return f" ({name})" if name else ""

    @staticmethod
    def number_at(process: int, address: int) -> int:
        try:
            with open(f"/proc/{process}/task/{living_thread(process)}/mem", "rb") as memory:
                memory.seek(address)
                return int(struct.unpack("=i", memory.read(4))[0])
        except (OSError, struct.error, ValueError):
            return 0

    def name_of(self, thread: int) -> str:
        numbers = [t.number for t in self.threads]
        if thread in numbers:
            return f"thread {numbers.index(thread) + 1}"
        return f"a thread that is not there any more, {thread}" if thread else "nobody any more"

    def describe(self, index: int, thread: Thread) -> str:
        process = f", process {thread.process}" if len(self.processes) > 1 else ""
        main = ", main" if thread.number == thread.process else ""
        kind = what_for(thread.waits_in)
        if thread.blocked:
            state = f"waits for {kind}{self.object_of(thread)}" if kind else f"is blocked in {thread.waits_in or '?'}"
        else:
            state = "runs"
        stack = thread.stack
        begin = len(stack) - len(thread.own)
        if thread.blocked and begin:
            begin -= 1  # the call that the program makes
        while len(stack) > begin + 1 and stack[-1].is_runtime():
            stack = stack[:-1]
        frames = [frame._replace(function=bare_name(frame.function)) if not frame.file or frame.is_runtime() else frame
                  for frame in stack[begin:]]
        lines = [line_of(i, frame) for i, frame in enumerate(frames)]
        return "\n".join([f"  Thread {index} (tid {thread.number}{main}{process}) {state}:", *lines])

    def text(self) -> str:
        return "\n\n".join(self.describe(i, t) for i, t in enumerate(self.threads, 1))

    def key(self) -> str:
        return " | ".join(sorted({thread.place for thread in self.threads}))


class Hang(NamedTuple):
    key: str
    text: str
    stacks: list[list[Frame]]


def examine(folder: str, symbols: Symbols, without: Container[int] = ()) -> Hang:
    """Of all processes of a run but some."""
    found = Examination(folder, symbols, without)
    return Hang(found.key(), found.text(), [thread.own for thread in found.threads])


def ask(thread: Thread, signal: int) -> None:
    """Sends the signal; to a blocked thread with the word that it stays where it is."""
    information = struct.pack("=iiiiiii100x", signal, 0, SI_QUEUE, 0, os.getpid(), os.getuid(), thread.blocked)
    LIBC.syscall(QUEUE_TO_THREAD, thread.process, thread.number, signal, information)


def question_for(thread: Thread) -> int:
    """The signal that the thread will answer. If it blocks signals, as threads of servers do, a debugger's
    call lifts that; where debuggers are not allowed, there is a signal that nobody blocks."""
    look = look_at(thread.process, thread.number)
    if look is None or not look.blocks(QUESTION):
        return QUESTION
    nothing = ctypes.c_uint64(0)
    if LIBC.ptrace(SEIZE, thread.number, 0, 0) != 0:
        return UNBLOCKABLE
    LIBC.ptrace(INTERRUPT, thread.number, 0, 0)
    os.waitpid(thread.number, WALL)
    LIBC.ptrace(SETSIGMASK, thread.number, ctypes.sizeof(nothing), ctypes.addressof(nothing))
    LIBC.ptrace(DETACH, thread.number, 0, 0)
    return QUESTION


def waited_for_processors(processes: list[int]) -> float:
    """Seconds that their threads could have run and did not, for want of a processor."""
    total = 0
    for process in processes:
        try:
            for thread in os.listdir(f"/proc/{process}/task"):
                words = text_of(f"/proc/{process}/task/{thread}/schedstat").split()
                total += int(words[1]) if len(words) > 1 else 0
        except OSError:
            pass  # gone
    return total / 1e9
