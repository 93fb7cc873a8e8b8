/* question: does an exception that leaves a task end the program, before any wait returns? | rule: task | mirrors: TestIssue76126 (Go 1.26) | expect: test | go before 1.26: may panic: test */
#include "scenario.h"

#include <exception>

static waitgroup_t wg;

static void throw_test(void *)
{
    throw "test";
}

/* In the words of the library's own panics. */
static void panic_of_exception()
{
    try {
        std::rethrow_exception(std::current_exception());
    } catch (const char *text) {
        fprintf(stderr, "panic: %s\n", text);
    }
    abort();
}

int main()
{
    std::set_terminate(panic_of_exception);
    if (waitgroup_go(&wg, throw_test, nullptr) != 0)
        return 1;
    waitgroup_wait(&wg);
    return done();
}
