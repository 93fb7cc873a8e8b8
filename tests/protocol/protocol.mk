# tests/protocol: the library's real files, unchanged, under the C11 memory model, which Relacy explores.
#
# They are compiled as for ThreadSanitizer, so that the compiler itself calls the model for each access.
#   make protocol SCENARIO=two_dones     one scenario; an execution that fails is told line by line

PROTOCOL_BOUND  ?= 2
PROTOCOL_RANDOM ?= 20000
# Of include, src and tsan: mutants have copies.
PROTOCOL_ROOT   ?= .
PROTOCOL_DIR    ?= build/protocol/$(notdir $(firstword $(CC)))
SCENARIO        ?=

PROTOCOL_INCLUDE := -I$(PROTOCOL_ROOT)/include -I$(PROTOCOL_ROOT)/src -I$(PROTOCOL_ROOT)/tsan -Itests/protocol
PROTOCOL_C = $(CC) -std=gnu11 -O1 -g -fexceptions -pthread $(PROTOCOL_INCLUDE)
PROTOCOL_SEEN := -fsanitize=thread -include tests/protocol/seen.h
PROTOCOL_MODELLED := $(PROTOCOL_SEEN) -include tests/protocol/names.h
PROTOCOL_CXX = $(CXX) -std=gnu++14 -O2 -g $(WARNINGS) -Iinclude -Isrc -Itests/protocol -DWAITGROUP_BUILDING_

# By what happens to the accesses of a file: the protocol's are seen by the model; what the library does
# besides (messages, options) is linked as it is; the scenarios are programs of a user's. Warnings about
# the library are the matter of its own build.
PROTOCOL_LIBRARY := $(addprefix src/,waitgroup copy sema_futex sema_pthread) tests/protocol/spin_reset tests/protocol/spawn_reset
PROTOCOL_BESIDE  := $(filter-out $(PROTOCOL_LIBRARY) src/spin src/spawn,$(basename $(sort $(wildcard src/*.c)))) \
    tests/protocol/outside
PROTOCOL_USERS   := $(basename $(wildcard tests/protocol/scenarios/*.c))
PROTOCOL_MODEL   := $(patsubst tests/protocol/%.cpp,build/protocol/model/%.o,$(wildcard tests/protocol/*.cpp))

$(eval $(call stamp,$(PROTOCOL_DIR)/command,$(PROTOCOL_C)))
$(eval $(call stamp,build/protocol/model/command,$(PROTOCOL_CXX)))

# $(call protocol_object,SOURCE,FILE,FLAGS)
define protocol_object
$(PROTOCOL_DIR)/$1.o: $2 $(PROTOCOL_DIR)/command tests/protocol/protocol.mk
	@mkdir -p $$(@D)
	@$$(PROTOCOL_C) $3 -MMD -MP -c $$< -o $$@
-include $(PROTOCOL_DIR)/$1.d
endef
protocol_file = $(if $(filter src/%,$1),$(PROTOCOL_ROOT)/)$1.c
$(foreach s,$(PROTOCOL_LIBRARY),$(eval $(call protocol_object,$s,$(call protocol_file,$s),-w -DWAITGROUP_BUILDING_ $$(PROTOCOL_MODELLED))))
$(foreach s,$(PROTOCOL_BESIDE),$(eval $(call protocol_object,$s,$(call protocol_file,$s),-w -DWAITGROUP_BUILDING_)))
$(foreach s,$(PROTOCOL_USERS),$(eval $(call protocol_object,$s,$(call protocol_file,$s),$(WARNINGS) $$(PROTOCOL_MODELLED))))

build/protocol/model/%.o: tests/protocol/%.cpp build/protocol/model/command
	@mkdir -p $(@D)
	@echo '#include <relacy/base.hpp>' | $(CXX) -E -x c++ - >/dev/null 2>&1 || \
	    { echo "protocol: Relacy is missing: ci/run protocol installs it (relacy-dev)" >&2; exit 2; }
	$(PROTOCOL_CXX) -MMD -MP -c $< -o $@
-include $(PROTOCOL_MODEL:.o=.d)

# Not position-independent, so that addresses in the program are those in the file (story.cpp).
PROTOCOL_WRAP := -Wl,--wrap=waitgroup_threads_,--wrap=waitgroup_is_shared_
PROTOCOL_PROGRAMS := $(PROTOCOL_DIR)/futex $(PROTOCOL_DIR)/pthread
protocol_objects = $(patsubst %,$(PROTOCOL_DIR)/%.o,$(filter-out $1,$(PROTOCOL_LIBRARY)) $(PROTOCOL_BESIDE) $(PROTOCOL_USERS))
$(PROTOCOL_DIR)/futex: $(call protocol_objects,src/sema_pthread) $(PROTOCOL_MODEL)
	$(CXX) -no-pie $(PROTOCOL_WRAP) $^ -o $@
$(PROTOCOL_DIR)/pthread: $(call protocol_objects,src/sema_futex) $(PROTOCOL_MODEL)
	$(CXX) -no-pie $(PROTOCOL_WRAP) $^ -o $@

# $(call protocol_search,OPTIONS...)
define protocol_search
@status=0; for program in $(PROTOCOL_PROGRAMS); do for search in $1; do \
    echo "== protocol: $$program $$search"; $$program $$search $(SCENARIO) || status=1; done; done; exit $$status
endef

.PHONY: protocol protocol-short protocol-programs
protocol-programs: $(PROTOCOL_PROGRAMS)
protocol: $(PROTOCOL_PROGRAMS) ## the protocol under the C11 memory model: many executions, both parkings
	$(call protocol_search,--bound=$(PROTOCOL_BOUND) '--bound=1 --calls' '--bound=1 --strict' --random=$(PROTOCOL_RANDOM) '--random=$(PROTOCOL_RANDOM) --calls --spurious')
protocol-short: $(PROTOCOL_PROGRAMS)
	$(call protocol_search,--bound=1 '--bound=1 --calls')

.PHONY: protocol-mutants
protocol-mutants: $(PROTOCOL_MODEL) ## each memory order weakened, and faults of the logic: a scenario must notice
	@echo "== protocol-mutants: $(CC)"
	tests/protocol/mutants $(CC)

# The same scenarios under ThreadSanitizer itself, in every order; and with all releases relaxed, which it must notice.
PROTOCOL_REAL_SEEN := $(filter src/%,$(filter-out src/sema_pthread,$(PROTOCOL_LIBRARY))) tests/protocol/spin_reset tests/protocol/spawn_reset
# $(call protocol_real,NAME,FLAGS)
define protocol_real
build/protocol/orders/$1: $(PROTOCOL_REAL_SEEN:%=%.c) $(PROTOCOL_BESIDE:%=%.c) $(PROTOCOL_USERS:%=%.c) tests/protocol/real.c \
    $(wildcard include/*.h include/*/*.h src/*.[ch] src/shared/*.h tests/protocol/*.h) tests/protocol/protocol.mk
	@mkdir -p $$(@D)
	@$$(PROTOCOL_C) -w $(PROTOCOL_SEEN) $2 -DWAITGROUP_BUILDING_ -Dpthread_create=protocol_create -r $(PROTOCOL_REAL_SEEN:%=%.c) -o $$@.seen.o
	@$$(PROTOCOL_C) $(WARNINGS) $(PROTOCOL_SEEN) $2 -r $(PROTOCOL_USERS:%=%.c) -o $$@.users.o
	@$$(PROTOCOL_C) -w -DWAITGROUP_BUILDING_ -r $(PROTOCOL_BESIDE:%=%.c) tests/protocol/real.c -o $$@.beside.o
	$$(PROTOCOL_C) -fsanitize=thread $$@.seen.o $$@.users.o $$@.beside.o -o $$@
endef
$(eval $(call protocol_real,correct,))
$(eval $(call protocol_real,wrong,-Wno-builtin-macro-redefined -U__ATOMIC_RELEASE -D__ATOMIC_RELEASE=__ATOMIC_RELAXED))

.PHONY: protocol-orders
protocol-orders: build/protocol/orders/correct build/protocol/orders/wrong build/libracetest-schedule.so ## the same under ThreadSanitizer, in every order
	tests/protocol/orders.py build/protocol/orders
