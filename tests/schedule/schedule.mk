# Programs for the scheduler, each as it is and with each of its mistakes (-DBUG=N), by these compilers.
# The runtime is a shared library: gcc's by default, clang's by -shared-libsan.
# A mistake may leave unused what it does not use.

SCHEDULE_CCS ?= gcc $(CLANG_NEWEST)
# By the first all, by the others these (all, if none is named): what their runtime or code has of its own, and
# what traps.py runs.
SCHEDULE_CHOSEN ?= atomics.c atomics_sizes.c barrier.c call_once.cpp cancel.c cond.c counting_semaphore.cpp fork.c futex.c \
	gives_up.c invisible_barrier.c join.c libc_accesses.c many_threads.c mutex.c mutex_kinds.c once.c pipe.c plain_spin.c rwlock.c semaphore.c signals.c sleep.c spins.c static_guard.cpp two_races.c
# As NAME.BUG, from the first lines.
SCHEDULE_SOURCES_TESTED := $(notdir $(wildcard tests/schedule/programs/*))
SCHEDULE_CASES := $(if $(SCHEDULE_SOURCES_TESTED),$(shell cd tests/schedule/programs && awk 'FNR == 1 { print FILENAME ".0"; \
	while (match($$0, /bug [0-9]/)) { print FILENAME "." substr($$0, RSTART + 4, 1); $$0 = substr($$0, RSTART + 5) } }' $(SCHEDULE_SOURCES_TESTED)))
SCHEDULE_FLAGS := -O1 -g -fno-inline -Wall -Wextra -Wno-unused -Wno-unused-parameter -Werror -fsanitize=thread -pthread -Iinclude
SCHEDULE_PROGRAMS :=
schedule_runtime = $(if $(findstring clang,$1),-shared-libsan -Wl$(comma)-rpath$(comma)"$$$$(dirname "$$$$($1 -print-file-name=libclang_rt.tsan-$$$$(uname -m).so)")")
schedule_language = $(if $(filter %.cpp,$2),$(subst gcc,g++,$(subst clang,clang++,$1)) -std=c++20,$1 -std=gnu11)

# $(call schedule_program,COMPILER,CASE,SOURCE)
define schedule_program
SCHEDULE_PROGRAMS += build/schedule/$1/$2
build/schedule/$1/$2: $3 tests/schedule/program.h build/libwaitgroup.a
	@mkdir -p $$(@D)
	@$(call schedule_language,$1,$3) $(SCHEDULE_FLAGS) -DBUG=$(subst .,,$(suffix $2)) $3 build/libwaitgroup.a -o $$@ $(call schedule_runtime,$1)
endef
schedule_others := $(wordlist 2,$(words $(SCHEDULE_CCS)),$(SCHEDULE_CCS))
schedule_cases = $(if $(and $(SCHEDULE_CHOSEN),$(filter $1,$(schedule_others))),$(filter $(addsuffix .%,$(SCHEDULE_CHOSEN)),$(SCHEDULE_CASES)),$(SCHEDULE_CASES))
# $(call schedule_check,plain|control|orders)
schedule_check = tests/schedule/check.py $1 $(firstword $(SCHEDULE_CCS))$(if $(schedule_others), && tests/schedule/check.py $1 $(schedule_others) $(SCHEDULE_CHOSEN))
$(foreach cc,$(SCHEDULE_CCS),$(foreach case,$(call schedule_cases,$(cc)),$(eval $(call schedule_program,$(cc),$(case),tests/schedule/programs/$(basename $(case))))))

.PHONY: schedule-programs schedule-test schedule-reduction schedule-whole schedule-real
schedule-programs: $(SCHEDULE_PROGRAMS) ## plain TSan's verdicts on the programs for the scheduler
	$(call schedule_check,plain)

schedule-test: $(SCHEDULE_PROGRAMS) build/libracetest-schedule.so ## the same programs under the scheduler, in all orders or many, and its traps
	$(call schedule_check,control)
	$(call schedule_check,orders)
	tests/schedule/traps.py $(SCHEDULE_CCS)

schedule-reduction: build/schedule/reduction build/libracetest-schedule.so ## what --exhaustive leaves out of all orders of small programs
	tests/schedule/reduction.py $< 50

build/schedule/reduction: tests/schedule/reduction.c
	@mkdir -p $(@D)
	gcc $(SCHEDULE_FLAGS) -std=gnu11 $< -o $@

schedule-whole: ## schedule-programs and schedule-test, all programs by each compiler, more orders
	WHOLE=1 $(MAKE) schedule-programs schedule-test SCHEDULE_CHOSEN=

schedule-real: all ## zstd, xz, pigz, pbzip2 and libuv's threadpool under the scheduler, to the same output
	tests/schedule/real_programs build/real
