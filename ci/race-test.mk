# The race-testing kit: the delays at pthread calls, and what race-test's tests need.

RACETEST_PERTURB := build/libracetest-perturb.so
# The version that glibc gives the condition variables on this machine: the oldest that it has here.
RACETEST_CFLAGS := -std=c11 $(WARNINGS) -fPIC -fvisibility=hidden -fexceptions -Iinclude -Isrc -DWAITGROUP_BUILDING_

all: $(RACETEST_PERTURB)

$(eval $(call stamp,build/racetest-command,$(CC) $(RACETEST_CFLAGS) $(CFLAGS) $(LDFLAGS)))

$(RACETEST_PERTURB): ci/perturb.c ci/perturb.map src/perturb.h include/waitgroup.h build/racetest-command
	case $$($(CC) -dumpmachine) in x86_64*) version=2.3.2 ;; aarch64*) version=2.17 ;; *) version=2.3.2 ;; esac; \
	sed "s/^GLIBC_2.3.2/GLIBC_$$version/" ci/perturb.map > build/perturb.map
	$(CC) $(RACETEST_CFLAGS) $(CPPFLAGS) $(filter-out -fsanitize=%,$(CFLAGS)) $(LDFLAGS) -shared \
		-Wl,-soname,$(@F) -Wl,--version-script,build/perturb.map ci/perturb.c -o $@

# The corpus is built with RACETEST_CC, which needs ThreadSanitizer.
RACETEST_CC ?= clang-19
RACETEST_B := build/race-test/$(notdir $(RACETEST_CC))
RACETEST_CORPUS := $(patsubst tests/race-test/%.c,$(RACETEST_B)/%,$(wildcard tests/race-test/buggy/*.c tests/race-test/correct/*.c))

$(RACETEST_B)/%: tests/race-test/%.c tests/race-test/work.h include/waitgroup.h build/libwaitgroup.a
	@mkdir -p $(@D)
	$(RACETEST_CC) -std=gnu11 $(WARNINGS) -O1 -g -fsanitize=thread -pthread -Iinclude $< build/libwaitgroup.a -o $@

RACETEST_RUNS ?= 200
.PHONY: race-test-table
race-test-table: $(RACETEST_CORPUS) $(RACETEST_PERTURB)
	tests/race-test/measure.py $(RACETEST_RUNS) $(RACETEST_B)

# What race-test must cope with: one program, by two compilers, also with its lines moved and without TSan.
RACETEST_MODES := $(addprefix $(RACETEST_B)/,modes modes-gcc modes-moved plain)
$(RACETEST_B)/modes-gcc: RACETEST_MODE_CC = gcc
$(RACETEST_B)/modes-moved: RACETEST_MODE_FLAGS = -DMOVED
$(RACETEST_B)/plain: RACETEST_MODE_FLAGS = -fno-sanitize=thread
$(RACETEST_MODES): RACETEST_MODE_CC ?= $(RACETEST_CC)
$(RACETEST_MODES): tests/race-test/modes.c tests/race-test/work.h include/waitgroup.h build/libwaitgroup.a
	@mkdir -p $(@D)
	$(RACETEST_MODE_CC) -std=gnu11 $(WARNINGS) -O1 -g -fno-inline -fsanitize=thread -pthread -Iinclude \
		$(RACETEST_MODE_FLAGS) $< build/libwaitgroup.a -o $@

.PHONY: race-test-short
race-test-short: $(RACETEST_MODES) $(RACETEST_CORPUS) $(RACETEST_PERTURB) ## race-test: what it promises, in brief
	tests/race-test/test.py $(RACETEST_B)
