"""A regular expression beside the lines that it is made for."""

import re

EXAMPLES: list[tuple[re.Pattern[str], tuple[str, ...]]] = []


def pattern(expression: str, *examples: str, flags: int = 0) -> re.Pattern[str]:
    """The compiled expression. A test searches each of the examples with it."""
    compiled = re.compile(expression, flags)
    EXAMPLES.append((compiled, examples))
    return compiled
