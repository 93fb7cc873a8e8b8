"""One line of a stack as ThreadSanitizer prints it, and which of them are the program's own."""

import os
import re
from collections.abc import Iterable
from typing import NamedTuple, Optional

from racetest.elf import elf_at
from racetest.pattern import pattern

FRAME = pattern(
    r"^\s+#(\d+) (?:0x[0-9a-f]+ in )?(.*?)(?: \(([./].*|[^()]*)\+0x([0-9a-f]+)\))?(?: \(BuildId: \w+\))?$",
    "    #0 pthread_create <null> (prog+0x6497a) (BuildId: 4b86a7a1c2f541fe64e2f662f1c75acca4b9ed59)",
    "    #1 Pool::read(bool, char) const /tmp/my pool/pool.cpp:6:50 (prog+0xe98a8)",
    "    #2 main /tmp/prog.c:5 (prog+0x13d6)", "    #2 main /tmp/prog.c:5 (/tmp/my (odd) place/prog+0x13d6)")
MODULE = pattern(r"(?<= \()[./].*/(?=[^/]+\+0x[0-9a-f]+\)$)", "    #2 main /tmp/prog.c:5 (/tmp/prog+0x13d6)", flags=re.M)
LIBRARY = pattern(r"^.*\.so(?=\.|$)", "libqueue.so.1.2")

# What stands between a function and its file: nothing but a space, and both may contain some.
ABSOLUTE = pattern(r"^(.+?) (/.*)$", "f(int) const /a b/c.cpp:3:4", "operator/ /src/x.cpp:1")
CPLUSPLUS = pattern(
    r"^(.*\)(?: (?:const|volatile|noexcept|&&?|\[[^\]]*\]|\(\.[^)]*\)))*) (\S.*)$",
    "Pool::read(bool, char) const pool.cpp:6", "void Box<int>::add<long>(long) && src/box.hpp:7:2",
    "work(int) [clone .part.0] a.cpp:1", "(anonymous namespace)::Pool::operator bool() const pool.cpp:7")
OPERATOR = pattern(r"^(\S*operator \S+(?: ?\[\])?) (\S+)$", "operator new[] pool.cpp:7", "Pool::operator bool pool.h:3")
PLAIN = pattern(r"^(\S+) (\S.*)$", "worker pool.c:12:5", "worker my dir/pool.c:12")
LINE = pattern(r"^(.*?)(?::(\d+))?(?::(\d+))?$", "/a/b.c:12:5", "b.c:12", "b.c")

# One function has one name, whichever compiler and demangler wrote it.
LAMBDA = pattern(r"\{lambda\([^{}]*\)#(?P<number>\d+)\}|'lambda(?P<after>\d*)'(?:\((?:[^()]|\([^()]*\))*\))?|\$_\d+",
                 "two(bool)::{lambda(void*)#1}::operator()(void*) const", "two(bool)::$_0::operator()(void*) const",
                 "two(bool)::'lambda'(int)::operator()(int) const")
CALL_OF_LAMBDA = pattern(r"(\{lambda(?:#\d+)?\}::operator\(\)).*$", "two(bool)::{lambda}::operator()(void*) const")
SCOPE_OF_LAMBDA = pattern(r"([^<>,]*\{lambda(?:#\d+)?\})", "void std::__invoke<two(bool)::{lambda}>(two(bool)::{lambda}&&)")
DEBUG_LAMBDA = pattern(r"<lambda\([^<>]*\)>", "run<add()::<lambda(auto:1)> >")
OPERATOR_NAME = pattern(r"operator(?!\w)", "operator bool", "operator<")
THUNK = pattern(r"^(?:(?:non-)?virtual|covariant return) thunk to ", "non-virtual thunk to Pool::read(int)")
ABI = pattern(r"\[abi:\w+\]", "names[abi:cxx11]")
STATIC_INIT = pattern(r"^(?:__cxx_global_var_init|__static_initialization_and_destruction_0|_GLOBAL__sub_I_)",
                      "__cxx_global_var_init.1", "__static_initialization_and_destruction_0(int, int)",
                      "_GLOBAL__sub_I_main.cpp")
CLONE = pattern(r"(?:\.(?:part|isra|constprop|cold|lto_priv|llvm|localalias)(?:\.\d+)*)+$"
                r"| \[clone [^\]]*\]| \(\.[^()]*\)",
                "work.part.0", "work.cold", "work(int) [clone .isra.0]", "work(int) (.constprop.0)")

RUNTIME_FILE = pattern(
    r"/compiler-rt/|libsanitizer/|(?:tsan|sanitizer)_\w+\.(?:cpp|inc|h)|/sysdeps/|/nptl/|^/usr/(?:include|lib)/"
    r"|/include/(?:[\w.-]+/)?c\+\+/|race-test/witness\.c$|tsan/schedule/",
    "../../../../src/libsanitizer/tsan/tsan_interceptors_posix.cpp", "tsan_interceptors_posix.cpp.o",
    "sanitizer_stacktrace_libcdep.cpp.o",
    "/usr/lib/gcc/x86_64-linux-gnu/12/../../../../include/c++/12/bits/stl_vector.h",
    "/opt/gcc/include/x86_64-linux-gnu/c++/12/bits/gthr-default.h")
RUNTIME_MODULE = pattern(
    r"^(?:lib(?:tsan|clang_rt|c|pthread|m|stdc\+\+|c\+\+|c\+\+abi|gcc_s|dl|rt|waitgroup|racetest-schedule)[-.\d]"
    r"|ld-|ld\.|linux-vdso)",
    "libtsan.so.2", "libc.so.6", "libstdc++.so.6", "ld-linux-x86-64.so.2")
RUNTIME_NAME = pattern(
    r"^(?:_*interceptor_\w+|__(?:tsan|sanitizer|interceptor)(?:\w*|::.*)|Annotate\w+|pthread_\w+|sem_\w+"
    r"|(?:m|c|re|v|pv)alloc|reallocarray|free|aligned_alloc|posix_memalign|memalign|operator (?:new|delete).*"
    r"|mem(?:cpy|move|set|cmp|chr|mem|rchr)"
    r"|str\w*|f?(?:open|close|read|write)|p?(?:read|write)(?:64|v)?|v?s?n?f?printf|puts|fputs|fwrite|fread"
    r"|s?scanf|send\w*|recv\w*|usleep|nanosleep|sleep|_start|atexit|on_exit|fork|exit|close|dup\d?|epoll_\w+|qsort)$",
    "pthread_mutex_unlock", "__tsan_memcpy", "memcpy", "operator new(unsigned long)",
    "__sanitizer::internal_usleep(unsigned long long)", "___interceptor_sem_wait")
LIBRARY_NAME = pattern(r"^waitgroup_(?:add|done|wait|clockwait|go|set_panic_handler|\w+_)$",
                       "waitgroup_wait", "waitgroup_add_slow_")
# Its inner functions have ordinary names: by their files as well. A compiler may let one of them stand where its
# caller stood, so that no public function is in the stack.
LIBRARY_FILE = pattern(r"(?:^|/)(?:waitgroup|copy|foreign|options|panic|perturb|process|report|sema_\w+|spawn|spin|stall"
                       r"|unwoken)\.c$",
                       "src/waitgroup.c", "/usr/src/waitgroup-1/src/sema_futex.c")
LIBRARY_INNER = pattern(
    r"^(?:leave|park|enlist|withdraw|begin|end|open_group|count|is_modelled|check_blocking|refuse|use_first|check_closely"
    r"|first_use_of|count_down|run_parcel|start_thread|give_back|is_static|report|explain|explain_count|wait_so_long"
    r"|let_the_first_speak|begin_aside|end_aside|write_all|print_\w+|parse_\w+|environment|read_file"
    r"|futex|end_of_nap|make_places|lock_place|sleep_in|relax_cpu|nanoseconds|is_zero|look_on|lose)$", "leave", "run_parcel")

# By whom these were called tells one block from another.
ALLOCATOR = pattern(r"alloc|strn?dup|memdup|\boperator new", "xmalloc", "Counted::operator new", "xstrdup", flags=re.I)
BEFORE_MAIN = "call_init"  # libc's function that calls constructors
PRELOADED = "libracetest-schedule.so"  # it stands between the program and what it calls


class Frame(NamedTuple):
    function: str
    file: Optional[str] = None
    line: int = 0
    path: str = ""  # of its module, or the name alone
    offset: str = ""

    @property
    def module(self) -> str:
        return os.path.basename(self.path)

    @property
    def named(self) -> bool:
        return self.function not in ("<null>", "", "??")

    def __str__(self) -> str:
        """function@file: what stays when lines, addresses and the checkout's place change. A function of a shared
        library has that beside it, and a file whose name the module has twice its folder: static functions share
        names."""
        if not self.named:
            return f"{self.module or '?'}+0x{self.offset or '?'}"
        file = os.path.basename(self.file or self.module or "?")
        library = LIBRARY.match(self.module)
        if not self.file or self.is_runtime():
            return f"{same_name(self.function)}@{file}"
        if self.path.startswith("/") and elf_at(self.path).sources.count(file) > 1:
            file = os.path.join(os.path.basename(os.path.dirname(self.file)), file)
        return f"{same_name(self.function)}@{file}" + (f" ({library[0]})" if library else "")

    def is_library(self) -> bool:
        name = CLONE.sub("", self.function)
        return bool(LIBRARY_NAME.match(name) or
                    self.file and LIBRARY_FILE.search(self.file) and LIBRARY_INNER.match(name))

    def is_runtime(self) -> bool:
        """Of ThreadSanitizer's runtime, the system's, or the waitgroup library."""
        if RUNTIME_MODULE.match(self.module) or self.is_library():
            return True
        return bool(RUNTIME_FILE.search(os.path.normpath(self.file)) if self.file else RUNTIME_NAME.match(self.function))


def same_name(function: str) -> str:
    if STATIC_INIT.match(function):
        return "{static initialization}"
    name = THUNK.sub("", ABI.sub("", CLONE.sub("", function)))
    name = LAMBDA.sub(number_of_lambda, name).replace("> >", ">>").replace("> >", ">>")
    return without_result(CALL_OF_LAMBDA.sub(r"\1", name))


def number_of_lambda(match: re.Match[str]) -> str:
    """Of a lambda whose own function it is; of one that a template was made for, debug information has none."""
    number = int(match["number"] or 1) if match["after"] is None else int(match["after"] or -1) + 2
    return f"{{lambda#{number}}}" if number > 1 and match.string.startswith("::", match.end()) else "{lambda}"


def without_result(name: str) -> str:
    """Without the type that only the names of templates begin with, and only where they come from a symbol: "int
    f<int>(int)"; of a generic lambda, "auto f<int>(int)::..." and "auto void f<int>..."."""
    depth = begin = 0
    for i, character in enumerate(name):
        if depth == 0 and OPERATOR_NAME.match(name, i) and not name[i - 1:i].isidentifier():
            break
        depth += (character in "<(") - (character in ">)")
        if character == " " and depth == 0:
            begin = i + 1
        elif character == "(" and depth == 1 and not name.startswith("(anonymous namespace)", i):
            break
    return name[begin:]


def name_of_lambda(outer: Iterable[str]) -> str:
    """Of an inlined one, which is bare: the functions around it, which are given, know it, best those whose names
    come from a symbol: gcc's debug information leaves namespaces out. Else empty."""
    names = [same_name(around) for around in outer]
    for name in [*names, *(DEBUG_LAMBDA.sub("{lambda}", name) for name in names)]:
        scope = SCOPE_OF_LAMBDA.search(name)
        if scope:
            return f"{scope[1].strip()}::operator()"
    return ""


def place(text: str) -> tuple[str, Optional[str], int]:
    """The function, file and line of what stands between a frame's number and its module."""
    if text.endswith(" <null>"):
        return text[:-7], None, 0
    for form in (ABSOLUTE, CPLUSPLUS, OPERATOR, PLAIN):
        match = form.match(text)
        if match and match[2] not in ("const", "volatile"):
            where = LINE.match(match[2])
            assert where  # it matches everything
            return match[1], where[1], int(where[2] or 0)
    return text, None, 0


def frame_of(line: str) -> Optional[Frame]:
    match = FRAME.match(line)
    if not match:
        return None
    path, offset = (match[3] or "", match[4] or "") if match[3] != "<null>" else ("", "")
    if os.sep in path:  # as dlopen() was told it, perhaps
        path = os.path.abspath(path)
    return Frame(*place(match[2]), path, offset)


def number_of(line: str) -> int:
    """The number that the line of a frame begins with; -1 if it is none."""
    match = FRAME.match(line)
    return int(match[1]) if match else -1


def frames_of(lines: Iterable[str]) -> list[Frame]:
    """The first contiguous stack in the lines."""
    stack: list[Frame] = []
    for line in lines:
        frame = frame_of(line)
        if frame:
            if number_of(line) == 0 and stack:
                break
            stack.append(frame)
        elif stack:
            break
    return stack


def program_frames(stack: list[Frame]) -> list[Frame]:
    """The stack without what the runtimes and the library have on top of the program's own frames.

    A frame without source above one with source belongs to a runtime, whatever its name. Where nothing has
    source (no -g), names and modules have to tell. Where all is the library's, in a thread of its own, what that
    began with is left."""
    start = 0
    for i, frame in enumerate(stack[:8]):  # the library's inner functions lie above a public one
        if LIBRARY_NAME.match(frame.function):
            start = i + 1
    own = [i for i in range(start, len(stack)) if not stack[i].is_runtime()]
    with_source = [i for i in own if stack[i].file]
    library = [i for i, frame in enumerate(stack) if frame.is_library()]
    return stack[(with_source or own or library[-1:] or [0])[0]:]


def own_frames(stack: list[Frame]) -> list[Frame]:
    """As program_frames(); empty if the program has none in the stack."""
    frames = program_frames(stack)
    return frames if frames and not frames[0].is_runtime() else []


def without_preloaded(stack: list[Frame]) -> list[Frame]:
    return [frame for frame in stack if frame.module != PRELOADED] or stack


def allocated_by(stack: list[Frame]) -> str:
    """Who has allocated what was allocated there; through functions of the program that do nothing else, by whom."""
    chain: list[str] = []
    if not own_frames(stack) and any(frame.function == BEFORE_MAIN for frame in stack):
        return "{static initialization}"  # whose function is not in the stack, or optimized away
    for frame in program_frames(stack):
        if not frame.is_runtime() or not chain:
            chain.insert(0, "{static initialization}" if STATIC_INIT.match(frame.function) else str(frame))
            if not ALLOCATOR.search(frame.function.partition("(")[0]):
                break
    return " by ".join(chain)


def both_locked_by(first: list[Frame], second: list[Frame]) -> str:
    """Who has taken two locks, at these stacks: the function in which they part, and those through which it has taken
    them. Where one line of one function has taken both, in a loop, say, whose lock is whose is its caller's choice."""
    takers = [str(frames[0]) for frames in (own_frames(first), own_frames(second)) if frames]
    around = parting(first, second)
    ways = ["itself" if taker == around else taker for taker in dict.fromkeys(takers)]
    return " by ".join(filter(None, [around, " then ".join(ways)])).removesuffix(" by itself") or "?"


def parting(first: list[Frame], second: list[Frame]) -> str:
    """The innermost function of the program from whose one call come both stacks; empty if there is none."""
    own: list[Frame] = []
    for one, other in zip(reversed(first), reversed(second)):
        if str(one) != str(other):
            break
        if not one.is_runtime():
            own.append(one)
        if (one.line or one.offset) != (other.line or other.offset):
            break
    else:
        own = own[:-1] or own
    return str(own[-1]) if own else ""
