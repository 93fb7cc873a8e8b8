# Coverage of src/ and tsan/ by gcc and gcovr: by the unit tests, and under ThreadSanitizer, where alone
# some of it is reached, by lifetime, stress and the scenarios (whose verdicts are not judged here).

COVERAGE_LINES ?= 95
COVERAGE_BRANCHES ?= 90
# The tests themselves are not measured: gcov is for the library alone.
COVERAGE_LINK := -Wl,--wrap=_exit build/coverage/flush.o -lgcov
COVERAGE_UNIT := $(WARNINGS) -std=gnu11 -O1 -g -pthread

# $(call coverage_of,SEMA)
define coverage_of
$(call flavour_library,coverage-$1,$(FLAVOUR_GCC),$1,-O0 --coverage -fprofile-update=atomic)
$(call unit_in,build/coverage/$1,build/flavours/coverage-$1/libwaitgroup.a,$1,$(FLAVOUR_GCC) $(COVERAGE_UNIT),$(COVERAGE_LINK))
build/coverage/$1/tsan/%: tests/%.c build/flavours/coverage-$1/libwaitgroup.a $(HEADERS)
	@mkdir -p $$(@D)
	@$(FLAVOUR_GCC) -Iinclude -Itests/verdict $$(if $$(filter verdict/%,$$*),-D_GNU_SOURCE) $(COVERAGE_UNIT) -fsanitize=thread $$< $$(filter %.a,$$^) $(COVERAGE_LINK) -o $$@
endef
$(foreach sema,futex pthread,$(eval $(call coverage_of,$(sema))))

COVERAGE_SCENARIOS := $(patsubst tests/%.c,%,$(wildcard tests/verdict/race/*.c tests/verdict/norace/*.c tests/verdict/panic/*.c))
COVERAGE_PROGRAMS := $(foreach sema,futex pthread,$(UNIT_TESTS:%=build/coverage/$(sema)/%) $(UNIT_CHILDREN:%=build/coverage/$(sema)/%) \
    $(patsubst %,build/coverage/$(sema)/tsan/%,lifetime/lifetime stress/stress $(COVERAGE_SCENARIOS)))

build/coverage/flush.o: tests/unit/flush_coverage.c
	@mkdir -p $(@D)
	$(FLAVOUR_GCC) $(COVERAGE_UNIT) -c $< -o $@
$(COVERAGE_PROGRAMS): build/coverage/flush.o

.PHONY: coverage
coverage: $(COVERAGE_PROGRAMS) ## coverage of src/ and tsan/ by the tests: a table, and an error below the limits
	@command -v gcovr >/dev/null || { echo "coverage: gcovr is missing: ci/run coverage installs it" >&2; exit 2; }
	@find build/flavours/coverage-* -name '*.gcda' -delete
	$(call unit_run,build/coverage/futex)
	$(call unit_run,build/coverage/pthread)
	@one_cpu=$$(awk '/^Cpus_allowed_list/ { print $$2 + 0 }' /proc/self/status); \
	for sema in futex pthread; do \
	    taskset --cpu-list $$one_cpu build/coverage/$$sema/calls || exit 1; `# spin.c decides by the CPUs` \
	    timeout -s KILL 120 build/coverage/$$sema/tsan/lifetime/lifetime 2000 || exit 1; \
	    timeout -s KILL 120 build/coverage/$$sema/tsan/stress/stress 3 || exit 1; \
	    echo "coverage: $$sema, perturbed"; \
	    for seed in $$(seq 24); do \
	        WAITGROUP_OPTIONS=perturb=$$seed timeout -s KILL 60 build/coverage/$$sema/tsan/lifetime/lifetime 30 >build/coverage/output || exit 1; \
	    done; \
	    for seed in 1 2 3 4; do \
	        WAITGROUP_OPTIONS=perturb=$$seed timeout -s KILL 60 build/coverage/$$sema/tsan/stress/stress 1 >build/coverage/output || exit 1; \
	    done; \
	    for scenario in $(COVERAGE_SCENARIOS); do for options in strict=0 strict=1; do \
	        WAITGROUP_OPTIONS=$$options TSAN_OPTIONS=atexit_sleep_ms=0 timeout -s KILL 20 build/coverage/$$sema/tsan/$$scenario >build/coverage/output 2>&1 || true; \
	    done; done; \
	done
	@gcovr --root . --filter src/ --filter tsan/race --json build/coverage/coverage.json build/flavours/coverage-futex build/flavours/coverage-pthread
	@gcovr --root . --add-tracefile build/coverage/coverage.json --txt
	@gcovr --root . --add-tracefile build/coverage/coverage.json --branches --fail-under-line $(COVERAGE_LINES) --fail-under-branch $(COVERAGE_BRANCHES)
