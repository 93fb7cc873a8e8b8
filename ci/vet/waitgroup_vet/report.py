"""What is printed: the compiler's format, or SARIF; and which lines a comment silences."""

import json
import os
import re
from collections.abc import Iterable
from typing import NamedTuple

from . import checks
from .program import Program
from .tasks import Tasks
from .tree import Unit


class Report(NamedTuple):
    file: str
    line: int
    column: int
    check: checks.Check
    source: str  # the line

    def lines(self) -> str:
        caret = re.sub(r"[^\t]", " ", self.source[:self.column - 1]) + "^"
        return (f"{self.file}:{self.line}:{self.column}: warning: {self.check.message} [{self.check.name}]\n"
                f"{self.line:5} | {self.source}\n      | {caret}")


def find(unit: Unit, here: str) -> list[Report]:
    """All that the checks find in a file, each once, in the order of the lines."""
    tasks = Tasks(Program(unit))
    found: set[Report] = set()
    for check in checks.ALL:
        for node in check.find(tasks):
            file, line, column = node.place
            lines, full = unit.source(file).split("\n"), os.path.abspath(file)
            if not silenced(lines, line, check.name):
                shown = os.path.relpath(full, here) if full.startswith(here + "/") else full
                found.add(Report(shown, line, column, check, lines[line - 1]))
    return sorted(found, key=lambda report: (*report[:3], report.check.name))


def silenced(lines: list[str], line: int, name: str) -> bool:
    """Whether NOLINT, NOLINTNEXTLINE, or NOLINTBEGIN and NOLINTEND are about this line and check."""
    comments = [text for text in lines[:line] if "NOLINT" in text]
    depth = sum(covers(text, "NOLINTBEGIN", name) - covers(text, "NOLINTEND", name) for text in comments)
    return depth > 0 or covers(lines[line - 1], "NOLINT", name) or covers(lines[line - 2], "NOLINTNEXTLINE", name)


def covers(text: str, word: str, name: str) -> bool:
    found = re.search(rf"\b{word}\b(?:\(([^)]*)\))?", text)
    if not found or found[1] is None:
        return found is not None
    patterns = [re.escape(pattern.strip()).replace(r"\*", ".*") for pattern in found[1].split(",")]
    return any(re.fullmatch(pattern, full) for pattern in patterns for full in (name, name.removeprefix("custom-")))


def sarif(reports: Iterable[Report]) -> str:
    rules = [{"id": check.name, "shortDescription": {"text": check.summary}} for check in checks.ALL]
    results = [{
        "ruleId": report.check.name, "level": "warning", "message": {"text": report.check.message},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": report.file},
            "region": {"startLine": report.line, "startColumn": report.column}}}],
    } for report in reports]
    return json.dumps({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
        "runs": [{"tool": {"driver": {"name": "waitgroup-vet", "rules": rules}}, "results": results}]}, indent=2)
