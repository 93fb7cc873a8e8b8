"""Finds libclang and its Python bindings (clang.cindex), which must be of one version."""

import ctypes
import glob
import importlib
import os
import re
import sys
from typing import Any

CURE = "install python3-clang-N of Debian, or libclang of PyPI (any N from 14 on)"


class Unusable(Exception):
    """Why nothing can be checked, in words for the user."""


def load() -> Any:
    """The module clang.cindex with a library that fits it."""
    # Debian keeps the bindings out of reach of other Pythons than its own.
    sys.path += ["/usr/lib/python3/dist-packages"]
    wanted = os.environ.get("WAITGROUP_VET_BINDINGS")
    if wanted:
        sys.path.insert(0, wanted)
    try:
        cindex: Any = importlib.import_module("clang.cindex")
    except ImportError as error:
        raise Unusable(f"needs libclang's Python bindings ({error}): {CURE}") from error
    library = os.environ.get("LIBCLANG_LIBRARY_FILE") or find_library(cindex)
    if library:
        cindex.Config.set_library_file(library)
    try:
        cindex.Index.create()
    except cindex.LibclangError as error:
        raise Unusable(f"{cindex.__file__} and {library or 'libclang'} do not fit each other: {CURE}\n{error}") from error
    except OSError as error:
        raise Unusable(f"cannot load libclang: {CURE}\n{error}") from error
    check_pairing(cindex)
    return cindex


def find_library(cindex: Any) -> str | None:
    """Debian's bindings name a link of the -dev package; the library itself has a version more in its name."""
    named = cindex.conf.get_filename()
    version = re.search(r"libclang-(\d+)", named)
    if not version or os.path.isabs(named):
        return None
    number = version[1]
    found = glob.glob(f"/usr/lib/llvm-{number}/lib/libclang-{number}.so*") + glob.glob(f"/usr/lib/llvm-{number}/lib/libclang.so.1")
    return sorted(found)[0] if found else None


def check_pairing(cindex: Any) -> None:
    """Kinds of nodes changed their numbers between versions: bindings and library must mean the same ones."""
    text = "int f(int x) { if (x) return 1; return ({ 2; }); }"
    unit = cindex.Index.create().parse("pairing.c", unsaved_files=[("pairing.c", text)])
    kinds = {cursor.kind.name for cursor in unit.cursor.walk_preorder()}
    version = cindex.conf.lib.clang_getClangVersion
    version.restype = cindex._CXString
    if not {"TRANSLATION_UNIT", "IF_STMT", "StmtExpr"} <= kinds:
        raise Unusable(f"{cindex.__file__} is of another version than its library: {CURE}")


def function(cindex: Any, name: str, result: Any, *arguments: Any) -> Any:
    """A function of libclang that the bindings do not offer, or offer at too high a price for each node."""
    return ctypes.CFUNCTYPE(result, *arguments)((name, cindex.conf.lib))
