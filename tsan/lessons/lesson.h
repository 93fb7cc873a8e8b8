/* What the lessons share.
 *
 * step(), until_blocked() and until_zero() put acts in order by time alone: no happens-before edge,
 * ThreadSanitizer sees nothing of them. So a lesson always runs in the order that its question tells, and yet
 * only the group can order its accesses. Never use such a thing to synchronize a program. */
#ifndef LESSON_H
#define LESSON_H

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <waitgroup.h>

/* A thread function of this name; its argument is unused. */
#define THREAD(name) static void *name(void *argument_ __attribute__((__unused__)))

/* Goes on when the program has taken the steps 1 to number - 1, and takes this one. */
void step(int number);

/* Goes on when this many threads are blocked in a wait. */
void until_blocked(int count);

/* Goes on when the counter is zero. */
void until_zero(const waitgroup_t *wg);

#endif
