/* question: is a request seen that is counted while the server closes, though it asked "closed?" before? | rule: add | mirrors: - | expect: WaitGroup misuse in waitgroup_add, waitgroup_wait */
#include "scenario.h"

#include <stdatomic.h>

waitgroup_t requests;
atomic_int closed;
moment_t asked, counted;

static void *request(void *unused)
{
    if (atomic_load(&closed))
        return unused;
    moment_pass(&asked);
    waitgroup_add(&requests, 1);
    moment_pass(&counted);
    until_blocked(&requests, 1);
    waitgroup_done(&requests);
    return unused;
}

int main(void)
{
    moment_init(&asked, 2);
    moment_init(&counted, 2);
    pthread_t thread = thread_start(request);
    moment_pass(&asked);
    atomic_store(&closed, 1);
    moment_pass(&counted);
    waitgroup_wait(&requests);
    thread_join(thread);
    return done();
}
