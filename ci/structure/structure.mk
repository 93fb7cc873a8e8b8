# What the repository says of itself, held against it: its parts, the names in its objects, the README.
.PHONY: includes symbols readme
# SOURCE=OBJECT: the library with either parking, and the scheduler.
STRUCTURE_CALLS := $(foreach source,$(sort $(SOURCES) src/sema_futex.c src/sema_pthread.c),$(source)=$B/$(source:.c=.o)) -- \
    $(foreach source,$(wildcard tsan/schedule/*.c),$(source)=$(source:tsan/schedule/%.c=build/schedule/%.o))
includes: $(foreach pair,$(filter-out --,$(STRUCTURE_CALLS)),$(lastword $(subst =, ,$(pair)))) ## parts include, import and call whom they may; no circles
	@ci/structure/includes $(STRUCTURE_CALLS)
symbols: $B/libwaitgroup.a $B/libwaitgroup.so ## the library defines and exports only waitgroup_*
	@CC='$(CC)' NM='$(NM)' ci/structure/symbols $^
readme: ## the README's commands do what it says, in a fresh clone of the last commit
	@ci/structure/readme
