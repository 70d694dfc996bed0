/* What this machine offers, and where its shim is. */
#include "config.h"
#include <dirent.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "internal.h"

static int64_t cpus(void)
{
	cpu_set_t set;
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
		n = CPU_COUNT(&set);
	return n > 0 ? n : 1;
}

/* RES-6: an instance offers less than its nominal memory; so does this machine, whose system
 * needs some too: 1/32 and 32 MiB are kept back. */
static int64_t less_reserve(int64_t mib)
{
	return mib - mib / 32 - 32;
}

/* Names in a directory that are `prefix` and a number, or with `prefix` NULL all names. */
static int32_t count_names(const char *path, const char *prefix)
{
	DIR *dir = opendir(path);
	const struct dirent *d;
	int32_t count = 0;

	while (dir && (d = readdir(dir))) {
		size_t len = prefix ? strlen(prefix) : 0;
		const char *rest = d->d_name + len;

		if (prefix)
			count += strncmp(d->d_name, prefix, len) == 0 && *rest &&
				 !rest[strspn(rest, "0123456789")];
		else
			count += d->d_name[0] != '.';
	}
	if (dir)
		closedir(dir);
	return count;
}

/* What may be opened counts: a container may see fewer devices than the driver has. The
 * driver's own list serves where nobody has made the device files yet. */
int32_t pool_count_gpus(const char *dev, const char *driver)
{
	int32_t count = count_names(dev, "nvidia");

	return count ? count : count_names(driver, NULL);
}

struct resources pool_detect(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
	int64_t bytes = pages > 0 && page > 0 ? (int64_t)pages * page : (int64_t)1 << 30;

	return (struct resources){ .vcpu_milli = cpus() * 1000,
				   .memory_mib = less_reserve(bytes >> 20),
				   .gpus = pool_count_gpus("/dev", "/proc/driver/nvidia/gpus") };
}

static int64_t first_positive(int64_t a, int64_t b, int64_t c)
{
	return a > 0 ? a : b > 0 ? b : c;
}

struct resources pool_choose(struct resources said, const struct settings *s)
{
	struct resources found = pool_detect(), pool = said;
	int64_t set = (int64_t)(s->pool_vcpus * 1000);

	pool.vcpu_milli = first_positive(said.vcpu_milli, set, found.vcpu_milli);
	pool.memory_mib = first_positive(said.memory_mib, s->pool_memory_mib, found.memory_mib);
	if (said.vcpu_milli <= 0 && said.gpus <= 0)
		pool.gpus = s->pool_gpus == SETTING_AUTO ? found.gpus : (int32_t)s->pool_gpus;
	return pool;
}

char *shim_find(void)
{
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	char *slash;

	if (n > 0) {
		exe[n] = '\0';
		slash = strrchr(exe, '/');
		if (slash) {
			char *beside = xasprintf("%.*s/jobdeck-shim", (int)(slash - exe), exe);

			if (access(beside, X_OK) == 0)
				return beside;
			free(beside);
		}
	}
	return xstrdup(PKGLIBEXECDIR "/jobdeck-shim");
}
