/* jobdeck stop-server: tells the server to leave and waits until its process is gone. */
#include "config.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/time.h"
#include "jobdeck/cli/cmd.h"

enum { GONE_WITHIN_MS = 10000, LOOK_AGAIN_MS = 20 };

/* Without pidfds (old kernels, strict sandboxes) the process is looked for now and then. */
static bool is_gone_within(int fd, pid_t pid, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t end = time_mono() + ms;

	if (fd >= 0)
		return poll(&p, 1, ms) == 1;
	while (kill(pid, 0) == 0 && time_mono() < end)
		poll(NULL, 0, LOOK_AGAIN_MS);
	return time_mono() < end;
}

static int stop(struct cmd_run *r, pid_t pid)
{
	struct err err = { 0 };
	cleanup_close int fd = pidfd_open(pid, 0);
	cleanup_json cJSON *out = client_wait(r->client, "JobdeckStop", NULL, &err);

	if (!out && err.kind != ERR_UNAVAILABLE)
		return cmd_fail(&err);
	if (is_gone_within(fd, pid, GONE_WITHIN_MS))
		return EXIT_DONE;
	cmd_say(_("the server (process %d) was told to stop and is still there after %d seconds"),
		(int)pid, GONE_WITHIN_MS / 1000);
	return EXIT_FAILED;
}

static int run(struct cmd_run *r)
{
	struct err err = { 0 };
	cleanup_json cJSON *status = client_wait(r->client, "JobdeckStatus", NULL, &err);

	if (!status && err.kind == ERR_UNAVAILABLE) {
		cmd_say(_("no server runs for %s"), r->home->dir);
		return EXIT_DONE;
	}
	if (!status)
		return cmd_fail(&err);
	return stop(r, (pid_t)json_int(status, "pid", 0));
}

const struct cmd cmd_stop_server = {
	.name = "stop-server",
	.summary = N_("stop the server; jobs go on"),
	.text = N_("Returns when it is gone. Running jobs go on, and the next command that "
		   "needs a server starts one."),
	.flags = CMD_CLIENT | CMD_CHANGES | CMD_NO_START,
	.run = run,
};
