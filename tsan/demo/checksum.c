/* checksum FILE...: prints what cksum(1) prints, each file read by a thread of its own.
 *
 * Built with -DMISTAKE it is the version that everybody writes once: each worker adds itself to the
 * group. A Wait that comes before such an Add does not wait for it. Otherwise it is the fixed twin. */
#include <waitgroup.h>

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct job {
    const char *path;
    uint32_t checksum;
    uint64_t length;
    int error;
};

static waitgroup_t workers = WAITGROUP_INIT;

/* POSIX cksum: the CRC of Ethernet, most significant bit first, over the bytes and their number. */
static uint32_t crc_byte(uint32_t crc, unsigned byte)
{
    crc ^= (uint32_t)byte << 24;
    for (int bit = 0; bit < 8; bit++)
        crc = crc << 1 ^ (crc >> 31 ? 0x04c11db7 : 0);
    return crc;
}

static void read_file(struct job *job)
{
    FILE *file = fopen(job->path, "rb");
    if (file == NULL) {
        job->error = errno;
        return;
    }
    uint32_t crc = 0;
    uint64_t length = 0;
    for (int byte; (byte = getc(file)) != EOF; length++)
        crc = crc_byte(crc, (unsigned)byte);
    for (uint64_t rest = length; rest != 0; rest >>= 8)
        crc = crc_byte(crc, rest & 0xff);
    job->error = ferror(file) ? EIO : 0;
    job->checksum = ~crc;
    job->length = length;
    fclose(file);
}

static void *worker(void *job)
{
#ifdef MISTAKE
    waitgroup_add(&workers, 1); /* too late: the thread that waits may be there already */
#endif
    read_file(job);
    waitgroup_done(&workers);
    return NULL;
}

int main(int argc, char **argv)
{
    struct job *jobs = calloc((size_t)argc, sizeof *jobs);
    if (jobs == NULL)
        return 1;
    for (int i = 1; i < argc; i++) {
        pthread_t thread;
        jobs[i].path = argv[i];
#ifndef MISTAKE
        waitgroup_add(&workers, 1); /* before the thread that it counts is started */
#endif
        if (pthread_create(&thread, NULL, worker, &jobs[i]) != 0) {
            perror("pthread_create");
            return 1;
        }
        pthread_detach(thread);
    }
    waitgroup_wait(&workers);

    int failed = 0;
    for (int i = 1; i < argc; i++) {
        if (jobs[i].error != 0)
            failed = fprintf(stderr, "%s: %s\n", jobs[i].path, strerror(jobs[i].error));
        else
            printf("%lu %llu %s\n", (unsigned long)jobs[i].checksum, (unsigned long long)jobs[i].length,
                   jobs[i].path);
    }
    return failed != 0;
}
