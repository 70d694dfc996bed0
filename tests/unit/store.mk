# Unit tests of store/, and bench_store: make tests/bench/bench_store && tests/bench/bench_store
STORE_LIBS = libstore.a libmodel.a libbase.a $(SQLITE_LIBS) $(CJSON_LIBS)
EXTRA_PROGRAMS += tests/bench/bench_store
tests_bench_bench_store_SOURCES = tests/bench/bench_store.c
tests_bench_bench_store_LDADD = $(STORE_LIBS) -lm

EXTRA_DIST += tests/unit/store-v1.sql tests/unit/store-v2.sql
if HAVE_CMOCKA
STORE_TESTS = tests/unit/test_store tests/unit/test_store_rows tests/unit/test_store_life \
	tests/unit/test_store_jobs tests/unit/test_store_family tests/unit/test_store_places \
	tests/unit/test_store_replay
check_PROGRAMS += $(STORE_TESTS)
TESTS += $(STORE_TESTS)
STORE_FIXTURE = tests/unit/store_fixture.c tests/unit/store_fixture.h
STORE_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS) -lm
tests_unit_test_store_SOURCES = tests/unit/test_store.c $(STORE_FIXTURE)
tests_unit_test_store_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_store_LDADD = $(STORE_LDADD)
tests_unit_test_store_rows_SOURCES = tests/unit/test_store_rows.c $(STORE_FIXTURE)
tests_unit_test_store_rows_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_store_rows_LDADD = $(STORE_LDADD)
tests_unit_test_store_life_SOURCES = tests/unit/test_store_life.c $(STORE_FIXTURE)
tests_unit_test_store_life_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_store_life_LDADD = $(STORE_LDADD)
tests_unit_test_store_jobs_SOURCES = tests/unit/test_store_jobs.c $(STORE_FIXTURE)
tests_unit_test_store_jobs_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_store_jobs_LDADD = $(STORE_LDADD)
tests_unit_test_store_family_SOURCES = tests/unit/test_store_family.c $(STORE_FIXTURE)
tests_unit_test_store_family_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_store_family_LDADD = $(STORE_LDADD)
tests_unit_test_store_places_SOURCES = tests/unit/test_store_places.c $(STORE_FIXTURE)
tests_unit_test_store_places_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_store_places_LDADD = $(STORE_LDADD)
tests_unit_test_store_replay_SOURCES = tests/unit/test_store_replay.c $(STORE_FIXTURE)
tests_unit_test_store_replay_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_store_replay_LDADD = $(STORE_LDADD)
endif
