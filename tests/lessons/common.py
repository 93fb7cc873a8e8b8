"""What the checks of the lessons share: counting, compiling, linking with the recorder."""
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


def link(directory: str, archive: str, objects: list[tuple[str, str]]) -> None:
    recorder = [f"{BUILD}/recorder/{part}.o" for part in ("detect", "hooks", "schedule", "trace")]
    for name, path in objects:
        output = os.path.join(directory, name)
        run("ld", "-r", f"@{BUILD}/recorder/wraps", "-o", output + ".o", path, "--whole-archive", archive)
        run("gcc", "-no-pie", "-pthread", output + ".o", *recorder, "-o", output)


def program(source: str, output: str, compiler: str, flags: tuple[str, ...] = ()) -> str:
    """Compiles one program and links it with the recorder."""
    os.makedirs(os.path.dirname(output), exist_ok=True)
    run(compiler, "-fsanitize=thread", "-O1", "-gdwarf-4", "-Iinclude", *flags, "-c", source, "-o", output + ".c.o")
    link(os.path.dirname(output), "build/libwaitgroup.a", [(os.path.basename(output), output + ".c.o")])
    return output
