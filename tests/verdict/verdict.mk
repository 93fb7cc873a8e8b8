# Scenario programs and their runner, for $(CC), against the library built plain and instrumented.
#   make verdict CC=clang-19 VERDICT_RUNS=20

VERDICT_RUNS ?= 3
VERDICT_CC := $(notdir $(firstword $(CC)))
VERDICT_SCENARIOS := $(sort $(wildcard tests/verdict/race/*.c tests/verdict/norace/*.c tests/verdict/panic/*.c))
VERDICT_NAMES := $(VERDICT_SCENARIOS:tests/verdict/%.c=%)
VERDICT_DIR := build/verdict/$(VERDICT_CC)$(if $(filter-out $(DEFAULT_SEMA),$(SEMA)),-$(SEMA))
VERDICT_BUILDS := $(VERDICT_DIR)/plain $(VERDICT_DIR)/instrumented $(VERDICT_DIR)/shared
VERDICT_CFLAGS := -std=c11 $(WARNINGS) -D_GNU_SOURCE -Iinclude -Itests/verdict -g -O1 -pthread -fsanitize=thread

$(eval $(call stamp,$(VERDICT_DIR)/command,$(CC) $(VERDICT_CFLAGS) $(SEMA)))

# The library for the scenarios is built by $(CC) itself, in a directory of its own: as shipped
# (plain, static or shared), and from sources compiled with -fsanitize=thread.
define verdict_library
$(VERDICT_DIR)/$1/lib/%.o: %.c $(VERDICT_DIR)/command
	@mkdir -p $$(@D)
	@$(CC) $(OUR_CPPFLAGS) -std=c11 $(WARNINGS) -fPIC -fvisibility=hidden -pthread -O2 -g $2 -MMD -MP -c $$< -o $$@
-include $(SOURCES:%.c=$(VERDICT_DIR)/$1/lib/%.d)
$(VERDICT_DIR)/$1/libwaitgroup.a: $(SOURCES:%.c=$(VERDICT_DIR)/$1/lib/%.o)
	@rm -f $$@ && $(AR) rcs $$@ $$^
endef
$(eval $(call verdict_library,plain,))
$(eval $(call verdict_library,instrumented,-fsanitize=thread))
$(VERDICT_DIR)/shared/libwaitgroup.so: $(VERDICT_DIR)/plain/libwaitgroup.a
	@mkdir -p $(@D)
	@$(CC) -shared -pthread -Wl,--whole-archive $< -Wl,--no-whole-archive -o $@

VERDICT_COMPILE = @mkdir -p $(@D) && $(CC) $(VERDICT_CFLAGS) $< -o $@
$(VERDICT_DIR)/plain/%: tests/verdict/%.c tests/verdict/scenario.h include/waitgroup.h $(VERDICT_DIR)/plain/libwaitgroup.a
	$(VERDICT_COMPILE) $(VERDICT_DIR)/plain/libwaitgroup.a
$(VERDICT_DIR)/instrumented/%: tests/verdict/%.c tests/verdict/scenario.h include/waitgroup.h $(VERDICT_DIR)/instrumented/libwaitgroup.a
	$(VERDICT_COMPILE) $(VERDICT_DIR)/instrumented/libwaitgroup.a
$(VERDICT_DIR)/shared/%: tests/verdict/%.c tests/verdict/scenario.h include/waitgroup.h $(VERDICT_DIR)/shared/libwaitgroup.so
	$(VERDICT_COMPILE) -L$(VERDICT_DIR)/shared -lwaitgroup -Wl,-rpath,$(CURDIR)/$(VERDICT_DIR)/shared

# The runner and the judge do not depend on the compiler under test.
CRITERION_FLAGS = $(shell pkg-config --cflags --libs criterion || echo "-DCriterion_is_missing__apt-get_install_libcriterion-dev_pkg-config")
VERDICT_HOST = gcc -std=c11 $(WARNINGS) -O1 -g
build/verdict/runner: tests/verdict/verdict.c tests/verdict/judge.c tests/verdict/judge.h
	@mkdir -p $(@D)
	$(VERDICT_HOST) tests/verdict/verdict.c tests/verdict/judge.c $(CRITERION_FLAGS) -o $@
build/verdict/judge: tests/verdict/judge_main.c tests/verdict/judge.c tests/verdict/judge.h
	@mkdir -p $(@D)
	$(VERDICT_HOST) tests/verdict/judge_main.c tests/verdict/judge.c -o $@

.PHONY: verdict verdict-programs verdict-plain
verdict-plain: $(VERDICT_NAMES:%=$(VERDICT_DIR)/plain/%)
verdict-programs: $(foreach build,$(VERDICT_BUILDS),$(VERDICT_NAMES:%=$(build)/%))
verdict: verdict-programs build/verdict/runner ## the TSan scenarios, for CC, against each build of the library
	@echo "== verdict: $(VERDICT_CC), $(words $(VERDICT_NAMES)) scenarios x $(words $(VERDICT_BUILDS)) builds x 2 modes, $(VERDICT_RUNS) runs each"
	VERDICT_SOURCES=tests/verdict VERDICT_BUILDS="$(VERDICT_BUILDS)" VERDICT_RUNS=$(VERDICT_RUNS) build/verdict/runner
