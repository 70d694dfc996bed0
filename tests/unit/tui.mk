# Tests of the console. The parts and the views need no terminal; the client is a fake one.
# tests/screen/ has what runs on a real, emulated screen.
if HAVE_CMOCKA
TUI_TESTS = tests/unit/test_tui tests/unit/test_tui_view tests/unit/test_tui_ui
check_PROGRAMS += $(TUI_TESTS)
TESTS += $(TUI_TESTS)
FAKE_CLIENT = tests/screen/fake_client.c tests/screen/fake_client.h tests/screen/canned.c tests/screen/canned.h
TUI_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/tui -I$(top_srcdir)/tests/screen
TUI_LDADD = libtui.a libmodel.a libbase.a $(NCURSES_LIBS) $(CJSON_LIBS) $(LIBINTL) $(CMOCKA_LIBS) -lm
tests_unit_test_tui_SOURCES = tests/unit/test_tui.c $(FAKE_CLIENT)
tests_unit_test_tui_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_tui_CPPFLAGS = $(TUI_CPPFLAGS)
tests_unit_test_tui_LDADD = $(TUI_LDADD)
tests_unit_test_tui_view_SOURCES = tests/unit/test_tui_view.c $(FAKE_CLIENT)
tests_unit_test_tui_view_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_tui_view_CPPFLAGS = $(TUI_CPPFLAGS)
tests_unit_test_tui_view_LDADD = $(TUI_LDADD)
tests_unit_test_tui_ui_SOURCES = tests/unit/test_tui_ui.c $(FAKE_CLIENT)
tests_unit_test_tui_ui_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_tui_ui_CPPFLAGS = $(TUI_CPPFLAGS)
tests_unit_test_tui_ui_LDADD = $(TUI_LDADD)
endif
EXTRA_DIST += tests/screen/golden
include tests/screen/local.mk
