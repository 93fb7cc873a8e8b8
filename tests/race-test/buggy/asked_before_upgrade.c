/* Plain pthreads. Who does not find the entry under the read lock adds it under the write lock. */
#include "../work.h"

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static int entries[4], count;

static int find(int key)
{
    for (int i = 0; i < count; i++)
        if (entries[i] == key)
            return 1;
    return 0;
}

static void *request(void *arg)
{
    wait_for_device(*(int *)arg);
    pthread_rwlock_rdlock(&lock);
    int found = find(42);
    pthread_rwlock_unlock(&lock);
    if (!found) {
        pthread_rwlock_wrlock(&lock);
#ifdef CORRECT
        found = find(42);
#endif
        if (!found) /* the bug: that was before the upgrade */
            entries[count++] = 42;
        pthread_rwlock_unlock(&lock);
    }
    return NULL;
}

int main(void)
{
    static int begin[] = {500, 2500, 4500};
    pthread_t requests[3];
    for (int i = 0; i < 3; i++)
        requests[i] = start_thread(request, &begin[i]);
    for (int i = 0; i < 3; i++)
        pthread_join(requests[i], NULL);
    return count != 1;
}
