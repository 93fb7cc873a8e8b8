# The library as others meet it: installed, carried along, on other systems; and its ABI.
.PHONY: install-test
install-test: all ## consumers outside the tree, built from an installation, run and judged
	tests/install/install-test

.PHONY: targets
targets: ## other compilers, C libraries, machines and links, each built and run
	tests/install/targets

.PHONY: abi abi-update
abi: ## compare the shared library's ABI with the committed baseline
	tests/install/abi check
abi-update: ## write the ABI's baseline anew
	tests/install/abi update
