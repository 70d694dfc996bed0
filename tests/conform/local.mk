# Our tables against the services' API models, when those are there.
if HAVE_CMOCKA
check_PROGRAMS += tests/conform/test_model
TESTS += tests/conform/test_model
tests_conform_test_model_SOURCES = tests/conform/test_model.c
tests_conform_test_model_CFLAGS = $(UNIT_CFLAGS)
tests_conform_test_model_LDADD = $(API_LDADD)
endif

# Stories of real clients against a real server. They skip what is not installed.
dist_check_SCRIPTS += tests/conform/sdk_python.py tests/conform/aws_cli.py tests/conform/sdk_js.py
EXTRA_DIST += tests/conform/story.py tests/conform/sdk_js.mjs tests/conform/package.json
distclean-local:
	rm -rf tests/conform/js
.PHONY: distclean-local
