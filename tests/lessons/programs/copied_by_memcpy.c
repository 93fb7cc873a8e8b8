/* expect: data race | beyond the detector: memcpy, which gcc calls in the runtime */
#include <pthread.h>
#include <string.h>

char from[64], to[64];

static void *worker(void *size)
{
    memset(from, 1, *(size_t *)size);
    return NULL;
}

int main(void)
{
    size_t size = sizeof from;
    pthread_t thread;
    pthread_create(&thread, NULL, worker, &size);
    memcpy(to, from, size);
    pthread_join(thread, NULL);
    return to[0] > 1;
}
