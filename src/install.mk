# `make install` and `make uninstall`, with the same PREFIX, DESTDIR, LIBDIR ... for both.

PREFIX     ?= /usr/local
INCLUDEDIR ?= $(PREFIX)/include
LIBDIR     ?= $(PREFIX)/lib
BINDIR     ?= $(PREFIX)/bin
DATADIR    ?= $(PREFIX)/share
MANDIR     ?= $(DATADIR)/man
INSTALL    ?= install

# The CMake package names the headers by a path relative to its own file, so that a tree that is
# moved, or staged by DESTDIR, works; by the absolute one if a directory lies outside PREFIX.
install_below = $(patsubst $(PREFIX)/%,%,$1)
install_up := $(shell echo '$(call install_below,$(LIBDIR))/cmake/waitgroup' | sed 's,[^/][^/]*,..,g')
install_cmake_include := $(if $(filter /%,$(call install_below,$(LIBDIR)) $(call install_below,$(INCLUDEDIR))),$\
    $(INCLUDEDIR),$${CMAKE_CURRENT_LIST_DIR}/$(install_up)/$(call install_below,$(INCLUDEDIR)))

install_fill := sed $(foreach word,VERSION SOVERSION PREFIX LIBDIR INCLUDEDIR,-e 's|@$(word)@|$($(word))|g') \
    -e 's|@CMAKE_INCLUDE@|$(install_cmake_include)|g'

install_pages = $(wildcard src/man/*.[1-9] ci/*.1 ci/*/*.1)

# Further names of a page, each a symbolic link: LINK=PAGE.
install_aliases := waitgroup_done.3=waitgroup_add.3 waitgroup_clockwait.3=waitgroup_wait.3 WAITGROUP_INIT.3=waitgroup.3

# What race-test --picture draws with.
install_drawing = $(patsubst tsan/lessons/%,%,$(wildcard tsan/lessons/drawing/*.py)) acts.py drawn_run.py scheduler.py \
    texts/en.toml pages/colours.toml pages/picture.css

# Everything that is installed, a line each: MODE SOURCE TARGET. In templates (*.in), man pages and race-test's
# version the @WORDS@ are filled in.
define install_files
$(foreach header,$(HEADERS),$(install_newline)644 $(header) $(INCLUDEDIR)/$(header:include/%=%))
644 $B/libwaitgroup.a $(LIBDIR)/libwaitgroup.a
755 $B/libwaitgroup.so.$(VERSION) $(LIBDIR)/libwaitgroup.so.$(VERSION)
644 src/waitgroup.pc.in $(LIBDIR)/pkgconfig/waitgroup.pc
644 src/cmake/waitgroup-config.cmake.in $(LIBDIR)/cmake/waitgroup/waitgroup-config.cmake
644 src/cmake/waitgroup-config-version.cmake.in $(LIBDIR)/cmake/waitgroup/waitgroup-config-version.cmake
$(foreach page,$(install_pages),$(install_newline)644 $(page) $(MANDIR)/man$(subst .,,$(suffix $(page)))/$(notdir $(page)))
$(foreach program,$(wildcard ci/race-test/race-test ci/vet/waitgroup-vet),$(install_newline)755 $(program) $(BINDIR)/$(notdir $(program)))
$(foreach module,$(wildcard ci/race-test/racetest/*.py),$(install_newline)644 $(module) $(DATADIR)/race-test/racetest/$(notdir $(module)))
$(if $(SCHEDULE_HERE),755 build/libracetest-schedule.so $(LIBDIR)/libracetest-schedule.so)
$(if $(SCHEDULE_HERE),755 build/lessons/detect $(LIBDIR)/race-test-detect)
$(foreach file,$(install_drawing),$(install_newline)644 tsan/lessons/$(file) $(DATADIR)/race-test/lessons/$(file))
$(foreach module,$(patsubst ci/vet/%,%,$(wildcard ci/vet/waitgroup_vet/*.py ci/vet/waitgroup_vet/checks/*.py)),$(install_newline)644 ci/vet/$(module) $(DATADIR)/waitgroup/$(module))
endef
define install_newline


endef

# $(install_each) COMMAND: reads the list as $mode $source $target.
install_each = printf '%s\n' '$(subst $(install_newline),' ',$(install_files))' | \
    while read -r mode source target; do [ -n "$$mode" ] || continue;

.PHONY: install
install: all ## install below PREFIX (/usr/local); DESTDIR stages
	@set -e; $(install_each) \
	    echo "install $(DESTDIR)$$target"; mkdir -p "$(DESTDIR)$${target%/*}"; \
	    case $$source in \
	    *.in | *.[1-9] | */version.py) $(install_fill) "$$source" > $B/filled; source=$B/filled ;; \
	    esac; \
	    $(INSTALL) -m "$$mode" "$$source" "$(DESTDIR)$$target"; \
	done
	ln -sf libwaitgroup.so.$(VERSION) '$(DESTDIR)$(LIBDIR)/libwaitgroup.so.$(SOVERSION)'
	ln -sf libwaitgroup.so.$(SOVERSION) '$(DESTDIR)$(LIBDIR)/libwaitgroup.so'
	@echo "waitgroup-vet needs libclang's Python bindings: python3-clang-N of Debian, or libclang of PyPI (N: 14 or later)"
	cd '$(DESTDIR)$(MANDIR)/man3' && for alias in $(install_aliases); do ln -sf $${alias#*=} $${alias%=*}; done

.PHONY: uninstall
uninstall: ## remove what `make install` with the same variables installed
	@$(install_each) echo "remove $(DESTDIR)$$target"; rm -f "$(DESTDIR)$$target"; done
	rm -f '$(DESTDIR)$(LIBDIR)/libwaitgroup.so.$(SOVERSION)' '$(DESTDIR)$(LIBDIR)/libwaitgroup.so'
	@for alias in $(install_aliases); do rm -f "$(DESTDIR)$(MANDIR)/man3/$${alias%=*}"; done
	find '$(DESTDIR)$(DATADIR)/race-test' -name __pycache__ -exec rm -rf {} + 2>/dev/null || true
	find '$(DESTDIR)$(DATADIR)/waitgroup' -name __pycache__ -exec rm -rf {} + 2>/dev/null || true
	@rmdir '$(DESTDIR)$(DATADIR)/race-test/lessons/drawing' '$(DESTDIR)$(DATADIR)/race-test/lessons/pages' \
	    '$(DESTDIR)$(DATADIR)/race-test/lessons/texts' '$(DESTDIR)$(DATADIR)/race-test/lessons' 2>/dev/null || true
	@rmdir '$(DESTDIR)$(DATADIR)/waitgroup/waitgroup_vet/checks' '$(DESTDIR)$(DATADIR)/waitgroup/waitgroup_vet' 2>/dev/null || true
	@rmdir '$(DESTDIR)$(INCLUDEDIR)/waitgroup' '$(DESTDIR)$(LIBDIR)/cmake/waitgroup' '$(DESTDIR)$(DATADIR)/waitgroup' '$(DESTDIR)$(DATADIR)/race-test/racetest' '$(DESTDIR)$(DATADIR)/race-test' \
	    2>/dev/null || true

.PHONY: man-lint
man-lint: ## check the man pages with mandoc and groff
	@for tool in mandoc groff; do command -v $$tool >/dev/null || { echo "man-lint: needs $$tool (ci/run man-lint installs it)" >&2; exit 1; }; done
	@rm -rf $B/man; mkdir -p $B/man; for page in $(install_pages); do $(install_fill) $$page > $B/man/$${page##*/}; done
	@cd $B/man && mandoc -T lint -W style *.[1-9] > lint 2>&1; \
	    if grep -Ev 'referenced manual not found|outdated mandoc.db' lint; then exit 1; fi # not ours to have
	@cd $B/man && for page in *.[1-9]; do \
	    groff -mandoc -ww -Tascii -P-cbou -rLL=78n $$page > $$page.txt 2> groff || { cat groff; exit 1; }; \
	    if [ -s groff ]; then cat groff; exit 1; fi; \
	    if grep -nE '^.{81}' $$page.txt; then echo "man-lint: $$page is wider than 80 columns" >&2; exit 1; fi; \
	done # as man(1) shows them in a terminal of 80 columns
	@cd $B/man && for name in $$(sed -n 's/^\.Xr \([^ ]*waitgroup[^ ]*\|race-test\) \([1-9]\).*/\1.\2/Ip' *.[1-9] | sort -u); do \
	    case " $(install_aliases)" in *" $$name="*) continue ;; esac; \
	    [ -e $$name ] || { echo "man-lint: a page refers to $$name, which is not there" >&2; exit 1; }; \
	done
	@for page in src/man/*.[1-9]; do \
	    case $$page in *.3) sections="RETURN.VALUES ERRORS" ;; *) sections="DIAGNOSTICS" ;; esac; \
	    for section in SYNOPSIS DESCRIPTION EXAMPLES SEE.ALSO CAVEATS $$sections; do \
	        grep -q "^\.Sh $$section$$" $$page || { echo "man-lint: $$page has no section $$section" >&2; exit 1; }; \
	    done; \
	done
	@echo "$(words $(install_pages)) passed, 0 failed"
