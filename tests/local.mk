# Everything prints TAP. Each folder's tests are added by its own fragment under tests/.
TEST_EXTENSIONS = .sh .py
AM_TESTS_ENVIRONMENT = export CMOCKA_MESSAGE_OUTPUT=TAP LC_ALL=C.UTF-8 TZ=UTC JOBDECK_CHECK_ANSWERS=1 \
	srcdir='$(abs_top_srcdir)' builddir='$(abs_top_builddir)' JOBDECK='$(abs_top_builddir)/jobdeck';
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
SH_LOG_DRIVER = $(LOG_DRIVER)
PY_LOG_DRIVER = $(LOG_DRIVER)
LOG_COMPILER = $(top_srcdir)/tests/run-unit
PY_LOG_COMPILER = python3
EXTRA_DIST += %D%/run-unit
TESTS += $(dist_check_SCRIPTS)
UNIT_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

include tests/unit/base.mk
include tests/unit/catalog.mk
include tests/unit/sched.mk
include tests/unit/store.mk
include tests/unit/exec.mk
include tests/unit/engine.mk
include tests/unit/aws.mk
include tests/unit/api.mk
include tests/conform/local.mk
include tests/fuzz/local.mk
include tests/unit/client.mk
include tests/unit/tui.mk
include tests/unit/cli.mk
include tests/system/local.mk
include tests/bench/local.mk
include tests/long.mk
include tests/lint.mk
