/* correct */
#include "../program.h"
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/wait.h>

/* Who waits here is woken by another process, whatever the threads of this one do. */

int main(void)
{
    sem_t *ready = mmap(NULL, sizeof *ready, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    sem_init(ready, 1, 0);
    pid_t child = fork();
    if (child == 0) {
        usleep(100000);
        sem_post(ready);
        _exit(0);
    }
    while (sem_wait(ready) != 0)
        ;
    return waitpid(child, NULL, 0) != child;
}
