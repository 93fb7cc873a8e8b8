"""The command: which files are read, with which flags, and what comes of it."""

import gc
import os
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

from . import checks, libclang
from .program import Program
from .report import Report, sarif, silenced
from .tasks import Tasks
from .tree import Unit

USAGE = """usage: waitgroup-vet [--sarif] FILE... [-p BUILD]
       waitgroup-vet [--sarif] FILE... -- [FLAG...]
       waitgroup-vet [--sarif] -p BUILD
"""


class Options(NamedTuple):
    files: list[str]
    build: str | None
    flags: list[str] | None
    sarif: bool


class Job(NamedTuple):
    file: str
    directory: str
    flags: list[str]


def give_up(reason: str) -> int:
    print(f"waitgroup-vet: {reason}", file=sys.stderr)
    return 2


def help_text() -> str:
    width = max(len(check.name) for check in checks.ALL)
    lines = [f"  {check.name:{width}}  {check.summary}" for check in checks.ALL]
    return USAGE + """
Finds the misuse of waitgroups that needs no run. The flags of a file come from compile_commands.json in
BUILD, or stand after --. With -p alone, every file that is listed there is read. See waitgroup-vet(1).

""" + "\n".join(lines)


def parse(arguments: list[str]) -> Options:
    flags = None
    if "--" in arguments:
        at = arguments.index("--")
        arguments, flags = arguments[:at], arguments[at + 1:]
    files, build, as_sarif = [], None, False
    words = iter(arguments)
    for word in words:
        if word == "-p":
            build = next(words, None)
            if build is None:
                raise libclang.Unusable("-p needs the directory of compile_commands.json")
        elif word == "--sarif":
            as_sarif = True
        elif word.startswith("-"):
            raise libclang.Unusable(f"unknown option: {word}\n{USAGE}")
        else:
            files.append(word)
    if build and flags is not None:
        raise libclang.Unusable("-p and -- both say where the flags are")
    if not files and not build:
        raise libclang.Unusable(USAGE)
    return Options(files, build, flags, as_sarif)


def jobs(options: Options, cindex: Any) -> Iterator[Job]:
    """The files with their flags."""
    if not options.build:
        for file in options.files:
            yield Job(file, ".", options.flags or [])
        return
    try:
        database = cindex.CompilationDatabase.fromDirectory(options.build)
    except cindex.CompilationDatabaseError as error:
        raise libclang.Unusable(f"cannot read {options.build}/compile_commands.json") from error
    listed: dict[str, Job] = {}
    for command in database.getAllCompileCommands() or ():
        file = os.path.join(command.directory, command.filename)
        flags = compile_flags(list(command.arguments), command.directory, file)
        listed.setdefault(os.path.realpath(file), Job(file, command.directory, flags))
    for file in options.files:
        found = listed.get(os.path.realpath(file))
        if not found:
            raise libclang.Unusable(f"{file}: not in {options.build}/compile_commands.json")
        yield found._replace(file=os.path.abspath(file))
    if not options.files:
        yield from listed.values()


def compile_flags(command: list[str], directory: str, file: str) -> list[str]:
    """The flags of a compile command: without the compiler, the file and what it writes."""
    flags, skip = [], False
    for word in command[1:]:
        if skip or word in ("-c", "--") or os.path.join(directory, word) == file:
            skip = False
        elif word in ("-o", "-MF", "-MT", "-MQ"):
            skip = True
        elif word not in ("-MD", "-MMD", "-MP"):
            flags.append(word)
    return flags


def include_of_package() -> list[str]:
    """Where `make install` put the header, if that is not where a compiler looks."""
    prefix = os.path.dirname(os.path.dirname(os.path.realpath(sys.argv[0])))
    below = os.path.join(prefix, "include")
    return ["-idirafter", below] if os.path.exists(os.path.join(below, "waitgroup.h")) else []


def vet(job: Job, cindex: Any) -> tuple[list[Report], list[str]]:
    """The reports about one file; and the errors, if it does not compile."""
    here = os.getcwd()
    os.chdir(job.directory)
    try:
        flags = [*job.flags, *include_of_package(), "-Wno-everything"]
        try:
            unit = cindex.Index.create().parse(job.file, args=flags)
        except cindex.TranslationUnitLoadError:
            return [], [f"{job.file}: cannot be read"]
        errors = [str(found) for found in unit.diagnostics if found.severity >= cindex.Diagnostic.Error]
        if errors:
            return [], errors
        return find(Unit(cindex, unit), here), []
    finally:
        os.chdir(here)


def find(unit: Unit, here: str) -> list[Report]:
    tasks = Tasks(Program(unit))
    found: dict[tuple[object, ...], Report] = {}
    for check in checks.ALL:
        for node in check.find(tasks):
            file, line, column = node.place
            text = unit.source(file)
            if not silenced(text, line, check.name):
                shown = os.path.relpath(file, here) if os.path.abspath(file).startswith(here + "/") else file
                report = Report(shown, line, column, check, text.split("\n")[line - 1])
                found.setdefault((file, line, column, check.name), report)
    return [found[key] for key in sorted(found)]


def main(arguments: list[str]) -> int:
    if arguments and arguments[0] in ("-h", "--help"):
        print(help_text())
        return 0
    try:
        options = parse(arguments)
        cindex = libclang.load()
        work = list(jobs(options, cindex))
    except libclang.Unusable as error:
        return give_up(str(error).rstrip("\n"))
    gc.set_threshold(200_000)  # a tree is many objects, few of them garbage
    reports: dict[Report, None] = {}
    failed = False
    progress = not options.files and sys.stderr.isatty()
    for at, job in enumerate(work):
        if progress:
            print(f"\r\033[K[{at + 1}/{len(work)}] {job.file}", end="", file=sys.stderr, flush=True)
        found, errors = vet(job, cindex)
        if progress:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
        failed = failed or bool(errors)
        for message in errors:
            print(message, file=sys.stderr)
        if any("'waitgroup.h' file not found" in message for message in errors):
            print("waitgroup-vet: where the header is goes after --: waitgroup-vet FILE... -- -Iinclude", file=sys.stderr)
        for report in found:
            if report not in reports and not options.sarif:
                print(report.lines(), flush=True)
            reports[report] = None
    if options.sarif:
        print(sarif(reports, checks.ALL))
    return 2 if failed else int(bool(reports))
