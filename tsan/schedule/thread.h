/* The lives of threads: the hooks before pthread_create() and its like (thread.c). */
#ifndef SCHEDULE_THREAD_H
#define SCHEDULE_THREAD_H

void thread_prepare(void);     /* in the server */
void thread_begin_main(void);  /* in a run */
void thread_test_cancel(void); /* and no act */

#endif
