# Unit tests of base/ and model/.
if HAVE_CMOCKA
BASE_TESTS = tests/unit/test_base tests/unit/test_home tests/unit/test_text tests/unit/test_time \
	tests/unit/test_settings tests/unit/test_model
check_PROGRAMS += $(BASE_TESTS)
TESTS += $(BASE_TESTS)
BASE_LDADD = libbase.a $(CJSON_LIBS) $(CMOCKA_LIBS) -lm
tests_unit_test_base_SOURCES = tests/unit/test_base.c
tests_unit_test_base_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_base_LDADD = $(BASE_LDADD)
tests_unit_test_home_SOURCES = tests/unit/test_home.c
tests_unit_test_home_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_home_LDADD = $(BASE_LDADD)
tests_unit_test_text_SOURCES = tests/unit/test_text.c
tests_unit_test_text_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_text_LDADD = $(BASE_LDADD)
tests_unit_test_time_SOURCES = tests/unit/test_time.c
tests_unit_test_time_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_time_LDADD = $(BASE_LDADD)
tests_unit_test_settings_SOURCES = tests/unit/test_settings.c
tests_unit_test_settings_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_settings_LDADD = $(BASE_LDADD)
tests_unit_test_model_SOURCES = tests/unit/test_model.c
tests_unit_test_model_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_model_LDADD = libmodel.a $(BASE_LDADD)
endif
