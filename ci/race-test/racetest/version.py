"""The project's version, which `make install` fills in. In the source tree it stands in the header."""

import os
import re

INSTALLED = "@VERSION@"


def version() -> str:
    if not INSTALLED.startswith("@"):
        return INSTALLED
    header = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../../include/waitgroup.h")
    with open(header, encoding="utf-8") as file:
        return ".".join(re.findall(r"^#define WAITGROUP_VERSION_(?:MAJOR|MINOR|PATCH) +(\d+)", file.read(), re.M))
