# The scenarios of tests/verdict side by side with twins in the real Go, under its race detector.

CONFORMANCE_RUNS ?= 10
CONFORMANCE_GO ?= $(GO)
CONFORMANCE_TWINS := tests/go/go.mod $(wildcard tests/go/*.go tests/go/*/*.go)

# The race detector needs cgo; its C compiler is not the one under test. All state stays below build/.
build/go/twins: $(CONFORMANCE_TWINS)
	@command -v $(CONFORMANCE_GO) >/dev/null || { echo "$(CONFORMANCE_GO) is missing: ci/run conformance installs one" >&2; exit 1; }
	@mkdir -p $(@D)
	cd tests/go && env -u GOFLAGS -u GOROOT CC=gcc CGO_ENABLED=1 GO111MODULE=on GOPROXY=off GOCACHE=$(CURDIR)/build/go/cache \
	  GOPATH=$(CURDIR)/build/go/path $(CONFORMANCE_GO) build -race -trimpath -o $(CURDIR)/$@ .

.PHONY: conformance conformance-short

conformance_plain = $(call verdict_dir,$1)/plain

conformance: build/go/twins build/verdict/judge $(foreach cc,$(CONFORMANCE_CCS),$(call verdict_programs,$(call conformance_plain,$(cc)))) ## every scenario beside its twin in the real Go; writes the table
	python3 tests/go/conformance.py --runs $(CONFORMANCE_RUNS) --write $(foreach cc,$(CONFORMANCE_CCS),$(cc)=$(call conformance_plain,$(cc)))

conformance-short: build/go/twins build/verdict/judge $(call verdict_programs,$(call conformance_plain,$(VERDICT_CC))) ## the same, each once, for CC alone
	python3 tests/go/conformance.py --runs 1 $(VERDICT_CC)=$(call conformance_plain,$(VERDICT_CC))
