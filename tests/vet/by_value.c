/* Tasks that copy what they are handed before they free it: a member of the copy is the member of the
 * original. */
#include <pthread.h>
#include <stdlib.h>
#include <waitgroup.h>

struct argument {
    waitgroup_t *group;
    int number;
};

int work(int number);

static void *forgets(void *handed)
{
    struct argument argument = *(struct argument *)handed;
    free(handed);
    if (work(argument.number) != 0) {
        return NULL; // want: missing-done
    }
    waitgroup_done(argument.group);
    return NULL;
}

static void *always(void *handed)
{
    struct argument argument;
    argument = *(struct argument *)handed;
    free(handed);
    if (work(argument.number) != 0) {
        waitgroup_done(argument.group);
        return NULL;
    }
    waitgroup_done(argument.group);
    return NULL;
}

/* The copy is turned to another group, of which nothing is known. */
static void *turned(void *handed)
{
    struct argument argument = *(struct argument *)handed;
    waitgroup_t *given = argument.group;
    static waitgroup_t own;
    argument.group = &own;
    waitgroup_add(argument.group, 1);
    waitgroup_done(argument.group);
    waitgroup_done(given);
    return NULL;
}

int start(waitgroup_t *group, int number, int which)
{
    pthread_t thread;
    void *(*const routine)(void *) = which == 1 ? always : which == 2 ? turned : forgets;
    struct argument *argument = malloc(sizeof *argument);
    if (argument == NULL)
        return -1;
    *argument = (struct argument){group, number};
    waitgroup_add(group, 1);
    if (pthread_create(&thread, NULL, routine, argument) != 0) {
        waitgroup_done(group);
        free(argument);
        return -1;
    }
    return pthread_detach(thread);
}

int all(int count)
{
    static waitgroup_t group;
    for (int i = 0; i < count; i++) {
        pthread_t thread;
        struct argument *argument;
        waitgroup_add(&group, 1); // want: not-started
        argument = malloc(sizeof *argument);
        if (argument == NULL)
            break;
        argument->group = &group;
        argument->number = i;
        if (pthread_create(&thread, NULL, forgets, argument) != 0) {
            waitgroup_done(&group);
            free(argument);
        } else {
            pthread_detach(thread);
        }
    }
    waitgroup_wait(&group);
    return 0;
}

int all_counted(int count)
{
    static waitgroup_t group;
    for (int i = 0; i < count; i++) {
        pthread_t thread;
        struct argument *argument;
        waitgroup_add(&group, 1);
        argument = malloc(sizeof *argument);
        if (argument == NULL) {
            waitgroup_done(&group);
            break;
        }
        argument->group = &group;
        argument->number = i;
        if (pthread_create(&thread, NULL, always, argument) != 0) {
            waitgroup_done(&group);
            free(argument);
        } else {
            pthread_detach(thread);
        }
    }
    waitgroup_wait(&group);
    return 0;
}
