# make check-long: the slow tiers, after make check.
check-long: check
	JOBDECK_PROP_CASES=200000 tests/prop/prop_sched
	JOBDECK_ENGINE_CASES=2000 tests/prop/prop_engine
	$(AM_TESTS_ENVIRONMENT) JOBDECK_CRASH_SEEDS=40 JOBDECK_CRASH_JOBS=400 python3 $(top_srcdir)/tests/system/crash.py
.PHONY: check-long
