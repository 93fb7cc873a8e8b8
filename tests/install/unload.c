/* unload LIBRARY: loads it by dlopen(), and calls dlclose() while a task of waitgroup_go() has still to
 * return into it. So is a thread placed whose done has just released the wait of whoever calls dlclose(). */
#define _GNU_SOURCE
#include <waitgroup.h>

#include <dlfcn.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>

static waitgroup_t wg;
static sem_t unloaded;

static void return_after_dlclose(void *unused)
{
    (void)unused;
    while (sem_wait(&unloaded) != 0)
        ;
}

int main(int argc, char **argv)
{
    void *const library = argc == 2 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
    if (library == NULL) {
        fprintf(stderr, "%s\n", argc == 2 ? dlerror() : "usage: unload LIBRARY");
        return 1;
    }
    int (*go)(waitgroup_t *, void (*)(void *), void *);
    *(void **)&go = dlsym(library, "waitgroup_go");
    if (sem_init(&unloaded, 0, 0) != 0 || go(&wg, return_after_dlclose, NULL) != 0 || dlclose(library) != 0)
        return 1;
    sem_post(&unloaded);
    while (__atomic_load_n(&wg.state, __ATOMIC_ACQUIRE) != 0) /* a wait is no longer at hand */
        sched_yield();
    puts("DONE");
    return 0;
}
