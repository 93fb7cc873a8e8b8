/* bug 1: abort, data race */
#include "../program.h"
#include <waitgroup.h>

enum { ITEMS = 3 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t some = PTHREAD_COND_INITIALIZER;
static int queue[ITEMS], head, tail, total;
static waitgroup_t pending;

static void push(int item)
{
    pthread_mutex_lock(&lock);
    queue[tail++] = item;
    pthread_cond_signal(&some);
    pthread_mutex_unlock(&lock);
}

static void *consume(void *arg)
{
    for (int i = 0; i < ITEMS; i++) {
        pthread_mutex_lock(&lock);
        while (head == tail)
            pthread_cond_wait(&some, &lock);
        total += queue[head++];
        pthread_mutex_unlock(&lock);
        waitgroup_done(&pending);
    }
    return arg;
}

int main(void)
{
    pthread_t thread = start(consume, NULL);
    for (int i = 1; i <= ITEMS; i++) {
#if BUG
        push(i);
        nap_if_led();
        waitgroup_add(&pending, 1);
#else
        waitgroup_add(&pending, 1);
        push(i);
#endif
    }
    waitgroup_wait(&pending);
    int seen = total;
    join(thread);
    return seen != 6;
}
