/* Tickets on POSIX threads alone: a table of parking places outside the groups, so that a release
 * needs no memory of the group once the tickets are added, and the group may be freed meanwhile.
 *
 * TSan intercepts pthread calls, so here alone its view of synchronization has to be switched off:
 * visible, a place's mutex would order every pair of threads that ever shared it. */
#define _XOPEN_SOURCE 700
#define _DARWIN_C_SOURCE
#include "sema.h"
#include "race.h"
#include "shared/timespec.h"
#include "unwoken.h"

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

/* A condition variable measures deadlines on the clock that it was made for. */
struct place {
    pthread_mutex_t mutex;
    pthread_cond_t on_realtime;
    pthread_cond_t on_monotonic;
};

static struct place places[64];
static pthread_once_t places_ready = PTHREAD_ONCE_INIT;

WAITGROUP_ENTRY_ static void make_places(void)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
#ifndef __APPLE__
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
#endif
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        pthread_mutex_init(&places[i].mutex, NULL);
        pthread_cond_init(&places[i].on_realtime, NULL);
        pthread_cond_init(&places[i].on_monotonic, &monotonic);
    }
    pthread_condattr_destroy(&monotonic);
}

/* Before there are threads, and visible to TSan: it takes the initializations for writes, and every thread is
 * ordered after them by its creation. */
__attribute__((__constructor__(101))) WAITGROUP_ENTRY_ static void make_places_early(void)
{
    pthread_once(&places_ready, make_places);
}

WAITGROUP_ENTRY_ static struct place *lock_place(const uint32_t *sema)
{
    pthread_once(&places_ready, make_places); /* for calls from other constructors */
    /* Groups are 16 bytes or more apart. */
    struct place *place = &places[((uintptr_t)sema >> 4) % (sizeof places / sizeof *places)];
    pthread_mutex_lock(&place->mutex);
    return place;
}

/* Sleeps until a release, a stray wake or the deadline: 0 or ETIMEDOUT. */
WAITGROUP_ENTRY_ static int sleep_in(struct place *place, clockid_t clock, const struct timespec *deadline)
{
    if (deadline == NULL)
        return pthread_cond_wait(&place->on_monotonic, &place->mutex);
    if (clock == CLOCK_REALTIME)
        return pthread_cond_timedwait(&place->on_realtime, &place->mutex, deadline);
#ifdef __APPLE__
    /* Condition variables know the real time only, which may be set, but can sleep for a while. The
     * caller looks at the tickets and comes back: only the clock itself says that the time is up. */
    const struct timespec now = timespec_after(CLOCK_MONOTONIC, 0);
    if (!timespec_is_before(&now, deadline))
        return ETIMEDOUT;
    const struct timespec left = timespec_between(&now, deadline);
    pthread_cond_timedwait_relative_np(&place->on_monotonic, &place->mutex, &left);
    return 0;
#else
    return pthread_cond_timedwait(&place->on_monotonic, &place->mutex, deadline);
#endif
}

WAITGROUP_ENTRY_ int waitgroup_sema_acquire_(uint32_t *sema, clockid_t clock, const struct timespec *deadline)
{
    const int saved_errno = errno;
    int result = 0, unwoken = 0;
    if (sema_try(sema))
        return 0;

    /* A wait on a condition variable is a cancellation point; a wait on a group is none. */
    int cancel_state;
    race_disable();
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
    struct place *place = lock_place(sema);
    /* Tickets are added before the releaser takes the mutex: looked for under it, none is missed;
     * looked for once more after the deadline, one that is there is not left behind. */
    while (!sema_try(sema)) {
        if (result != 0)
            goto out;
        result = sleep_in(place, clock, deadline);
    }
    unwoken = result != 0;
    result = 0;
out:
    pthread_mutex_unlock(&place->mutex);
    pthread_setcancelstate(cancel_state, NULL);
    race_enable();
    if (unwoken)
        waitgroup_report_unwoken_(sema);
    errno = saved_errno;
    return result;
}

WAITGROUP_ENTRY_ void waitgroup_sema_release_(uint32_t *sema, uint32_t n)
{
    const int saved_errno = errno;
    /* Release: pairs with the ticket's acquire in sema_try(). The last dereference. */
    __atomic_fetch_add(sema, n, __ATOMIC_RELEASE);
    race_disable();
    struct place *place = lock_place(sema);
    pthread_cond_broadcast(&place->on_realtime);
    pthread_cond_broadcast(&place->on_monotonic);
    pthread_mutex_unlock(&place->mutex);
    race_enable();
    errno = saved_errno;
}
