"""Finds libclang and its Python bindings (clang.cindex), which must be of one version."""

import ctypes
import importlib
import os
import sys
from typing import Any

CURE = "install python3-clang-N of Debian, or libclang of PyPI (N: 14 or later)"


class Unusable(Exception):
    """Why nothing can be checked, in words for the user."""


def load() -> Any:
    sys.path.append("/usr/lib/python3/dist-packages")  # Debian keeps the bindings where only its own Python looks
    try:
        cindex: Any = importlib.import_module("clang.cindex")
    except ImportError as error:
        raise Unusable(f"needs libclang's Python bindings: {CURE}\n{error}") from error
    library = os.environ.get("LIBCLANG_LIBRARY_FILE")
    if library:
        cindex.Config.set_library_file(library)
    try:
        text = "int f(int x) { if (x) return 1; return ({ 2; }); }"
        unit = cindex.Index.create().parse("pairing.c", unsaved_files=[("pairing.c", text)])
        kinds = {cursor.kind.name for cursor in unit.cursor.walk_preorder()}
    except (cindex.LibclangError, OSError, ValueError) as error:
        raise Unusable(f"{cindex.__file__} does not fit its library: {CURE}\n{error}") from error
    # Between versions kinds of nodes change their numbers.
    if not {"TRANSLATION_UNIT", "IF_STMT", "StmtExpr"} <= kinds:
        raise Unusable(f"{cindex.__file__} is of another version than its library: {CURE}")
    return cindex


def function(cindex: Any, name: str, result: Any, *arguments: Any) -> Any:
    """A function of libclang that the bindings do not offer, or only at a high price for each node."""
    return ctypes.CFUNCTYPE(result, *arguments)((name, cindex.conf.lib))
