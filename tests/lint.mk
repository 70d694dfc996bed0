# make lint: gcc's analyser, clang-tidy and cppcheck over the sources; needs ./bootstrap lint.
LINT_FILES = $(top_srcdir)/src/*/*.c $(top_srcdir)/src/main.c
LINT_FLAGS = $(DEFS) $(DEFAULT_INCLUDES) $(AM_CPPFLAGS) $(CPPFLAGS) $(AM_CFLAGS) -I$(top_srcdir)/src

lint: all
	@echo "gcc -fanalyzer"; for f in $(LINT_FILES); do \
		$(CC) $(LINT_FLAGS) -O1 -fanalyzer -Wno-analyzer-malloc-leak -Werror -c $$f -o /dev/null || exit 1; done
	@echo "clang-tidy"; clang-tidy --quiet $(LINT_FILES) -- $(LINT_FLAGS) -Wno-unknown-warning-option 2>tidy.err || \
		{ cat tidy.err; exit 1; }
	@echo "cppcheck (it cannot read files with tables of tables, and passes over them)"; \
		cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr --enable=warning,performance,portability \
		--suppress=missingIncludeSystem --suppress=nullPointerRedundantCheck --suppress=preprocessorErrorDirective \
		-D__GNUC__ '-DHASH_ITER(hh,head,el,tmp)=for(;;)' '-DHASH_FIND(hh,head,key,len,out)=out=0' \
		'-DcJSON_ArrayForEach(i,a)=for(;;)' $(DEFAULT_INCLUDES) -I$(top_srcdir)/include -I$(top_srcdir)/src $(LINT_FILES)
	@echo "clang-format (tells, does not fail)"; clang-format --dry-run $(LINT_FILES) 2>&1 | grep -c warning: || true
CLEANFILES += tidy.err
.PHONY: lint
