/* Plain pthreads. A session is freed by whoever lets go of it last. The reader mentions it in its log
 * after letting go, which is harmless while it is the last; the writer is through long before. */
#include "../work.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

struct session {
    int holders, number;
};
int logged;

static int let_go(struct session *session)
{
    pthread_mutex_lock(&lock);
    int left = --session->holders;
    pthread_mutex_unlock(&lock);
    return left;
}

static void *write_side(void *arg)
{
    struct session *session = arg;
    wait_for_device(500);
    if (let_go(session) == 0)
        free(session);
    return NULL;
}

static void *read_side(void *arg)
{
    struct session *session = arg;
    wait_for_device(2500);
    int left = let_go(session);
    logged = session->number; /* the bug: no longer ours */
    if (left == 0)
        free(session);
    return NULL;
}

int main(void)
{
    struct session *session = malloc(sizeof *session);
    *session = (struct session){2, 42};
    pthread_t writer = start_thread(write_side, session), reader = start_thread(read_side, session);
    pthread_join(writer, NULL);
    pthread_join(reader, NULL);
    wait_for_device(10000);
    return 0;
}
