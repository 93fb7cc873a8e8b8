.PHONY: includes symbols
includes: ## the include graph has only the allowed edges
	@CC='$(CC)' ci/structure/includes
symbols: $B/libwaitgroup.a $B/libwaitgroup.so ## the library defines and exports only waitgroup_*
	@CC='$(CC)' NM='$(NM)' ci/structure/symbols $^
