#!/usr/bin/python3
"""Checks the machine code of the fast paths (x86-64): fast_path.py OBJECT COMPILER

Walks each function from its entry as an uncontended call does, past every conditional jump, until it
returns, and counts what it meets on the way.
"""
import re
import subprocess
import sys

# function: (locked instructions, conditional jumps, loads other than the locked instruction's)
EXPECTED = {"call_add": (1, 2, 1), "call_add_n": (1, 2, 1), "call_done": (1, 2, 1), "call_wait": (0, 2, 2)}


def functions(path):
    text = subprocess.run(["objdump", "-dr", "--no-show-raw-insn", path], stdout=subprocess.PIPE, text=True, check=True).stdout
    found, name = {}, None
    for line in text.splitlines():
        if head := re.match(r"[0-9a-f]+ <(\w+)>:", line):
            name = head.group(1)
            found[name] = []
        elif code := re.match(r"\s+([0-9a-f]+):\s+(.*?)\s*(#.*)?$", line):
            if "R_X86_64" in code.group(2):  # a relocation of the instruction before
                found[name][-1][2].append(code.group(2))
            else:
                found[name].append((int(code.group(1), 16), code.group(2), []))
    return found


def walk(code):
    """The instructions of the fast path, or a complaint."""
    at = {address: index for index, (address, _, _) in enumerate(code)}
    path, index = [], 0
    while len(path) < 64:
        _, text, relocations = code[index]
        path.append((text, relocations))
        word = text.split()[0]
        if word.startswith("ret"):
            return path, None
        if word == "jmp":
            target = int(text.split()[1], 16)
            if relocations or target not in at:
                return path, "leaves by a jump to another function"
            index = at[target]
        else:
            index += 1
    return path, "does not return"


def faults(path, expected):
    locked = jumps = loads = 0
    for text, relocations in path:
        word, _, operands = text.partition(" ")
        in_memory = "(" in operands and not word.startswith(("nop", "lea"))
        if word == "lock":
            locked += 1
            if not operands.split()[0].startswith("xadd"):
                yield "a locked instruction other than xadd: " + text
        elif word.startswith("j") and word != "jmp":
            jumps += 1
        elif word.startswith("call"):
            yield "a call: " + text
        elif word.startswith(("push", "pop")) or "%rsp" in operands or "%rbp" in operands:
            yield "a stack frame: " + text
        elif in_memory and word.startswith("mov") and any("GOTPCREL" in r for r in relocations):
            pass  # the address of the gate
        elif in_memory and (word.startswith(("cmp", "test")) or not operands.strip().endswith(")")):
            loads += 1
        elif in_memory:
            yield "a store: " + text
    for what, count, wanted in zip(("locked instructions", "conditional jumps", "loads"), (locked, jumps, loads), expected):
        if count != wanted:
            yield f"{count} {what}, expected {wanted}"


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    code, failed = functions(sys.argv[1]), False
    for name, expected in EXPECTED.items():
        path, complaint = walk(code[name])
        complaints = [complaint] if complaint else list(faults(path, expected))
        print(f"{sys.argv[2]} {name[5:]}: {len(path)} instructions" + ("" if complaints else ", ok"))
        for complaint in complaints:
            failed = True
            print(f"  {complaint}")
        if complaints:
            print("".join(f"    {text}\n" for text, _ in path), end="")
    sys.exit(failed)


if __name__ == "__main__":
    main()
