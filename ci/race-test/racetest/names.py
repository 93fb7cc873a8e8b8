"""The full names of C++ functions in a log. gcc's runtime prints the bare ones (read for Pool::read(bool, char) const),
which functions share that have nothing to do with each other."""

import os

from racetest.addresses import Symbols, vague
from racetest.frames import LAMBDA, THUNK, Frame, frame_of


def with_full_names(text: str, modules: dict[str, str], symbols: Symbols) -> str:
    """The text of a log. Where it has the modules' names alone, their paths are known by them."""
    lines = text.split("\n")
    frames = {i: frame._replace(path=modules.get(frame.path, frame.path)) for i, line in enumerate(lines)
              if (frame := frame_of(line)) is not None}
    wanted: dict[str, set[int]] = {}
    for frame in frames.values():
        if (vague(frame) or THUNK.match(frame.function)) and frame.path.startswith("/"):
            wanted.setdefault(frame.path, set()).add(int(frame.offset, 16))
    for path, offsets in wanted.items():
        symbols.learn(path, offsets)
    i = 0
    while i < len(lines):
        group = [i]  # what one address stands for: functions inlined into each other
        while i in frames and frames.get(group[-1] + 1, Frame(""))[3:] == frames[i][3:] and frames[i].offset:
            group.append(group[-1] + 1)
        if i in frames and frames[i].path in wanted and any(vague(frames[j]) or THUNK.match(frames[j].function)
                                                            for j in group):
            full = symbols.at(frames[i].path, int(frames[i].offset, 16))
            if len(full) == len(group):
                for j, one in zip(group, full):
                    lines[j] = renamed(lines[j], frames[j], one)
        i = group[-1] + 1
    return "\n".join(lines)


def renamed(line: str, frame: Frame, full: Frame) -> str:
    name = full.function
    if THUNK.match(frame.function) and not frame.file and full.file:  # with the function itself inlined into it, by gcc
        return line.replace(f" {frame.function} <null> ", f" {name} {full.file}:{full.line} ", 1)
    known = LAMBDA.search(frame.function) or frame.function.startswith("_Z") or frame.function.partition("<")[0] in name
    if not vague(frame) or not known:
        return line
    return line.replace(f" {frame.function} ", f" {name} ", 1)


def modules_of(paths: list[str]) -> dict[str, str]:
    return {os.path.basename(path): path for path in paths}
