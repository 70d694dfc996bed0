# Unit and property tests, and the bench, of sched/ and sim/.
if HAVE_CMOCKA
SCHED_TESTS = tests/unit/test_sched tests/unit/test_sched_place tests/unit/test_sched_instances tests/unit/test_sched_share tests/unit/test_sched_blocked tests/unit/test_sched_blocked_random tests/unit/test_sched_why tests/unit/test_sched_fair tests/unit/test_sched_wake tests/unit/test_sched_fair_random tests/unit/test_sim \
	tests/unit/test_sched_array tests/unit/test_sched_attempt tests/unit/test_sched_depend tests/unit/test_sched_family tests/unit/test_sched_gang tests/unit/test_sched_hold
check_PROGRAMS += $(SCHED_TESTS)
TESTS += $(SCHED_TESTS)
tests_unit_test_sched_SOURCES = tests/unit/test_sched.c tests/unit/sched_world.h
tests_unit_test_sched_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_sched_LDADD = libsched.a libcatalog.a libmodel.a libbase.a $(CJSON_LIBS) $(CMOCKA_LIBS) -lm
tests_unit_test_sched_place_SOURCES = tests/unit/test_sched_place.c tests/unit/sched_world.h
tests_unit_test_sched_place_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_sched_place_LDADD = $(tests_unit_test_sched_LDADD)
tests_unit_test_sched_instances_SOURCES = tests/unit/test_sched_instances.c tests/unit/sched_world.h
tests_unit_test_sched_instances_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_sched_instances_LDADD = $(tests_unit_test_sched_LDADD)
tests_unit_test_sched_array_SOURCES = tests/unit/test_sched_array.c tests/unit/sched_rows.h tests/unit/sched_world.h
tests_unit_test_sched_array_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_sched_array_LDADD = $(tests_unit_test_sched_LDADD)
tests_unit_test_sched_depend_SOURCES = tests/unit/test_sched_depend.c tests/unit/sched_rows.h tests/unit/sched_world.h
tests_unit_test_sched_depend_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_sched_depend_LDADD = $(tests_unit_test_sched_LDADD)
tests_unit_test_sched_hold_SOURCES = tests/unit/test_sched_hold.c tests/unit/sched_rows.h tests/unit/sched_world.h
tests_unit_test_sched_hold_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_sched_hold_LDADD = $(tests_unit_test_sched_LDADD)
tests_unit_test_sched_family_SOURCES = tests/unit/test_sched_family.c tests/unit/sched_rows.h tests/unit/sched_world.h
tests_unit_test_sched_family_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_sched_family_LDADD = $(tests_unit_test_sched_LDADD)
tests_unit_test_sched_share_SOURCES = tests/unit/test_sched_share.c tests/unit/sched_fair.h tests/unit/sched_world.h
tests_unit_test_sched_share_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_sched_share_LDADD = $(tests_unit_test_sched_LDADD)
tests_unit_test_sched_fair_SOURCES = tests/unit/test_sched_fair.c tests/unit/sched_fair.h tests/unit/sched_world.h
tests_unit_test_sched_fair_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_sched_fair_LDADD = $(tests_unit_test_sched_LDADD)
tests_unit_test_sched_blocked_SOURCES = tests/unit/test_sched_blocked.c tests/unit/sched_world.h
tests_unit_test_sched_blocked_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_sched_blocked_LDADD = $(tests_unit_test_sched_LDADD)
tests_unit_test_sched_fair_random_SOURCES = tests/unit/test_sched_fair_random.c tests/unit/sched_fair.h tests/unit/sched_world.h
tests_unit_test_sched_fair_random_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_sched_fair_random_LDADD = $(tests_unit_test_sched_LDADD)
tests_unit_test_sched_why_SOURCES = tests/unit/test_sched_why.c tests/unit/sched_fair.h tests/unit/sched_world.h
tests_unit_test_sched_why_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_sched_why_LDADD = $(tests_unit_test_sched_LDADD)
tests_unit_test_sched_attempt_SOURCES = tests/unit/test_sched_attempt.c tests/unit/sched_world.h
tests_unit_test_sched_attempt_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_sched_attempt_LDADD = $(tests_unit_test_sched_LDADD)
tests_unit_test_sched_gang_SOURCES = tests/unit/test_sched_gang.c tests/unit/sched_rows.h tests/unit/sched_world.h
tests_unit_test_sched_gang_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_sched_gang_LDADD = $(tests_unit_test_sched_LDADD)
tests_unit_test_sched_wake_SOURCES = tests/unit/test_sched_wake.c tests/unit/sched_world.h
tests_unit_test_sched_wake_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_sched_wake_LDADD = $(tests_unit_test_sched_LDADD)
tests_unit_test_sched_blocked_random_SOURCES = tests/unit/test_sched_blocked_random.c tests/unit/sched_fair.h tests/unit/sched_world.h
tests_unit_test_sched_blocked_random_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_sched_blocked_random_LDADD = $(tests_unit_test_sched_LDADD)
tests_unit_test_sim_SOURCES = tests/unit/test_sim.c tests/unit/sched_world.h
tests_unit_test_sim_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_sim_LDADD = libsim.a $(tests_unit_test_sched_LDADD)
check_PROGRAMS += tests/unit/test_forecast
TESTS += tests/unit/test_forecast
tests_unit_test_forecast_SOURCES = tests/unit/test_forecast.c tests/unit/forecast_world.h \
	tests/unit/sched_world.h
tests_unit_test_forecast_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_forecast_LDADD = $(tests_unit_test_sim_LDADD)
check_PROGRAMS += tests/unit/test_forecast_books
TESTS += tests/unit/test_forecast_books
tests_unit_test_forecast_books_SOURCES = tests/unit/test_forecast_books.c \
	tests/unit/forecast_world.h tests/unit/sched_world.h
tests_unit_test_forecast_books_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_forecast_books_LDADD = $(tests_unit_test_sim_LDADD)
endif

# JOBDECK_PROP_CASES (2000), JOBDECK_PROP_SEED (1)
check_PROGRAMS += tests/prop/prop_sched
TESTS += tests/prop/prop_sched
tests_prop_prop_sched_SOURCES = tests/prop/prop_sched.c tests/prop/blocked.c tests/prop/look.c tests/prop/make.c tests/prop/oracle.c \
	tests/prop/oracle.h tests/prop/order.c tests/prop/print.c tests/prop/prop.h tests/prop/room.c \
	tests/prop/rows.c tests/prop/rows.h tests/prop/same.c tests/prop/say.c tests/prop/see.c \
	tests/prop/see_place.c tests/prop/workload.c tests/prop/workload.h
tests_prop_prop_sched_LDADD = libsim.a libsched.a libcatalog.a libmodel.a libbase.a $(CJSON_LIBS) -lm

# Figures: make bench-sched
EXTRA_PROGRAMS += tests/bench/bench_sched
tests_bench_bench_sched_SOURCES = tests/bench/bench_sched.c
tests_bench_bench_sched_LDADD = libsim.a libsched.a libcatalog.a libmodel.a libbase.a $(CJSON_LIBS) -lm
bench-sched: tests/bench/bench_sched
	@tests/bench/bench_sched
.PHONY: bench-sched
