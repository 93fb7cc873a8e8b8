"""The command: which files are read, with which flags, and what comes of it."""

import argparse
import gc
import os
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

from . import checks, libclang
from .report import Report, find, sarif
from .tree import Unit

USAGE = """waitgroup-vet [--sarif] FILE... [-p BUILD]
       waitgroup-vet [--sarif] FILE... -- [FLAG...]
       waitgroup-vet [--sarif] -p BUILD"""
PURPOSE = """Finds the misuse of waitgroups that needs no run. The flags of a file come from compile_commands.json in
BUILD, or stand after --. With -p alone, every file that is listed there is read. See waitgroup-vet(1)."""


class Job(NamedTuple):
    """What the compiler would be told, and where."""

    file: str
    directory: str
    words: list[str]


def parse(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """The options, and the flags after --."""
    parser = argparse.ArgumentParser(
        "waitgroup-vet", USAGE, PURPOSE, allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="checks:\n" + "\n".join(f"  {check.name:36}  {check.summary}" for check in checks.ALL))
    parser.add_argument("files", nargs="*", metavar="FILE")
    parser.add_argument("-p", dest="build", metavar="BUILD", help="the directory of compile_commands.json")
    parser.add_argument("--sarif", action="store_true", help="print SARIF 2.1.0 instead of the compiler's format")
    end = arguments.index("--") if "--" in arguments else len(arguments)
    options = parser.parse_args(arguments[:end])
    if options.build and end < len(arguments):
        parser.error("-p and -- both say where the flags are")
    if not options.files and not options.build:
        parser.error("no file")
    return options, arguments[end + 1:]


def jobs(files: list[str], build: str | None, flags: list[str], cindex: Any) -> Iterator[Job]:
    if not build:
        yield from (Job(file, ".", [file, *flags]) for file in files)
        return
    try:
        database = cindex.CompilationDatabase.fromDirectory(build)
    except cindex.CompilationDatabaseError as error:
        raise libclang.Unusable(f"cannot read {build}/compile_commands.json") from error
    listed: dict[str, Job] = {}
    for command in database.getAllCompileCommands() or ():
        file = os.path.join(command.directory, command.filename)
        words = list(command.arguments)
        # Not what makes libclang write the build's list of dependencies anew.
        words = [word for before, word in zip(words, words[1:]) if before not in ("-MF", "-MT", "-MQ", "-MJ")
                 and word != "--" and not word.startswith(("-M", "-Wp,-M"))]
        listed.setdefault(os.path.realpath(file), Job(file, command.directory, words))
    for file in [os.path.realpath(file) for file in files or listed]:
        if file not in listed:
            raise libclang.Unusable(f"{file}: not in {build}/compile_commands.json")
        yield listed[file]


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
        unit = cindex.Index.create().parse(None, [*job.words, *include_of_package(), "-Wno-everything"])
        errors = [str(found) for found in unit.diagnostics if found.severity >= cindex.Diagnostic.Error]
        return ([], errors) if errors else (find(Unit(cindex, unit), here), [])
    except cindex.TranslationUnitLoadError:
        return [], [f"{job.file}: cannot be read"]
    finally:
        os.chdir(here)


def main(arguments: list[str]) -> int:
    options, flags = parse(arguments)
    try:
        cindex = libclang.load()
        work = list(jobs(options.files, options.build, flags, cindex))
    except libclang.Unusable as error:
        print(f"waitgroup-vet: {error}", file=sys.stderr)
        return 2
    gc.disable()  # a tree is many objects, all of them garbage at once: after its file
    reports: dict[Report, None] = {}
    failed = False
    progress = not options.files and sys.stderr.isatty()
    for at, job in enumerate(work, 1):
        if progress:
            print(f"\r\033[K[{at}/{len(work)}] {job.file}", end="", file=sys.stderr, flush=True)
        found, errors = vet(job, cindex)
        if at < len(work):
            gc.collect()
        if progress:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
        if any("'waitgroup.h' file not found" in message for message in errors):
            errors.append("waitgroup-vet: where the header is goes after --: waitgroup-vet FILE... -- -Iinclude")
        print("".join(f"{message}\n" for message in errors), end="", file=sys.stderr)
        failed = failed or bool(errors)
        new = dict.fromkeys(report for report in found if report not in reports)
        reports.update(new)
        print("".join(f"{report.lines()}\n" for report in new if not options.sarif), end="", flush=True)
    if options.sarif:
        print(sarif(reports))
    return 2 if failed else int(bool(reports))
