# tests/lifetime: the group's memory goes as soon as the last wait has returned.

LIFETIME_ROUNDS ?= 100000
$(call flavoured,lifetime)

.PHONY: lifetime
lifetime: $(FLAVOURS:%=build/lifetime/%) ## groups whose memory goes with the last wait, in every flavour
	@for program in $^; do echo "lifetime: $$program"; timeout -s KILL 170 $$program $(LIFETIME_ROUNDS) || exit 1; done
