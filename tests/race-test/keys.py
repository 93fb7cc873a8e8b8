#!/usr/bin/env python3
"""keys.py FOLDER...: each kind of report that ThreadSanitizer has, by each compiler, in C and C++: two mistakes
have two keys, the same by all compilers and from run to run; with one known, the other still fails the job."""

import os
import re
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor

import support
from support import RaceTest, program

C_KINDS = {  # what tells the two mistakes apart in their keys; some kinds have other reports beside theirs
    "functions": ("count_hit", "count_miss"),
    "globals": ("on hits", "on misses"),
    "statics": ("calls", "seconds"),
    "heap": ("heap block of heap_of_pool", "heap block of heap_of_cache"),
    "stack": ("stack of main thread", "stack of thread of own_stack"),
    "tls": ("TLS of_thread of main thread", "TLS of_thread of thread of tls_race"),
    "tls-variables": ("TLS of_thread of", "unshared of main"),
    "statics-of-functions": ("race_on_own_total", "race_on_other_total"),
    "memcpy": ("copy_forth", "copy_back"),
    "use-after-free": ("write_it", "read_it"),
    "destroy": ("destroy_one", "destroy_two"),
    "unlock": ("unlock_one", "unlock_two"),
    "double-lock": ("double_lock_one", "double_lock_two"),
    "double-lock-of-two": ("lock_one", "lock_two"),
    "read-lock": ("read_lock_one", "read_lock_two"),
    "read-unlock": ("read_unlock_one", "read_unlock_two"),
    "invalid": ("invalid_one", "invalid_two"),
    "held": ("hold_one", "hold_two"),
    "lock-order": ("b_then_a", "c_then_a"),
    "lock-order-of-two": ("on a | b", "on c | d"),
    "lock-order-by-wrappers": ("cache_then_pool", "cache_then_store"),
    "lock-order-in-itself": (
        "n: lock_both_back@kinds.h | lock_both_forth@kinds.h",
        "n: second_then_take@kinds.h by itself then take_lock@kinds.h"
        " | take_then_second@kinds.h by take_lock@kinds.h then itself"),
    "lock-order-by-others": (
        "n: front_then_rear@kinds.h by open_front@kinds.h then open_rear@kinds.h"
        " | rear_then_front@kinds.h by open_rear@kinds.h then open_front@kinds.h",
        "n: all_back@kinds.h by take_all@kinds.h | all_forth@kinds.h by take_all@kinds.h"),
    "leak": ("leak_reader", "leak_writer"),
    "signal-unsafe": ("allocating_handler", "freeing_handler"),
    "errno": (": spoiling_handler", "other_spoiling_handler"),
    "library": ("touch_queue", "touch_stack"),
}
CPP_KINDS = {
    "methods": ("::record(int, unsigned long)", "::record(long)"),
    "templates": ("Box<int>::add(int)", "Box<long>::add(long)"),
    "vector": ("set_first", "set_second"),
    "lambdas": ("left_alone", "right_alone"),
    "lambdas-on-one-object": ("lambdas_of_one_array(bool)::{lambda}::operator()@",
                              "lambdas_of_one_array(bool)::{lambda#2}::operator()@"),
    "lambdas-of-a-template": ("two_lambdas_of_one_array<long>(long, bool)::{lambda}::operator()@",
                              "two_lambdas_of_one_array<long>(long, bool)::{lambda#2}::operator()@"),
    "vptr": ("derived", "other"),
}
PARAMETERS = re.compile(r"\(.*?\)(?=@)")
HAS_HELD_MUTEXES = 19  # the clang whose runtime first has this kind; gcc's has not


class Keys(RaceTest):
    def all_keys(self, name, kind, compiler, runs, *options):
        output = self.run_it(1, "-n", runs, *options, "--", program(name, compiler), kind).stdout
        keys = re.findall(r"^=== problem \d+ of \d+(?: \(known\))?: (.*)$", output, re.M)
        self.assertEqual(output.count(f"in {runs} of {runs} run"), len(keys), output)
        return keys

    def check(self, name, kind, marks, compiler):
        keys = self.all_keys(name, kind, compiler, 2)
        for mark in marks:
            self.assertTrue(any(mark in key or mark in PARAMETERS.sub("", key) for key in keys), (mark, keys))
        for key in keys:
            self.assertNotRegex(key, r"__tsan|interceptor|0x|<null>|\?|@[^ ]*/")
        first = [key for key in keys if marks[0] in key or marks[0] in PARAMETERS.sub("", key)]
        known = self.file(f"known-{name}-{kind}-{compiler}", "\n".join(first))
        self.assertEqual(set(self.all_keys(name, kind, compiler, 1, "--known", known)), set(keys))
        return sorted(keys)

    def has(self, kind, compiler):
        version = re.search(r"clang-(\d+)$", support.FOLDERS[compiler])
        return kind != "held" or version is not None and int(version[1]) >= HAS_HELD_MUTEXES

    def by_all_compilers(self, name, kind, marks):
        compilers = [c for c in range(len(support.FOLDERS)) if self.has(kind, c)]
        with ThreadPoolExecutor(2) as pool:
            found = dict(zip(compilers, pool.map(lambda c: self.check(name, kind, marks, c), compilers)))
        self.assertLessEqual(len({tuple(keys) for keys in found.values()}), 1, found)


def add_test(name, kind, marks):
    def test(self):
        self.by_all_compilers(name, kind, marks)
    setattr(Keys, f"test_{name}_{kind}", test)


for language, table in (("kinds", C_KINDS), ("kindspp", {**C_KINDS, **CPP_KINDS})):
    for a_kind, its_marks in table.items():
        add_test(language, a_kind, its_marks)


if __name__ == "__main__":
    support.FOLDERS += [os.path.abspath(folder) for folder in sys.argv[1:]]
    outcome = unittest.main(argv=sys.argv[:1], exit=False).result
    bad = len({str(test) for test, _ in outcome.failures + outcome.errors})
    print(f"race-test's keys: {outcome.testsRun - bad} passed, {bad} failed")
    sys.exit(bad != 0)
