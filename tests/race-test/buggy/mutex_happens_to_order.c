/* The loader fills the table without the lock and then takes the lock to count its work; the reader
 * takes the lock to count its own, and reads the table. The lock orders the two as long as the loader
 * comes first, which it does, as it is started long before. */
#include "../work.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
int loaded, looked_up;
int table[16];

static void *load(void *arg)
{
    (void)arg;
    for (int i = 0; i < 16; i++)
        table[i] = i * i;
    pthread_mutex_lock(&lock);
    loaded++;
    pthread_mutex_unlock(&lock);
    return NULL;
}

static void *look_up(void *arg)
{
    wait_for_device(1500);
    pthread_mutex_lock(&lock);
    looked_up++;
    pthread_mutex_unlock(&lock);
    return (void *)(long)table[(long)arg]; /* the bug: never asked whether it is loaded */
}

int main(void)
{
    pthread_t loader = start_thread(load, NULL);
    wait_for_device(1000);
    pthread_t reader = start_thread(look_up, (void *)3L);
    pthread_join(reader, NULL);
    pthread_join(loader, NULL);
    wait_for_device(10000);
    return 0;
}
