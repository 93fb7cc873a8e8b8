# The static checks (waitgroup-vet) and their tests.

VET := ci/vet/waitgroup-vet
VET_COMPILERS := gcc $(CLANG_OLDEST) $(CLANG_NEWEST)
VET_TOOLS := CLANG_TIDY=$(CLANG_NEWEST:clang%=clang-tidy%) CLANG_QUERY=$(CLANG_OLDEST:clang%=clang-query%)

.PHONY: vet-test vet-header vet-mutants vet-cost vet-real-code
vet-test: vet-header ## the static checks: every marked mistake found, nothing else, with each tool
	@failed=0; for tool in $(VET_TOOLS); do tests/vet/compare $(VET) $$tool || failed=1; done; exit $$failed
	@tests/vet/script $(VET)

vet-header: ## what the header alone tells the compiler
	@tests/vet/header/check $(VET_COMPILERS)

vet-mutants: ## the static checks: each matcher deleted in turn must be noticed
	@tests/vet/mutants $(VET) build/vet/mutants

vet-cost: ## the static checks: time against clang -fsyntax-only
	@tests/vet/cost $(VET)

vet-real-code: ## the static checks: silent on zstd and libuv
	@tests/vet/real_code $(VET) build/vet/real-code

