/* A program for the scheduler: what goes wrong in each order of its threads, in some, in none. */
#include "work.h"

#include <assert.h>
#include <string.h>

int shared, turns, left, right;
static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;

static void *bump(void *arg)
{
    shared++;
    return arg;
}

static void *take_turn(void *arg)
{
    pthread_mutex_lock(&a);
    turns = turns / 2 + 1;
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

static void *check_that_main_was_first(void *arg)
{
    pthread_mutex_lock(&a);
    int first = turns == 0;
    turns = 8;
    pthread_mutex_unlock(&a);
    assert(first);
    return arg;
}

static void *write_both_halves(void *arg)
{
    left = 1;
    right = 1;
    return arg;
}

static void *read_both_halves(void *arg)
{
    int first = left, second = right;
    assert(first == second);
    return arg;
}

static void *take_turns_for_ever(void *arg)
{
    for (;;)
        take_turn(arg);
    return arg;
}

static void *take_many_turns(void *arg)
{
    for (int i = 0; i < 12; i++)
        take_turn(arg);
    return arg;
}

static void *bump_and_check(void *arg)
{
    bump(arg);
    assert(shared == 7);
    return arg;
}

static const struct {
    const char *name;
    void *(*other)(void *), *(*ours)(void *);
} modes[] = {
    {"correct", take_turn, take_turn},
    {"race", bump, bump},
    {"race-and-assertion", bump, bump_and_check},
    {"one-order", take_turn, check_that_main_was_first},
    {"deadlock", lock_b_then_a, lock_a_then_b},
    {"two-halves", write_both_halves, read_both_halves},
    {"many-orders", take_many_turns, take_many_turns},
    {"no-end", take_turns_for_ever, take_turns_for_ever},
};

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "correct";
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
        if (strcmp(mode, modes[i].name) == 0) {
            pthread_t other = start_thread(modes[i].other, NULL);
            modes[i].ours(NULL);
            pthread_join(other, NULL);
            return 0;
        }
    return 2;
}
