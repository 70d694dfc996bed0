# Unit tests of aws/.
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_sigv4
TESTS += tests/unit/test_sigv4
tests_unit_test_sigv4_SOURCES = tests/unit/test_sigv4.c tests/unit/sigv4_cases.h
tests_unit_test_sigv4_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_sigv4_LDADD = libaws.a libbase.a $(CRYPTO_LIBS) $(CJSON_LIBS) $(CMOCKA_LIBS) -lm
endif
