"""What the checks of the lessons share: counting, compiling, linking."""
from __future__ import annotations

import concurrent.futures
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from typing import TypeVar

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
os.chdir(ROOT)
sys.path.insert(0, os.path.join(ROOT, "tsan", "lessons"))

from drawing.course import Course  # noqa: E402  (of tsan/lessons)

# By role, as the Makefile says.
COMPILERS = ("gcc", os.environ.get("CLANG_OLDEST", "clang"), os.environ.get("CLANG_NEWEST", "clang"))
BUILD = "build/lessons"
COURSE = Course()
LESSONS = COURSE.lessons

Case = TypeVar("Case")
Result = TypeVar("Result")


class Count:
    passed = 0
    failed: list[str] = []


def check(good: object, what: str, detail: str = "") -> None:
    if good:
        Count.passed += 1
    else:
        Count.failed.append(what)
        print(f"FAILED: {what}" + (f"\n    {detail}" if detail else ""))


def show(verdicts: Iterable[str]) -> str:
    return ", ".join(sorted(verdicts))


def in_parallel(function: Callable[[Case], Result], items: Iterable[Case]) -> list[Result]:
    """Results in order; as many at a time as the machine has cores."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(function, items))


def run(*command: str, cwd: str | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}:\n{done.stdout}")
    return done.stdout


def read(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def is_controlled(compiler: str) -> bool:
    """Does the scheduler stand before this compiler's runtime? That of clang 14 does not start as a shared one."""
    return "clang" not in compiler or int(run(compiler, "-dumpversion").split(".")[0]) > 14


def runtime(compiler: str) -> list[str]:
    """Options of the link: gcc's runtime is a shared one."""
    if "clang" not in compiler:
        return []
    library = run(compiler, f"-print-file-name=libclang_rt.tsan-{os.uname().machine}.so").strip()
    return ["-shared-libsan", f"-Wl,-rpath,{os.path.dirname(library)}"]


def link(directory: str, archive: str, objects: list[tuple[str, str]]) -> None:
    """Lessons, from their objects and an archive of the library."""
    for name, path in objects:
        run("gcc", "-fsanitize=thread", "-pthread", path, f"{BUILD}/step.o", archive, "-Wl,--wrap=syscall",
            "-o", os.path.join(directory, name))


def program(source: str, output: str, compiler: str) -> str:
    """Compiles one program with the library."""
    os.makedirs(os.path.dirname(output), exist_ok=True)
    run(compiler, "-fsanitize=thread", "-O1", "-g", "-pthread", "-Iinclude", source, "build/libwaitgroup.a",
        *runtime(compiler), "-lm", "-o", output)
    return output
