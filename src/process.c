/* Linux tells by files below /proc. They are read by bare system calls: the functions are cancellation
 * points, and TSan intercepts them. */
#define _GNU_SOURCE
#include "process.h"
#include "shared/call.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#    include <fcntl.h>
#    include <sys/syscall.h>
#endif

pid_t waitgroup_born_in_;
int waitgroup_is_heard_;

__attribute__((__constructor__(101))) WAITGROUP_ENTRY_ static void remember_process(void)
{
    waitgroup_born_in_ = getpid();
}

#if defined(SYS_openat) && defined(SYS_lseek)

/* How much was read: 0 if nothing could be. */
WAITGROUP_ENTRY_ static size_t read_file(const char *path, long offset, void *buffer, size_t size)
{
    const int saved_errno = errno;
    long length = 0;
    const long file = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        if (syscall(SYS_lseek, file, offset, SEEK_SET) == offset)
            length = syscall(SYS_read, file, buffer, size);
        syscall(SYS_close, file);
    }
    errno = saved_errno;
    return length > 0 ? (size_t)length : 0;
}

/* proc(5): "pid (name) state ...", the threads in the 20th field. A name may contain anything. */
WAITGROUP_ENTRY_ uint32_t waitgroup_threads_(void)
{
    enum { FIELDS_FROM_NAME = 20 - 2 };
    char text[1024];
    text[read_file("/proc/self/stat", 0, text, sizeof text - 1)] = '\0';
    const char *field = strrchr(text, ')');
    for (int i = 0; field && i < FIELDS_FROM_NAME; i++)
        field = strchr(field + 1, ' ');
    uint32_t threads = 0;
    for (const char *digit = field ? field + 1 : ""; *digit >= '0' && *digit <= '9'; digit++)
        threads = threads * 10 + (uint32_t)(*digit - '0');
    return threads != 0 ? threads : UINT32_MAX;
}

/* The kernel's pagemap: 64 bits for each page. A page that this process has written belongs to a file or is
 * shared, or else it is its own ("anonymous"), whatever it was mapped from. */
WAITGROUP_ENTRY_ int waitgroup_is_shared_(const void *address)
{
    const uint64_t of_file_or_shared = UINT64_C(1) << 61;
    uint64_t page = 0;
    const long offset = (long)((uintptr_t)address / (uintptr_t)sysconf(_SC_PAGESIZE) * sizeof page);
    return read_file("/proc/self/pagemap", offset, &page, sizeof page) == sizeof page &&
           (page & of_file_or_shared) != 0;
}

#else

WAITGROUP_ENTRY_ uint32_t waitgroup_threads_(void)
{
    return UINT32_MAX;
}

WAITGROUP_ENTRY_ int waitgroup_is_shared_(const void *address)
{
    (void)address;
    return 0;
}

#endif
