# Programs that are tried in every flavour at once: plain, with AddressSanitizer and UBSan, and with
# ThreadSanitizer of gcc and of clang; each on both parkings. The library below a TSan program is the
# plain one, as it is shipped.
#
# $(call flavoured,PART): build/PART/FLAVOUR from tests/PART/PART.c, for each of FLAVOURS.
# $(call flavour_library,NAME,COMPILER,SEMA,FLAGS): build/flavours/NAME/libwaitgroup.a.

FLAVOUR_GCC ?= gcc
FLAVOUR_CLANG ?= $(CLANG_OLDEST)
FLAVOURS := $(foreach sema,futex pthread,plain-$(sema) asan-ubsan-$(sema) tsan-gcc-$(sema) tsan-clang-$(sema))

FLAVOUR_OF_asan-ubsan := -fsanitize=address,undefined -fno-sanitize-recover=all
FLAVOUR_OF_tsan-gcc   := -fsanitize=thread
FLAVOUR_OF_tsan-clang := -fsanitize=thread
FLAVOUR_CFLAGS := -O2 -g -pthread $(WARNINGS)

define flavour_library
$(call stamp,build/flavours/$1/command,$2 $(OUR_CPPFLAGS) $4)
build/flavours/$1/%.o: %.c build/flavours/$1/command
	@mkdir -p $$(@D)
	@$2 $(OUR_CPPFLAGS) -std=c11 $(FLAVOUR_CFLAGS) -fvisibility=hidden $4 -MMD -MP -c $$< -o $$@
-include $(patsubst %.c,build/flavours/$1/%.d,$(filter-out src/sema_%,$(SOURCES)) src/sema_$3.c)
build/flavours/$1/libwaitgroup.a: $(patsubst %.c,build/flavours/$1/%.o,$(filter-out src/sema_%,$(SOURCES)) src/sema_$3.c)
	@rm -f $$@ && $(AR) rcs $$@ $$^
endef

define flavours_on
$(eval $(call flavour_library,gcc-$1,$(FLAVOUR_GCC),$1,))
$(eval $(call flavour_library,gcc-asan-ubsan-$1,$(FLAVOUR_GCC),$1,$(FLAVOUR_OF_asan-ubsan)))
$(eval $(call flavour_library,clang-$1,$(FLAVOUR_CLANG),$1,))
endef
$(foreach sema,futex pthread,$(call flavours_on,$(sema)))

# $(call flavoured_program,PART,FLAVOUR,COMPILER,LIBRARY,FLAGS)
define flavoured_program
build/$1/$2: tests/$1/$1.c build/flavours/$4/libwaitgroup.a $(HEADERS)
	@mkdir -p $$(@D)
	@echo "build $$@"
	@$3 -Iinclude -std=gnu11 $(FLAVOUR_CFLAGS) $5 $$(filter %.c %.a,$$^) -o $$@
endef

define flavoured_on
$(eval $(call flavoured_program,$1,plain-$2,$(FLAVOUR_GCC),gcc-$2,))
$(eval $(call flavoured_program,$1,asan-ubsan-$2,$(FLAVOUR_GCC),gcc-asan-ubsan-$2,$(FLAVOUR_OF_asan-ubsan)))
$(eval $(call flavoured_program,$1,tsan-gcc-$2,$(FLAVOUR_GCC),gcc-$2,$(FLAVOUR_OF_tsan-gcc)))
$(eval $(call flavoured_program,$1,tsan-clang-$2,$(FLAVOUR_CLANG),clang-$2,$(FLAVOUR_OF_tsan-clang)))
endef
flavoured = $(foreach sema,futex pthread,$(call flavoured_on,$1,$(sema)))
