# The scheduler: one object that race-test and the lessons preload (see tsan/schedule/interface.h).

SCHEDULE := build/libracetest-schedule.so
SCHEDULE_SOURCES := $(sort $(wildcard tsan/schedule/*.c))
SCHEDULE_OBJECTS := $(SCHEDULE_SOURCES:tsan/schedule/%.c=build/schedule/%.o)
# Loops that clear or copy stay loops, or they would be calls of memset and memcpy, which TSan intercepts.
SCHEDULE_LOOPS := $(if $(findstring clang,$(shell $(CC) --version)),-fno-builtin,-fno-tree-loop-distribute-patterns)
SCHEDULE_CFLAGS := -std=c11 $(WARNINGS) -fPIC -fvisibility=hidden -fexceptions $(SCHEDULE_LOOPS) \
	-Iinclude -Isrc -DWAITGROUP_BUILDING_
# The version of the condition variables' functions in this machine's glibc (see exports.map).
SCHEDULE_GLIBC := $(if $(filter aarch64%,$(shell $(CC) -dumpmachine)),2.17,2.3.2)

schedule_comma := ,

# Elsewhere there is the library alone: entry.c has entry points for these, and the rest is Linux's.
SCHEDULE_HERE := $(and $(filter Linux,$(shell uname -s)),$(filter x86_64-% aarch64-%,$(shell $(CC) -dumpmachine)))
all: $(if $(SCHEDULE_HERE),$(SCHEDULE) build/lessons/detect)

$(eval $(call stamp,build/schedule/command,$(CC) $(CPPFLAGS) $(SCHEDULE_CFLAGS) $(CFLAGS) $(LDFLAGS)))

build/schedule/%.o: tsan/schedule/%.c build/schedule/command
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(SCHEDULE_CFLAGS) $(filter-out -fsanitize=%,$(CFLAGS)) -MMD -MP -c $< -o $@
-include $(SCHEDULE_OBJECTS:.o=.d)

# With race-test's witness, which walks up stacks and brings its unwinder along (ci/race-test/race-test.mk).
$(SCHEDULE): $(SCHEDULE_OBJECTS) $(WITNESS) tsan/schedule/exports.map
	sed 's/^GLIBC_2.3.2/GLIBC_$(SCHEDULE_GLIBC)/' tsan/schedule/exports.map > build/schedule/exports.map
	$(CC) $(LDFLAGS) -shared -Wl,-soname,$(@F) -Wl,--version-script,build/schedule/exports.map $(SCHEDULE_OBJECTS) \
		$(WITNESS) $(WITNESS_LDFLAGS) -Wl,--wrap=_Unwind_Resume -Wl,--wrap=__gcc_personality_v0 \
		$(addprefix -Wl$(schedule_comma)--wrap=,malloc free abort) -o $@
