# Formatting and static analysis.
LINT_C = $(shell git ls-files '*.c' '*.h' ':!tests/vet')
LINT_SH = $(shell git grep -lE '^.!/bin/(ba)?sh' -- ':!tests/vet')
LINT_PY = $(shell git ls-files '*.py'; git grep -lE '^.!.*python3?$$' -- ':!*.py')
CLANG_FORMAT ?= $(CLANG_NEWEST:clang%=clang-format%)
CLANG_TIDY ?= $(CLANG_NEWEST:clang%=clang-tidy%)

# Left out: matters of taste, and valist.Uninitialized, which takes va_start() for unknown as soon as
# several files are analyzed together.
# shellcheck: files sourced by a variable path are not followed, and what they read seems unused; $ in
# single quotes is for another shell or awk.
LINT_CHECKS := -*,bugprone-*,clang-analyzer-*,performance-*,portability-*
LINT_CHECKS := $(LINT_CHECKS),-bugprone-easily-swappable-parameters,-bugprone-reserved-identifier
LINT_CHECKS := $(LINT_CHECKS),-bugprone-assignment-in-if-condition,-bugprone-signed-bitwise,-bugprone-branch-clone
LINT_CHECKS := $(LINT_CHECKS),-clang-analyzer-security.insecureAPI.*,-clang-analyzer-valist.Uninitialized
LINT_CHECKS := $(LINT_CHECKS),-performance-no-int-to-ptr

.PHONY: lint format
lint: lint-python man-lint ## clang-format, clang-tidy, cppcheck, shellcheck, flake8, mypy, mandoc, the sizes and first comments find nothing
	@for tool in git $(CLANG_FORMAT) $(CLANG_TIDY) cppcheck shellcheck; do \
	    command -v $$tool >/dev/null || { echo "lint: $$tool is missing: ci/run lint installs it" >&2; exit 2; }; done
	@echo "== ci/run: each target of make help has its packages" && ci/run --packages $$(sed -n 's/^\([a-z][a-z-]*\):.*## .*/\1/p' $(MAKEFILE_LIST)) >/dev/null
	@echo "== sizes of functions and files, and their first comments" && ci/lint/files $(LINT_C) $$(git ls-files '*.cpp' ':!tests/vet') $(LINT_PY)
	@echo "== clang-format" && $(CLANG_FORMAT) --dry-run -Werror $(LINT_C)
	@echo "== clang-tidy" && $(CLANG_TIDY) --quiet --warnings-as-errors='*' --checks='$(LINT_CHECKS)' \
	    $(SOURCES) src/sema_pthread.c -- $(OUR_CPPFLAGS) -std=c11
	@echo "== cppcheck" && cppcheck --quiet --error-exitcode=1 --inline-suppr --suppress=normalCheckLevelMaxBranches --std=c11 \
	    --enable=warning,performance,portability $(OUR_CPPFLAGS) $(SOURCES) src/sema_pthread.c ci/race-test/witness.c
	@echo "== shellcheck" && shellcheck -x -e SC1091,SC2016,SC2034 $(LINT_SH)

# mypy folder by folder: two files of one name in two folders are two modules.
.PHONY: lint-python
lint-python: ## flake8 and mypy find nothing in the Python of the repository (ci/lint/flake8.ini, mypy.ini)
	@for tool in git flake8 mypy; do \
	    command -v $$tool >/dev/null || { echo "lint: $$tool is missing: ci/run lint installs it" >&2; exit 2; }; done
	@echo "== flake8" && flake8 --config ci/lint/flake8.ini $(LINT_PY)
	@echo "== mypy" && for folder in $(sort $(dir $(LINT_PY))); do \
	    case $$folder in */racetest/) files="-p racetest" ;; \
	    *) files=$$(printf '%s\n' $(LINT_PY) | grep "^$$folder[^/]*$$") ;; esac; \
	    MYPYPATH=ci/race-test:$$folder mypy --config-file ci/lint/mypy.ini --cache-dir build/mypy --scripts-are-modules \
	        --no-error-summary $$files || failed=1; done; [ -z "$$failed" ]
	@MYPYPATH=tsan/lessons:tests/lessons mypy --strict --explicit-package-bases --cache-dir build/mypy-lessons \
	    --no-error-summary tests/lessons/check.py tsan/lessons/lessons.py

format: ## bring the C sources into the project's format
	$(CLANG_FORMAT) -i $(LINT_C)
