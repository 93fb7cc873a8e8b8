# tests/unit: Criterion, without ThreadSanitizer (with which Criterion does not start).

UNIT := $B/tests/unit
UNIT_COMPILE = $(CC) -Iinclude $(CPPFLAGS) -std=gnu11 $(WARNINGS) -pthread $(SANITIZER) \
               $(if $(filter futex,$(SEMA)),-DPARKS_ON_FUTEX) -DCHILDREN='"$(UNIT)"' $(CFLAGS)
UNIT_CRITERION = $(or $(shell pkg-config --cflags --libs criterion),$(error tests/unit needs Criterion: ci/run unit installs it (libcriterion-dev, pkg-config)))

# The same tests see the header's inline fast paths and, without inlining, the library's functions.
UNIT_BLACK_BOX := panics semantics clockwait go
UNIT_INSIDE := state sema messages
UNIT_CHILDREN := child child-with-defaults child-with-no-defaults child-with-bad-defaults
UNIT_PROGRAMS := $(UNIT)/inline $(UNIT)/calls $(UNIT)/scripted $(UNIT)/inside

$(eval $(call stamp,$(UNIT)/command,$$(UNIT_COMPILE) $(LDFLAGS)))
UNIT_DEPENDENCIES := tests/unit/unit.h include/waitgroup.h $(wildcard src/*.h) tests/unit/unit.mk $(UNIT)/command

UNIT_WRAP := -Wl,--wrap=pthread_create,--wrap=pthread_attr_init
$(UNIT)/inline: $(UNIT_BLACK_BOX:%=tests/unit/%.c) $B/libwaitgroup.a $(UNIT_DEPENDENCIES)
	$(UNIT_COMPILE) $(filter %.c %.a,$^) $(UNIT_WRAP) $(LDFLAGS) $(UNIT_CRITERION) -o $@
$(UNIT)/calls: $(UNIT_BLACK_BOX:%=tests/unit/%.c) $B/libwaitgroup.a $(UNIT_DEPENDENCIES)
	$(UNIT_COMPILE) -fno-inline $(filter %.c %.a,$^) $(UNIT_WRAP) $(LDFLAGS) $(UNIT_CRITERION) -o $@
$(UNIT)/inside: $(UNIT_INSIDE:%=tests/unit/%.c) $B/libwaitgroup.a $(UNIT_DEPENDENCIES)
	$(UNIT_COMPILE) $(OUR_CPPFLAGS) $(filter %.c %.a,$^) $(LDFLAGS) $(UNIT_CRITERION) -o $@
$(UNIT)/scripted: tests/unit/scripted.c $(filter-out %/sema_$(SEMA).o,$(OBJECTS)) $(UNIT_DEPENDENCIES)
	$(UNIT_COMPILE) $(OUR_CPPFLAGS) $(filter %.c %.o,$^) $(LDFLAGS) $(UNIT_CRITERION) -o $@

$(UNIT)/child-with-defaults: UNIT_DEFAULTS := -DDEFAULT_OPTIONS='"perturb=7:strict=1"'
$(UNIT)/child-with-no-defaults: UNIT_DEFAULTS := -DDEFAULT_OPTIONS=NULL
$(UNIT)/child-with-bad-defaults: UNIT_DEFAULTS := -DDEFAULT_OPTIONS='"strikt=1"'
# -rdynamic: libc's backtrace names functions by the dynamic symbols.
$(UNIT_CHILDREN:%=$(UNIT)/%): tests/unit/child.c $B/libwaitgroup.a $(UNIT_DEPENDENCIES)
	$(UNIT_COMPILE) $(OUR_CPPFLAGS) $(UNIT_DEFAULTS) $(filter %.c %.a,$^) $(LDFLAGS) -rdynamic -o $@

.PHONY: unit
unit: $(UNIT_PROGRAMS) $(UNIT_CHILDREN:%=$(UNIT)/%) ## the unit tests, of this flavour (CC, SEMA, SANITIZE)
	@# What Criterion itself allocates and does not free is not ours to report.
	@export ASAN_OPTIONS=detect_leaks=0; status=0; for program in $(UNIT_PROGRAMS); do echo "unit: $$program"; $$program || status=1; done; exit $$status
test: unit
