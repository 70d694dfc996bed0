# make bench: figures, never a timed test.
EXTRA_PROGRAMS += tests/bench/bench tests/bench/bench_api tests/bench/stamp
tests_bench_bench_SOURCES = tests/bench/bench.c
tests_bench_bench_LDADD = libclient.a libapi.a libengine.a libexec.a libshim.a libloop.a libstore.a libsim.a libsched.a libcatalog.a \
	libmodel.a libbase.a $(CURL_LIBS) $(MHD_LIBS) $(UV_LIBS) $(SQLITE_LIBS) $(CRYPTO_LIBS) $(CJSON_LIBS) -lm
tests_bench_bench_api_SOURCES = tests/bench/bench_api.c
tests_bench_bench_api_LDADD = libclient.a libserver.a libapi.a libaws.a libengine.a libexec.a libshim.a libloop.a libstore.a libsim.a \
	libsched.a libcatalog.a libmodel.a libbase.a $(CURL_LIBS) $(MHD_LIBS) $(UV_LIBS) $(SQLITE_LIBS) $(CRYPTO_LIBS) \
	$(CJSON_LIBS) -lm
tests_bench_stamp_SOURCES = tests/bench/stamp.c
tests_bench_stamp_LDFLAGS = $(SHIM_LDFLAGS)

bench: all tests/bench/bench tests/bench/bench_api tests/bench/stamp tests/bench/bench_sched tests/bench/bench_store \
		tests/bench/bench_restart
	@echo "Jobs, from the submit to the end"; \
		tests/bench/bench $(abs_builddir)/jobdeck $(abs_builddir)/tests/bench/stamp
	@echo; echo "The API"; tests/bench/bench_api $(abs_builddir)/jobdeck
	@echo; echo "The scheduler"; tests/bench/bench_sched
	@echo; echo "The store"; tests/bench/bench_store
	@echo; echo "A restart"; tests/bench/bench_restart
.PHONY: bench
