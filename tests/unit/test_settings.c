#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "jobdeck/base/buf.h"
#include "jobdeck/base/fs.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/settings.h"

/* The settings file: what it takes, and that it says what is wrong and where. */

static char dir[64], path[80];
static struct err error;

static int make_dir(void **state)
{
	(void)state;
	memset(&error, 0, sizeof error);
	snprintf(dir, sizeof dir, "/tmp/settings-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof path, "%s/config", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static int load(const char *text, struct settings *s)
{
	assert_int_equal(fs_write_atomic(path, text, strlen(text), NULL), 0);
	return settings_load(path, s, &error);
}

static void assert_defaults(const struct settings *s)
{
	assert_true(s->pool_vcpus == 0);
	assert_int_equal(s->pool_memory_mib, 0);
	assert_int_equal(s->pool_gpus, SETTING_AUTO);
	assert_true(s->memory_reserve_percent == 2.5);
	assert_int_equal(s->idle_seconds, 60);
	assert_int_equal(s->launch_seconds, 0);
	assert_int_equal(s->launch_failure_percent, 0);
	assert_int_equal(s->spot_notice_seconds, 120);
	assert_int_equal(s->log_max_mib, 64);
	assert_int_equal(s->idle_exit_s, 600);
	assert_string_equal(s->region, "us-east-1");
	assert_string_equal(s->account, "000000000000");
	assert_false(s->strict_aws);
	assert_int_equal(s->hook_count, 0);
}

static void no_file_is_the_defaults(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(settings_load(path, &s, &error), 0);
	assert_defaults(&s);
	settings_default(&s);
	assert_defaults(&s);
}

static void empty_files_are_the_defaults(void **state)
{
	static const char *const texts[] = { "", "\n\n", "# nothing", "  # nothing\n\t\r\n",
					     "\xef\xbb\xbf# from Windows\r\n" };
	struct settings s;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		assert_int_equal(load(texts[i], &s), 0);
		assert_defaults(&s);
	}
}

static void everything_set(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(load("# my machine\n"
			      "pool_vcpus = 7.25\n"
			      "\tpool_memory_mib=16384 # of 32768\r\n"
			      "pool_gpus = 8\n"
			      "memory_reserve_percent = 0\n"
			      "idle_seconds = 0\n"
			      "launch_seconds = 90\n"
			      "launch_failure_percent = 100\n"
			      "spot_notice_seconds = 5\n"
			      "log_max_mib =1\n"
			      "idle_exit_s= 0\n"
			      "region=eu-central-1\n"
			      "account = 123456789012",
			      &s),
			 0);
	assert_true(s.pool_vcpus == 7.25);
	assert_int_equal(s.pool_memory_mib, 16384);
	assert_int_equal(s.pool_gpus, 8);
	assert_true(s.memory_reserve_percent == 0);
	assert_int_equal(s.idle_seconds, 0);
	assert_int_equal(s.launch_seconds, 90);
	assert_int_equal(s.launch_failure_percent, 100);
	assert_int_equal(s.spot_notice_seconds, 5);
	assert_int_equal(s.log_max_mib, 1);
	assert_int_equal(s.idle_exit_s, 0);
	assert_string_equal(s.region, "eu-central-1");
	assert_string_equal(s.account, "123456789012");
	assert_int_equal(load("region = x", &s), 0); /* shorter than the default */
	assert_string_equal(s.region, "x");
	assert_int_equal(load("pool_gpus = 0", &s), 0); /* not the same as not said */
	assert_int_equal(s.pool_gpus, 0);
	assert_int_equal(load("pool_gpus = auto", &s), 0);
	assert_int_equal(s.pool_gpus, SETTING_AUTO);
}

static void numbers(void **state)
{
	static const struct {
		const char *text;
		double value; /* -1: refused */
	} rows[] = {
		{ "0", 0 },
		{ "4", 4 },
		{ "0.5", 0.5 },
		{ "0.25", 0.25 },
		{ "1000000", 1000000 },
		{ "1000000.5", -1 },
		{ "4.", 4 },
		{ "007", 7 },
		{ "-1", -1 },
		{ "+1", -1 },
		{ ".5", -1 },
		{ "1,5", -1 },
		{ "1e3", -1 },
		{ "0x10", -1 },
		{ "inf", -1 },
		{ "nan", -1 },
		{ "1.2.3", -1 },
		{ "4 cores", -1 },
		{ "", -1 },
		{ "00000000000000000000000000000001", -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_free char *text = xasprintf("pool_vcpus = %s\n", rows[i].text);
		struct settings s;
		int rc = load(text, &s);

		if (rc != (rows[i].value < 0 ? -1 : 0))
			fail_msg("%s", text);
		if (rc == 0)
			assert_true(s.pool_vcpus == rows[i].value);
	}
}

static void mistakes_are_told(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{ "pool_cpus = 4", ":1: there is no setting \"pool_cpus\"; there is pool_vcpus" },
		{ "vcpus = 4", "there is pool_vcpus" },
		{ "Region = x", "there is region" },
		{ "\n\nlogmax = 4", ":3: there is no setting \"logmax\"; there is log_max_mib" },
		{ "colour = red", "there is pool_vcpus, pool_memory_mib, pool_gpus, "
				  "memory_reserve_percent, idle_seconds, launch_seconds, "
				  "launch_failure_percent, spot_notice_seconds, log_max_mib, "
				  "idle_exit_s, region, account, strict_aws, hook_seconds, listen, listen_anywhere" },
		{ "strict_aws = true", "strict_aws cannot be \"true\"; it is yes or no" },
		{ "hook.a.on = x",
		  ":1: on cannot be \"x\"; it is one of Batch Job State Change, Batch Job "
		  "Queue Blocked" },
		{ "hook.a.status = Batch", "it is one of SUBMITTED, " },
		{ "hook.a.status = FAIL", "it is one of SUBMITTED, " },
		{ "hook.a.command =", "command must have 1 to 1000 characters" },
		{ "hook.a.queue = q", ": hook a has no command" },
		{ "hook.a.command = x\nhook.a.command = y", ":2: hook.a.command was set already" },
		{ "hook.command = x", "is not hook.NAME.on" },
		{ "hook.a b.command = x", "is not hook.NAME.on" },
		{ "hook..command = x", "is not hook.NAME.on" },
		{ "hook.a.when = x", "is not hook.NAME.on" },
		{ "hook.a", "a line is" },
		{ "a\033[31m = 4", "\"a^[[31m\"" },
		{ "region", ":1: a line is \"key = value\"" },
		{ "= 4", "no setting \"\"" },
		{ "region = a\nregion = b", ":2: region was set in line 1 already" },
		{ "log_max_mib = 0",
		  ":1: log_max_mib cannot be \"0\"; it is a whole number from 1 to "
		  "1048576" },
		{ "log_max_mib = 1.5", "a whole number" },
		{ "log_max_mib = 99999999999999999999", "a whole number" },
		{ "pool_vcpus = many", "it is a number from 0 to 1000000" },
		{ "pool_gpus = -1", "it is a whole number from 0 to 65535, or auto" },
		{ "pool_gpus = Auto", "or auto" },
		{ "pool_vcpus = auto", "it is a number" },
		{ "memory_reserve_percent = 51", "it is a number from 0 to 50" },
		{ "launch_failure_percent = 101", "it is a whole number from 0 to 100" },
		{ "gpus = 1", "there is pool_gpus" },
		{ "account = 12345", "it is 12 digits" },
		{ "account = 12345678901x", "it is 12 digits" },
		{ "region = US East", "lower-case letters" },
		{ "region = ", "lower-case letters" },
		{ "region = aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbabcd",
		  "at most 63" },
		{ "[section]", "key = value" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct settings s;

		memset(&s, 0x55, sizeof s);
		assert_int_equal(load(rows[i].text, &s), -1);
		assert_int_equal(error.kind, ERR_INVALID);
		if (!strstr(error.text, rows[i].says))
			fail_msg("\"%s\" does not say \"%s\"", error.text, rows[i].says);
		assert_memory_equal(error.text, path, strlen(path));
		assert_int_equal(s.log_max_mib, 0x5555555555555555); /* untouched */
	}
}

static void hooks(void **state)
{
	struct settings s;
	struct buf many;

	(void)state;
	assert_int_equal(load("hook.mail.on = Batch Job State Change\n"
			      "hook.mail.status = FAILED\n"
			      "  hook.mail.command = mail -s 'no # comment' me # nor here\n"
			      "# hook.off.command = x\n"
			      "strict_aws = yes # but here\n"
			      "hook.all-1.command=x=y\n"
			      "hook.mail.queue = high\n",
			      &s),
			 0);
	assert_int_equal(s.hook_count, 2);
	assert_true(s.strict_aws);
	assert_string_equal(s.hook[0].name, "mail");
	assert_string_equal(s.hook[0].on, "Batch Job State Change");
	assert_string_equal(s.hook[0].status, "FAILED");
	assert_string_equal(s.hook[0].queue, "high");
	assert_string_equal(s.hook[0].command, "mail -s 'no # comment' me # nor here");
	assert_string_equal(s.hook[1].name, "all-1");
	assert_string_equal(s.hook[1].command, "x=y");
	assert_string_equal(s.hook[1].on, "");
	buf_init(&many, 10000);
	for (int i = 0; i <= SETTINGS_HOOKS_MAX; i++)
		buf_addf(&many, "hook.h%d.command = x\n", i);
	assert_int_equal(load(buf_str(&many), &s), -1);
	assert_non_null(strstr(error.text, ":17: there can be at most 16 hooks"));
	buf_fini(&many);
}

static void odd_files_are_told(void **state)
{
	struct settings s;
	char nul[] = "region\0= x";

	(void)state;
	assert_int_equal(fs_write_atomic(path, nul, sizeof nul, NULL), 0);
	assert_int_equal(settings_load(path, &s, &error), -1);
	assert_non_null(strstr(error.text, "not a text file"));
	assert_int_equal(settings_load(dir, &s, &error), -1);
	assert_non_null(strstr(error.text, "Is a directory"));
	assert_int_equal(truncate(path, 100000), 0);
	assert_int_equal(settings_load(path, &s, &error), -1);
	assert_non_null(strstr(error.text, "larger than 65536 bytes"));
}

static void every_row_is_whole(void **state)
{
	size_t n = 0;
	const struct setting *rows = settings_table(&n);

	(void)state;
	assert_int_equal(n, 16);
	for (size_t i = 0; i < n; i++) {
		cleanup_free char *text = xasprintf("%s = %s", rows[i].key, rows[i].def);
		struct settings s;

		assert_int_equal(load(text, &s), 0); /* a default is a legal value */
		assert_defaults(&s);
		assert_true(rows[i].least <= rows[i].most);
		assert_true(strlen(rows[i].help) > 20);
	}
}

#define with_dir(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_dir(no_file_is_the_defaults), with_dir(empty_files_are_the_defaults),
		with_dir(everything_set),	   with_dir(numbers),
		with_dir(mistakes_are_told),	   with_dir(odd_files_are_told),
		with_dir(every_row_is_whole),	   with_dir(hooks),
	};

	return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
