"""The verdict on one run: what it has found, or why the program cannot be tested."""

import os
import re
import shutil
import signal
from typing import Optional

from racetest.frames import program_frames
from racetest.library import REFUSAL, library_reports
from racetest.pattern import pattern
from racetest.problem import Finding
from racetest.process import Run
from racetest.text import ending, printable
from racetest.tsan_log import FATAL, findings_in

BANNER = "Running under ThreadSanitizer"
LOADER = pattern(r"(?:error while loading shared libraries: |symbol lookup error: |\S+: version `.*' not found"
                 r"|Error loading shared library |Error relocating ).*$",
                 "./prog: error while loading shared libraries: libneeded.so: cannot open shared object file",
                 flags=re.M)


class Verdict:
    """Findings; or trouble, a text; or that the run has to be made again."""

    def __init__(self, findings: Optional[list[Finding]] = None, trouble: str = "", again: bool = False) -> None:
        self.findings, self.trouble, self.again = findings or [], trouble, again


def judge(run: Run) -> Verdict:
    program, code, output = run.program, run.code, run.output.text()
    first = not program.has_tsan
    program.has_tsan = program.has_tsan or BANNER in run.logs or BANNER in output
    found, log_rest = findings_in(run.logs)
    more, rest = findings_in(output)
    found += more

    fatal = FATAL.search(log_rest) or FATAL.search(rest)
    if fatal and code != 0:
        if "unexpected memory mapping" in fatal[1] and not run.fixed_layout and shutil.which("setarch"):
            program.fixed_layout = True
            return Verdict(again=True)
        return Verdict(trouble=f"ThreadSanitizer's runtime died: {fatal[1].strip()}")
    refusal = REFUSAL.search(rest)
    if refusal and code == 2:
        return Verdict(trouble=refusal[1])
    if not program.has_tsan:
        return Verdict(trouble=why_without_tsan(code, output))
    if first and code > 0 and not found:
        # The banner had opened the log. If the program then closed all its descriptors, as daemons
        # do, the reports are lost; without a banner, the log is not opened before the first report.
        return Verdict(again=True)

    name = printable(os.path.basename(program.argv[0]))
    panics, stalls = library_reports(rest, log_rest, name)
    found += panics
    last_words = rest[-4000:] or "(no output)"
    if run.timed_out:
        stacks = {str(program_frames(stall.stack)[0]): stall.stack for stall in stalls if stall.stack}
        found.append(Finding("hang", None if stacks else name, "\n".join(s.text for s in stalls) or last_words,
                             list(stacks.values())))
        program.hangs += 1
    elif code < 0 and not (code == -signal.SIGABRT and found) or code > 0 and not found:
        found.append(Finding(ending(code), name, last_words))
    return Verdict(found)


def why_without_tsan(code: int, output: str) -> str:
    loader = LOADER.search(output)
    if loader and code != 0:
        return f"cannot start: {loader[0].strip()} (set LD_LIBRARY_PATH, or run ldconfig after an installation)"
    text = "not built with ThreadSanitizer (compile and link with -fsanitize=thread, better also with -g)"
    if code != 0:
        text += f", or ended before it: {ending(code)}; {' '.join(output.split())[-200:]}".rstrip("; ")
    return text
