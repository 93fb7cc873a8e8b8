/* bug 1: heap-use-after-free | bug 2: data race, heap-use-after-free */
#include "../program.h"
#include <semaphore.h>
#include <waitgroup.h>

static waitgroup_t group;
static sem_t go;

static void *work(void *arg)
{
    int *cell = arg;
#if BUG == 1
    waitgroup_done(&group);
    sem_wait(&go); /* the cell is free by then, in every order */
    ++*cell;
#elif BUG == 2
    waitgroup_done(&group);
    meet(0);
    ++*cell;
#else
    ++*cell;
    waitgroup_done(&group);
#endif
    return NULL;
}

int main(void)
{
    int *cell = calloc(1, sizeof *cell);
    sem_init(&go, 0, 0);
    waitgroup_add(&group, 1);
    pthread_t thread = start(work, cell);
    waitgroup_wait(&group);
    free(cell);
    sem_post(&go);
    join(thread);
    return 0;
}
