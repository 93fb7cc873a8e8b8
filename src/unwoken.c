/* The counter came to zero and no wake followed: another process did the last done, and wakes reach only its
 * own threads. */
#include "unwoken.h"
#include "process.h"
#include "report.h"

#include <stddef.h>
#include <unistd.h>

WAITGROUP_ENTRY_ void waitgroup_report_unwoken_(const uint32_t *sema)
{
    if (!waitgroup_is_shared_(sema))
        return;
    const void *const wg = (const char *)sema - offsetof(waitgroup_t, sema);
    waitgroup_report_("waitgroup: nobody woke a Wait when the counter had become 0: %s\n"
                      "  WaitGroup at %p, process %d\n",
                      PROCESS_OTHER, wg, (int)getpid());
    waitgroup_report_stack_();
}
