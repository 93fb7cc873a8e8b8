/* Feeds detect.c: reads what threads did, a line for each part of an act, and writes what it makes of it.
 *
 *     e THREAD                               its next act begins
 *     c THREAD CHILD                         the act creates a thread
 *     a THREAD OBJECT                        the act acquires, (r) releases, (s) releases and forgets what
 * was h THREAD ADDRESS SIZE HOW              the act accesses memory m THREAD ADDRESS SIZE HOW PLACE the
 * program accesses memory, at this instruction
 *
 * To each e and m the answer is a line with the number of the event. At the end come, as JSON: of each
 * event its thread, whether others access the same, and its clock; edges; races. */
#include "detect.h"

#include <stdio.h>
#include <stdlib.h>

void give_up(const char *why)
{
    fprintf(stderr, "detect: %s\n", why);
    exit(2);
}

static int thread_of(unsigned long number)
{
    if (number >= MAX_THREADS)
        give_up("more threads than a lesson has");
    if ((int)number >= thread_count)
        thread_count = (int)number + 1;
    return (int)number;
}

static void one_line(char what, const unsigned long *of)
{
    const int thread = thread_of(of[0]);
    switch (what) {
    case 'e':
        printf("%d\n", event_begin(thread));
        break;
    case 'c':
        thread_begin(thread_of(of[1]), thread);
        break;
    case 'a':
        sync_acquire(thread, of[1]);
        break;
    case 'r':
        sync_release(thread, of[1]);
        break;
    case 's':
        sync_release_store(thread, of[1]);
        break;
    case 'h':
        memory_access_here(thread, of[1], of[2], (int)of[3]);
        break;
    case 'm':
        printf("%d\n", memory_access(thread, of[1], of[2], (int)of[3], of[4]));
        break;
    default:
        give_up("a line that begins with no letter of the list");
    }
}

static void write_event(const struct event *event, const char *comma)
{
    printf("%s\n{\"thread\": %d, \"shared\": %d, \"clock\": [", comma, event->thread, event->shared);
    for (int t = 0; t < thread_count; t++)
        printf("%s%u", t ? ", " : "", (unsigned)event->clock.of[t]);
    printf("]}");
}

int main(void)
{
    char line[200], what;
    unsigned long of[5];
    while (fgets(line, sizeof line, stdin)) {
        of[0] = of[1] = of[2] = of[3] = of[4] = 0;
        if (sscanf(line, "%c %lu %lu %lu %lu %lu", &what, &of[0], &of[1], &of[2], &of[3], &of[4]) < 2)
            give_up("a line without a thread");
        one_line(what, of);
    }
    printf("{\"events\": [");
    for (int i = 0; i < event_count; i++)
        write_event(&events[i], i ? "," : "");
    printf("],\n\"edges\": [");
    for (int i = 0; i < edge_count; i++)
        printf("%s[%d, %d]", i ? ", " : "", edges[i].from, edges[i].to);
    printf("],\n\"races\": [");
    for (int i = 0; i < race_count; i++)
        printf("%s{\"first\": %d, \"second\": %d, \"kind\": \"%s\"}", i ? ", " : "", races[i].first,
               races[i].second, races[i].misuse ? "WaitGroup misuse" : "data race");
    printf("]}\n");
    return 0;
}
