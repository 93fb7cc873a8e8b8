# The first thing that a newcomer runs: one program with the mistake, and with its cure.
DEMO_CC := $(notdir $(firstword $(CC)))
DEMO_DIR := build/demo/$(DEMO_CC)
DEMO_FLAGS := -std=c11 $(WARNINGS) -D_GNU_SOURCE -Iinclude -g -O1 -pthread -fsanitize=thread

$(DEMO_DIR)/mistake $(DEMO_DIR)/fixed: tsan/demo/checksum.c $(HEADERS) $B/libwaitgroup.a
	@mkdir -p $(@D)
	$(CC) $(DEMO_FLAGS) $(if $(findstring mistake,$@),-DMISTAKE) $< $B/libwaitgroup.a -o $@

.PHONY: demo
demo: $(DEMO_DIR)/mistake $(DEMO_DIR)/fixed ## one program with the misuse and its fixed twin, under TSan
	@tsan/demo/run $(DEMO_DIR)
