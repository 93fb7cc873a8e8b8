/* question: is order transitive over a third thread and a second group? | rule: order | mirrors: - | expect: no race */
#include "scenario.h"

waitgroup_t first_stage, second_stage;
int result;

static void *first(void *unused)
{
    result = 1;
    waitgroup_done(&first_stage);
    return unused;
}

static void *second(void *unused)
{
    waitgroup_wait(&first_stage);
    waitgroup_done(&second_stage);
    return unused;
}

int main(void)
{
    waitgroup_add(&first_stage, 1);
    waitgroup_add(&second_stage, 1);
    pthread_t a = thread_start(first);
    pthread_t b = thread_start(second);
    waitgroup_wait(&second_stage);
    result++;
    thread_join(a);
    thread_join(b);
    return done();
}
