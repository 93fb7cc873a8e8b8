.PHONY: install-test
install-test: all ## consumers outside the tree, built from an installation, run and judged
	tests/install/install-test
