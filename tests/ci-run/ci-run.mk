# ci/run, with stand-ins for apt and make.
.PHONY: run-test
run-test: ## what ci/run makes of an archive: roles, packages, what is lacking
	@tests/ci-run/run-test
