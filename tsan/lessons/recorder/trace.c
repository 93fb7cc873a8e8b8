/* The event log as JSON: threads, events, edges, races. Lines and names instead of addresses, so that
 * two recordings of the same order are the same file. */
#define _GNU_SOURCE
#include "recorder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A number that is the same for two runs that differ only in when unordered things happened: a sum,
 * which has no order, over the events with their clocks, which are nothing but the order. */
uint64_t trace_signature(void)
{
    uint64_t sum = 0;
    for (int i = 0; i < event_count; i++) {
        const struct event *event = &events[i];
        uint64_t hash = event->pc * 4 + event->blocked + (uint64_t)event->thread * 0x9e3779b97f4a7c15u;
        for (const char *letter = event->kind; *letter; letter++)
            hash = (hash ^ (uint64_t)(unsigned char)*letter) * 0x100000001b3u;
        for (int t = 0; t < thread_count; t++)
            hash = (hash ^ event->clock.of[t]) * 0x100000001b3u + 1;
        sum += hash ^ hash >> 29;
    }
    return sum;
}

struct place {
    char function[128], file[512];
    int line;
};

static struct place places[MAX_EVENTS + MAX_THREADS + 1];

int main(int count, char **arguments);

/* Asks binutils' addr2line for all addresses at once: main() first, then threads, then events. */
static void find_places(const char *directory)
{
    char program[512] = "", list[600], command[1300];
    /* Not /proc/self, which is empty once main() has left by pthread_exit(). */
    if (readlink("/proc/thread-self/exe", program, sizeof program - 1) < 0)
        run_stop("/proc/thread-self/exe: %s", strerror(errno));
    snprintf(list, sizeof list, "%s.addresses", directory);
    FILE *addresses = fopen(list, "w");
    if (!addresses)
        run_stop("%s: %s", list, strerror(errno));
    fprintf(addresses, "%#lx\n", (unsigned long)(uintptr_t)main);
    for (int t = 0; t < thread_count; t++)
        fprintf(addresses, "%#lx\n", (unsigned long)(uintptr_t)threads[t].function);
    for (int i = 0; i < event_count; i++) /* a call's return address, so one back */
        fprintf(addresses, "%#lx\n", (unsigned long)(events[i].pc ? events[i].pc - 1 : 0));
    fclose(addresses);

    snprintf(command, sizeof command, "addr2line -f -e '%s' <'%s'", program, list);
    FILE *answers = popen(command, "r");
    if (!answers)
        run_stop("addr2line (package binutils): %s", strerror(errno));
    for (int i = 0; i < 1 + thread_count + event_count; i++) {
        char at[600], *colon;
        if (fscanf(answers, "%127s %599[^\n]", places[i].function, at) != 2)
            run_stop("addr2line (package binutils) told too little");
        if ((colon = strrchr(at, ':')) != NULL) {
            *colon = '\0';
            places[i].line = atoi(colon + 1);
        }
        snprintf(places[i].file, sizeof places[i].file, "%.511s", at);
    }
    pclose(answers);
    unlink(list);
}

static void write_names(FILE *out)
{
    fprintf(out, "\"threads\": [\"main\"");
    for (int t = 1; t < thread_count; t++) {
        /* The only one of its function has that name; of several, each a number. */
        int same = 0, number = 0;
        for (int other = 1; other < thread_count; other++)
            if (threads[other].function == threads[t].function) {
                same++;
                number += other <= t;
            }
        fprintf(out, same > 1 ? ", \"%s %d\"" : ", \"%s\"", places[1 + t].function, number);
    }
    fprintf(out, "],\n");
}

void trace_write(const char *path, const char *verdict)
{
    find_places(path);
    FILE *out = fopen(path, "w");
    if (!out)
        run_stop("RECORD: %s: %s", path, strerror(errno));
    fprintf(out, "{\"verdict\": \"%s\",\n\"schedule\": \"%s\",\n", verdict, schedule_taken());
    write_names(out);
    fprintf(out, "\"events\": [");
    for (int i = 0; i < event_count; i++) {
        const struct event *event = &events[i];
        const struct place *place = &places[1 + thread_count + i];
        /* Lines of other files (waitgroup_go() calls done) are nothing to show. */
        int line = strcmp(place->file, places[0].file) == 0 ? place->line : 0;
        fprintf(out,
                "%s\n{\"thread\": %d, \"kind\": \"%s\", \"line\": %d, \"argument\": %d, \"access\": %d, "
                "\"shared\": %d, \"blocked\": %d, \"clock\": [",
                i ? "," : "", event->thread, event->kind, line, event->argument, event->access, event->shared,
                event->blocked);
        for (int t = 0; t < thread_count; t++)
            fprintf(out, "%s%u", t ? ", " : "", (unsigned)event->clock.of[t]);
        fprintf(out, "]}");
    }
    fprintf(out, "],\n\"edges\": [");
    for (int i = 0; i < edge_count; i++)
        fprintf(out, "%s[%d, %d]", i ? ", " : "", edges[i].from, edges[i].to);
    fprintf(out, "],\n\"races\": [");
    for (int i = 0; i < race_count; i++)
        fprintf(out, "%s{\"first\": %d, \"second\": %d, \"kind\": \"%s\"}", i ? ", " : "", races[i].first,
                races[i].second, races[i].misuse ? "WaitGroup misuse" : "data race");
    fprintf(out, "]}\n");
    if (fclose(out) != 0)
        run_stop("RECORD: %s: %s", path, strerror(errno));
}
