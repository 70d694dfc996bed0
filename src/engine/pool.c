/* What this machine offers, and where its shim is. */
#include "config.h"
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

struct resources pool_detect(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
	int64_t bytes = pages > 0 && page > 0 ? (int64_t)pages * page : (int64_t)1 << 30;

	return (struct resources){ .vcpu_milli = cpus() * 1000, .memory_mib = less_reserve(bytes >> 20) };
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
