"""Fewer switches that show the same."""


def shrink(server, run, problem, limit=400):
    """The switches that are needed for run to show problem again (a member of run.verdicts()): delta
    debugging, then one by one; what a run has really made is adopted. Returns (switches, tries)."""
    tries = 0

    def shows(switches):
        nonlocal tries
        tries += 1
        again = server.replay(switches)
        return again.switches if problem in again.verdicts() else None

    best = list(run.switches)
    adopted = shows(best)
    if adopted is None:
        return None, tries
    best = adopted if len(adopted) <= len(best) else best
    pieces = 2
    while len(best) >= 1 and tries < limit:
        size = max(1, len(best) // pieces)
        for start in range(0, len(best), size):
            rest = best[:start] + best[start + size:]
            adopted = shows(rest)
            if adopted is not None:
                best = adopted if len(adopted) <= len(rest) else rest
                pieces = max(pieces - 1, 2)
                break
            if tries >= limit:
                break
        else:
            if size == 1:
                break
            pieces = min(len(best), pieces * 2)
    return best, tries
