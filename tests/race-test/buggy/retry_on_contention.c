/* Two writers of a shared journal. When it is taken, they count a retry, outside of the lock; the one
 * who holds the lock writes the count of retries into the journal. */
#include "../work.h"

static pthread_mutex_t journal = PTHREAD_MUTEX_INITIALIZER;
static waitgroup_t writers;
static int entries;
int retries, retries_written;

static void write_entries(void *arg)
{
    long pause = (long)arg;
    for (int i = 0; i < 4; i++) {
        wait_for_device(pause);
        while (pthread_mutex_trylock(&journal) != 0) {
            retries++; /* the bug */
            wait_for_device(300);
        }
        entries++;
        retries_written = retries;
        pthread_mutex_unlock(&journal);
    }
}

int main(void)
{
    start_task(&writers, write_entries, (void *)1900L);
    start_task(&writers, write_entries, (void *)3100L);
    waitgroup_wait(&writers);
    return entries != 8;
}
