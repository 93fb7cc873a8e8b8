/* What a NOLINT comment silences, and what it does not. */
#include <waitgroup.h>

void nolint(waitgroup_t *a, waitgroup_t *b)
{
    *a = *b; // want: copy
    *a = *b; // NOLINT
    *a = *b; // NOLINT(custom-waitgroup-copy): measured
    *a = *b; // NOLINT(bugprone-*, custom-*)
    *a = *b; // want: copy NOLINT(bugprone-branch-clone)
    // NOLINTNEXTLINE
    *a = *b;
    // NOLINTNEXTLINE(custom-waitgroup-copy)
    *a = *b;
    *a = *b; // want: copy
    // NOLINTNEXTLINE(custom-waitgroup-missing-done)
    *a = *b; // want: copy
    // NOLINTBEGIN(custom-waitgroup-copy)
    *a = *b;
    *b = *a;
    // NOLINTEND(custom-waitgroup-copy)
    *a = *b; // want: copy
    // NOLINTBEGIN
    *a = *b;
    // NOLINTEND
    *a = *b; // want: copy
}
