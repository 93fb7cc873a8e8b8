# tests/unit: Criterion, without ThreadSanitizer (with which Criterion does not start).

UNIT_CRITERION = $(or $(shell pkg-config --cflags --libs criterion),$(error tests/unit needs Criterion: ci/run unit installs it (libcriterion-dev, pkg-config)))
UNIT_HEADERS := $(wildcard tests/unit/*.h) $(HEADERS) $(wildcard src/*.h src/shared/*.h) tests/unit/unit.mk

# The same tests see the header's inline fast paths and, without inlining, the library's functions.
UNIT_BLACK_BOX := tests/unit/panics.c tests/unit/semantics.c tests/unit/clockwait.c tests/unit/go.c
UNIT_INSIDE := tests/unit/state.c tests/unit/parcel.c tests/unit/sema.c tests/unit/options.c tests/unit/messages.c
UNIT_SCRIPTED := tests/unit/scripted.c tests/unit/annotations.c tests/unit/script.c
UNIT_TESTS := inline calls inside scripted
UNIT_CHILD := $(wildcard tests/unit/child*.c)
UNIT_CHILDREN := child child-with-defaults child-with-no-defaults child-with-bad-defaults child-with-more-rights

# $(call unit_in,DIRECTORY,ARCHIVE,SEMA,COMPILE,LINK): DIRECTORY/$(UNIT_TESTS) and what they start.
# -rdynamic: libc's backtrace names functions by the dynamic symbols.
define unit_in
$(call stamp,$1/command,$4 $5)
$1/inline $1/calls: $(UNIT_BLACK_BOX) $2 $(UNIT_HEADERS) $1/command
	$4 -Iinclude $(if $(filter futex,$3),-DPARKS_ON_FUTEX) $$(UNIT_NO_INLINE) $$(filter %.c %.a,$$^) \
	    -Wl,--wrap=pthread_create,--wrap=pthread_attr_init $5 $$(UNIT_CRITERION) -o $$@
$1/calls: UNIT_NO_INLINE := -fno-inline
$1/inside: $(UNIT_INSIDE) $2 $(UNIT_HEADERS) $1/command
	$4 $(OUR_CPPFLAGS) $(if $(filter futex,$3),-DPARKS_ON_FUTEX) -DCHILDREN='"$1"' $$(filter %.c %.a,$$^) $5 $$(UNIT_CRITERION) -o $$@
$1/scripted: $(UNIT_SCRIPTED) $2 $(UNIT_HEADERS) $1/command
	$4 $(OUR_CPPFLAGS) $$(filter %.c %.a,$$^) -Wl,--wrap=sched_yield $5 $$(UNIT_CRITERION) -o $$@
$(UNIT_CHILDREN:%=$1/%): $(UNIT_CHILD) $2 $(UNIT_HEADERS) $1/command
	$4 $(OUR_CPPFLAGS) $$(UNIT_DEFAULTS) $$(filter %.c %.a,$$^) -rdynamic $5 -o $$@
$1/child-with-defaults: UNIT_DEFAULTS := -DDEFAULT_OPTIONS='"perturb=7:strict=1"'
$1/child-with-no-defaults: UNIT_DEFAULTS := -DDEFAULT_OPTIONS=NULL
$1/child-with-bad-defaults: UNIT_DEFAULTS := -DDEFAULT_OPTIONS='"strikt=1"'
$1/child-with-more-rights: UNIT_DEFAULTS := -DDEFAULT_OPTIONS='"perturb=7"' -DMORE_RIGHTS_THAN_ITS_USER
endef
$(eval $(call unit_in,$B/tests/unit,$B/libwaitgroup.a,$(SEMA),$(CC) $(CPPFLAGS) -std=gnu11 $(WARNINGS) -pthread $(SANITIZER) $(CFLAGS),$(LDFLAGS)))

# What Criterion itself allocates and does not free is not ours to report: detect_leaks=0.
# $(call unit_run,DIRECTORY)
define unit_run
@export ASAN_OPTIONS=detect_leaks=0; status=0; \
for test in $(UNIT_TESTS); do echo "unit: $1/$$test"; $1/$$test || status=1; done; exit $$status
endef

.PHONY: unit
unit: $(UNIT_TESTS:%=$B/tests/unit/%) $(UNIT_CHILDREN:%=$B/tests/unit/%) ## the unit tests, of this flavour (CC, SEMA, SANITIZE)
	$(if $(filter thread,$(SANITIZE)),$(error unit: Criterion does not start with ThreadSanitizer; what TSan reports is the matter of make verdict))
	$(call unit_run,$B/tests/unit)
