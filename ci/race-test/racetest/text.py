"""Names and output as text that can be printed, names as a shell takes them."""

import os
import re
import shlex
import signal

from racetest.pattern import pattern

COLOUR = pattern(r"\x1b\[[0-9;]*m", "\x1b[1m\x1b[31m==1==ERROR")


def plain(raw: bytes) -> str:
    return COLOUR.sub("", raw.decode(errors="replace"))


def shown(output: str, most: int = 4000) -> str:
    """The end of an output for a report: what a terminal would not print is escaped, and what is binary cut
    short."""
    end = output[-most:]
    odd = sum(not (c.isprintable() or c in "\n\t\r") or c == "\ufffd" for c in end)
    if odd > len(end) // 20:
        end = end[-200:]
    text = "".join(c if c.isprintable() and c != "\ufffd" or c in "\n\t" else escaped(c) for c in end)
    text = "\n".join(line if len(line) <= 1000 else line[:500] + " ... " + line[-400:] for line in text.split("\n"))
    return (f"[{len(output)} characters of output, the last:]\n" if odd > 0 and len(end) < len(output) else "") + text


def escaped(character: str) -> str:
    return "?" if character == "\ufffd" else f"\\x{ord(character):02x}" if character != "\r" else ""


def printable(name: str) -> str:
    """A file's name as text: a byte that is no UTF-8 stands in a str in a form that no file takes."""
    return os.fsencode(name).decode(errors="replace")


def quoted(word: str) -> str:
    """The word as a shell takes it; any bytes, though what is printed is UTF-8."""
    raw = os.fsencode(word)
    if raw == printable(word).encode():
        return shlex.quote(word)
    return "$'" + "".join(chr(b) if 32 <= b < 127 and b not in b"'\\" else f"\\{b:03o}" for b in raw) + "'"


def count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def slug(kind: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", kind.lower()).strip("-")


def ending(code: int) -> str:
    """How a process ended, by the code that Python gives its end."""
    if code >= 0:
        return f"exit status {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:  # a real-time signal
        return f"signal {-code}"
