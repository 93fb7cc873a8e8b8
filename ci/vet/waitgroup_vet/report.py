"""What is printed: the compiler's format, or SARIF; and which lines a comment silences."""

import json
import re
from collections.abc import Iterable
from typing import NamedTuple

from .checks import Check


class Report(NamedTuple):
    file: str
    line: int
    column: int
    check: Check
    source: str  # the line

    def lines(self) -> str:
        caret = re.sub(r"[^\t]", " ", self.source[:self.column - 1]) + "^"
        return (f"{self.file}:{self.line}:{self.column}: warning: {self.check.message} [{self.check.name}]\n"
                f"{self.line:5} | {self.source}\n      | {caret}")


def silenced(text: str, line: int, name: str) -> bool:
    """Whether NOLINT, NOLINTNEXTLINE, or NOLINTBEGIN and NOLINTEND are about this line and check."""
    if "NOLINT" not in text:
        return False
    lines = text.split("\n")
    depth = sum(covers(earlier, "NOLINTBEGIN", name) - covers(earlier, "NOLINTEND", name) for earlier in lines[:line])
    return depth > 0 or covers(lines[line - 1], "NOLINT", name) or line > 1 and covers(lines[line - 2], "NOLINTNEXTLINE", name)


def covers(text: str, word: str, name: str) -> bool:
    found = re.search(rf"\b{word}\b(?:\(([^)]*)\))?", text)
    if not found or found[1] is None:
        return found is not None
    patterns = [re.escape(pattern.strip()).replace(r"\*", ".*") for pattern in found[1].split(",")]
    return any(re.fullmatch(pattern, full) for pattern in patterns for full in (name, name.removeprefix("custom-")))


def sarif(reports: Iterable[Report], checks: Iterable[Check]) -> str:
    rules = [{"id": check.name, "shortDescription": {"text": check.summary}} for check in checks]
    results = [{
        "ruleId": report.check.name, "level": "warning", "message": {"text": report.check.message},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": report.file},
            "region": {"startLine": report.line, "startColumn": report.column}}}],
    } for report in reports]
    return json.dumps({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
        "runs": [{"tool": {"driver": {"name": "waitgroup-vet", "rules": rules}}, "results": results}]}, indent=2)
