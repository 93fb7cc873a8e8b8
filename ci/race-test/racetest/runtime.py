"""ThreadSanitizer's runtime: where clang's shared one lies, in a folder of its own that the loader does not know."""

import functools
import glob
import os
import re
import subprocess

from racetest.elf import elf_at
from racetest.trouble import Trouble


def has_runtime(program: str) -> bool:
    """Is ThreadSanitizer's runtime part of the program, by its symbol table?"""
    with open(program, "rb") as file:
        return b"__tsan_init" in file.read()


def runtime_folder(program: str) -> str:
    """The folder of clang's shared runtime, if the program needs it and the loader would not find it."""
    return runtime_of(program)[0]


@functools.cache
def runtime_of(program: str) -> tuple[str, str]:
    """That folder, and a remark if the runtime is another clang's than the program; or two times nothing."""
    listing = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    missing = re.search(r"(libclang_rt\.tsan\S*) => not found", listing)
    if not missing:
        return "", ""
    folders = [folder for pattern in ("/usr/lib/llvm-*/lib/clang/*/lib/linux", "/usr/lib/clang/*/lib/*",
                                      "/usr/local/lib/clang/*/lib/*")
               for folder in glob.glob(pattern) if os.path.exists(os.path.join(folder, missing[1]))]
    if folders:
        return choose_runtime(folders, elf_at(program).clangs)
    raise Trouble(f"{program}: its ThreadSanitizer runtime, {missing[1]}, is not found: put its folder into "
                  f"LD_LIBRARY_PATH (dirname $(clang -print-file-name={missing[1]}))")


def choose_runtime(folders: list[str], clangs: list[int]) -> tuple[str, str]:
    """Of the folders of runtimes that of the clang that has built the program, of several the newest, which has
    probably linked it; else the newest, with a remark."""
    newest = max(folders, key=clang_of)
    if not clangs:
        return newest, ""
    own = [folder for folder in folders if clang_of(folder) == clangs[-1]]
    return (own[0], "") if own else (
        newest, f"built by clang {clangs[-1]}, whose ThreadSanitizer runtime is not installed; runs with that of {newest}")


def clang_of(folder: str) -> int:
    """Its version, from .../clang/14.0.6/lib/linux."""
    match = re.search(r"/clang/(\d+)", folder)
    return int(match[1]) if match else 0
