/* Where there is no group, the vet has nothing to follow. This gives it something in sources of others: a
 * wait with a deadline, which may stand anywhere, at each lock and start. */
#include <pthread.h>
#include <waitgroup.h>

static waitgroup_t vet_group;
#define pthread_mutex_lock(mutex) (waitgroup_clockwait(&vet_group, CLOCK_MONOTONIC, 0) ? 1 : pthread_mutex_lock(mutex))
#define pthread_create(thread, attr, task, arg) \
  (waitgroup_clockwait(&vet_group, CLOCK_MONOTONIC, 0) ? 1 : pthread_create(thread, attr, task, arg))
