"""Functions that share a name: in two files of one name, in two plugins, in lambdas; by each compiler."""

import os
import subprocess
import unittest

from support import FOLDERS, RaceTest

MAIN = """
#include <pthread.h>
#include <string.h>
void __tsan_testonly_barrier_init(unsigned long long *barrier, unsigned count);
void __tsan_testonly_barrier_wait(unsigned long long *barrier);
static unsigned long long barrier;
static void (*act)(void);
static void *act_once(void *unused) { act(); __tsan_testonly_barrier_wait(&barrier); return unused; }
static void race(void (*racy)(void))
{
    pthread_t other;
    act = racy;
    __tsan_testonly_barrier_init(&barrier, 2);
    if (pthread_create(&other, NULL, act_once, NULL) != 0)
        return;
    __tsan_testonly_barrier_wait(&barrier);
    racy();
    pthread_join(other, NULL);
}
"""
QUEUE = "static int length; static void push(void) {{ length++; }} void {}_run(void) {{ push(); }}\n"
QUEUES = MAIN + """
void first_run(void), second_run(void);
int main(int argc, char **argv) { race(strcmp(argv[argc - 1], "first") == 0 ? first_run : second_run); }
"""
PLUGIN = """
namespace { struct Queue { int length = 0; void push(int more) { length += more; } } queue; }
extern "C" __attribute__((__visibility__("default"))) void plugin_run() { queue.push(1); }
"""
PLUGINS = MAIN + """
#include <dlfcn.h>
int main(int argc, char **argv)
{
    void *plugin = dlopen(argv[argc - 1], RTLD_NOW);
    if (!plugin)
        return 5;
    race((void (*)(void))dlsym(plugin, "plugin_run"));
    dlclose(plugin);
}
"""
LAMBDAS = 'extern "C" {' + MAIN + """}
#include <functional>
namespace {
long total, pad[8], rest;
template <class F> void run(F f) { f(1); }
std::function<void()> adds, drops;
void add() { run([](auto i) { total += i + 1; }); }
void drop() { run([](auto i) { rest -= i + 1; }); }
void make() { adds = [] { total++; }; drops = [] { rest--; }; }
void call_adds() { adds(); }
void call_drops() { drops(); }
}
int main(int, char **argv)
{
    make();
    switch (argv[1][0]) {
    case 'a': race(add); break;
    case 'b': race(drop); break;
    case 'c': race(call_adds); break;
    case 'd': race(call_drops); break;
    }
}
"""
ADD, DROP, FIRST, SECOND = (f"(anonymous namespace)::{name}::operator()@lambdas.cpp" for name in
                            ("add()::{lambda}", "drop()::{lambda}", "make()::{lambda}", "make()::{lambda#2}"))


INLINED = 'extern "C" {' + MAIN + """}
#include <cstddef>
#include <string>
#include <vector>
typedef long amount;
long a, b, c, d, e, f, g, h, i, j, k, l, m, n, row[4];
static inline void plain() { a++; }
static void add(int n) { b += n; }
static void add(amount n) { c += n; }
namespace bank {
enum kind { in, out };
struct account {
    long total;
    long spent(const char *const *, unsigned char more = 1) const { return d += total + more; }
};
namespace {
static void move(const account &from, account *to, kind, std::size_t n) { e += (from.total - to->total) + long(n); }
void apply(void (*act)(int, char), const std::vector<std::string> &names, ...) { f += 1 + (act != nullptr) + names.empty(); }
}
}
extern "C" void in_c(int n) { g += n; }
struct adder { void operator()(amount n) const { h += n; } };
template <class T> static void grow(T n) { j += n; }
static void fill(long (&all)[4], const amount (&&two)[2][3]) { l += all[1] + two[0][l % 3]; }
static void visit(long (**act)(int), long (*all)[4]) { m += (act != nullptr) + (*all)[2]; }
struct left { virtual void go() {} virtual ~left() {} };
struct right { virtual void act() {} virtual ~right() {} };
struct both : left, right { void go() override {} void act() override { n++; } } object;
right *volatile by_right = &object;
static bank::account one, two;
static const std::vector<std::string> nobody;
void plain_once() { plain(); }
void add_int() { add(1); }
void add_amount() { add(amount(1)); }
void spent() { one.spent(nullptr); }
void move() { bank::move(one, &two, bank::in, 1); }
void apply() { bank::apply(nullptr, nobody, 1); }
void in_c_once() { in_c(1); }
void call_adder() { adder()(1); }
void nested() { auto outer = [] { auto inner = [] { i++; }; inner(); }; outer(); }
void grow_long() { grow<long>(1); }
void local() { struct worker { static void work() { k++; } }; worker::work(); }
void fill_row() { fill(row, {{1, 2, 3}, {4, 5, 6}}); }
void visit_row() { visit(nullptr, &row); }
void through_thunk() { by_right->act(); }
int main(int, char **argv)
{
    void (*const acts[])() = {plain_once, add_int, add_amount, spent, move, apply, in_c_once,
                              call_adder, nested, grow_long, local, fill_row, visit_row, through_thunk};
    race(acts[argv[1][0] - 'a']);
}
"""
STRINGS = "std::vector<{0}, std::allocator<{0}>>".format(
    "std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char>>")
INLINED_NAMES = {
    "a": "plain()", "b": "add(int)", "c": "add(long)",
    "d": "bank::account::spent(char const* const*, unsigned char) const",
    "e": "bank::(anonymous namespace)::move(bank::account const&, bank::account*, bank::kind, unsigned long)",
    "f": f"bank::(anonymous namespace)::apply(void (*)(int, char), {STRINGS} const&, ...)",
    "g": "in_c",
    "h": "adder::operator()(long) const",
    "i": "nested()::{lambda}::operator()",
    "j": "grow<long>(long)",
    "k": "local()::worker::work()",
    "l": "fill(long (&) [4], long const (&&) [2][3])",
    "m": "visit(long (**)(int), long (*) [4])",
    "n": "both::act()",
}


def compilers():
    """For C and for C++, the compilers of the folders."""
    for folder in FOLDERS:
        cc = os.path.basename(folder)
        yield cc, cc.replace("clang", "clang++").replace("gcc", "g++")


class Sources(RaceTest):
    def write(self, name, text):
        os.makedirs(os.path.dirname(self.file(name)), exist_ok=True)
        return self.file(name, text)

    def build(self, compiler, output, *arguments):
        subprocess.run([compiler[0], "-g", "-O1", *compiler[1:], "-fsanitize=thread", "-pthread", *arguments, "-o",
                        self.file(output)], check=True)
        return self.file(output)

    def keys_of(self, *command):
        return self.keys(self.run_it(1, "-n", 2, "--", *command).stdout)

    def test_two_files_of_one_name(self):
        sources = [self.write(f"{name}/queue.c", QUEUE.format(name)) for name in ("first", "second")]
        sources.append(self.write("main.c", QUEUES))
        for cc, _ in compilers():
            path = self.build([cc], "queues", *sources)
            for name in ("first", "second"):
                place = f"push@{name}/queue.c"
                self.assertEqual(self.keys_of(path, name), [f"data race: {place} | {place} on length"])

    def test_two_plugins(self):
        main = self.write("main.c", PLUGINS)
        for cc, cxx in compilers():
            path = self.build([cc], "plugins", main)
            for name in ("first", "second"):
                source = self.write(f"{name}/plugin.cpp", PLUGIN)
                plugin = self.build([cxx, "-fno-inline", "-fPIC", "-shared"], f"{name}.so", source)
                place = f"(anonymous namespace)::Queue::push(int)@plugin.cpp ({name}.so)"
                self.assertEqual(self.keys_of(path, plugin),
                                 [f"data race: {place} | {place} on (anonymous namespace)::queue"])

    def test_lambdas_in_an_anonymous_namespace(self):
        source = self.write("lambdas.cpp", LAMBDAS)
        for _, cxx in compilers():
            path = self.build([cxx, "-std=c++17"], "lambdas", source)
            for mode, place, variable in (("a", ADD, "total"), ("b", DROP, "rest"), ("c", FIRST, "total"),
                                          ("d", SECOND, "rest")):
                self.assertEqual(self.keys_of(path, mode),
                                 [f"data race: {place} | {place} on (anonymous namespace)::{variable}"])

    def test_functions_that_were_inlined(self):
        source = self.write("inlined.cpp", INLINED)
        for _, cxx in compilers():
            path = self.build([cxx, "-std=c++17", "-O2"], "inlined", source)
            for variable, name in INLINED_NAMES.items():
                place = f"{name}@inlined.cpp"
                self.assertEqual(self.keys_of(path, variable), [f"data race: {place} | {place} on {variable}"])


if __name__ == "__main__":
    unittest.main()
