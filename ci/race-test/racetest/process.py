"""One run as a group of processes: its start, its output, its end, and that nothing of it stays behind."""

import glob
import os
import shutil
import signal
import subprocess
import tempfile
import time
from typing import IO

from racetest.program import Program
from racetest.text import plain
from racetest.witness import Witness, witnesses_in

MARK = "RACE_TEST_RUN"  # in the environment of everything that is started: its folder, and how it is found again
ASK = "RACE_TEST_ASK"  # the program is to end before it begins
# Whatever the user's options are: the log in a form that can be read, with all that is in keys, and a status that is
# the program's own.
ALWAYS = " exitcode=0 abort_on_error=0 second_deadlock_stack=1 stack_trace_format=\"    #%n %f %S (%m+%o)\""


def still_alive(mark: str) -> list[int]:
    """The processes that carry our mark in their environment, whatever session they moved to."""
    needle = os.fsencode(f"{MARK}={mark}")
    alive = []
    for entry in os.scandir("/proc"):
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if any(v == needle or v.startswith(needle + b"/") for v in environment_of(int(entry.name)).split(b"\0")):
                    alive.append(int(entry.name))
            except OSError:
                pass  # gone, or not ours
    return alive


def living_thread(process: int) -> int:
    """One by whose entry in /proc the process's memory can be reached: its first may have left by pthread_exit()."""
    try:
        with open(f"/proc/{process}/stat", "rb") as file:
            if file.read().rpartition(b")")[2].split()[0] == b"Z":
                return max(map(int, os.listdir(f"/proc/{process}/task")), default=process)  # none: it goes just now
    except OSError:
        pass  # gone
    return process


def environment_of(process: int) -> bytes:
    with open(f"/proc/{process}/task/{living_thread(process)}/environ", "rb") as file:
        return file.read()


def kill_marked(mark: str) -> None:
    for _ in range(100):  # until none is left: one may have forked while we looked
        alive = still_alive(mark)
        for pid in alive:
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        if not alive:
            return
        time.sleep(0.02)


class Guard:
    """A process that outlives even a runner killed by SIGKILL, and then ends what the runner had started,
    all that carries the mark, which is also the folder that goes. It sleeps in a read of a pipe whose other
    end only the runner holds."""

    def __init__(self, mark: str) -> None:
        reader, self.writer = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.setsid()
                for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                    signal.signal(number, signal.SIG_IGN)
                null = os.open(os.devnull, os.O_RDWR)
                for fd in (0, 1, 2):
                    os.dup2(null, fd)
                os.closerange(3, reader)  # also earlier guards' pipes, which would never end
                os.closerange(reader + 1, 4096)
                os.read(reader, 1)
                kill_marked(mark)
                shutil.rmtree(mark, ignore_errors=True)
            finally:
                os._exit(0)
        os.close(reader)

    def dismiss(self) -> None:
        os.close(self.writer)
        os.waitpid(self.pid, 0)


class Output:
    """What a run prints: its beginning, its end, and the lines of the library's in between."""
    HEAD, TAIL = 1 << 15, 1 << 16

    def __init__(self) -> None:
        self.head, self.tail, self.marked, self.total = b"", b"", b"", 0

    def take(self, data: bytes) -> None:
        self.total += len(data)
        room = self.HEAD - len(self.head)
        self.head += data[:room]
        rest = data[room:] if room > 0 else data
        if rest:
            joined = self.tail + rest
            cut = len(joined) - self.TAIL
            if cut > 0:
                lost, self.tail = joined[:cut], joined[cut:]
                for word in (b"panic: ", b"waitgroup: "):
                    at = lost.find(word)
                    if at >= 0 and len(self.marked) < 1 << 14:
                        self.marked += b"\n" + lost[at:at + 4096]
            else:
                self.tail = joined

    def text(self) -> str:
        middle = b""
        if self.total > len(self.head) + len(self.tail):
            middle = b"\n[race-test: output left out here]" + self.marked + b"\n"
        return plain(self.head + middle + self.tail)


def both_ends(path: str, limit: int = 1 << 21) -> str:
    """The text of a file; of a huge one its beginning and its end."""
    with open(path, "rb") as file:
        text = file.read(limit)
        if os.fstat(file.fileno()).st_size > 2 * limit:
            text += b"\n[race-test: reports left out here]\n"
            file.seek(-limit, os.SEEK_END)
        return plain(text + file.read(limit))


class Run:
    """A run of a program under a seed. It begins with start(), and is over when ended() says so."""

    under_control = False

    def __init__(self, program: Program, number: int, seed: int, asking: bool = False) -> None:
        self.program, self.number, self.seed = program, number, seed
        self.asking = asking  # only whether the runtime knows all its options
        self.witnesses: dict[int, Witness] = {}
        self.fixed_layout = program.fixed_layout
        self.output, self.timed_out = Output(), False
        self.code, self.begun, self.seconds, self.cpu = 0, 0.0, 0.0, 0.0
        self.deadline = 0.0  # if the runner has put it off
        self.folder, self.logs = "", ""

    @property
    def argv(self) -> list[str]:
        prefix = ["setarch", os.uname().machine, "-R"] if self.fixed_layout else []
        return prefix + self.program.argv

    def start(self, settings: dict[str, str], parent: str) -> None:
        """Raises OSError if the program cannot be started."""
        self.folder = tempfile.mkdtemp(dir=parent)
        own = {MARK: self.folder,
               "TSAN_OPTIONS": settings.get("TSAN_OPTIONS", "") + ALWAYS + f' log_path="{self.log_path}"'}
        if self.asking:
            own["TSAN_OPTIONS"] += " verbosity=1"
            own[ASK] = "1"
        self.begun = time.monotonic()
        try:
            self.process = subprocess.Popen(self.argv, env={**os.environ, **settings, **own},
                                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                            stderr=subprocess.STDOUT, start_new_session=True)
        except OSError:
            shutil.rmtree(self.folder)
            raise
        os.set_blocking(self.stream.fileno(), False)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def log_path(self) -> str:
        return os.path.join(self.folder, "log")

    @property
    def stream(self) -> IO[bytes]:
        assert self.process.stdout
        return self.process.stdout

    def read(self) -> bool:
        """Takes what the run has printed; false at the end of its output."""
        for _ in range(16):  # not for ever: some programs print faster than one can read
            try:
                data = os.read(self.stream.fileno(), 1 << 16)
            except BlockingIOError:
                return True
            if not data:
                return False
            self.output.take(data)
        return True

    def kill(self) -> None:
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except OSError:
            pass
        if self.timed_out:
            kill_marked(self.folder)

    def ended(self, wait: bool = False) -> bool:
        pid, status, usage = os.wait4(self.process.pid, 0 if wait else os.WNOHANG)
        if pid == 0:
            return False
        self.code = self.process.returncode = os.waitstatus_to_exitcode(status)
        self.seconds = time.monotonic() - self.begun
        self.cpu = usage.ru_utime + usage.ru_stime
        self.kill()  # what it left behind in its session
        self.read()
        for path in sorted(glob.glob(glob.escape(self.log_path) + "*")):
            self.logs += both_ends(path) + "\n"
        self.witnesses = witnesses_in(self.folder)
        return True

    def forget(self) -> None:
        self.stream.close()
        shutil.rmtree(self.folder, ignore_errors=True)
