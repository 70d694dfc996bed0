# Our tables against the services' API models, when those are there.
if HAVE_CMOCKA
check_PROGRAMS += tests/conform/test_model
TESTS += tests/conform/test_model
tests_conform_test_model_SOURCES = tests/conform/test_model.c
tests_conform_test_model_CFLAGS = $(UNIT_CFLAGS)
tests_conform_test_model_LDADD = $(API_LDADD)
endif
