# Unit tests of engine/: real store, real scheduler, the fake backend and real processes.
if HAVE_CMOCKA
ENGINE_TESTS = tests/unit/test_engine tests/unit/test_pool
check_PROGRAMS += $(ENGINE_TESTS)
TESTS += $(ENGINE_TESTS)
tests_unit_test_engine_SOURCES = tests/unit/test_engine.c
tests_unit_test_engine_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_engine_LDADD = libengine.a libexec.a libshim.a libloop.a libstore.a libsched.a libcatalog.a libmodel.a libbase.a \
	$(UV_LIBS) $(SQLITE_LIBS) $(CJSON_LIBS) $(CMOCKA_LIBS) -lm
tests_unit_test_pool_SOURCES = tests/unit/test_pool.c
tests_unit_test_pool_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_pool_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src
tests_unit_test_pool_LDADD = $(tests_unit_test_engine_LDADD)
endif
