/* A program for the scheduler: what goes wrong in each order of its threads, in some, in none. */
#include "work.h"

#include <assert.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int shared, turns, left, right;
static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER,
                       c = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t finished = PTHREAD_COND_INITIALIZER;

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

static void *lock_b(void *arg)
{
    for (int i = 0; i < 3; i++) {
        pthread_mutex_lock(&b);
        pthread_mutex_unlock(&b);
    }
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

/* Of each of these there are two, which a scheduler has one word for: which one it is, who is first tells. */
static int main_is_first(void)
{
    pthread_mutex_lock(&a);
    int first = turns == 0;
    turns = 8;
    pthread_mutex_unlock(&a);
    return first;
}

static void *assert_first_or_second(void *arg)
{
    if (main_is_first())
        assert(left == 1);
    else
        assert(right == 1);
    return arg;
}

static void leave_first(void)
{
    exit(3);
}

static void leave_second(void)
{
    exit(3);
}

static void *leave_first_or_second(void *arg)
{
    main_is_first() ? leave_first() : leave_second();
    return arg;
}

static void crash_first(volatile int *nowhere)
{
    *nowhere = 1;
}

static void crash_second(volatile int *nowhere)
{
    *nowhere = 1;
}

static void *crash_first_or_second(void *arg)
{
    volatile int *nowhere = (volatile int *)(long)right;
    main_is_first() ? crash_first(nowhere) : crash_second(nowhere);
    return arg;
}

static waitgroup_t group;

static void panic_first(void)
{
    waitgroup_done(&group);
}

static void panic_second(void)
{
    waitgroup_done(&group);
}

static void *panic_first_or_second(void *arg)
{
    main_is_first() ? panic_first() : panic_second();
    return arg;
}

static void lock_first_again(void)
{
    pthread_mutex_lock(&b);
    pthread_mutex_lock(&b);
}

static void lock_second_again(void)
{
    pthread_mutex_lock(&b);
    pthread_mutex_lock(&b);
}

static void *lock_first_or_second_again(void *arg)
{
    main_is_first() ? lock_first_again() : lock_second_again();
    return arg;
}

static void *lock_b_then_c(void *arg)
{
    pthread_mutex_lock(&b);
    pthread_mutex_lock(&c);
    pthread_mutex_unlock(&c);
    pthread_mutex_unlock(&b);
    return arg;
}

static void close_first_cycle(void)
{
    pthread_mutex_lock(&c);
    pthread_mutex_lock(&a);
    pthread_mutex_unlock(&a);
    pthread_mutex_unlock(&c);
}

static void close_second_cycle(void)
{
    pthread_mutex_lock(&c);
    pthread_mutex_lock(&a);
    pthread_mutex_unlock(&a);
    pthread_mutex_unlock(&c);
}

static void *close_first_or_second_cycle(void *arg)
{
    int first = main_is_first();
    lock_a_then_b(arg);
    lock_b_then_c(arg);
    first ? close_first_cycle() : close_second_cycle();
    return arg;
}

static void *increment(void *number)
{
    ++*(int *)number;
    return number;
}

static void *increment_left_or_right(void *arg)
{
    int *number = main_is_first() ? &left : &right;
    pthread_t other = start_thread(increment, number);
    increment(number);
    pthread_join(other, NULL);
    return arg;
}

static void *first_of_heap(void)
{
    return calloc(1, 64);
}

static void *second_of_heap(void)
{
    return calloc(1, 64);
}

static void *increment_first_or_second_of_heap(void *arg)
{
    void *number = main_is_first() ? first_of_heap() : second_of_heap();
    pthread_t other = start_thread(increment, number);
    increment(number);
    pthread_join(other, NULL);
    free(number);
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

static void *leave(void *arg)
{
    exit(arg == NULL ? 3 : 4);
}

static void *lock_twice(void *arg)
{
    pthread_mutex_lock(&b);
    pthread_mutex_lock(&b);
    return arg;
}

static void *abort_in_a_child(void *arg)
{
    const pid_t child = fork();
    if (child == 0)
        abort();
    waitpid(child, NULL, 0);
    return arg;
}

/* The signal may come between the look and the wait. */
static void *finish(void *arg)
{
    __atomic_store_n(&turns, 1, __ATOMIC_SEQ_CST);
    pthread_cond_signal(&finished);
    return arg;
}

static void *wait_until_finished(void *arg)
{
    pthread_mutex_lock(&a);
    while (!__atomic_load_n(&turns, __ATOMIC_SEQ_CST))
        pthread_cond_wait(&finished, &a);
    pthread_mutex_unlock(&a);
    return arg;
}

static void *check_after_a_while(void *arg)
{
    usleep(1000);
    pthread_mutex_lock(&a);
    int done = turns != 0;
    pthread_mutex_unlock(&a);
    assert(done);
    return arg;
}

/* A text that one thread writes, of which another reads one letter, and nothing but time is between them. */
static char text[32];

static void *write_text(void *arg)
{
    static const char *volatile name = "worker"; /* or the compiler writes the letters itself */
    snprintf(text, sizeof text, "%s", name);
    __atomic_store_n(&turns, 1, __ATOMIC_RELAXED);
    return arg;
}

static void *read_letter(int number)
{
    while (!__atomic_load_n(&turns, __ATOMIC_RELAXED))
        sched_yield();
    shared = text[number];
    return NULL;
}

#define READ_LETTER(number)                      \
    static void *read_letter_##number(void *arg) \
    {                                            \
        (void)arg;                               \
        return read_letter(number);              \
    }
READ_LETTER(0)
READ_LETTER(1)
READ_LETTER(2)
READ_LETTER(3)

static const struct {
    const char *name;
    void *(*other)(void *), *(*ours)(void *);
} modes[] = {
    {"correct", take_turn, take_turn},
    {"independent", take_turn, lock_b},
    {"race", bump, bump},
    {"race-and-assertion", bump, bump_and_check},
    {"one-order", take_turn, check_that_main_was_first},
    {"deadlock", lock_b_then_a, lock_a_then_b},
    {"two-halves", write_both_halves, read_both_halves},
    {"many-orders", take_many_turns, take_many_turns},
    {"two-assertions", take_turn, assert_first_or_second},
    {"two-exits", take_turn, leave_first_or_second},
    {"two-crashes", take_turn, crash_first_or_second},
    {"two-panics", take_turn, panic_first_or_second},
    {"two-deadlocks", take_turn, lock_first_or_second_again},
    {"two-inversions", take_turn, close_first_or_second_cycle},
    {"two-globals", take_turn, increment_left_or_right},
    {"two-heap-blocks", take_turn, increment_first_or_second_of_heap},
    {"exit-beside", leave, take_turn},
    {"dead-child", take_turn, abort_in_a_child},
    {"joined-deadlock", lock_twice, take_turn},
    {"lost-wakeup", finish, wait_until_finished},
    {"in-time", take_turn, check_after_a_while},
    {"letter-0", write_text, read_letter_0},
    {"letter-1", write_text, read_letter_1},
    {"letter-2", write_text, read_letter_2},
    {"letter-3", write_text, read_letter_3},
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
