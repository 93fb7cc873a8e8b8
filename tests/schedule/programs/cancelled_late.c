/* bug 1: exit 1 */
#include "../program.h"
#include <semaphore.h>

/* Cancelled it may be before its first wait, or when that is over. */
static sem_t available, never;
static int has_begun;

static void *work(void *arg)
{
    sem_wait(&available);
    has_begun = 1;
    meet(BUG);
    sem_wait(&never);
    return arg;
}

int main(void)
{
    sem_init(&available, 0, 1);
    sem_init(&never, 0, 0);
    pthread_t thread = start(work, NULL);
    meet(BUG);
    pthread_cancel(thread);
    join(thread);
    return BUG && has_begun;
}
