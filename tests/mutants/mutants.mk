# Mutants of what TSan is told (mutants.txt); those of the protocol are in tests/protocol.
.PHONY: mutants
mutants: build/verdict/judge ## each annotation left out or misplaced: some scenario must notice
	@echo "== mutants: $(CC)"
	tests/mutants/run tests/mutants/mutants.txt $(CC)
