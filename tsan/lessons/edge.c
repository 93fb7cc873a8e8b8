/* pair: main "greeting = 42", reader "printf" */
#include "lesson.h"

int greeting;

THREAD(reader)
{
    printf("%d\n", greeting);
    return 0;
}

int main(void)
{
    pthread_t t;
    greeting = 42;
    pthread_create(&t, 0, reader, 0);
    pthread_join(t, 0);
}
