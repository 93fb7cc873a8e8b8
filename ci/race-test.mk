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
