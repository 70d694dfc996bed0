# Unit tests of catalog/.
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_catalog
TESTS += tests/unit/test_catalog
tests_unit_test_catalog_SOURCES = tests/unit/test_catalog.c
tests_unit_test_catalog_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_catalog_LDADD = libcatalog.a libmodel.a libbase.a $(CJSON_LIBS) $(CMOCKA_LIBS) -lm
endif
