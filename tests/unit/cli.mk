# Unit tests of cli/: linked with everything, for the table of commands reaches everything.
if HAVE_CMOCKA
CLI_TESTS = tests/unit/test_cli tests/unit/test_cli_commands tests/unit/test_cli_things tests/unit/test_cli_submit
check_PROGRAMS += $(CLI_TESTS)
TESTS += $(CLI_TESTS)
tests_unit_test_cli_SOURCES = tests/unit/test_cli.c
tests_unit_test_cli_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_cli_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src
tests_unit_test_cli_LDADD = $(jobdeck_LDADD) $(CMOCKA_LIBS)
CLI_SCRIPT = tests/unit/cli_script.c tests/unit/cli_script.h tests/unit/temp_home.c tests/unit/temp_home.h
tests_unit_test_cli_commands_SOURCES = tests/unit/test_cli_commands.c $(CLI_SCRIPT)
tests_unit_test_cli_commands_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_cli_commands_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src
tests_unit_test_cli_commands_LDADD = $(jobdeck_LDADD) $(CMOCKA_LIBS)
tests_unit_test_cli_things_SOURCES = tests/unit/test_cli_things.c $(CLI_SCRIPT)
tests_unit_test_cli_things_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_cli_things_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src
tests_unit_test_cli_things_LDADD = $(jobdeck_LDADD) $(CMOCKA_LIBS)
tests_unit_test_cli_submit_SOURCES = tests/unit/test_cli_submit.c $(CLI_SCRIPT)
tests_unit_test_cli_submit_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_cli_submit_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src
tests_unit_test_cli_submit_LDADD = $(jobdeck_LDADD) $(CMOCKA_LIBS)
endif
