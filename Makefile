# waitgroup: `make help` lists the targets, `ci/run TARGET` installs what one needs and runs it.
#
# Yours: CC CXX CFLAGS CPPFLAGS LDFLAGS AR NM PREFIX DESTDIR LIBDIR INCLUDEDIR.
# SEMA=futex|pthread picks the parking, SANITIZE=thread|address|undefined instruments. Each such
# flavour has a directory of its own below build/; the plain library is build/libwaitgroup.{a,so}.

CFLAGS   ?= -O2 -g
SEMA     ?= $(if $(filter Linux,$(shell uname -s)),futex,pthread)
SANITIZE ?=
NM       ?= nm

# Compilers by role, not by version: ci/run picks them from the archive, make alone from what is installed.
INSTALLED_CLANGS := $(sort $(notdir $(wildcard $(addsuffix /clang-[1-9][0-9],$(subst :, ,$(PATH))))))
CLANG_OLDEST ?= $(or $(firstword $(INSTALLED_CLANGS)),clang)
CLANG_NEWEST ?= $(or $(lastword $(INSTALLED_CLANGS)),clang)
CLANG_BEFORE ?= $(or $(lastword $(filter-out $(CLANG_NEWEST),$(INSTALLED_CLANGS))),$(CLANG_NEWEST))
GO           ?= $(lastword go $(sort $(wildcard /usr/lib/go-*/bin/go)))
export CLANG_OLDEST CLANG_BEFORE CLANG_NEWEST GO

# The compilers of `make test`, and those of the comparison with Go.
TEST_CCS        ?= gcc $(CLANG_OLDEST)
CONFORMANCE_CCS ?= gcc $(CLANG_OLDEST) $(CLANG_NEWEST)

ifeq ($(filter futex pthread,$(SEMA)),)
$(error SEMA=$(SEMA): expected futex or pthread)
endif
ifneq ($(filter-out thread address undefined,$(SANITIZE)),)
$(error SANITIZE=$(SANITIZE): expected thread, address or undefined)
endif

DEFAULT_SEMA := $(if $(filter Linux,$(shell uname -s)),futex,pthread)
FLAVOUR := $(if $(filter-out $(DEFAULT_SEMA),$(SEMA)),/$(SEMA))$(if $(SANITIZE),/$(SANITIZE))
B := build$(FLAVOUR)

VERSION := $(shell sed -n 's/^.define WAITGROUP_VERSION_\(MAJOR\|MINOR\|PATCH\) *\([0-9]*\)/\2/p' include/waitgroup.h | paste -sd.)
SOVERSION := $(firstword $(subst ., ,$(VERSION)))

WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wundef -Werror
# Recovery would let a program with undefined behaviour end in success.
SANITIZER := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all)
OUR_CPPFLAGS := -Iinclude -Isrc -Itsan -DWAITGROUP_BUILDING_
OUR_CFLAGS := -std=c11 $(WARNINGS) -fvisibility=hidden -pthread $(SANITIZER)

HEADERS := $(wildcard include/*.h include/*/*.h)
SOURCES := $(sort $(shell grep -v "^\#" src/sources.txt) src/sema_$(SEMA).c)
OBJECTS := $(SOURCES:%.c=$B/%.o)

.DELETE_ON_ERROR:
.SUFFIXES:

.PHONY: all
all: $B/libwaitgroup.a $B/libwaitgroup.so ## the library, static and shared (the default)

# $(call stamp,FILE,TEXT): a file that changes when TEXT does, so that what was built with other
# flags or another compiler is built anew.
define stamp
$1: FORCE
	@mkdir -p $$(@D); echo '$2' | cmp -s - $$@ || echo '$2' > $$@
endef
.PHONY: FORCE
FORCE:

# The objects serve the shared library too, whatever a distribution's CFLAGS say: -fPIC has the last word.
COMPILE = $(CC) $(OUR_CPPFLAGS) $(CPPFLAGS) $(OUR_CFLAGS) $(CFLAGS) -fPIC
$(eval $(call stamp,$B/command,$(COMPILE) $(LDFLAGS) $(AR)))

$B/%.o: %.c $B/command
	@mkdir -p $(@D)
	$(COMPILE) -MMD -MP -c $< -o $@
-include $(OBJECTS:.o=.d)

$B/libwaitgroup.a: $(OBJECTS)
	rm -f $@
	$(AR) rcs $@ $^

# The link is made with the C compiler but without its sanitizer: the runtime is the program's. nodelete:
# a thread of waitgroup_go() is still in the library when its last done releases whoever calls dlclose().
$B/libwaitgroup.so.$(VERSION): $(OBJECTS)
	$(CC) $(filter-out -fsanitize=% -fno-sanitize%,$(OUR_CFLAGS) $(CFLAGS)) $(LDFLAGS) -shared -fPIC -Wl,-soname,libwaitgroup.so.$(SOVERSION),-z,nodelete $^ -o $@
$B/libwaitgroup.so.$(SOVERSION): $B/libwaitgroup.so.$(VERSION)
	ln -sf $(<F) $@
$B/libwaitgroup.so: $B/libwaitgroup.so.$(SOVERSION)
	ln -sf $(<F) $@

.PHONY: clean
clean: ## remove everything that was built
	rm -rf build

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | sort | awk -F'\t' '{ printf "  %-18s %s\n", $$1, $$2 }'

# Read by ci/run, which gives LEFT_OUT: parts that this system's archive lacks a tool for.
TEST_PARTS := demo includes symbols unit protocol-short verdict-each conformance-short lessons-short race-test-short vet-test lifetime stress
LEFT_OUT ?=
.PHONY: test
test: $(filter-out $(LEFT_OUT),$(TEST_PARTS)) ## what a newcomer runs
	@echo "== test: all passed"

MK_FIRST := tests/flavours.mk tests/unit/unit.mk tests/verdict/verdict.mk # what they define serves others
include $(MK_FIRST) $(filter-out $(MK_FIRST),$(sort $(wildcard tests/*.mk tests/*/*.mk ci/*/*.mk tsan/*/*.mk src/*.mk)))
