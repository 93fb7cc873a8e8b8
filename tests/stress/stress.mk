# tests/stress: random use against an oracle. It never stands in for a verdict.
#   make stress STRESS_SECONDS=60 STRESS_SEED=1

STRESS_SECONDS ?= 10
STRESS_SEED ?=
$(call flavoured,stress)

# The two parkings of a flavour run beside each other: the more threads than processors, the better.
.PHONY: stress
stress: $(FLAVOURS:%=build/stress/%) ## random use of many groups under signals and stray wakes, in every flavour
	@for flavour in $(sort $(FLAVOURS:%-futex=%)); do case $$flavour in *-pthread) continue ;; esac; \
	    echo "stress: build/stress/$$flavour-{futex,pthread}"; \
	    timeout -s KILL $$(($(STRESS_SECONDS) + 100)) build/stress/$$flavour-futex $(STRESS_SECONDS) $(STRESS_SEED) & futex=$$!; \
	    timeout -s KILL $$(($(STRESS_SECONDS) + 100)) build/stress/$$flavour-pthread $(STRESS_SECONDS) $(STRESS_SEED) & pthread=$$!; \
	    status=0; wait $$futex || status=1; wait $$pthread || status=1; [ $$status -eq 0 ] || exit 1; \
	done
