/* The modules whose own calls are none of the program's acts: ThreadSanitizer's runtime, which opens files
 * and locks while it looks up the names for a report, and the unwinder, which it asks for stacks. A run
 * would else take other steps whenever its reports have names. */
#define _GNU_SOURCE
#include "module.h"

#include <dlfcn.h>
#include <link.h>
#include <stddef.h>

static struct {
    uintptr_t start;
    size_t size;
} silent[2];

/* From its ELF header, which is at its beginning in memory, too. */
static size_t size_of_module(const void *start)
{
    const ElfW(Ehdr) *header = start;
    const ElfW(Phdr) *segment = (const void *)((const char *)start + header->e_phoff);
    size_t size = 0;
    for (int i = 0; i < header->e_phnum; i++)
        if (segment[i].p_type == PT_LOAD && segment[i].p_vaddr + segment[i].p_memsz > size)
            size = segment[i].p_vaddr + segment[i].p_memsz;
    return size;
}

void module_silence(const char *function)
{
    const void *address = dlsym(RTLD_NEXT, function);
    Dl_info info;
    if (!address || !dladdr(address, &info) || !info.dli_fbase)
        return;
    for (size_t i = 0; i < sizeof silent / sizeof silent[0]; i++)
        if (silent[i].size == 0) {
            silent[i].start = (uintptr_t)info.dli_fbase;
            silent[i].size = size_of_module(info.dli_fbase);
            return;
        }
}

bool module_is_silent(uintptr_t pc)
{
    return pc - silent[0].start < silent[0].size || pc - silent[1].start < silent[1].size;
}
