# The lessons: each runs with the recorder (build/lessons/COMPILER/NAME) and with ThreadSanitizer
# (NAME.tsan), from the same object.

LESSONS_COMPILERS := gcc $(CLANG_OLDEST) $(CLANG_NEWEST)
LESSONS_DIR := tsan/lessons
LESSONS_B := build/lessons
LESSONS_NAMES := $(filter-out step,$(basename $(notdir $(wildcard $(LESSONS_DIR)/*.c))))
# All but the first page's picture.
LESSONS_ASKED := $(filter-out edge,$(LESSONS_NAMES))
# The compiler of pictures and of `make explore`.
LESSONS_CC ?= gcc
LESSONS_LIBRARY := build/libwaitgroup.a
LESSONS_RECORDER := $(addprefix $(LESSONS_B)/recorder/,detect.o hooks.o schedule.o trace.o)
LESSONS_PYTHON := python3 -B

# Every access in the binary as in the source, with lines that binutils' addr2line can read.
LESSONS_CFLAGS := -fsanitize=thread -O1 -gdwarf-4 -Iinclude -I$(LESSONS_DIR)

$(LESSONS_B)/recorder/%.o: $(LESSONS_DIR)/recorder/%.c $(LESSONS_DIR)/recorder/recorder.h include/waitgroup.h
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -O2 -g $(WARNINGS) -Iinclude -DWAITGROUP_BUILDING_ -c $< -o $@

# What hooks.c wraps is what the link wraps.
$(LESSONS_B)/recorder/wraps: $(LESSONS_B)/recorder/hooks.o
	$(NM) $< | sed -n 's/.* T __wrap_/--wrap=/p' > $@

$(LESSONS_B)/step.o: $(LESSONS_DIR)/step.c $(LESSONS_DIR)/lesson.h include/waitgroup.h
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -O2 -g $(WARNINGS) -Iinclude -I$(LESSONS_DIR) -c $< -o $@

# A learner reads the lesson, not how it is built.
LESSONS_QUIET := $(if $(filter lesson,$(MAKECMDGOALS)),@)

# $(call lessons_record,OBJECT,OUTPUT): the program and the library become one object whose calls go
# to the recorder; the recorder itself is not wrapped. Not position independent: addresses are lines.
define lessons_record
$(LESSONS_QUIET)ld -r @$(LESSONS_B)/recorder/wraps -o $2.wrapped.o $1 --whole-archive $(LESSONS_LIBRARY)
$(LESSONS_QUIET)$(CC) -no-pie -pthread $2.wrapped.o $(LESSONS_RECORDER) -o $2
endef

define lessons_rules
$(LESSONS_B)/$1/%.o: $(LESSONS_DIR)/%.c $(LESSONS_DIR)/lesson.h include/waitgroup.h
	@mkdir -p $$(@D)
	$(LESSONS_QUIET)$1 $(LESSONS_CFLAGS) -Wall -Wextra -Werror -c $$< -o $$@
$(LESSONS_B)/$1/%.tsan: $(LESSONS_B)/$1/%.o $(LESSONS_B)/step.o $(LESSONS_LIBRARY)
	$(LESSONS_QUIET)$1 -fsanitize=thread -pthread $$^ -Wl,--wrap=syscall -o $$@
$(LESSONS_B)/$1/%: $(LESSONS_B)/$1/%.o $(LESSONS_RECORDER) $(LESSONS_B)/recorder/wraps $(LESSONS_LIBRARY)
	$$(call lessons_record,$$<,$$@)
endef
$(foreach compiler,$(sort $(LESSONS_COMPILERS) $(LESSONS_CC)),$(eval $(call lessons_rules,$(compiler))))
.PRECIOUS: $(foreach compiler,$(LESSONS_COMPILERS),$(LESSONS_B)/$(compiler)/%.o)

.PHONY: lesson
lesson: ## predict, run and see one lesson: make lesson NAME=write_after_done
ifneq ($(filter lesson,$(MAKECMDGOALS)),)
ifeq ($(filter $(NAME),$(LESSONS_ASKED)),)
	@echo "make lesson NAME=...: expected one of: $(LESSONS_ASKED)" >&2; exit 2
else ifneq ($(FORM),)
	@echo "make lesson shows the picture as text; FORM (text, svg, shiviz or chrome) is for make explore SRC=$(LESSONS_DIR)/$(NAME).c SCHEDULE=0 FORM=..." >&2; exit 2
else
lesson: $(LESSONS_B)/$(LESSONS_CC)/$(NAME) $(LESSONS_B)/$(LESSONS_CC)/$(NAME).tsan
	@$(LESSONS_PYTHON) $(LESSONS_DIR)/lessons.py lesson $(LESSONS_DIR)/$(NAME).c $^
endif
endif

# Any program, not only ours: where it fails to compile, the compiler says why.
LESSONS_EXPLORED = $(LESSONS_B)/explore/$(basename $(notdir $(SRC)))
.PHONY: explore
explore: $(LESSONS_RECORDER) $(LESSONS_B)/recorder/wraps $(LESSONS_LIBRARY) ## every order of a program and its verdicts: make explore SRC=FILE.c [STRICT=1] [SCHEDULE=digits [FORM=text|svg|shiviz|chrome]] [ORDERS=bound]
	@test -n "$(SRC)" || { echo "make explore SRC=FILE.c: SRC is missing" >&2; exit 2; }
	@test -r '$(SRC)' || { echo "make explore: cannot read $(SRC)" >&2; exit 2; }
	@mkdir -p $(LESSONS_B)/explore
	@$(LESSONS_CC) $(LESSONS_CFLAGS) -I'$(dir $(SRC))' $(CPPFLAGS) -c '$(SRC)' -o '$(LESSONS_EXPLORED).o'
	@$(call lessons_link_quietly,'$(LESSONS_EXPLORED)')
	@$(LESSONS_PYTHON) $(LESSONS_DIR)/lessons.py explore '$(SRC)' '$(LESSONS_EXPLORED)' $(if $(filter-out 0,$(STRICT)),--strict) $(if $(SCHEDULE),--schedule='$(SCHEDULE)') $(if $(FORM),--form='$(FORM)') $(if $(ORDERS),--orders='$(ORDERS)')

lessons_link_quietly = ld -r @$(LESSONS_B)/recorder/wraps -o $1.wrapped.o $1.o --whole-archive $(LESSONS_LIBRARY) && $(CC) -no-pie -pthread $1.wrapped.o $(LESSONS_RECORDER) -o $1 -lm

# A folder of plain files: open its index.html, or copy it to any web server. LESSONS_TEXTS names another language.
.PHONY: lessons-site
lessons-site: $(addprefix $(LESSONS_B)/$(LESSONS_CC)/,$(LESSONS_NAMES)) ## the course as pages: build/lessons-site/index.html
	$(LESSONS_PYTHON) $(LESSONS_DIR)/lessons.py site build/lessons-site $(LESSONS_B)/$(LESSONS_CC) $(LESSONS_TEXTS)
	@echo "open build/lessons-site/index.html in a browser, or publish the folder as it is"

# Pages are built; the one picture that the README shows is kept with the sources.
LESSONS_SHOWN := add_inside_any_order
.PHONY: lessons-pictures
lessons-pictures: $(LESSONS_B)/$(LESSONS_CC)/$(LESSONS_SHOWN) ## draw the README's picture anew
	$(LESSONS_PYTHON) $(LESSONS_DIR)/lessons.py picture $(LESSONS_SHOWN) $(LESSONS_DIR)/$(LESSONS_SHOWN).svg $(LESSONS_B)/$(LESSONS_CC)

LESSONS_BINARIES := $(foreach compiler,$(LESSONS_COMPILERS),$(LESSONS_NAMES:%=$(LESSONS_B)/$(compiler)/%) $(LESSONS_NAMES:%=$(LESSONS_B)/$(compiler)/%.tsan))

.PHONY: lessons
lessons: $(LESSONS_BINARIES) tests/lessons/node_modules ## everything about the lessons: answers, TSan, pictures, mutants, pages
	$(LESSONS_PYTHON) tests/lessons/check.py all

# Two compilers, a few runs, no browser.
.PHONY: lessons-short
lessons-short: $(filter $(LESSONS_B)/gcc/% $(LESSONS_B)/$(CLANG_OLDEST)/%,$(LESSONS_BINARIES)) ## the lessons' answers, pictures and siblings
	$(LESSONS_PYTHON) tests/lessons/check.py short

tests/lessons/node_modules: tests/lessons/package-lock.json
	@command -v npm >/dev/null || { echo "npm is missing: ci/run lessons installs it" >&2; exit 2; }
	cd tests/lessons && npm ci --no-audit --no-fund
	@touch $@
