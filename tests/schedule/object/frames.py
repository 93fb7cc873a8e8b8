#!/usr/bin/env python3
"""frames.py OBJECT: at each instruction of the way into ThreadSanitizer (x86-64) its caller can be found, since a hung
thread that runs is asked wherever it is: what the object's unwind table says is what was pushed until there."""

import re
import subprocess
import sys

THUNK = "schedule_thunk_"


def lines_of(*command: str) -> list[str]:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()


def offsets(thunk: str) -> dict[int, int]:
    """By the address of each instruction: how far the stack pointer is from the caller's frame."""
    found, offset = {}, 8  # the return address
    for line in lines_of("objdump", "-d", f"--disassemble={THUNK}", thunk):
        instruction = re.match(r"\s+([0-9a-f]+):\t[0-9a-f ]+\t(\w+)", line)
        if instruction:
            found[int(instruction[1], 16)] = offset
            offset += {"push": 8, "pop": -8}.get(instruction[2], 0)
    return found


def table(thunk: str, begin: int) -> dict[int, int]:
    """The same, by the rows of the unwind table."""
    rows, inside = {}, False
    for line in lines_of("readelf", "--debug-dump=frames-interp", thunk):
        inside = f"pc={begin:016x}.." in line or inside and bool(line)
        row = re.match(r"([0-9a-f]{16}) rsp\+(\d+)", line)
        if inside and row:
            rows[int(row[1], 16)] = int(row[2])
    return rows


def main(thunk: str) -> int:
    is_so = offsets(thunk)
    rows = table(thunk, min(is_so))
    wrong = [address for address, offset in is_so.items()
             if rows[max(row for row in rows if row <= address)] != offset]
    for address in wrong:
        print(f"{thunk}: at {address:#x} in {THUNK} the unwind table leads to a wrong caller", file=sys.stderr)
    print(f"frames: {len(is_so) - len(wrong)} of {len(is_so)} instructions")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
