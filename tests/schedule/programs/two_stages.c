/* plain: forty threads are not held at one place | bug 1: exit 1 */
#include "../program.h"

/* Each of many threads sets one value and then another one; whoever finds the first must not take the second
 * to be there, too. It shows where all but one are held between the two, as each of them would set it. */
enum { SETTERS = 40 };

static pthread_mutex_t first_lock = PTHREAD_MUTEX_INITIALIZER, second_lock = PTHREAD_MUTEX_INITIALIZER;
static int first, second, missed;

static void *set_both(void *arg)
{
    pthread_mutex_lock(&first_lock);
    first = 1;
    pthread_mutex_unlock(&first_lock);
    pthread_mutex_lock(&second_lock);
    second = 1;
    pthread_mutex_unlock(&second_lock);
    return arg;
}

static void *get_both(void *arg)
{
    pthread_mutex_lock(&first_lock);
    const int has_first = first;
    pthread_mutex_unlock(&first_lock);
    if (!has_first)
        return arg;
    pthread_mutex_lock(&second_lock);
    missed = BUG && !second;
    pthread_mutex_unlock(&second_lock);
    return arg;
}

int main(void)
{
    pthread_t setters[SETTERS];
    for (int i = 0; i < SETTERS; i++)
        setters[i] = start(set_both, NULL);
    pthread_t getter = start(get_both, NULL);
    for (int i = 0; i < SETTERS; i++)
        join(setters[i]);
    join(getter);
    return missed;
}
