/* The execution so far, and how it is told: one line an event, in the order of execution, with the line
 * of the source (by addr2line, of binutils). Of the accesses that are no atomics, those of the scenario's
 * data are told, and those of the memory that the last event was about, if that is what failed. */
#include "engine.h"

#include <cstdio>
#include <cstring>
#include <unistd.h>

namespace protocol
{
namespace
{

constexpr size_t MAX_EVENTS = 4000;
event events[MAX_EVENTS];
size_t events_told;

struct field {
    size_t offset, size;
    const char *name;
};
#define FIELD(name)                                              \
    {                                                            \
        offsetof(world, name), sizeof(((world *)0)->name), #name \
    }
const field fields[] = {FIELD(group.state), FIELD(group.sema),
                        FIELD(group.race),  FIELD(second.state),
                        FIELD(second.sema), FIELD(second.race),
                        FIELD(result[0]),   FIELD(result[1]),
                        FIELD(result[2]),   FIELD(result[3]),
                        FIELD(delta),       FIELD(last),
                        FIELD(x),           FIELD(y)};

void write_name(char *name, size_t size, uintptr_t address)
{
    const uintptr_t offset = address - reinterpret_cast<uintptr_t>(&the);
    for (const field &f : fields)
        if (offset - f.offset < f.size) {
            std::snprintf(name, size, "%s", f.name);
            return;
        }
    std::snprintf(name, size, address == 0 ? "" : "%#lx", static_cast<unsigned long>(address));
}

bool is_of_interest(const event &e)
{
    const event &last = events[events_told - 1];
    return e.order != PLAIN || e.caller == 0 || e.address - reinterpret_cast<uintptr_t>(&the) < sizeof the ||
           (*last.remark != '\0' && e.address == last.address);
}

const char *name_of_order(int order)
{
    static const char *const names[] = {"relaxed", "consume", "acquire", "release", "acq_rel", "seq_cst"};
    return order == PLAIN ? "" : names[order];
}

/* The source lines of all events, one a line and in their order, as function at file:line. */
FILE *source_lines()
{
    static char command[64 + MAX_EVENTS * 12];
    int length = std::snprintf(command, sizeof command, "addr2line -s -p -f -e /proc/%d/exe",
                               static_cast<int>(getpid()));
    for (size_t i = 0; i != events_told; ++i)
        length += std::snprintf(command + length, sizeof command - static_cast<size_t>(length), " %#lx",
                                static_cast<unsigned long>(events[i].caller));
    return popen(command, "r");
}

void tell(const event &e, const char *source)
{
    char name[32], values[64] = "";
    write_name(name, sizeof name, e.address);
    if (e.order != PLAIN && e.before == e.after)
        std::snprintf(values, sizeof values, "%#lx", static_cast<unsigned long>(e.after));
    else if (e.order != PLAIN)
        std::snprintf(values, sizeof values, "%#lx -> %#lx", static_cast<unsigned long>(e.before),
                      static_cast<unsigned long>(e.after));
    std::printf("    T%d  %-22s %-13s %-28s %-8s %s%s%s\n", e.thread, e.what, name, values,
                name_of_order(e.order), source, *e.remark != '\0' ? "  <- " : "", e.remark);
}

} // namespace

void story_begin()
{
    events_told = 0;
}

void story_add(event e)
{
    if (events_told == MAX_EVENTS)
        fail("the model has no room for so long an execution: raise MAX_EVENTS");
    e.thread = number_of(self().index_);
    events[events_told++] = e;
}

void story_tell()
{
    FILE *const lines = source_lines();
    for (size_t i = 0; i != events_told; ++i) {
        char line[256] = "";
        if (lines == nullptr || std::fgets(line, sizeof line, lines) == nullptr) {
            std::printf("    (no source lines: addr2line, of binutils, has failed)\n");
            line[0] = '\0';
        }
        if (char *const rest = std::strpbrk(line, "(\n")) /* "(discriminator 1)" */
            *(rest > line && rest[-1] == ' ' ? rest - 1 : rest) = '\0';
        if (is_of_interest(events[i]))
            tell(events[i], events[i].caller != 0 ? line : "");
    }
    if (lines != nullptr)
        pclose(lines);
}

} // namespace protocol
