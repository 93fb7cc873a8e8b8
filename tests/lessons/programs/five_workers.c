/* expect: no race */
#include <pthread.h>
#include <stdio.h>
#include <waitgroup.h>

waitgroup_t wg;
int squares[5];

static void *square(void *cell)
{
    int *p = cell;
    *p = (int)((p - squares) * (p - squares));
    waitgroup_done(&wg);
    return NULL;
}

int main(void)
{
    pthread_t threads[5];
    waitgroup_add(&wg, 5);
    for (int i = 0; i < 5; i++)
        pthread_create(&threads[i], NULL, square, &squares[i]);
    waitgroup_wait(&wg);
    printf("%d\n", squares[4]);
    for (int i = 0; i < 5; i++)
        pthread_join(threads[i], NULL);
}
