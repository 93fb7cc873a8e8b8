# race-test: its part inside of a process (witness.c), and its tests. It preloads one object,
# libracetest-schedule.so: that is the scheduler and the witness, linked by tsan/schedule/schedule.mk.

RACETEST_CFLAGS := -std=c11 $(WARNINGS) -fPIC -fvisibility=hidden -fexceptions -Iinclude -Isrc -DWAITGROUP_BUILDING_

$(eval $(call stamp,build/racetest-command,$(CC) $(CPPFLAGS) $(RACETEST_CFLAGS) $(CFLAGS) $(LDFLAGS)))

# What an object needs that is to contain the witness: the object file, and at the link the unwinder in it,
# for it alone, calling nothing that ThreadSanitizer would answer.
WITNESS := build/race-test/witness.o
WITNESS_LDFLAGS := -static-libgcc -Wl,--exclude-libs,ALL -Wl,--wrap=strlen -Wl,--wrap=pthread_once
$(WITNESS): ci/race-test/witness.c build/racetest-command
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(RACETEST_CFLAGS) $(filter-out -fsanitize=%,$(CFLAGS)) -c $< -o $@

# The corpus, and one program of all the ways to misbehave (also with its lines moved, and without
# TSan), by each of these compilers. The tests use those of the first, and the second's modes.
RACETEST_CCS ?= $(CLANG_NEWEST) gcc
RACETEST_SOURCES := $(wildcard tests/race-test/buggy/*.c tests/race-test/correct/*.c)
RACETEST_VARIANTS := $(notdir $(basename $(shell grep -ls 'include "../buggy/' tests/race-test/correct/*.c)))
RACETEST_CORPUS :=
RACETEST_MODES :=

define racetest_programs
RACETEST_CORPUS += $(RACETEST_SOURCES:tests/race-test/%.c=build/race-test/$1/%)
RACETEST_MODES += $(addprefix build/race-test/$1/,modes moved/modes plain/modes plain/seeds waits ends orders kinds kindspp)
build/race-test/$1/moved/modes: RACETEST_FLAGS = -DMOVED
build/race-test/$1/plain/modes: RACETEST_FLAGS = -fno-sanitize=thread
build/race-test/$1/plain/seeds: RACETEST_FLAGS = -fno-sanitize=thread -Isrc -DWAITGROUP_BUILDING_
build/race-test/$1/plain/seeds: $(addprefix tsan/schedule/,delay.c delay.h real.c real.h) src/options.h $(wildcard src/shared/*.h)
build/race-test/$1/%: tests/race-test/%.c tests/race-test/work.h $(HEADERS) build/libwaitgroup.a
	@mkdir -p $$(@D)
	$1 $$(RACETEST_BUILD) $$< build/libwaitgroup.a -o $$@
build/race-test/$1/moved/%: tests/race-test/%.c tests/race-test/work.h $(HEADERS) build/libwaitgroup.a
	@mkdir -p $$(@D)
	$1 $$(RACETEST_BUILD) $$< build/libwaitgroup.a -o $$@
build/race-test/$1/plain/%: tests/race-test/%.c tests/race-test/work.h $(HEADERS) build/libwaitgroup.a
	@mkdir -p $$(@D)
	$1 $$(RACETEST_BUILD) $$< build/libwaitgroup.a -o $$@
# What a correct one includes of the buggy one of its name.
$(RACETEST_VARIANTS:%=build/race-test/$1/correct/%): build/race-test/$1/correct/%: tests/race-test/buggy/%.c
endef
RACETEST_BUILD = -std=gnu11 $(WARNINGS) -O1 -g -fno-inline -fsanitize=thread -pthread -Iinclude $(RACETEST_FLAGS)

# The corpus as the table measures it: with the runtime as a shared library, or there are no runs under control.
# That is gcc's default; of a clang it is another folder, which ends so.
RACETEST_SHARED := $(foreach cc,$(RACETEST_CCS),$(cc)$(if $(findstring clang,$(cc)),-shared-libsan))
RACETEST_TABLES := $(foreach folder,$(RACETEST_SHARED),$(RACETEST_SOURCES:tests/race-test/%.c=build/race-test/$(folder)/%))
define racetest_shared
build/race-test/$1-shared-libsan/%: tests/race-test/%.c tests/race-test/work.h $(HEADERS) build/libwaitgroup.a
	@mkdir -p $$(@D)
	$1 $$(RACETEST_BUILD) -shared-libsan $$< build/libwaitgroup.a -o $$@
$(RACETEST_VARIANTS:%=build/race-test/$1-shared-libsan/correct/%): build/race-test/$1-shared-libsan/correct/%: tests/race-test/buggy/%.c
endef
$(foreach cc,$(filter clang%,$(RACETEST_CCS)),$(eval $(call racetest_shared,$(cc))))

# Each kind of report, also by the oldest compilers; in C++ with inlining, which hides frames.
RACETEST_KEYS_CCS ?= gcc $(CLANG_OLDEST) $(CLANG_NEWEST)
RACETEST_KEYS := $(foreach cc,$(RACETEST_KEYS_CCS),build/race-test/$(cc)/kinds build/race-test/$(cc)/kindspp)
define racetest_kinds
build/race-test/$1/kinds: tests/race-test/kinds.c $(wildcard tests/race-test/kinds*.h)
	@mkdir -p $$(@D)
	$1 -std=gnu11 $(WARNINGS) -O1 -g -fsanitize=thread -pthread $$< -o $$@
build/race-test/$1/kindspp: tests/race-test/kinds.cpp $(wildcard tests/race-test/kinds*.h)
	@mkdir -p $$(@D)
	$(subst gcc,g++,$(subst clang,clang++,$1)) -std=c++17 $(WARNINGS) -O1 -g -fsanitize=thread -pthread $$< -o $$@
endef
$(foreach cc,$(sort $(RACETEST_CCS) $(RACETEST_KEYS_CCS)),$(eval $(call racetest_kinds,$(cc))))
$(foreach cc,$(RACETEST_CCS),$(eval $(call racetest_programs,$(cc))))

# Schemas and validators for what the whole test checks, each by its exact version.
RACETEST_NPM := build/race-test/npm
$(RACETEST_NPM)/installed: ci/race-test/race-test.mk
	@command -v npm >/dev/null || { echo "npm is missing: ci/run race-test installs it" >&2; exit 1; }
	rm -rf $(@D) && mkdir -p $(@D)
	npm install --silent --no-save --no-package-lock --no-audit --no-fund --prefix $(@D) ajv@8.17.1 ajv-draft-04@1.0.0 \
		ajv-formats@3.0.1 yaml@2.6.1 @action-validator/cli@0.6.0 @action-validator/core@0.6.0
	cd $(@D) && npm pack --silent @microsoft/jest-sarif@1.0.0-beta.0 && tar xzf microsoft-jest-sarif-*.tgz
	touch $@


RACETEST_RUNS ?= 300
.PHONY: race-test-short race-test-keys race-test-recipes race-test-table race-test
race-test-short: $(RACETEST_MODES) $(RACETEST_CORPUS) build/libracetest-schedule.so build/lessons/detect ## what race-test promises, in brief
	tests/race-test/test.py $(addprefix build/race-test/,$(RACETEST_CCS))

race-test-keys: $(RACETEST_KEYS) build/libracetest-schedule.so ## two mistakes have two keys: each kind of report, by each compiler
	tests/race-test/keys.py $(addprefix build/race-test/,$(RACETEST_KEYS_CCS))

race-test-table: $(RACETEST_TABLES) build/libracetest-schedule.so ## how often race-test finds each bug of its corpus
	for folder in $(RACETEST_SHARED); do tests/race-test/measure.py $(RACETEST_RUNS) build/race-test/$$folder || exit 1; done

race-test-recipes: $(RACETEST_NPM)/installed $(RACETEST_MODES) $(RACETEST_CORPUS) build/libracetest-schedule.so all ## the recipes for CI, run or validated
	tests/race-test/test_recipes.py build/race-test

race-test: race-test-short race-test-keys race-test-recipes race-test-table ## race-test whole: formats, recipes, detection rates
