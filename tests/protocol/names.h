/* Included before everything else in the library's files and the scenarios: what they ask of the kernel
 * and of libpthread goes to the model (system.cpp). */
#define syscall                protocol_syscall
#define pthread_create         protocol_create
#define pthread_once           protocol_once
#define pthread_mutex_lock     protocol_mutex_lock
#define pthread_mutex_unlock   protocol_mutex_unlock
#define pthread_cond_wait      protocol_cond_wait
#define pthread_cond_timedwait protocol_cond_timedwait
#define pthread_cond_broadcast protocol_cond_broadcast
#define pthread_setcancelstate protocol_setcancelstate
#define clock_gettime          protocol_clock_gettime
#define sched_yield            protocol_yield
/* errno: all threads of the model are one of the system's */
#define __errno_location protocol_errno_location
