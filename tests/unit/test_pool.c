/* What this machine offers: found, set, or said by the caller. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "engine/internal.h"

enum { NAMES = 6 };

static char top[64];

static void make(const char *dir, const char *const *names)
{
	char path[200];

	snprintf(path, sizeof path, "%s/%s", top, dir);
	assert_int_equal(mkdir(path, 0700), 0);
	for (int i = 0; i < NAMES && names[i]; i++) {
		int fd;

		snprintf(path, sizeof path, "%s/%s/%s", top, dir, names[i]);
		fd = open(path, O_CREAT | O_WRONLY, 0600);
		assert_true(fd >= 0);
		close(fd);
	}
}

static void drop(const char *dir, const char *const *names)
{
	char path[200];

	for (int i = 0; i < NAMES && names[i]; i++) {
		snprintf(path, sizeof path, "%s/%s/%s", top, dir, names[i]);
		unlink(path);
	}
	snprintf(path, sizeof path, "%s/%s", top, dir);
	rmdir(path);
}

static void gpus_are_counted(void **state)
{
	static const struct {
		const char *dev[NAMES], *driver[NAMES];
		int count;
	} rows[] = {
		{ { NULL }, { NULL }, 0 },
		{ { "null", "tty0" }, { NULL }, 0 },
		{ { "nvidia0", "nvidiactl", "nvidia-uvm", "nvidia-uvm-tools" }, { NULL }, 1 },
		{ { "nvidia0", "nvidia1", "nvidia10", "nvidia", "nvidia2x" }, { NULL }, 3 },
		/* Some of the driver's devices were kept from this container. */
		{ { "nvidia3" }, { "0000:00:1b.0", "0000:00:1c.0" }, 1 },
		/* Nobody has made the device files yet. */
		{ { "nvidiactl" }, { "0000:00:1b.0", "0000:00:1c.0" }, 2 },
	};
	char dev[100], driver[100];

	(void)state;
	snprintf(dev, sizeof dev, "%s/dev", top);
	snprintf(driver, sizeof driver, "%s/driver", top);
	assert_int_equal(pool_count_gpus(dev, driver), 0); /* neither is there */
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int count;

		make("dev", rows[i].dev);
		make("driver", rows[i].driver);
		count = pool_count_gpus(dev, driver);
		drop("dev", rows[i].dev);
		drop("driver", rows[i].driver);
		if (count != rows[i].count)
			fail_msg("row %zu: %d", i, count);
	}
}

static void the_machine_has_something(void **state)
{
	struct resources found = pool_detect();

	(void)state;
	assert_true(found.vcpu_milli >= 1000);
	assert_int_equal(found.vcpu_milli % 1000, 0);
	assert_true(found.memory_mib > 0);
	assert_true(found.gpus >= 0);
}

static void who_says_what_goes_first(void **state)
{
	struct resources found = pool_detect();
	const struct {
		struct resources said;
		double vcpus;
		int64_t memory, gpus; /* set */
		struct resources pool;
	} rows[] = {
		{ { 0 }, 0, 0, SETTING_AUTO, found },
		{ { 0 }, 2.5, 0, SETTING_AUTO, { 2500, found.memory_mib, found.gpus } },
		{ { 0 }, 0, 777, SETTING_AUTO, { found.vcpu_milli, 777, found.gpus } },
		{ { 0 }, 0, 0, 12, { found.vcpu_milli, found.memory_mib, 12 } },
		{ { 0 }, 64, 1024, 0, { 64000, 1024, 0 } },
		{ { 0 }, 0.0001, 0, 0, { found.vcpu_milli, found.memory_mib, 0 } },
		{ { 4000, 4096, 0 }, 64, 1024, 12, { 4000, 4096, 0 } },
		{ { 4000, 0, 2 }, 64, 1024, 12, { 4000, 1024, 2 } },
		{ { 0, 0, 2 }, 64, 1024, 12, { 64000, 1024, 2 } },
		{ { 0, 99, 0 }, 64, 1024, 12, { 64000, 99, 12 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct settings s;
		struct resources pool;

		settings_default(&s);
		s.pool_vcpus = rows[i].vcpus;
		s.pool_memory_mib = rows[i].memory;
		s.pool_gpus = rows[i].gpus;
		pool = pool_choose(rows[i].said, &s);
		assert_int_equal(pool.vcpu_milli, rows[i].pool.vcpu_milli);
		assert_int_equal(pool.memory_mib, rows[i].pool.memory_mib);
		assert_int_equal(pool.gpus, rows[i].pool.gpus);
	}
}

static int make_top(void **state)
{
	(void)state;
	snprintf(top, sizeof top, "/tmp/jobdeck-pool-XXXXXX");
	return mkdtemp(top) ? 0 : -1;
}

static int remove_top(void **state)
{
	(void)state;
	return rmdir(top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gpus_are_counted),
		cmocka_unit_test(the_machine_has_something),
		cmocka_unit_test(who_says_what_goes_first),
	};

	return cmocka_run_group_tests_name("pool", tests, make_top, remove_top);
}
