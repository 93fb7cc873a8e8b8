# The lessons: build/lessons/COMPILER/NAME, built with ThreadSanitizer.

LESSONS_COMPILERS := gcc $(CLANG_OLDEST) $(CLANG_NEWEST)
LESSONS_DIR := tsan/lessons
LESSONS_B := build/lessons
LESSONS_NAMES := $(filter-out step,$(basename $(notdir $(wildcard $(LESSONS_DIR)/*.c))))
# All but the first page's picture.
LESSONS_ASKED := $(filter-out edge,$(LESSONS_NAMES))
# The compiler of pictures and of `make explore`.
LESSONS_CC ?= gcc
LESSONS_LIBRARY := build/libwaitgroup.a
LESSONS_PYTHON := python3 -B

# Every access and call in the binary as in the source: gcc would make uninstrumented moves of an snprintf().
LESSONS_CFLAGS := -fsanitize=thread -O1 -g -fno-builtin -Iinclude -I$(LESSONS_DIR)

# The scheduler stands before a shared runtime: gcc's is, clang's by this; that of clang 14 does not start.
# $(call lessons_runtime,COMPILER)
lessons_runtime = $(if $(findstring clang,$1),$(if $(filter-out 9 10 11 12 13 14,$(lessons_version)),\
	-shared-libsan -Wl$(comma)-rpath$(comma)$(dir $(shell $1 -print-file-name=libclang_rt.tsan-$(shell uname -m).so))))
lessons_version = $(firstword $(subst ., ,$(shell $1 -dumpversion)))
comma := ,

# What detect.c finds in the acts of a run.
LESSONS_DETECT := $(LESSONS_B)/detect
$(LESSONS_DETECT): $(wildcard $(LESSONS_DIR)/detector/*.[ch])
	@mkdir -p $(@D)
	$(CC) -std=c11 -O2 -g $(WARNINGS) $(filter %.c,$^) -o $@

# A trace knows step() and its like by who calls sched_yield(): that call must not become a jump.
$(LESSONS_B)/step.o: $(LESSONS_DIR)/step.c $(LESSONS_DIR)/lesson.h $(HEADERS)
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -O2 -g -fno-optimize-sibling-calls $(WARNINGS) -Iinclude -I$(LESSONS_DIR) -c $< -o $@

# A learner reads the lesson, not how it is built.
LESSONS_QUIET := $(if $(filter lesson,$(MAKECMDGOALS)),@)

define lessons_rules
$(LESSONS_B)/$1/%.o: $(LESSONS_DIR)/%.c $(LESSONS_DIR)/lesson.h $(HEADERS)
	@mkdir -p $$(@D)
	$(LESSONS_QUIET)$1 $(LESSONS_CFLAGS) -Wall -Wextra -Werror -c $$< -o $$@
$(LESSONS_B)/$1/%: $(LESSONS_B)/$1/%.o $(LESSONS_B)/step.o $(LESSONS_LIBRARY)
	$(LESSONS_QUIET)$1 -fsanitize=thread -pthread $$^ -Wl,--wrap=syscall $$(call lessons_runtime,$1) -o $$@
endef
$(foreach compiler,$(sort $(LESSONS_COMPILERS) $(LESSONS_CC)),$(eval $(call lessons_rules,$(compiler))))
.PRECIOUS: $(foreach compiler,$(LESSONS_COMPILERS),$(LESSONS_B)/$(compiler)/%.o)

# What a run needs besides the program.
LESSONS_RUN := $(LESSONS_DETECT) build/libracetest-schedule.so

.PHONY: lesson
lesson: ## predict, run and see one lesson: make lesson NAME=write_after_done
ifneq ($(filter lesson,$(MAKECMDGOALS)),)
ifeq ($(filter $(NAME),$(LESSONS_ASKED)),)
	@echo "make lesson NAME=...: expected one of: $(LESSONS_ASKED)" >&2; exit 2
else ifneq ($(FORM),)
	@echo "make lesson shows the picture as text; FORM (text, svg, shiviz or chrome) is for make explore SRC=$(LESSONS_DIR)/$(NAME).c REPLAY=... FORM=..." >&2; exit 2
else
lesson: $(LESSONS_B)/$(LESSONS_CC)/$(NAME) $(LESSONS_RUN)
	@$(LESSONS_PYTHON) $(LESSONS_DIR)/lessons.py lesson $(LESSONS_DIR)/$(NAME).c $<
endif
endif

# Any program, not only ours: where it fails to compile, the compiler says why.
LESSONS_EXPLORED = $(LESSONS_B)/explore/$(basename $(notdir $(firstword $(SRC))))
LESSONS_CXX ?= g++
LESSONS_COMPILE = $(if $(filter %.cpp %.cc %.cxx %.C,$(SRC)),$(LESSONS_CXX),$(LESSONS_CC))
.PHONY: explore
explore: $(LESSONS_RUN) $(LESSONS_LIBRARY) ## every order of a program and its verdicts: make explore SRC="FILE..." [ARGS="..."] [STRICT=1] [REPLAY=... [FORM=text|svg|shiviz|chrome]] [ORDERS=bound]
	@test -n "$(SRC)" || { echo "make explore SRC=FILE: SRC is missing" >&2; exit 2; }
	@for file in $(SRC); do test -r "$$file" || { echo "make explore: cannot read $$file" >&2; exit 2; }; done
	@mkdir -p $(LESSONS_B)/explore
	@$(LESSONS_COMPILE) $(LESSONS_CFLAGS) $(CPPFLAGS) -pthread $(SRC) $(LESSONS_LIBRARY) $(call lessons_runtime,$(LESSONS_COMPILE)) -lm -o '$(LESSONS_EXPLORED)'
	@$(LESSONS_PYTHON) $(LESSONS_DIR)/lessons.py explore '$(LESSONS_EXPLORED)' $(SRC) $(if $(filter-out 0,$(STRICT)),--strict) $(if $(REPLAY),--schedule='$(REPLAY)') $(if $(FORM),--form='$(FORM)') $(if $(ORDERS),--orders='$(ORDERS)') $(if $(ARGS),-- $(ARGS))

# A folder of plain files: open its index.html, or copy it to any web server. LESSONS_TEXTS names another language.
.PHONY: lessons-site
lessons-site: $(addprefix $(LESSONS_B)/$(LESSONS_CC)/,$(LESSONS_NAMES)) $(LESSONS_RUN) ## the course as pages: build/lessons-site/index.html
	$(LESSONS_PYTHON) $(LESSONS_DIR)/lessons.py site build/lessons-site $(LESSONS_B)/$(LESSONS_CC) $(LESSONS_TEXTS)
	@echo "open build/lessons-site/index.html in a browser, or publish the folder as it is"

# Pages are built; the one picture that the README shows is kept with the sources.
LESSONS_SHOWN := add_inside_any_order
.PHONY: lessons-pictures
lessons-pictures: $(LESSONS_B)/$(LESSONS_CC)/$(LESSONS_SHOWN) $(LESSONS_RUN) ## draw the README's picture anew
	$(LESSONS_PYTHON) $(LESSONS_DIR)/lessons.py picture $(LESSONS_SHOWN) $(LESSONS_DIR)/$(LESSONS_SHOWN).svg $(LESSONS_B)/$(LESSONS_CC)

LESSONS_BINARIES := $(foreach compiler,$(LESSONS_COMPILERS),$(LESSONS_NAMES:%=$(LESSONS_B)/$(compiler)/%)) $(LESSONS_RUN)

.PHONY: lessons
lessons: $(LESSONS_BINARIES) tests/lessons/node_modules ## everything about the lessons: answers, TSan, pictures, mutants, pages
	$(LESSONS_PYTHON) tests/lessons/check.py all

# Two compilers, a few runs, no browser.
.PHONY: lessons-short
lessons-short: $(filter $(LESSONS_B)/gcc/% $(LESSONS_B)/$(CLANG_OLDEST)/%,$(LESSONS_BINARIES)) $(LESSONS_RUN) ## the lessons' answers, pictures and siblings
	$(LESSONS_PYTHON) tests/lessons/check.py short

tests/lessons/node_modules: tests/lessons/package-lock.json
	@command -v npm >/dev/null || { echo "npm is missing: ci/run lessons installs it" >&2; exit 2; }
	cd tests/lessons && npm ci --no-audit --no-fund
	@touch $@
