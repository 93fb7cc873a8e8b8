/* Delays at full speed: the threads run in parallel, and the seed of WAITGROUP_OPTIONS (perturb=SEED)
 * holds up some of them at some calls. The strategies are those of the library
 * (src/shared/perturb_strategy.h). The delays are system calls of this uninstrumented object, so
 * ThreadSanitizer sees no order in them. */
#ifndef SCHEDULE_DELAY_H
#define SCHEDULE_DELAY_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

typedef int create_function(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

bool delay_is_on(void);
void delay(int point); /* enum perturb_point */
int delay_create(create_function *create, pthread_t *thread, const pthread_attr_t *attributes,
                 void *(*task)(void *), void *argument, uintptr_t pc);

#endif
