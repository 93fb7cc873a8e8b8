"""What there is to tell, from our own runs or from the shards' files; on the terminal, and for GitHub."""

import os
from collections.abc import Iterable
from typing import NamedTuple, Optional

from racetest.problem import Problem
from racetest.program import SEES_THE_STACK, Program
from racetest.text import count
from racetest.trouble import OK, PROBLEMS, TROUBLE


class Shard(NamedTuple):
    """Which part of which runs: what tells a shard's file from another's."""
    number: int
    of: int
    seed: str
    runs: int  # of each program, in all shards; 0 if only time ends them
    programs: tuple[str, ...]


class Results:
    def __init__(self, problems: Iterable[Problem], programs: list[Program], seconds: float, shards: list[Shard],
                 known: dict[str, str], interrupted: Optional[str] = None) -> None:
        self.problems = sorted(problems, key=lambda p: (p.key in known, -p.runs, p.key))
        self.programs, self.seconds, self.shards, self.known = programs, seconds, shards, known
        self.interrupted = interrupted
        self.is_complete = not interrupted  # nothing has ended the search before its time
        self.unit = "run"  # what is counted
        self.remarks: list[str] = []  # what else was found out, a line each

    @property
    def seed(self) -> str:
        return ",".join(dict.fromkeys(shard.seed for shard in self.shards))

    @property
    def new(self) -> list[Problem]:
        return [p for p in self.problems if p.key not in self.known]

    @property
    def trouble(self) -> list[Program]:
        return [p for p in self.programs if p.trouble]

    @property
    def status(self) -> int:
        if self.trouble:
            return TROUBLE
        if self.new:
            return PROBLEMS
        return TROUBLE if self.interrupted or not self.runs and self.is_whole else OK

    @property
    def runs(self) -> int:
        return sum(p.done for p in self.programs)

    @property
    def is_whole(self) -> bool:
        """Rather than a shard, which may have no share in few runs."""
        return len(self.shards) != 1 or self.shards[0].of == 1

    def runs_of(self, problem: Problem) -> int:
        return sum(p.done for p in self.programs if p.name in problem.programs)

    def where(self, problem: Problem) -> str:
        text = (f"in {problem.runs} of {count(self.runs_of(problem), self.unit)}, "
                f"by {count(len(problem.paths), 'call path')}")
        return text + f" ({', '.join(sorted(problem.programs))})"

    def print(self) -> None:
        for number, problem in enumerate(self.problems, 1):
            note = " (known)" if problem.key in self.known else ""
            print(f"\n=== problem {number} of {len(self.problems)}{note}: {problem.key}")
            print(f"    {self.where(problem)}")
            print("    this schedule again, exactly:" if problem.is_schedule else
                  "    this seed again (it usually shows the problem, not always):")
            print(f"    {problem.command}\n")
            print(problem.report)
            if problem.unnamed:
                print("    (the frames have no names: install the llvm-symbolizer of the compiler's own version,"
                      " and build with -g)")
        for program in self.programs:
            if program.hung_enough:
                print(f"\n{program.name}: hung {program.hangs} times and was not started again")
            elif program.trouble:
                print(f"\n{program.name}: {program.trouble}")
        for note in [*self.notes(), *self.remarks, *self.hints()]:
            print(f"\n{note}")
        for key in self.stale():
            print(f"\nstale: {key}\n    is listed as known and was not seen; unless another program shows it, take it out")
        print(f"\nrace-test: {self.summary()}", flush=True)
        if os.environ.get("GITHUB_ACTIONS") == "true":
            self.print_annotations()

    def stale(self) -> Iterable[str]:
        """Known keys that were not seen though they may be of these programs. Of merged ones the files are not known."""
        if not self.is_complete or not self.is_whole or self.trouble:
            return []
        seen = {p.key for p in self.problems}
        return [key for key in self.known if key not in seen and any(not p.argv or p.may_show(key) for p in self.programs)]

    def hints(self) -> list[str]:
        controllable = {p.name for p in self.programs if p.can_be_controlled}
        rest = sum(not p.is_schedule and p.programs.keys() <= controllable for p in self.new)
        return [f"hint: only runs at full speed have shown {count(rest, 'problem')}: --controlled or --exhaustive may find "
                "a schedule that always does"] if rest else []

    def notes(self) -> list[str]:
        """What the compiler hides: said once for all its programs."""
        blind: dict[int, list[str]] = {}
        for program in self.programs:
            if program.old_clang:
                blind.setdefault(program.old_clang, []).append(program.name)
        return [f"note: {', '.join(names)}: compiled by clang {version}, which does not see races on fields and "
                f"array elements of a variable on its owner's stack (clang {SEES_THE_STACK} and gcc do)"
                for version, names in sorted(blind.items())] + self.other_runtimes() + self.uncontrolled()

    def other_runtimes(self) -> list[str]:
        return [f"note: {program.name}: {program.other_runtime}" for program in self.programs if program.other_runtime]

    def uncontrolled(self) -> list[str]:
        """Which programs ran with delays only, or from some run on, and why."""
        names: dict[str, list[str]] = {}
        for program in self.programs:
            if program.uncontrolled and not program.trouble:
                names.setdefault(program.uncontrolled, []).append(program.name)
        return [f"note: {', '.join(those)}: with delays only, not under control: {why}"
                for why, those in sorted(names.items())]

    def summary(self) -> str:
        known = len(self.problems) - len(self.new)
        tested = (f"{count(len(self.new), 'problem')}{f' and {known} known' if known else ''} in "
                  f"{count(self.runs, self.unit)} of {count(len(self.programs), 'program')}"
                  if self.runs else "nothing was tested")
        return (f"{f'{len(self.trouble)} could not run; ' if self.trouble else ''}{tested}"
                f"{', interrupted by ' + self.interrupted if self.interrupted else ''}"
                f", {self.seconds:.1f} s{f', --seed {self.seed}' if self.seed else ''}")

    def print_annotations(self) -> None:
        def data(text: str) -> str:
            return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

        for problem in self.new:
            at = "title=race-test"
            if problem.places:
                file, line = problem.places[0][:2]
                at = f"file={data(relative(file)).replace(',', '%2C').replace(':', '%3A')},line={line or 1}"
            print(f"::error {at}::{data(problem.key + ' ' + self.where(problem))}", flush=True)
        for program in self.trouble:
            print(f"::error title=race-test::{data(f'{program.name}: {program.trouble}')}", flush=True)


def relative(file: str) -> str:
    """The file as a path from here (or from the top of the checkout, in CI), if it lies below."""
    for top in (os.environ.get("GITHUB_WORKSPACE"), os.environ.get("CI_PROJECT_DIR"), os.getcwd()):
        if top and os.path.normpath(file).startswith(os.path.join(top, "")):
            return os.path.relpath(file, top)
    return file
