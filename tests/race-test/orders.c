/* A program for the scheduler: what goes wrong in each order of its threads, in some, in none. */
#include "work.h"

#include <assert.h>
#include <string.h>

int shared, turns;
static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;

static void *bump(void *arg)
{
    shared++;
    return arg;
}

static void *take_turn(void *arg)
{
    pthread_mutex_lock(&a);
    turns = turns * 2 + 1;
    pthread_mutex_unlock(&a);
    return arg;
}

static void *lock_a_then_b(void *arg)
{
    pthread_mutex_lock(&a);
    pthread_mutex_lock(&b);
    pthread_mutex_unlock(&b);
    pthread_mutex_unlock(&a);
    return arg;
}

static void *lock_b_then_a(void *arg)
{
    pthread_mutex_lock(&b);
    pthread_mutex_lock(&a);
    pthread_mutex_unlock(&a);
    pthread_mutex_unlock(&b);
    return arg;
}

static void check_that_main_was_first(void)
{
    pthread_mutex_lock(&a);
    int first = turns == 0;
    turns = 8;
    pthread_mutex_unlock(&a);
    assert(first);
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";
    int race = !strcmp(mode, "race") || !strcmp(mode, "race-and-assertion");
    int deadlock = !strcmp(mode, "deadlock");
    pthread_t other = start_thread(race ? bump : deadlock ? lock_b_then_a : take_turn, NULL);
    if (race)
        bump(NULL);
    else if (deadlock)
        lock_a_then_b(NULL);
    else if (!strcmp(mode, "one-order"))
        check_that_main_was_first();
    else
        take_turn(NULL);
    pthread_join(other, NULL);
    assert(strcmp(mode, "race-and-assertion") != 0 || shared == 7);
    return 0;
}
