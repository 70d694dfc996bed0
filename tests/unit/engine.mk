# Unit tests of engine/: real store, real scheduler, the fake backend and real processes.
if HAVE_CMOCKA
ENGINE_TESTS = tests/unit/test_engine tests/unit/test_engine_whole tests/unit/test_pool
ENGINE_WORLD = tests/unit/engine_world.c tests/unit/engine_world.h
check_PROGRAMS += $(ENGINE_TESTS)
TESTS += $(ENGINE_TESTS)
tests_unit_test_engine_SOURCES = tests/unit/test_engine.c $(ENGINE_WORLD)
tests_unit_test_engine_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_engine_LDADD = libengine.a libexec.a libshim.a libloop.a libstore.a libsched.a libcatalog.a libmodel.a libbase.a \
	$(UV_LIBS) $(SQLITE_LIBS) $(CJSON_LIBS) $(CMOCKA_LIBS) -lm
tests_unit_test_engine_whole_SOURCES = tests/unit/test_engine_whole.c $(ENGINE_WORLD)
tests_unit_test_engine_whole_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_engine_whole_LDADD = $(tests_unit_test_engine_LDADD)
tests_unit_test_pool_SOURCES = tests/unit/test_pool.c
tests_unit_test_pool_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_pool_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src
tests_unit_test_pool_LDADD = $(tests_unit_test_engine_LDADD)
endif

# JOBDECK_ENGINE_CASES (25), JOBDECK_PROP_SEED (1). The loop and the clock are made up.
check_PROGRAMS += tests/prop/prop_engine
TESTS += tests/prop/prop_engine
tests_prop_prop_engine_SOURCES = tests/prop/prop_engine.c tests/prop/by_engine.c tests/prop/by_sim.c \
	tests/prop/made_up_loop.c tests/prop/made_up_loop.h tests/prop/make.c tests/prop/print.c tests/prop/rows.c \
	tests/prop/rows.h tests/prop/story.h tests/prop/workload.c tests/prop/workload.h
tests_prop_prop_engine_LDFLAGS = -Wl,--wrap=time_wall,--wrap=time_mono
tests_prop_prop_engine_LDADD = libengine.a libexec.a libshim.a libstore.a libsim.a libsched.a libcatalog.a libmodel.a libbase.a \
	$(SQLITE_LIBS) $(CJSON_LIBS) -lm

# Figures: make tests/bench/bench_restart && tests/bench/bench_restart
EXTRA_PROGRAMS += tests/bench/bench_restart
tests_bench_bench_restart_SOURCES = tests/bench/bench_restart.c
tests_bench_bench_restart_LDADD = libengine.a libexec.a libshim.a libloop.a libstore.a libsched.a libcatalog.a libmodel.a libbase.a \
	$(UV_LIBS) $(SQLITE_LIBS) $(CJSON_LIBS) -lm
