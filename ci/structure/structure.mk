.PHONY: includes symbols readme
includes: ## the include graph has only the allowed edges
	@CC='$(CC)' ci/structure/includes
symbols: $B/libwaitgroup.a $B/libwaitgroup.so ## the library defines and exports only waitgroup_*
	@CC='$(CC)' NM='$(NM)' ci/structure/symbols $^
readme: ## the README's commands do what it says, in a fresh clone of the last commit
	@ci/structure/readme
