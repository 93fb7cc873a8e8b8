/* What one writes without a library. */
#include <pthread.h>

typedef struct {
    pthread_mutex_t mutex;
    pthread_cond_t zero;
    int tasks;
} group;

static inline void mutex_add(group *g, int n)
{
    pthread_mutex_lock(&g->mutex);
    g->tasks += n;
    if (g->tasks == 0)
        pthread_cond_broadcast(&g->zero);
    pthread_mutex_unlock(&g->mutex);
}

static inline void mutex_wait(group *g)
{
    pthread_mutex_lock(&g->mutex);
    while (g->tasks != 0)
        pthread_cond_wait(&g->zero, &g->mutex);
    pthread_mutex_unlock(&g->mutex);
}

/* All bytes zero is PTHREAD_MUTEX_INITIALIZER and PTHREAD_COND_INITIALIZER. */
#define group_begin(g, n) mutex_add(g, n)
#define group_add(g)      mutex_add(g, 1)
#define group_done(g)     mutex_add(g, -1)
#define group_wait(g)     mutex_wait(g)
#define group_end(g)      (void)(g)

#include "workloads.h"
