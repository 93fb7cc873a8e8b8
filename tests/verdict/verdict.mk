# Scenario programs and their runner: for each compiler, against the library as shipped (static and
# shared) and as built from sources that are compiled with -fsanitize=thread.
#   make verdict CC=clang VERDICT_RUNS=20          make verdict-each TEST_CCS="gcc clang"

VERDICT_RUNS ?= 3
VERDICT_SCENARIOS := $(sort $(foreach kind,race norace panic,$(wildcard tests/verdict/$(kind)/*.c tests/verdict/$(kind)/*.cpp)))
VERDICT_NAMES := $(basename $(VERDICT_SCENARIOS:tests/verdict/%=%))
VERDICT_CFLAGS := $(WARNINGS) -D_GNU_SOURCE -Iinclude -Itests/verdict -g -O1 -pthread -fsanitize=thread
VERDICT_CC := $(notdir $(firstword $(CC)))
verdict_dir = build/verdict/$1$(if $(filter-out $(DEFAULT_SEMA),$(SEMA)),-$(SEMA))
verdict_builds = $(addprefix $(call verdict_dir,$1)/,plain instrumented shared)
verdict_programs = $(foreach build,$1,$(VERDICT_NAMES:%=$(build)/%))

# $(call verdict_library,DIRECTORY,BUILD,COMPILER,FLAGS)
define verdict_library
$1/$2/lib/%.o: %.c $1/command
	@mkdir -p $$(@D)
	@$3 $(OUR_CPPFLAGS) -std=c11 $(WARNINGS) -fPIC -fvisibility=hidden -pthread -O2 -g $4 -MMD -MP -c $$< -o $$@
-include $(SOURCES:%.c=$1/$2/lib/%.d)
$1/$2/libwaitgroup.a: $(SOURCES:%.c=$1/$2/lib/%.o)
	@rm -f $$@ && $(AR) rcs $$@ $$^
endef

# $(call verdict_scenarios,DIRECTORY,BUILD,COMPILER,LIBRARY,LINK)
define verdict_scenarios
$1/$2/%: $1/object/%.o $1/$2/$4
	@mkdir -p $$(@D)
	@$3 -pthread -fsanitize=thread $$< -o $$@ $5 $$(if $$(wildcard tests/verdict/$$*.cpp),-lstdc++)
endef

# $(call verdict_for,DIRECTORY,COMPILER)
define verdict_for
$(call stamp,$1/command,$2 $(VERDICT_CFLAGS))
$1/object/%.o: tests/verdict/%.c tests/verdict/scenario.h $(HEADERS) $1/command
	@mkdir -p $$(@D)
	@echo "build $$@" && $2 -std=c11 $(VERDICT_CFLAGS) -c $$< -o $$@
$1/object/%.o: tests/verdict/%.cpp tests/verdict/scenario.h $(HEADERS) $1/command
	@mkdir -p $$(@D)
	@echo "build $$@" && $2 -std=c++11 $(VERDICT_CFLAGS) -c $$< -o $$@
.PRECIOUS: $1/object/%.o
$(call verdict_library,$1,plain,$2,)
$(call verdict_library,$1,instrumented,$2,-fsanitize=thread)
$1/shared/libwaitgroup.so: $1/plain/libwaitgroup.a
	@mkdir -p $$(@D)
	@$2 -shared -pthread -Wl,--whole-archive $$< -Wl,--no-whole-archive -o $$@
$(call verdict_scenarios,$1,plain,$2,libwaitgroup.a,$1/plain/libwaitgroup.a)
$(call verdict_scenarios,$1,instrumented,$2,libwaitgroup.a,$1/instrumented/libwaitgroup.a)
$(call verdict_scenarios,$1,shared,$2,libwaitgroup.so,-L$1/shared -lwaitgroup -Wl$(comma)-rpath$(comma)$(CURDIR)/$1/shared)
endef
comma := ,
$(foreach cc,$(sort $(VERDICT_CC) $(TEST_CCS) $(CONFORMANCE_CCS)),\
  $(eval $(call verdict_for,$(call verdict_dir,$(cc)),$(if $(filter $(VERDICT_CC),$(cc)),$(CC),$(cc)))))

# The runner and the judge do not depend on the compiler under test.
VERDICT_CRITERION = $(or $(shell pkg-config --cflags --libs criterion),$(error tests/verdict needs Criterion: ci/run verdict installs it (libcriterion-dev, pkg-config)))
VERDICT_HOST = gcc -std=c11 $(WARNINGS) -O1 -g
build/verdict/runner: tests/verdict/verdict.c tests/verdict/judge.c tests/verdict/judge.h
	@mkdir -p $(@D)
	$(VERDICT_HOST) $(filter %.c,$^) $(VERDICT_CRITERION) -o $@
build/verdict/judge: tests/verdict/judge_main.c tests/verdict/judge.c tests/verdict/judge.h
	@mkdir -p $(@D)
	$(VERDICT_HOST) $(filter %.c,$^) -o $@

# $(call verdict_run,COMPILERS)
define verdict_run
@echo "== verdict: $(words $(VERDICT_NAMES)) scenarios, default and strict=1, $(VERDICT_RUNS) runs each"
@status=0; for build in $(foreach cc,$1,$(call verdict_builds,$(cc))); do echo "verdict: $$build"; \
  VERDICT_SOURCES=tests/verdict VERDICT_BUILD=$$build VERDICT_RUNS=$(VERDICT_RUNS) build/verdict/runner || status=1; done; exit $$status
endef

.PHONY: verdict verdict-each
verdict: $(call verdict_programs,$(call verdict_builds,$(VERDICT_CC))) build/verdict/runner ## the TSan scenarios, for CC, against each build of the library
	$(call verdict_run,$(VERDICT_CC))
verdict-each: $(foreach cc,$(TEST_CCS),$(call verdict_programs,$(call verdict_builds,$(cc)))) build/verdict/runner ## the same for each of TEST_CCS
	$(call verdict_run,$(TEST_CCS))
