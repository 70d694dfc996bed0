# Fuzz targets. make check replays their corpora, whatever the compiler; configured with
# --enable-fuzzing and CC=clang, make fuzz looks for more: FUZZ_SECONDS for each, new inputs go into
# fuzz.TARGET/ in the build directory.
FUZZ_TARGETS = sigv4 api token
FUZZ_SECONDS = 60
FUZZ_LDADD = libapi.a libaws.a libengine.a libexec.a libshim.a libloop.a libstore.a libsim.a libsched.a libcatalog.a libmodel.a \
	libbase.a $(UV_LIBS) $(SQLITE_LIBS) $(CRYPTO_LIBS) $(CJSON_LIBS) $(LIBINTL) -lm
FUZZ_WORLD = %D%/world.c %D%/world.h
FUZZ_REPLAY = %D%/replay.c %D%/fuzz.h

FUZZ_REPLAYS = %D%/replay_sigv4 %D%/replay_api %D%/replay_token
check_PROGRAMS += $(FUZZ_REPLAYS)
TESTS += $(FUZZ_REPLAYS)
EXTRA_DIST += %D%/corpus
tests_fuzz_replay_sigv4_SOURCES = %D%/fuzz_sigv4.c $(FUZZ_REPLAY)
tests_fuzz_replay_sigv4_LDADD = $(FUZZ_LDADD)
tests_fuzz_replay_api_SOURCES = %D%/fuzz_api.c $(FUZZ_WORLD) $(FUZZ_REPLAY)
tests_fuzz_replay_api_LDADD = $(FUZZ_LDADD)
tests_fuzz_replay_token_SOURCES = %D%/fuzz_token.c $(FUZZ_WORLD) $(FUZZ_REPLAY)
tests_fuzz_replay_token_LDADD = $(FUZZ_LDADD)

if FUZZING
FUZZERS = %D%/fuzz_sigv4 %D%/fuzz_api %D%/fuzz_token
EXTRA_PROGRAMS += $(FUZZERS)
tests_fuzz_fuzz_sigv4_SOURCES = %D%/fuzz_sigv4.c %D%/fuzz.h
tests_fuzz_fuzz_sigv4_LDADD = $(FUZZ_LDADD)
tests_fuzz_fuzz_sigv4_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_api_SOURCES = %D%/fuzz_api.c %D%/fuzz.h $(FUZZ_WORLD)
tests_fuzz_fuzz_api_LDADD = $(FUZZ_LDADD)
tests_fuzz_fuzz_api_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_token_SOURCES = %D%/fuzz_token.c %D%/fuzz.h $(FUZZ_WORLD)
tests_fuzz_fuzz_token_LDADD = $(FUZZ_LDADD)
tests_fuzz_fuzz_token_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
fuzz: $(FUZZERS)
	for t in $(FUZZ_TARGETS); do $(MKDIR_P) fuzz.$$t && tests/fuzz/fuzz_$$t -max_total_time=$(FUZZ_SECONDS) \
		-max_len=8192 -timeout=10 -rss_limit_mb=2048 -artifact_prefix=fuzz.$$t- fuzz.$$t \
		$(top_srcdir)/tests/fuzz/corpus/$$t || exit 1; done
else
fuzz:
	@echo "configure with CC=clang --enable-fuzzing first"; exit 1
endif
.PHONY: fuzz
