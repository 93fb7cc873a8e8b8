/* Plain pthreads: solvers with a barrier per phase. One of them merges the parts when the barrier has
 * opened, while the others go on to their next part. The log's mutex happens to order it. */
#include "../work.h"

enum { SOLVERS = 3, PHASES = 3 };
static pthread_barrier_t phase_over;
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
int lines;
int parts[SOLVERS], merged;

static void log_a_line(void)
{
    pthread_mutex_lock(&log_lock);
    lines++;
    pthread_mutex_unlock(&log_lock);
}

static void *solve(void *arg)
{
    int *part = arg;
    for (int phase = 0; phase < PHASES; phase++) {
        log_a_line();
        *part += phase;
        wait_for_device(700);
        if (pthread_barrier_wait(&phase_over) == PTHREAD_BARRIER_SERIAL_THREAD) {
            compute(60);
            for (int i = 0; i < SOLVERS; i++)
                merged += parts[i]; /* the bug: no second barrier after this */
            log_a_line();
        }
        wait_for_device(1500);
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[SOLVERS];
    pthread_barrier_init(&phase_over, NULL, SOLVERS);
    for (int i = 0; i < SOLVERS; i++)
        threads[i] = start_thread(solve, &parts[i]);
    for (int i = 0; i < SOLVERS; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
