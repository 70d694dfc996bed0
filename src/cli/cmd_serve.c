/* jobdeck serve: the server in the foreground. The only subcommand that is not a client. */
#include "config.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include "jobdeck/base/buf.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/settings.h"
#include "jobdeck/cli/cmd.h"
#include "jobdeck/server/server.h"

enum { MOST_IDLE_S = 366 * 24 * 3600 };

static int at_most_int(int64_t n)
{
	return n > INT_MAX ? INT_MAX : (int)n;
}

/* Whoever started us learns why we do not serve. */
static int refuse(int ready_fd, const struct err *err)
{
	if (ready_fd >= 0)
		dprintf(ready_fd, "failed %s\n", err->text);
	return cmd_fail(err);
}

/* "--listen A --listen B" as "A,B"; what the settings say when none was given. */
static void choose_listen(const struct cmd_run *r, const struct settings *s, struct buf *all,
			  struct server_options *o)
{
	const char *one;

	for (int i = 0; (one = cmd_value_at(r, "listen", i)); i++)
		buf_addf(all, "%s%s", i ? "," : "", one);
	o->listen_must = all->len > 0;
	o->listen = all->len ? buf_str(all) : s->listen;
	o->listen_anywhere = cmd_flag(r, "listen-anywhere") || s->listen_anywhere;
}

static int run(struct cmd_run *r)
{
	struct buf listen cleanup_buf;
	struct server_options o = { .home = r->home };
	struct settings s;
	struct err err = { 0 };
	int64_t ready, idle;

	buf_init(&listen, 4096);
	if (cmd_int(r, "ready-fd", 3, INT_MAX, -1, &ready, &err) < 0 ||
	    cmd_int(r, "idle", 0, MOST_IDLE_S, -1, &idle, &err) < 0)
		return cmd_fail(&err);
	if (ready >= 0 && fcntl((int)ready, F_GETFD) < 0)
		return cmd_usage(r, _("--ready-fd %d: no such descriptor is open"), (int)ready);
	if (settings_load(r->home->config, &s, &err) < 0)
		return refuse((int)ready, &err);
	choose_listen(r, &s, &listen, &o);
	o.engine.settings = &s;
	o.ready_fd = (int)ready;
	o.foreground = ready < 0;
	/* One that was started by a command leaves by itself, one that a person started stays. */
	o.idle_ms = at_most_int((idle >= 0 ? idle : o.foreground ? 0 : s.idle_exit_s) * 1000);
	o.idle_always = idle > 0;
	o.engine.backend = cmd_value(r, "backend");
	o.engine.fake = cmd_value(r, "fake");
	return server_run(&o);
}

static const struct cmd_opt options[] = {
	{ 0, "idle", "S", N_("leave after so many seconds without a client and a job; 0: never"),
	  false },
	{ 0, "listen", "ADDRESS",
	  N_("also take signed requests over TCP, at 127.0.0.1:PORT or [::1]:PORT; port 0 is any "
	     "that is free"),
	  true },
	{ 0, "listen-anywhere", NULL,
	  N_("allow a --listen that other machines can reach; what they sign and are answered "
	     "goes unencrypted"),
	  false },
	{ 0, "ready-fd", "N",
	  N_("say on this descriptor when it answers, and log to the log file only"), false },
	{ 0, "backend", "NAME", NULL, false },
	{ 0, "fake", "SCRIPT", NULL, false },
	{ 0, NULL, NULL, NULL, false },
};

const struct cmd cmd_serve = {
	.name = "serve",
	.summary = N_("be the server, in the foreground"),
	.text = N_("Commands start a server by themselves, so this is for service managers and "
		   "for looking on. SIGTERM and Ctrl-C stop it; running jobs go on.\n\n"
		   "With --listen, or the setting listen, the AWS CLI and SDKs can be pointed at "
		   "it: every request that comes over TCP must be signed with a key that "
		   "'jobdeck key' made. Such a server stays when it has nothing to do, unless "
		   "--idle is given. 'jobdeck env' has what a shell needs."),
	.example = "jobdeck serve --listen 127.0.0.1:4566",
	.opts = options,
	.run = run,
};
