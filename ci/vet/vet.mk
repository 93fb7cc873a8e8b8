# The static checks (waitgroup-vet) and their tests.

VET := ci/vet/waitgroup-vet
VET_COMPILERS := gcc $(CLANG_OLDEST) $(CLANG_NEWEST)
VET_VERSIONS ?= $(patsubst clang-%,%,$(sort $(CLANG_OLDEST) $(CLANG_BEFORE) $(CLANG_NEWEST)))
# Runs what follows with the libclang of $$version.
vet_with = bindings=$$(tests/vet/bindings $$version build/vet/bindings) || exit 2; env $$bindings

.PHONY: vet-test vet-header vet-mutants vet-cost vet-real-code
vet-test: vet-header ## the static checks: every marked mistake found, nothing else, with each libclang
	@failed=0; for version in $(VET_VERSIONS); do \
	    $(vet_with) tests/vet/compare $(VET) "libclang $$version" || failed=1; \
	    $(vet_with) tests/vet/script $(VET) || failed=1; \
	done; exit $$failed

vet-header: ## what the header alone tells the compiler
	@tests/vet/header/check $(VET_COMPILERS)

vet-mutants: ## the static checks: each rule spoiled in turn must be noticed
	@version=$(lastword $(VET_VERSIONS)); $(vet_with) tests/vet/mutants $(VET)

vet-cost: ## the static checks: time against clang -fsyntax-only
	@tests/vet/cost $(VET) $(VET_VERSIONS)

vet-real-code: ## the static checks: silent on zstd, libuv, nng, mimalloc, lz4 and civetweb
	@version=$(lastword $(VET_VERSIONS)); $(vet_with) tests/vet/real_code $(VET) build/vet/real-code

