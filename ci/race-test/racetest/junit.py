"""JUnit XML, in the form that Jenkins describes: a test case per program."""

from xml.sax.saxutils import escape, quoteattr

from racetest.results import Results


def clean(text: str) -> str:
    """The text without the characters that XML cannot hold."""
    return "".join(c if c in "\t\n" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff"
                   else "?" for c in text)


def junit(results: Results) -> str:
    cases, failures, errors = [], 0, 0
    for program in results.programs:
        mine = [p for p in results.new if program.name in p.programs]
        body = ""
        if program.trouble:
            errors += 1
            body += f"    <error message={quoteattr(clean(program.trouble))}/>\n"
        if mine:
            failures += 1
            text = "\n\n".join(f"{p.key}\n{results.where(p)}\n{p.command}\n\n{p.report}" for p in mine)
            body += (f"    <failure message={quoteattr(clean('; '.join(p.key for p in mine)))} "
                     f"type={quoteattr(mine[0].kind)}>{escape(clean(text))}</failure>\n")
        body += (f"    <system-out>{program.done} runs, {program.bad} with a problem, "
                 f"--seed {escape(clean(str(results.seed)))}</system-out>\n")
        cases.append(f'  <testcase classname="race-test" name={quoteattr(clean(program.name))} '
                     f'time="{program.wall:.3f}">\n{body}  </testcase>\n')
    counts = f'tests="{len(cases)}" failures="{failures}" errors="{errors}" time="{results.seconds:.3f}"'
    return ('<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<testsuites name="race-test" {counts}>\n<testsuite name="race-test" {counts}>\n'
            + "".join(cases) + "</testsuite>\n</testsuites>\n")
