/* Which executions of the scenarios are tried, and what is demanded of them.
 *
 *   --bound=N    every execution with at most N preemptions, and with every choice of old values that
 *                Relacy offers (the newest and the one before)
 *   --random=N   so many executions at random (of the last three values)
 *   --calls      the library's functions out of line, as in a ThreadSanitizer program, not the header's
 *   --strict     with strict=1, so out of line too
 *   --spurious   sleeps may end without a cause (at random only: the bounded search would not end)
 *   --first      stop at the first scenario that fails
 *   NAME...      these scenarios only */
#include "bounded.h"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ostream>

extern "C" {
extern world the;
world the;
void reset_spin(int company);
void reset_parcels(int number);
#include "options.h"
}

namespace protocol
{
namespace
{

struct options {
    bool random, calls, strict, spurious, first;
    unsigned long number;
} how = {false, false, false, false, false, 1};

const scenario *current;
bool observed; /* between the preparation of an execution and its end */
bool ending;
bool was_reached[4];
unsigned long executions;
char failure[256];

void begin_execution()
{
    observed = ending = false;
    ++executions;
    std::memset(static_cast<void *>(&the), 0, sizeof the);
    reset_spin(0);
    reset_parcels(64);
    waitgroup_options_.strict = how.strict;
    waitgroup_gate_ = how.calls || how.strict ? UINTPTR_MAX : 0;
    memory_begin();
    system_begin(how.spurious);
    story_begin();
    observed = true;
}

/* At rest nothing is left over that would disturb a later round. */
void end_of_execution()
{
    if (current->panics[0] != nullptr)
        return;
    for (const waitgroup_t *group : {&the.group, &the.second})
        if (group->state != 0 || group->sema != 0)
            fail("at the end a group has the state %#lx and %u tickets",
                 static_cast<unsigned long>(group->state), group->sema);
}

struct suite : rl::test_suite<suite, 1> {
    static rl::thread_id_t const dynamic_thread_count = THREADS - 1;

    void before()
    {
        begin_execution();
    }
    void thread(unsigned)
    {
        run_first_thread(current->run);
    }
    void after()
    {
        end_of_execution();
    }
};

rl::test_result_e search()
{
    std::ostream nowhere(nullptr);
    rl::test_params params;
    params.output_stream = params.progress_stream = &nowhere;
    params.iteration_count = how.number;
    params.context_bound = static_cast<unsigned>(how.number);
    params.search_type = how.random ? rl::sched_random : rl::sched_bound;
    rl::ostringstream state;
    return how.random ? rl::run_test<suite, rl::random_scheduler<THREADS>>(params, state, false)
                      : rl::run_test<suite, bounded_scheduler>(params, state, false);
}

bool places_were_reached()
{
    bool all = true;
    for (size_t i = 0; i != sizeof was_reached / sizeof *was_reached && current->places[i] != nullptr; ++i)
        if (!was_reached[i]) {
            std::printf("%s: NOT REACHED: \"%s\", in %lu executions\n", current->name, current->places[i],
                        executions);
            all = false;
        }
    return all;
}

bool passes(const scenario &s)
{
    current = &s;
    executions = 0;
    failure[0] = '\0';
    std::memset(was_reached, 0, sizeof was_reached);
    const rl::test_result_e result = search();
    bool passed = true;
    if (result != rl::test_result_success) {
        std::printf("%s: FAILED in execution %lu: %s\n", s.name, executions,
                    failure[0] != '\0' ? failure : rl::test_result_str(result));
        story_tell();
        passed = false;
    } else if (!how.random)
        passed = places_were_reached();
    observed = false;
    std::fflush(stdout);
    return passed;
}

void handle_panic(waitgroup_t *, const char *message)
{
    for (const char *allowed : current->panics)
        if (allowed != nullptr && std::strcmp(message, allowed) == 0) {
            reached(message);
            end_execution();
        }
    fail("panic: %s", message);
}

[[noreturn]] void misused(const char *argument)
{
    std::fprintf(stderr, "protocol: unknown option or scenario: %s (see search.cpp)\n", argument);
    std::exit(2);
}

unsigned long parse_number(const char *argument)
{
    char *end;
    const unsigned long number = std::strtoul(std::strchr(argument, '=') + 1, &end, 10);
    if (*end != '\0' || number == 0)
        misused(argument);
    return number;
}

void parse_option(const char *argument)
{
    if (std::strcmp(argument, "--calls") == 0)
        how.calls = true;
    else if (std::strcmp(argument, "--strict") == 0)
        how.strict = true;
    else if (std::strcmp(argument, "--spurious") == 0)
        how.spurious = true;
    else if (std::strcmp(argument, "--first") == 0)
        how.first = true;
    else if (std::strncmp(argument, "--bound=", 8) == 0 || std::strncmp(argument, "--random=", 9) == 0) {
        how.random = argument[2] == 'r';
        how.number = parse_number(argument);
    } else
        misused(argument);
}

bool is_named(const char *name, int count, char **names)
{
    for (int i = 0; i != count; ++i)
        if (std::strcmp(names[i], name) == 0)
            return true;
    return false;
}

} // namespace

bool searching()
{
    return observed;
}

bool is_ending()
{
    return ending;
}

void fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(failure, sizeof failure, format, arguments);
    va_end(arguments);
    rl::ctx().fail_test("", rl::test_result_user_assert_failed, rl::debug_info());
    std::abort(); /* never: that call ends the search */
}

void end_execution()
{
    ending = true;
    wake_all_threads();
    leave_thread();
}

} // namespace protocol

using namespace protocol;

void reached(const char *place)
{
    for (size_t i = 0; i != sizeof was_reached / sizeof *was_reached && current->places[i] != nullptr; ++i)
        if (std::strcmp(current->places[i], place) == 0)
            was_reached[i] = true;
}

void check_failed(const char *condition)
{
    fail("not true: %s", condition);
}

void release_memory(const void *memory, size_t size)
{
    free_memory({reinterpret_cast<uintptr_t>(memory), static_cast<unsigned>(size), PLAIN,
                 reinterpret_cast<uintptr_t>(__builtin_return_address(0)) - 1});
}

void leave_parcels(int number)
{
    reset_parcels(number);
}

void have_company(void)
{
    reset_spin(1);
}

int main(int argc, char **argv)
{
    int argument = 1;
    while (argument < argc && argv[argument][0] == '-')
        parse_option(argv[argument++]);
    waitgroup_set_panic_handler(handle_panic);

    const int names = argc - argument;
    int searched = 0, failed = 0;
    unsigned long total = 0;
    for (const scenario *list : {round_scenarios, deadline_scenarios, lifetime_scenarios, go_scenarios,
                                 broken_rule_scenarios, model_scenarios})
        for (; list->name != nullptr && !(how.first && failed != 0); ++list)
            if (names == 0 || is_named(list->name, names, argv + argument)) {
                ++searched;
                failed += !passes(*list);
                total += executions;
            }
    if (searched < names)
        misused("one of those named");
    std::printf("%d scenarios, %lu executions, %d failed\n", searched, total, failed);
    return failed != 0;
}
