/* The fork server, which makes a process for each run. */
#ifndef SCHEDULE_SERVER_H
#define SCHEDULE_SERVER_H

#include <stdbool.h>

void server_start(const char *environment);
void server_run(void);                  /* returns in each run's process */
bool server_is_named(const char *text); /* begins the text with this object's name? */

void call_prepare(void); /* call.c: before any run */

#endif
