"""The driver of the scheduler: starts the fork server of a program and runs schedules. The other side is
tsan/schedule/interface.h, which describes the whole.

    with Server(["./program"]) as server:
        for number in range(300):
            run = server.run(*rotation(number), seed=number)
            for problem in run.verdicts(): ...
        again = server.replay(run.schedule, TRACE)
"""

import ctypes
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from mmap import mmap

from .addresses import mappings_of
from .runtime import has_runtime, runtime_folder
from .schedule_memory import (ACCESSES, HASTY, HOLD, IMPOSSIBLE, LEARN, ORDERS, PCT, PHASES, POS, READY, REPEATED, REPLAY,
                              SURW, TURNS, VERSION, WALK, Answer, Shared, Switch)
from .schedule_run import Run
from .schedule_text import format_switch
from .trouble import Trouble

OBJECT = "libracetest-schedule.so"
MAX_OUTPUT = 1 << 20
FEW_ORDERS = 20  # come again in other phases; of more, a race shows in many, and so in several
TICKS = os.sysconf("SC_CLK_TCK")


def find_object():
    """Where the scheduler is: beside a build of this source tree, or installed."""
    here = os.path.dirname(os.path.realpath(__file__))
    given = os.environ.get("RACE_TEST_OBJECT")
    places = [given] if given else [os.path.join(here, up, OBJECT) for up in
                                    ("../../../build", "../../../lib")]
    for place in places:
        if os.path.exists(place):
            return os.path.realpath(place)
    raise Trouble(f"{OBJECT} is not there (looked for: {', '.join(places)}): make builds it, make install installs it")


# --------------------------------------------------------------------------------------- schedules

def misfit(run):
    """Why a traced replay is not the run that its schedule tells of; "" if it is."""
    if not run.unmade:
        return ""
    switch, fate = run.unmade[0]
    thread, step, access, following = switch
    steps = max((act.step for act in run.trace if act.thread == thread), default=0)
    if max(thread, following) >= run.threads:
        why = f"there is no thread {thread if thread >= run.threads else following}"
    elif fate == IMPOSSIBLE:
        why = f"thread {following} could not go on there"
    elif steps < step:
        why = f"thread {thread} came to step {steps} only"
    else:
        why = "there is no such access" if access else "no other thread could go on there"
    return f"the switch {format_switch(switch)} was never made: {why}"


# The rotation: (strategy, parameter). No one finds all. Those that most often were the first to, stand first.
ROTATION = [(WALK, 1), (POS, 0), (TURNS, 0), (PCT, 2), (WALK, 4), (HOLD, 0), (SURW, 0), (PCT, 3), (SURW, 0),
            (PCT, 4), (HOLD, 0)]
NAMES = {REPLAY: "replay", WALK: "walk", PCT: "pct", POS: "pos", SURW: "surw", ORDERS: "orders", TURNS: "turns",
         HOLD: "hold"}


def rotation(number):
    """Strategy, parameter, flags and phase of the run with this number, from 0."""
    turn, place = divmod(number, len(ROTATION))
    strategy, parameter = ROTATION[place]
    flags = LEARN | ACCESSES
    if (place + turn) % 8 != 7:  # most that sleep are found only so: of the corpus, all
        flags |= HASTY
    if (turn + turn // 8) % 2 == 0:  # not always: what a thread does before its first act may matter, too
        flags |= READY
    return strategy, parameter, flags, phase_of(number)


def phase_of(number):
    """Scattered, so that it keeps step with nothing else that a number chooses."""
    return (number * 2654435761 >> 20) % PHASES


# ------------------------------------------------------------------------------------------- server

class Server:
    """The fork server of one program. Use it in a with statement: nothing is left running after it."""

    def __init__(self, command, environment=None, object_path=None, cwd=None, timeout=10.0, start_timeout=60.0,
                 symbolize=False, fixed_layout=False):
        self.command, self.timeout = command, timeout
        program = shutil.which(command[0])
        if not program:
            raise Trouble(f"{command[0]}: no such program")
        self.program = program
        object_path = object_path or find_object()
        memory = os.memfd_create("race-test-schedule")
        os.ftruncate(memory, ctypes.sizeof(Shared))
        self.map = mmap(memory, ctypes.sizeof(Shared))
        self.shared = Shared.from_buffer(self.map)
        command_read, self.commands = os.pipe()
        answer_read, answer_write = os.pipe()
        self.answers = os.fdopen(answer_read, "rb", buffering=0)
        self.files = [tempfile.TemporaryFile() for _ in range(2)]  # pylint: disable=consider-using-with
        env = dict(os.environ if environment is None else environment)
        env["LD_PRELOAD"] = f"{object_path}:{env['LD_PRELOAD']}" if env.get("LD_PRELOAD") else object_path
        env["RACE_TEST_SCHEDULE"] = f"{memory},{command_read},{answer_write}"
        folder = runtime_folder(program)
        if folder:
            env["LD_LIBRARY_PATH"] = f"{folder}:{env['LD_LIBRARY_PATH']}" if env.get("LD_LIBRARY_PATH") else folder
        env["TSAN_OPTIONS"] = f"{env.get('TSAN_OPTIONS', '')} symbolize={int(symbolize)} atexit_sleep_ms=0".strip()
        outputs = [os.open(f"/proc/self/fd/{f.fileno()}", os.O_WRONLY | os.O_APPEND) for f in self.files]
        try:
            prefix = ["setarch", os.uname().machine, "-R"] if fixed_layout else []
            self.process = subprocess.Popen(  # pylint: disable=consider-using-with
                [*prefix, *command], executable=None if prefix else program, env=env, cwd=cwd,
                stdin=subprocess.DEVNULL, stdout=outputs[0], stderr=outputs[1],
                pass_fds=(memory, command_read, answer_write), start_new_session=True)
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
            if "-fsanitize=thread" in why and has_runtime(self.program):
                why = "ThreadSanitizer's runtime is part of the program: link without -static-libtsan"
            self.close()
            raise Trouble(f"{self.command[0]}: {why}")
        if self.shared.size != ctypes.sizeof(Shared) or self.shared.version != VERSION:
            self.close()
            raise Trouble(f"{OBJECT} is of another version than its driver: build and install them together")
        self.kinds = [self.shared.kinds[i].value.decode() for i in range(self.shared.kind_count)]
        self.mappings = mappings_of(self.shared.server)

    def _answer(self, timeout):
        """The next answer; None if it does not come in time, or the server is gone."""
        deadline, got = time.monotonic() + timeout, b""
        while len(got) < ctypes.sizeof(Answer):
            left = max(0, deadline - time.monotonic())
            if not select.select([self.answers], [], [], left)[0]:
                return None
            some = self.answers.read(ctypes.sizeof(Answer) - len(got))
            if not some:
                return None
            got += some
        return Answer.from_buffer_copy(got)

    def _read(self, which):
        """What the run has printed; of a huge output its two ends."""
        file, size = self.files[which], os.fstat(self.files[which].fileno()).st_size
        file.seek(0)
        if size <= 2 * MAX_OUTPUT:
            return file.read()
        text = file.read(MAX_OUTPUT) + b"\n[race-test: output left out here]\n"
        file.seek(size - MAX_OUTPUT)
        return text + file.read(MAX_OUTPUT)

    def begin(self, strategy, parameter=0, flags=0, phase=0, *, seed=0, switches=(), first_order=False, max_choices=0):
        """Starts a run; answered() tells when it is over."""
        request = self.shared.request
        request.strategy, request.parameter, request.seed, request.flags = strategy, parameter, seed, flags
        request.first_order, request.max_choices = first_order, max_choices
        request.phase, request.switch_count = phase, len(switches)
        for i, (thread, step, access, following) in enumerate(switches):
            request.switches[i] = Switch(thread, following, step, access)
        for file in self.files:
            os.ftruncate(file.fileno(), 0)
        self.begun = time.monotonic()
        try:
            os.write(self.commands, b"r")
        except BrokenPipeError:
            raise self._gone() from None

    def answered(self, patience, timed_out=False):
        """The run that was begun, if it ends within so many seconds; else None."""
        answer = self._answer(patience)
        if answer is None:
            if self.process.poll() is not None:
                raise self._gone()
            return None
        return Run(self, answer.status, self._read(0), self._read(1), timed_out, time.monotonic() - self.begun)

    def run(self, *arguments, **more):
        """One run, from the program's beginning to its end or the time limit."""
        self.begin(*arguments, **more)
        return self.ended()

    def ended(self):
        """The run that was begun, at its end or the time limit."""
        return self.answered(self.timeout) or self.cut_off()

    def cut_off(self):
        """Ends the run that was begun."""
        hang = self.examine()
        self.kill_run()
        run = self.answered(30, timed_out=True)
        if run is None:
            raise Trouble(f"{self.command[0]}: a run could not be ended")
        run.hang = hang
        return run

    @staticmethod
    def examine():
        """Its driver's, to look where the threads of a run are that does not end."""

    def _gone(self):
        return Trouble(f"{self.command[0]}: the scheduler's server is gone")

    def kill_run(self):
        """Ends the run that is under way, and what it has started."""
        process = self.shared.result.process
        if process > 0:
            for kill in (os.killpg, os.kill):
                try:
                    kill(process, signal.SIGKILL)
                except (ProcessLookupError, PermissionError):
                    pass

    def steps(self):
        """Of the run that is under way, so far."""
        return self.shared.result.steps

    def cpu_of_runs(self):
        """Of those that have ended, in seconds."""
        with open(f"/proc/{self.process.pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[13]) + int(fields[14])) / TICKS

    def begin_replay(self, schedule, flags=0):
        self.begin(REPLAY, 0, flags, schedule.phase, switches=schedule.switches)

    def replay(self, schedule, flags=0):
        self.begin_replay(schedule, flags)
        return self.ended()

    def orders(self, bound, flags=HASTY, phases=1):
        """All orders, each once: the runs, by number; the last one has last_order set unless something cut it off.
        What is a point may turn out in a run that has restarted set: then the orders begin anew with the next. With
        more phases than one, the runs differ in them; few orders come again in the others after the last one."""
        first, known, before, order, more = True, self.shared.learnt.shared, 0, 0, phases - 1
        for _ in range(bound):
            run = self.run(ORDERS, 0, flags, (phase_of(order) + more) % phases, first_order=first)
            first = bool(flags & LEARN) and self.shared.learnt.shared > known
            run.restarted = first or run.orders < before
            run.last_order = run.last_order and not first
            known, before = self.shared.learnt.shared, run.orders
            if run.restarted:
                order, more = 0, phases - 1
            elif run.outcome != REPEATED and not run.beyond:
                run.order, order = order, order + 1
            yield run
            if run.beyond or run.last_order and (not more or order > FEW_ORDERS):
                return
            if run.last_order:
                order, more = 0, more - 1

    def close(self):
        """Ends the server and whatever it runs."""
        if self.commands >= 0:
            os.close(self.commands)
            self.commands = -1
        self.answers.close()
        if self.process.poll() is None:
            try:
                self.process.wait(2)
            except subprocess.TimeoutExpired:
                self.kill_run()
                self.process.kill()
                self.process.wait()
        for file in self.files:
            file.close()
