# The console on an emulated screen (libvterm): before a made-up cluster, and the whole program.
if HAVE_CMOCKA
if HAVE_VTERM
SCREEN_TESTS = tests/screen/test_screen tests/screen/test_console
check_PROGRAMS += tests/screen/canned_console $(SCREEN_TESTS)
TESTS += $(SCREEN_TESTS)
SCREEN_CFLAGS = $(UNIT_CFLAGS) $(VTERM_CFLAGS)
SCREEN_LDADD = libbase.a $(VTERM_LIBS) $(CMOCKA_LIBS) $(CJSON_LIBS) -lutil -lm
tests_screen_canned_console_SOURCES = tests/screen/canned_console.c $(FAKE_CLIENT)
tests_screen_canned_console_CPPFLAGS = $(TUI_CPPFLAGS)
tests_screen_canned_console_LDADD = libtui.a libmodel.a libbase.a $(NCURSES_LIBS) $(CJSON_LIBS) $(LIBINTL) -lm
tests_screen_test_screen_SOURCES = tests/screen/test_screen.c tests/screen/screen.c tests/screen/screen.h
tests_screen_test_screen_CFLAGS = $(SCREEN_CFLAGS)
tests_screen_test_screen_LDADD = $(SCREEN_LDADD)
tests_screen_test_console_SOURCES = tests/screen/test_console.c tests/screen/screen.c tests/screen/screen.h
tests_screen_test_console_CFLAGS = $(SCREEN_CFLAGS)
tests_screen_test_console_LDADD = $(SCREEN_LDADD)
endif
endif
