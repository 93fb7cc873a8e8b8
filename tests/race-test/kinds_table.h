/* What each kind of report of kinds.h is called, and its two mistakes. */
#include "kinds.h"

static void kind_functions(int both)
{
    race(count_hit, count_hit, NULL);
    if (both)
        race(count_miss, count_miss, NULL);
}

static void kind_globals(int both)
{
    race(count_both, count_both, both ? &both : NULL);
}

static void kind_statics(int both)
{
    race(count_in_static, count_in_static, both ? &both : NULL);
}

static void kind_heap(int both)
{
    void *first = heap_of_pool(), *second = heap_of_cache();
    race(bump, bump, first);
    if (both)
        race(bump, bump, second);
}

static void kind_stack(int both)
{
    stack_race();
    if (both)
        in_a_thread(own_stack, NULL);
}

static void kind_tls(int both)
{
    tls_race(NULL);
    if (both)
        in_a_thread(tls_race, NULL);
}

static void kind_tls_variables(int both)
{
    tls_races(both ? &both : NULL);
}

static void kind_statics_of_functions(int both)
{
    race_on_own_total();
    if (both)
        race_on_other_total();
}

static void kind_memcpy(int both)
{
    race(copy_forth, nothing, NULL);
    race(copy_forth, copy_forth, NULL);
    if (both)
        race(copy_back, copy_back, NULL);
}

static void kind_use_after_free(int both)
{
    void *first = heap_of_pool(), *second = heap_of_cache();
    race(free_it, write_it, first);
    if (both)
        race(free_it, read_it, second);
}

static void kind_destroy(int both)
{
    destroy_one();
    if (both)
        destroy_two();
}

static void kind_unlock(int both)
{
    unlock_one();
    if (both)
        unlock_two();
}

static void kind_double_lock(int both)
{
    in_a_thread(lock_it, &lock_one);
    double_lock_one();
    if (both) {
        in_a_thread(lock_it, &lock_two);
        double_lock_two();
    }
}

static void kind_double_lock_of_two(int both)
{
    in_a_thread(lock_it, &lock_one);
    lock_it(&lock_one);
    if (both) {
        in_a_thread(lock_it, &lock_two);
        lock_it(&lock_two);
    }
}

static void kind_read_lock(int both)
{
    read_lock_one();
    if (both)
        read_lock_two();
}

static void kind_read_unlock(int both)
{
    read_unlock_one();
    if (both)
        read_unlock_two();
}

static void kind_invalid(int both)
{
    invalid_one();
    if (both)
        invalid_two();
}

static void kind_held(int both)
{
    hold_one();
    if (both)
        hold_two();
}

static void kind_lock_order(int both)
{
    in_a_thread(a_then_b, NULL);
    in_a_thread(b_then_a, NULL);
    if (both) {
        in_a_thread(a_then_c, NULL);
        in_a_thread(c_then_a, NULL);
    }
}

static void in_two_orders(void *(*one_way)(void *), void *(*the_other)(void *), struct pair pair)
{
    in_a_thread(one_way, &pair);
    in_a_thread(the_other, &pair);
}

static void kind_lock_order_of_two(int both)
{
    const struct pair one_pair = {&a, &b}, other_pair = {&c, &d};
    in_two_orders(forth, back, one_pair);
    if (both)
        in_two_orders(forth, back, other_pair);
}

static void kind_lock_order_by_wrappers(int both)
{
    pthread_mutex_t *locks = (pthread_mutex_t *)calloc(4, sizeof *locks);
    const struct pair one_pair = {&locks[0], &locks[1]}, other_pair = {&locks[2], &locks[3]};
    in_two_orders(pool_then_cache, cache_then_pool, one_pair);
    if (both)
        in_two_orders(pool_then_cache, cache_then_store, other_pair);
}

static void kind_lock_order_in_itself(int both)
{
    pthread_mutex_t *locks = (pthread_mutex_t *)calloc(4, sizeof *locks);
    const struct pair one_pair = {&locks[0], &locks[1]}, other_pair = {&locks[2], &locks[3]};
    in_two_orders(lock_both_forth, lock_both_back, one_pair);
    if (both)
        in_two_orders(take_then_second, second_then_take, other_pair);
}

static void kind_lock_order_by_others(int both)
{
    pthread_mutex_t *locks = (pthread_mutex_t *)calloc(4, sizeof *locks);
    const struct pair one_pair = {&locks[0], &locks[1]}, other_pair = {&locks[2], &locks[3]};
    in_two_orders(front_then_rear, rear_then_front, one_pair);
    if (both)
        in_two_orders(all_forth, all_back, other_pair);
}

static void kind_leak(int both)
{
    leak_reader();
    if (both)
        leak_writer();
}

static void kind_signal_unsafe(int both)
{
    handle(SIGUSR1, allocating_handler);
    if (both)
        handle(SIGUSR2, freeing_handler);
}

static void kind_errno(int both)
{
    handle(SIGUSR1, spoiling_handler);
    if (both)
        handle(SIGUSR2, other_spoiling_handler);
}

static void kind_library(int both)
{
    static long queue, stack;
    misuse(touch_queue, &queue);
    if (both)
        misuse(touch_stack, &stack);
}

static int kind(const char *name, int both)
{
    static const struct {
        const char *name;
        void (*run)(int both);
    } kinds[] = {
        {"functions", kind_functions},
        {"globals", kind_globals},
        {"statics", kind_statics},
        {"heap", kind_heap},
        {"stack", kind_stack},
        {"tls", kind_tls},
        {"tls-variables", kind_tls_variables},
        {"statics-of-functions", kind_statics_of_functions},
        {"memcpy", kind_memcpy},
        {"use-after-free", kind_use_after_free},
        {"destroy", kind_destroy},
        {"unlock", kind_unlock},
        {"double-lock", kind_double_lock},
        {"double-lock-of-two", kind_double_lock_of_two},
        {"read-lock", kind_read_lock},
        {"read-unlock", kind_read_unlock},
        {"invalid", kind_invalid},
        {"held", kind_held},
        {"lock-order", kind_lock_order},
        {"lock-order-of-two", kind_lock_order_of_two},
        {"lock-order-by-wrappers", kind_lock_order_by_wrappers},
        {"lock-order-in-itself", kind_lock_order_in_itself},
        {"lock-order-by-others", kind_lock_order_by_others},
        {"leak", kind_leak},
        {"signal-unsafe", kind_signal_unsafe},
        {"errno", kind_errno},
        {"library", kind_library},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(name, kinds[i].name) == 0) {
            kinds[i].run(both);
            return 1;
        }
    return 0;
}
