/* bug 1: exit 1 */
#include "../program.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int balance = 100;

static void *withdraw(void *arg)
{
    pthread_mutex_lock(&lock);
    int enough = balance >= 80;
#if BUG
    pthread_mutex_unlock(&lock);
    meet(1);
    pthread_mutex_lock(&lock);
#endif
    if (enough)
        balance -= 80;
    pthread_mutex_unlock(&lock);
    return arg;
}

int main(void)
{
    beside(withdraw);
    return balance < 0;
}
