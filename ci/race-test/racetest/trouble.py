"""The exit statuses, and the error that is one line of text."""

OK, PROBLEMS, TROUBLE = 0, 1, 2


class Trouble(Exception):
    """What keeps race-test from its work: exit status 2, one line of text, no traceback."""
