/* When a shim is killed, the kernel kills its job's main process, but not what that one had
 * started. Those are found by the two variables that AWS Batch gives every job (semantics
 * section 8.1): unlike process numbers they cannot have become somebody else's. */
#include "config.h"
#include "slot.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "jobdeck/base/fs.h"
#include "jobdeck/base/mem.h"

enum { PASSES = 10 }; /* each finds what was forked since the one before */

static bool has(const char *list, size_t len, const char *variable)
{
	for (const char *p = list; p < list + len; p += strlen(p) + 1) {
		if (strcmp(p, variable) == 0)
			return true;
	}
	return false;
}

static bool belongs(const char *pid, const char *id, const char *number)
{
	cleanup_free char *path = xasprintf("/proc/%s/environ", pid);
	cleanup_free char *list = NULL;
	size_t len;

	list = fs_read(path, SHIM_SPEC_MAX, &len, NULL);
	return list && has(list, len, id) && has(list, len, number);
}

static int pass(const char *id, const char *number)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int killed = 0;

	while (proc && (entry = readdir(proc))) {
		pid_t pid = atoi(entry->d_name);

		if (pid > 1 && pid != getpid() && belongs(entry->d_name, id, number) &&
		    kill(pid, SIGKILL) == 0)
			killed++;
	}
	if (proc)
		closedir(proc);
	return killed;
}

int slot_sweep(const char *job_id, int attempt)
{
	cleanup_free char *id = xasprintf("AWS_BATCH_JOB_ID=%s", job_id);
	cleanup_free char *number = xasprintf("AWS_BATCH_JOB_ATTEMPT=%d", attempt);
	int all = 0, killed;

	for (int i = 0; i < PASSES && (killed = pass(id, number)) > 0; i++)
		all += killed;
	return all;
}
