# The scheduler's object by itself: what it calls, and its entry points on the other machine.

SCHEDULE_AARCH64 := aarch64-linux-gnu-gcc
SCHEDULE_AARCH64_B := build/schedule/aarch64

$(SCHEDULE_AARCH64_B)/libracetest-schedule.so: $(wildcard tsan/schedule/*.c) $(wildcard tsan/schedule/*.h) tsan/schedule/exports.map
	@mkdir -p $(@D)
	sed 's/^GLIBC_2.3.2/GLIBC_2.17/' tsan/schedule/exports.map > $(@D)/exports.map
	$(SCHEDULE_AARCH64) $(SCHEDULE_CFLAGS) -O2 -shared -Wl,-soname,$(@F) -Wl,--version-script,$(@D)/exports.map \
		-Wl,--wrap=_Unwind_Resume -Wl,--wrap=__gcc_personality_v0 $(SCHEDULE_SOURCES) -o $@
$(SCHEDULE_AARCH64_B)/libruntime.so: tests/schedule/object/runtime.c
	@mkdir -p $(@D)
	$(SCHEDULE_AARCH64) -O1 -Wall -fPIC -shared -Wno-builtin-declaration-mismatch $< -o $@
# Built with -fsanitize=thread and linked without: the runtime is the one above.
$(SCHEDULE_AARCH64_B)/program: tests/schedule/object/program.c $(SCHEDULE_AARCH64_B)/libruntime.so
	$(SCHEDULE_AARCH64) -O1 -Wall -fsanitize=thread -mno-outline-atomics -c $< -o $@.o
	$(SCHEDULE_AARCH64) $@.o -o $@ -L$(@D) -lruntime -Wl,-rpath,$(abspath $(@D)) -pthread

.PHONY: schedule-object
schedule-object: build/libracetest-schedule.so $(SCHEDULE_AARCH64_B)/libracetest-schedule.so $(SCHEDULE_AARCH64_B)/program ## the scheduler calls nothing that TSan intercepts; stacks go through it; its entry points for aarch64, emulated
	tests/schedule/object/calls $$(gcc -print-file-name=libtsan.so) \
		$$($(CLANG_NEWEST) -print-file-name=libclang_rt.tsan-x86_64.so) -- $(SCHEDULE_OBJECTS)
	python3 -B tests/schedule/object/frames.py build/libracetest-schedule.so
	python3 -B tests/schedule/object/aarch64.py $(SCHEDULE_AARCH64_B)/libracetest-schedule.so $(SCHEDULE_AARCH64_B)/program
