# Programs for the scheduler, each as it is and with each of its mistakes (-DBUG=N), by these compilers.
# The runtime is a shared library: gcc's by default, clang's by -shared-libsan.
# A mistake may leave unused what it does not use.

SCHEDULE_CCS ?= gcc clang-19
SCHEDULE_SOURCES := $(sort $(wildcard tests/schedule/programs/*))
SCHEDULE_FLAGS := -O1 -g -fno-inline -Wall -Wextra -Wno-unused -Wno-unused-parameter -Werror -fsanitize=thread -pthread -Iinclude
SCHEDULE_PROGRAMS :=
schedule_bugs = 0 $(shell sed -n '1s/bug /\nbug /gp' $1 | sed -n 's/^bug \([0-9]\).*/\1/p')
schedule_runtime = $(if $(findstring clang,$1),-shared-libsan -Wl$(comma)-rpath$(comma)$(dir $(shell $1 -print-file-name=libclang_rt.tsan-$(shell uname -m).so)))
schedule_language = $(if $(filter %.cpp,$2),$(subst gcc,g++,$(subst clang,clang++,$1)) -std=c++20,$1 -std=gnu11)
comma := ,

# $(call schedule_program,COMPILER,SOURCE,BUG)
define schedule_program
SCHEDULE_PROGRAMS += build/schedule/$1/$(notdir $2).$3
build/schedule/$1/$(notdir $2).$3: $2 tests/schedule/program.h build/libwaitgroup.a
	@mkdir -p $$(@D)
	@$(call schedule_language,$1,$2) $(SCHEDULE_FLAGS) -DBUG=$3 $2 build/libwaitgroup.a -o $$@ $$(call schedule_runtime,$1)
endef
$(foreach cc,$(SCHEDULE_CCS),$(foreach source,$(SCHEDULE_SOURCES),$(foreach bug,$(call schedule_bugs,$(source)),$(eval $(call schedule_program,$(cc),$(source),$(bug))))))

.PHONY: schedule-programs
schedule-programs: $(SCHEDULE_PROGRAMS) ## plain TSan's verdicts on the programs for the scheduler
	tests/schedule/check.py plain $(SCHEDULE_CCS)
