# Unit tests of loop/, shim/ and exec/. Those of exec/ start real shims.
if HAVE_CMOCKA
EXEC_TESTS = tests/unit/test_loop tests/unit/test_shim tests/unit/test_exec tests/unit/test_recover \
	tests/unit/test_fake
check_PROGRAMS += $(EXEC_TESTS)
TESTS += $(EXEC_TESTS)
EXEC_LIBS = libexec.a libshim.a libloop.a libmodel.a libbase.a $(UV_LIBS) $(CJSON_LIBS) $(CMOCKA_LIBS) -lm
tests_unit_test_loop_SOURCES = tests/unit/test_loop.c
tests_unit_test_loop_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_loop_LDADD = libloop.a libbase.a $(UV_LIBS) $(CMOCKA_LIBS)
tests_unit_test_shim_SOURCES = tests/unit/test_shim.c
tests_unit_test_shim_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_shim_LDADD = libshim.a libbase.a $(CMOCKA_LIBS)
tests_unit_test_exec_SOURCES = tests/unit/test_exec.c tests/unit/exec_fixture.h
tests_unit_test_exec_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_exec_LDADD = $(EXEC_LIBS)
tests_unit_test_recover_SOURCES = tests/unit/test_recover.c tests/unit/exec_fixture.h
tests_unit_test_recover_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_recover_LDADD = $(EXEC_LIBS)
tests_unit_test_fake_SOURCES = tests/unit/test_fake.c tests/unit/exec_fixture.h
tests_unit_test_fake_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_fake_LDADD = $(EXEC_LIBS)
tests/unit/test_exec$(EXEEXT) tests/unit/test_recover$(EXEEXT): jobdeck-shim$(EXEEXT)
endif
