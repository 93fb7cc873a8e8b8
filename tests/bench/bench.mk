# The benchmark: every peer does the same work, in rounds, beside the bare hardware; and the check of
# what the fast paths compile to.

BENCH := build/bench
BENCH_PYTHON ?= /usr/bin/python3
BENCH_RUSTC ?= /usr/bin/rustc
BENCH_GO ?= $(GO)
BENCH_TSAN_CC ?= $(CLANG_OLDEST)
BENCH_CRATES := /usr/share/cargo/registry
BENCH_FLAGS := -O2 -g -pthread -Iinclude $(WARNINGS)
BENCH_C := $(CC) -std=gnu11 $(BENCH_FLAGS)
BENCH_CXX := $(CXX) -std=c++20 $(BENCH_FLAGS) -Wno-pedantic
BENCH_PEERS := waitgroup never-spins bare mutex nsync latch absl go crossbeam tsan tsan-unannotated tsan-bare
BENCH_TSAN := $(BENCH_TSAN_CC) -std=gnu11 $(BENCH_FLAGS) -fsanitize=thread
BENCH_COMMON := tests/bench/workloads.h $(HEADERS) tests/bench/bench.mk $(BENCH)/command

$(eval $(call stamp,$(BENCH)/command,$(BENCH_C) $(BENCH_CXX) $(BENCH_TSAN)))

$(BENCH)/waitgroup: tests/bench/waitgroup.c $(BENCH_COMMON) $B/libwaitgroup.a
	@mkdir -p $(@D)
	$(BENCH_C) $< $B/libwaitgroup.a -o $@
$(BENCH)/never-spins: tests/bench/waitgroup.c tests/bench/no_spin.c $(BENCH_COMMON) $(OBJECTS)
	@mkdir -p $(@D)
	$(COMPILE) -c tests/bench/no_spin.c -o $@.o
	$(BENCH_C) $< $@.o $(filter-out %/spin.o,$(OBJECTS)) -o $@
$(BENCH)/bare $(BENCH)/mutex: $(BENCH)/%: tests/bench/%.c $(BENCH_COMMON)
	@mkdir -p $(@D)
	$(BENCH_C) $< -o $@
$(BENCH)/nsync: tests/bench/nsync.c $(BENCH_COMMON)
	@mkdir -p $(@D)
	$(BENCH_C) $< -lnsync -o $@
$(BENCH)/latch: tests/bench/latch.cpp $(BENCH_COMMON)
	@mkdir -p $(@D)
	$(BENCH_CXX) $< -o $@
$(BENCH)/absl: tests/bench/absl.cpp $(BENCH_COMMON)
	@mkdir -p $(@D)
	$(BENCH_CXX) $< -labsl_synchronization -labsl_base -o $@
$(BENCH)/go: tests/bench/peer.go tests/bench/bench.mk
	@mkdir -p $(@D)
	GOCACHE=$(CURDIR)/$(BENCH)/go-cache $(BENCH_GO) build -o $@ $<

# Debian's crates are sources: compiled here, without a package manager. Older ones of crossbeam use
# cfg-if, which their package brings along.
BENCH_CFG_IF = $(wildcard $(BENCH_CRATES)/cfg-if-1*/src/lib.rs)
BENCH_RUST = $(BENCH_RUSTC) -O --out-dir $(BENCH) --crate-type rlib --edition 2018 --cap-lints allow
$(BENCH)/crossbeam: tests/bench/peer.rs tests/bench/bench.mk
	@mkdir -p $(@D)
	$(if $(BENCH_CFG_IF),$(BENCH_RUST) --crate-name cfg_if $(BENCH_CFG_IF))
	$(BENCH_RUST) --crate-name crossbeam_utils --cfg 'feature="std"' $(if $(BENCH_CFG_IF),--extern cfg_if=$(BENCH)/libcfg_if.rlib) \
	    $(BENCH_CRATES)/crossbeam-utils-0.8*/src/lib.rs
	$(BENCH_RUSTC) -O --edition 2021 -D warnings -L $(BENCH) --extern crossbeam_utils=$(BENCH)/libcrossbeam_utils.rlib $< -o $@

# Under ThreadSanitizer: the library as it is; the same sources left to be instrumented, without a
# word to the runtime; and TSan's own cost of the bare atomics.
$(BENCH)/tsan: tests/bench/waitgroup.c $(BENCH_COMMON) $B/libwaitgroup.a
	@mkdir -p $(@D)
	$(BENCH_TSAN) $< $B/libwaitgroup.a -o $@
$(BENCH)/tsan-bare: tests/bench/bare.c $(BENCH_COMMON)
	@mkdir -p $(@D)
	$(BENCH_TSAN) $< -o $@
$(BENCH)/tsan-unannotated: tests/bench/waitgroup.c $(BENCH_COMMON) $(SOURCES) $(wildcard src/*.h src/shared/*.h tsan/*.h)
	rm -rf $@.sources && mkdir -p $@.sources && cp -r include src tsan $@.sources
	sed -i 's/^\(# *define WAITGROUP_UNINSTRUMENTED_\).*/\1/' $@.sources/include/waitgroup/tsan.h
	sed -i -e 's/^\(struct waitgroup_tsan_ waitgroup_race_\) = .*/\1;/' -e 's/ || !runtime->acquire)/ || runtime)/' $@.sources/tsan/race.c
	grep -q '^struct waitgroup_tsan_ waitgroup_race_;' $@.sources/tsan/race.c && grep -q '|| runtime)' $@.sources/tsan/race.c
	for source in $(SOURCES); do \
	    (cd $@.sources && $(BENCH_TSAN_CC) $(OUR_CPPFLAGS) $(OUR_CFLAGS) -O2 -fsanitize=thread -c $$source -o $$source.o) || exit 1; \
	done
	$(BENCH_TSAN) $< $(SOURCES:%=$@.sources/%.o) -o $@

.PHONY: bench bench-short bench-page fast-path
bench: $(BENCH_PEERS:%=$(BENCH)/%) ## measure against peers and bare hardware, 10 minutes at most
	$(BENCH_PYTHON) tests/bench/bench.py run $(BENCH) $(BENCH_ARGS)
bench-short: $(BENCH_PEERS:%=$(BENCH)/%) ## each workload of each peer once, to see that all run
	$(BENCH_PYTHON) tests/bench/bench.py run $(BENCH) --short
bench-page: ## take the last `make bench` into tests/bench/results.md
	$(BENCH_PYTHON) tests/bench/bench.py page $(BENCH)/bench.json

# What a user's calls compile to, what they ask of the kernel, and when a wait spins: exact, not timed.
FAST_PATH_COMPILERS ?= gcc $(CLANG_OLDEST) $(CLANG_NEWEST)
$(BENCH)/system-calls: tests/bench/system_calls.c $(HEADERS) $(BENCH)/command $B/libwaitgroup.a
	@mkdir -p $(@D)
	$(BENCH_C) $< $B/libwaitgroup.a -o $@
$(BENCH)/spin-policy: tests/bench/spin_policy.c src/spin.c src/spin.h $(HEADERS)
	@mkdir -p $(@D)
	$(COMPILE) -Wl,--wrap=clock_gettime,--wrap=sched_yield -pthread $(filter %.c,$^) -o $@
$(BENCH)/spin-simulation: tests/bench/spin_simulation.c src/spin.c src/spin.h src/state.h $(HEADERS)
	@mkdir -p $(@D)
	$(COMPILE) $< -o $@
.PHONY: spin-simulation
spin-simulation: $(BENCH)/spin-simulation ## looking on before a wait parks, on simulated machines of 1 to 64 CPUs
	$<
fast-path: $(BENCH)/system-calls $(BENCH)/spin-policy ## what the inline functions compile to, their system calls, when they spin
	@for compiler in $(FAST_PATH_COMPILERS); do \
	    $$compiler -O2 $(WARNINGS) -Iinclude -c tests/bench/fast_path.c -o $(BENCH)/fast_path.$$compiler.o && \
	    $(BENCH_PYTHON) tests/bench/fast_path.py $(BENCH)/fast_path.$$compiler.o $$compiler || exit 1; \
	done
	@tests/bench/system_calls.sh $(BENCH)/system-calls
	@$(BENCH)/spin-policy
