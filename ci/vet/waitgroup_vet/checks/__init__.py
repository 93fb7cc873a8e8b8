"""The checks, one in each module: NAME, SUMMARY for --help, MESSAGE, and find(), which yields what to report."""

from types import ModuleType

from . import (add_after_hand_over, add_after_start, add_in_task, copy, done_in_go_task, done_locked, missing_done, not_started,
               stack_group, wait_in_task, wait_locked)

ALL: list[ModuleType] = [copy, add_in_task, missing_done, done_in_go_task, wait_in_task, wait_locked, add_after_start, stack_group,
                         not_started, done_locked, add_after_hand_over]
