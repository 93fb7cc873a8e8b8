"""The picture of a run under control, drawn by the lessons' code (tsan/lessons): what threads did, the edges of
happens-before between them, and the two accesses that race, as ThreadSanitizer's own report of that run names them."""

import glob
import importlib
import os
import sys
from typing import Any

from racetest.program import Program
from racetest.schedule_memory import TRACE, TRACE_ACCESSES, TRACE_CALLERS
from racetest.schedule_text import parse_schedule
from racetest.trouble import Trouble

FORMS = {".svg": "svg", ".txt": "text", ".shiviz": "shiviz", ".json": "chrome"}
MOST = 400  # acts; nobody looks at more
DETECTOR = "race-test-detect"


def form_of(path: str) -> str:
    form = FORMS.get(os.path.splitext(path)[1])
    if not form:
        raise Trouble(f"{path}: a picture's name ends in .svg, .txt, .shiviz, or .json (for Chrome's about:tracing)")
    return form


def lessons() -> Any:
    """The lessons' modules, in the tree or installed, and where their detector is."""
    here = os.path.dirname(os.path.realpath(__file__))
    tree, share = os.path.abspath(os.path.join(here, "../../..")), os.path.dirname(here)
    for folder, detectors in ((os.path.join(tree, "tsan", "lessons"), ["build/lessons/detect"]),
                              (os.path.join(share, "lessons"), [f"lib*/{DETECTOR}", f"lib*/*/{DETECTOR}"])):
        found = [path for form in detectors for path in glob.glob(os.path.join(glob.escape(tree), form))]
        if os.path.isdir(folder) and found:
            break
    else:
        raise Trouble("what draws pictures is neither built (make all) nor installed")
    sys.path.insert(0, folder)
    try:
        return importlib.import_module("drawn_run"), found[0]
    except ModuleNotFoundError as error:
        raise Trouble(f"pictures need Python 3.11 or later ({error.name})") from None


def draw(program: Program, schedule: str, path: str, kinds: list[str]) -> None:
    """Writes the picture of the run that this schedule makes and that has shown problems of these kinds."""
    drawing, detector = lessons()
    with drawing.DrawnRun(program.argv, detector) as drawn:
        run = drawn.server.replay(parse_schedule(schedule), TRACE | TRACE_ACCESSES | TRACE_CALLERS)
        if len(run.events) > MOST * 20:
            raise Trouble(f"{path}: {len(run.events)} acts are too many for a picture")
        text = drawn.drawn(run, os.path.basename(program.name), form_of(path), MOST, kinds)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
