# Unit tests of api/: the schema alone, and every operation through api_handle on a real engine
# with the fake backend.
if HAVE_CMOCKA
API_TESTS = tests/unit/test_api_caller tests/unit/test_api_schema tests/unit/test_api_resources tests/unit/test_api_definitions \
	tests/unit/test_api_submit tests/unit/test_api_family tests/unit/test_api_preflight tests/unit/test_api_traps \
	tests/unit/test_api_jobs tests/unit/test_api_logs tests/unit/test_api
check_PROGRAMS += $(API_TESTS)
TESTS += $(API_TESTS)
API_FIXTURE = tests/unit/api_fixture.c tests/unit/api_fixture.h
API_LDADD = libapi.a libengine.a libexec.a libshim.a libloop.a libstore.a libsim.a libsched.a libcatalog.a libmodel.a \
	libbase.a $(UV_LIBS) $(SQLITE_LIBS) $(CJSON_LIBS) $(CMOCKA_LIBS) -lm
tests_unit_test_api_caller_SOURCES = tests/unit/test_api_caller.c $(API_FIXTURE)
tests_unit_test_api_caller_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_api_caller_LDADD = $(API_LDADD)
tests_unit_test_api_schema_SOURCES = tests/unit/test_api_schema.c
tests_unit_test_api_schema_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_api_schema_LDADD = $(API_LDADD)
tests_unit_test_api_resources_SOURCES = tests/unit/test_api_resources.c $(API_FIXTURE)
tests_unit_test_api_resources_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_api_resources_LDADD = $(API_LDADD)
tests_unit_test_api_definitions_SOURCES = tests/unit/test_api_definitions.c $(API_FIXTURE)
tests_unit_test_api_definitions_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_api_definitions_LDADD = $(API_LDADD)
tests_unit_test_api_submit_SOURCES = tests/unit/test_api_submit.c $(API_FIXTURE)
tests_unit_test_api_submit_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_api_submit_LDADD = $(API_LDADD)
tests_unit_test_api_family_SOURCES = tests/unit/test_api_family.c $(API_FIXTURE)
tests_unit_test_api_family_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_api_family_LDADD = $(API_LDADD)
tests_unit_test_api_preflight_SOURCES = tests/unit/test_api_preflight.c $(API_FIXTURE)
tests_unit_test_api_preflight_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_api_preflight_LDADD = $(API_LDADD)
tests_unit_test_api_traps_SOURCES = tests/unit/test_api_traps.c $(API_FIXTURE)
tests_unit_test_api_traps_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_api_traps_LDADD = $(API_LDADD)
tests_unit_test_api_jobs_SOURCES = tests/unit/test_api_jobs.c $(API_FIXTURE)
tests_unit_test_api_jobs_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_api_jobs_LDADD = $(API_LDADD)
tests_unit_test_api_logs_SOURCES = tests/unit/test_api_logs.c $(API_FIXTURE)
tests_unit_test_api_logs_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_api_logs_LDADD = $(API_LDADD)
tests_unit_test_api_SOURCES = tests/unit/test_api.c $(API_FIXTURE)
tests_unit_test_api_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_api_LDADD = $(API_LDADD)
API_TESTS_MORE = tests/unit/test_api_tags tests/unit/test_api_search tests/unit/test_api_shares \
	tests/unit/test_api_keeps tests/unit/test_api_quota tests/unit/test_api_events \
	tests/unit/test_api_forecast tests/unit/test_api_workload
check_PROGRAMS += $(API_TESTS_MORE)
TESTS += $(API_TESTS_MORE)
tests_unit_test_api_tags_SOURCES = tests/unit/test_api_tags.c $(API_FIXTURE)
tests_unit_test_api_tags_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_api_tags_LDADD = $(API_LDADD)
tests_unit_test_api_search_SOURCES = tests/unit/test_api_search.c $(API_FIXTURE)
tests_unit_test_api_search_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_api_search_LDADD = $(API_LDADD)
tests_unit_test_api_workload_SOURCES = tests/unit/test_api_workload.c
tests_unit_test_api_workload_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_api_workload_LDADD = $(API_LDADD)
tests_unit_test_api_forecast_SOURCES = tests/unit/test_api_forecast.c $(API_FIXTURE)
tests_unit_test_api_forecast_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_api_forecast_LDADD = $(API_LDADD)
tests_unit_test_api_events_SOURCES = tests/unit/test_api_events.c $(API_FIXTURE)
tests_unit_test_api_events_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_api_events_LDADD = $(API_LDADD)
tests_unit_test_api_quota_SOURCES = tests/unit/test_api_quota.c $(API_FIXTURE)
tests_unit_test_api_quota_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_api_quota_LDADD = $(API_LDADD)
tests_unit_test_api_keeps_SOURCES = tests/unit/test_api_keeps.c $(API_FIXTURE)
tests_unit_test_api_keeps_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_api_keeps_LDADD = $(API_LDADD)
tests_unit_test_api_shares_SOURCES = tests/unit/test_api_shares.c $(API_FIXTURE)
tests_unit_test_api_shares_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_api_shares_LDADD = $(API_LDADD)
endif
