/* waitgroup_go: Add(1), a detached thread, Done.
 *
 * What the thread is to do reaches it without an allocation: by one of a few static parcels, which it
 * gives back as soon as it has read it; or, when all of them are under way, by a parcel on the
 * caller's stack, and the caller waits until it is read. */
#define _POSIX_C_SOURCE 200809L
#include "state.h"
#include "copy.h"
#include "options.h"
#include "panic.h"
#include "shared/call.h"
#include "perturb.h"
#include "race.h"
#include "sema.h"
#include "shared/parcel.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>

struct parcel {
    waitgroup_t *wg;
    void (*task)(void *);
    void *arg;
    uint64_t identity; /* for the perturbation */
    uint32_t read;     /* a ticket once it is read; only looked at when the parcel is on the stack */
};

/* Filled and read field by field: the copy of a whole struct may be a call of memcpy(), and that is one
 * that TSan sees. */
static struct parcel parcels[PARCELS];
static uint64_t parcels_taken;

WAITGROUP_UNINSTRUMENTED_ static int is_static(const struct parcel *parcel)
{
    return (uintptr_t)parcel - (uintptr_t)parcels < sizeof parcels;
}

WAITGROUP_UNINSTRUMENTED_ static void give_back(struct parcel *parcel)
{
    if (is_static(parcel))
        parcel_give_back(&parcels_taken, (int)(parcel - parcels));
    else
        waitgroup_sema_release_(&parcel->read, 1);
}

/* A task that is over, and its group. */
struct ending {
    waitgroup_t *wg;
    void (*task)(void *);
};

WAITGROUP_ENTRY_ static void count_down(void *argument)
{
    const struct ending *const ending = argument;
    waitgroup_task_is_over_(ending->task);
    waitgroup_done(ending->wg);
    waitgroup_task_is_over_(NULL);
}

WAITGROUP_ENTRY_ static void *run_parcel(void *argument)
{
    struct parcel *parcel = argument;
    struct ending ending = {parcel->wg, parcel->task};
    void *const arg = parcel->arg;
    const uint64_t identity = parcel->identity;
    give_back(parcel);
    if (waitgroup_options_.perturb) {
        waitgroup_perturb_adopt_(identity);
        waitgroup_perturb_(PERTURB_TASK_START);
    }
    /* Also when the task leaves by pthread_exit() or is cancelled, as Go's deferred Done. */
    pthread_cleanup_push(count_down, &ending);
    ending.task(arg);
    pthread_cleanup_pop(1);
    return NULL;
}

WAITGROUP_UNINSTRUMENTED_ static int start_thread(struct parcel *parcel)
{
    pthread_attr_t detached;
    int error = pthread_attr_init(&detached);
    if (error != 0)
        return error;
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    pthread_t thread;
    /* Preferably the one that the program's own calls reach: TSan has to see the thread begin. */
    int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) = pthread_create;
    if (waitgroup_race_.create_thread)
        create = (int (*)(pthread_t *, const pthread_attr_t *, void *(*)(void *),
                          void *))waitgroup_race_.create_thread;
    error = create(&thread, &detached, run_parcel, parcel);
    pthread_attr_destroy(&detached);
    return error;
}

WAITGROUP_ENTRY_ int waitgroup_go(waitgroup_t *wg, void (*task)(void *), void *arg)
{
    waitgroup_check_(wg);
    if (task == NULL)
        return EINVAL;
    call_begins(wg);
    if (waitgroup_options_.perturb)
        waitgroup_perturb_(PERTURB_BEFORE_ADD);
    race_enter(__builtin_return_address(0));
    uint64_t now = __atomic_add_fetch(&wg->state, state_change(1), __ATOMIC_RELAXED);
    if (state_is_first_add(now, 1))
        race_read(&wg->race);
    if (state_after_add(now, 1) != STATE_SETTLED) {
        race_exit();
        waitgroup_settle_(wg, 1, now);
    }

    struct parcel here, *parcel = &here;
    const int number = parcel_take(&parcels_taken);
    if (number >= 0)
        parcel = &parcels[number];
    parcel->wg = wg;
    parcel->task = task;
    parcel->arg = arg;
    parcel->identity = 0;
    parcel->read = 0;
    if (waitgroup_options_.perturb) {
        waitgroup_perturb_(PERTURB_AFTER_ADD);
        parcel->identity = waitgroup_perturb_child_();
    }
    const int saved_errno = errno; /* pthread_create() returns its error, and may set errno besides */
    int error = start_thread(parcel);
    errno = saved_errno;
    const int refused =
        error == 0 && parcel == &here ? waitgroup_sema_acquire_(&here.read, CLOCK_MONOTONIC, NULL) : 0;
    race_exit();
    if (refused != 0)
        waitgroup_panic_no_parking_(wg, refused); /* the thread may still read what is on this stack */
    if (error != 0) {
        if (parcel != &here)
            give_back(parcel);
        /* As if it had never been announced; but a wait that saw it announced may have enlisted
         * meanwhile, and is released as by a Done. There is nothing to publish to it, but it may free the
         * group: release, so that the announcement above happens before that. */
        waitgroup_settle_(wg, -1, __atomic_add_fetch(&wg->state, state_change(-1), __ATOMIC_RELEASE));
    }
    call_ends(wg);
    return error;
}
