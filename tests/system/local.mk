# Tests of the whole program: real server, real shim, real processes.
dist_check_SCRIPTS += tests/check-layers.sh tests/check-tree.sh tests/system/crash.py tests/system/bootstrap.sh \
	tests/system/inner.sh
EXTRA_DIST += tests/system/jobdeck_test.py

# The command line.
dist_check_SCRIPTS += tests/system/cli.sh tests/system/cli_batch.sh tests/system/cli_docs.sh tests/system/cli_init.sh tests/system/cli_keys.sh \
	tests/system/cli_terminal.sh
EXTRA_DIST += tests/system/cli_tap.sh
dist_check_SCRIPTS += tests/system/cli_events.sh
