# make detection DETECTION_CCS="gcc clang-16"
DETECTION_RUNS ?= 100
DETECTION_CCS ?= gcc $(CLANG_OLDEST) $(CLANG_NEWEST)
DETECTION_FLAGS := -std=c11 $(WARNINGS) -D_GNU_SOURCE -Iinclude -g -O1 -pthread -fsanitize=thread

build/detection/%: tests/detection/detection.c tests/verdict/scenario.h $(HEADERS) $B/libwaitgroup.a
	@mkdir -p $(@D)
	$* $(DETECTION_FLAGS) $< $B/libwaitgroup.a -o $@

.PHONY: detection
detection: $(DETECTION_CCS:%=build/detection/%) ## how surely strict=1 finds the misuse, as a table
	@echo "== detection: $(DETECTION_RUNS) runs each"
	@tests/detection/run $(DETECTION_RUNS) $(foreach cc,$(DETECTION_CCS),$(cc)=build/detection/$(cc))
