"""Fewer switches that show the same."""

import time

TRIES, SECONDS = 400, 10


def shrink(server, run, problem, shown_by):
    """The switches that are needed for run to show problem again (a member of shown_by(run)): delta
    debugging, then one by one; what a run has really made is adopted. Returns (switches, tries)."""
    tries, end = 0, time.monotonic() + SECONDS

    def spent():
        return tries >= TRIES or time.monotonic() > end

    def shows(switches):
        nonlocal tries
        tries += 1
        again = server.replay(switches)
        return again.switches if problem in shown_by(again) else None

    patience, server.timeout = server.timeout, min(server.timeout, 1 + 5 * run.seconds)
    try:
        return _shrunk(list(run.switches), shows, spent), tries
    finally:
        server.timeout = patience


def _shrunk(best, shows, spent):
    adopted = shows(best)
    if adopted is None:
        return None
    best = adopted if len(adopted) <= len(best) else best
    pieces = 2
    while len(best) >= 1 and not spent():
        size = max(1, len(best) // pieces)
        for start in range(0, len(best), size):
            rest = best[:start] + best[start + size:]
            adopted = shows(rest)
            if adopted is not None:
                best = adopted if len(adopted) <= len(rest) else rest
                pieces = max(pieces - 1, 2)
                break
            if spent():
                break
        else:
            if size == 1:
                break
            pieces = min(len(best), pieces * 2)
    return best
