# Unit tests of engine/: real store, real scheduler, the fake backend and real processes.
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_engine
TESTS += tests/unit/test_engine
tests_unit_test_engine_SOURCES = tests/unit/test_engine.c
tests_unit_test_engine_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_engine_LDADD = libengine.a libexec.a libshim.a libloop.a libstore.a libsched.a libcatalog.a libmodel.a libbase.a \
	$(UV_LIBS) $(SQLITE_LIBS) $(CJSON_LIBS) $(CMOCKA_LIBS) -lm
endif
