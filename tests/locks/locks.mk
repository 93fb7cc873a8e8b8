# report_locks_held=1: a wait with a mutex held.
build/locks/%: tests/locks/locks.c $(HEADERS) $B/libwaitgroup.a
	@mkdir -p $(@D)
	$* -std=c11 $(WARNINGS) -D_GNU_SOURCE -Iinclude -g -O1 -pthread -fsanitize=thread $< $B/libwaitgroup.a -o $@

.PHONY: locks
locks: $(TEST_CCS:%=build/locks/%) ## report_locks_held=1, for each of TEST_CCS
	@tests/locks/run $(foreach cc,$(TEST_CCS),$(cc)=build/locks/$(cc))
