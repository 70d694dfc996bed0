/* The server's life: take the home, open everything, serve, leave. Whatever ends it, jobs go
 * on: their shims do not need it. */
#include "config.h"
#include "jobdeck/server/server.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "http.h"
#include "jobdeck/base/buf.h"
#include "jobdeck/base/fs.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/log.h"
#include "jobdeck/base/mem.h"

struct server {
	const struct server_options *o;
	struct loop *loop;
	struct engine *engine;
	struct api *api;
	struct http *http;
	struct loop_timer *idle;
	bool idle_set;
	int ready_fd;
	const char *stopping; /* why, or NULL */
	int turns_left;
	int rc;
};

/* Tells whoever started this; only the first call says anything. */
static void tell_starter(struct server *s, const char *word, const char *text)
{
	cleanup_free char *line = xasprintf("%s%s%s\n", word, *text ? " " : "", text);

	if (s->ready_fd < 0)
		return;
	if (fs_write_all(s->ready_fd, line, strlen(line)))
		log_debug("nobody waits for this server to be ready");
	close(s->ready_fd);
	s->ready_fd = -1;
}

static int could_not_start(struct server *s, const struct err *err)
{
	log_error("%s", err->text);
	tell_starter(s, "failed", err->text);
	return 1;
}

/* Another turn or two first, so that what has come in is committed and answered, above all
 * the request that told to stop. What comes after that one is for the next server. */
static void stop(struct server *s, const char *why)
{
	if (s->stopping)
		return;
	http_refuse_more(s->http);
	s->stopping = why;
	s->turns_left = 2;
}

static void on_api_stop(void *arg)
{
	stop(arg, "told to by JobdeckStop");
}

static void on_signal(void *arg, int signo)
{
	stop(arg, signo == SIGINT ? "SIGINT" : "SIGTERM");
}

static void on_idle(void *arg)
{
	struct server *s = arg;

	s->idle_set = false;
	stop(s, "idle");
}

static bool busy(const struct server *s)
{
	return http_connections(s->http) > 0 || sched_live(engine_sched(s->engine)) > 0;
}

static void check_idle(struct server *s)
{
	bool stays = *http_urls(s->http) && !s->o->idle_always;
	bool want = s->o->idle_ms > 0 && !stays && !busy(s);

	if (want == s->idle_set)
		return;
	s->idle_set = want;
	if (want)
		loop_timer_set(s->idle, s->o->idle_ms);
	else
		loop_timer_unset(s->idle);
}

/* Runs after the engine's turn and after the answers have gone. */
static bool before_sleep(void *arg)
{
	struct server *s = arg;

	if (!s->rc && engine_failed(s->engine, NULL)) { /* it has logged why */
		s->rc = 1;
		stop(s, "the engine has failed");
	}
	if (!s->stopping) {
		check_idle(s);
		return false;
	}
	if (s->turns_left-- == 0)
		loop_stop(s->loop);
	return true;
}

/* All of "a:1, b:2"; the first that is not to be had ends it. */
static int listen_all(struct server *s, const char *addresses, bool anywhere, struct err *err)
{
	cleanup_free char *copy = xstrdup(addresses);
	char *next = copy, *one;

	while ((one = strsep(&next, ", "))) {
		if (*one && http_listen(s->http, one, anywhere, err))
			return -1;
	}
	return 0;
}

/* A port that somebody else has must not keep the user from all work on this machine; whoever
 * wants to know is told by JobdeckListen. */
static int listen_at_start(struct server *s, struct err *err)
{
	struct err why = { 0 };

	if (listen_all(s, s->o->listen, s->o->listen_anywhere, &why) == 0)
		return 0;
	if (s->o->listen_must)
		return err_set(err, why.kind, "%s", why.text);
	log_warn("%s", why.text);
	return 0;
}

static bool listens_at(const struct server *s, const char *address)
{
	for (const char *const *url = http_urls(s->http); *url; url++) {
		if (strcmp(*url + strlen("http://"), address) == 0)
			return true;
	}
	return false;
}

static int on_api_listen(void *arg, const char *address, struct err *err)
{
	struct server *s = arg;

	if (address)
		return listens_at(s, address) ? 0 : http_listen(s->http, address, false, err);
	if (*http_urls(s->http))
		return 0;
	if (s->o->listen && *s->o->listen)
		return listen_all(s, s->o->listen, s->o->listen_anywhere, err);
	return http_listen(s->http, "127.0.0.1:0", false, err);
}

static const char *const *on_api_listening(void *arg)
{
	return http_urls(((struct server *)arg)->http);
}

static int open_http(struct server *s, struct err *err)
{
	const struct home *home = s->o->home;
	const char *const sockets[] = {home->sock, home->sock_state, NULL};
	const struct http_options o = {
		.loop = s->loop, .api = s->api, .sockets = sockets, .keys = home->keys
	};

	s->http = http_open(&o, err);
	if (!s->http)
		return -1;
	return s->o->listen && *s->o->listen ? listen_at_start(s, err) : 0;
}

/* The order matters: hooks run in the order of these calls, first the engine's turn, then
 * the answers, then ours. */
static int open_all(struct server *s, struct err *err)
{
	struct engine_options engine = s->o->engine;
	struct api_options api = { .stop = on_api_stop,
				   .listen = on_api_listen,
				   .listening = on_api_listening,
				   .arg = s };

	engine.home = s->o->home;
	s->loop = loop_new(err);
	if (!s->loop)
		return -1;
	s->engine = engine_open(s->loop, &engine, err);
	if (!s->engine)
		return -1;
	api.engine = s->engine;
	s->api = api_new(&api);
	if (open_http(s, err))
		return -1;
	s->idle = loop_timer(s->loop, on_idle, s);
	loop_before_sleep(s->loop, before_sleep, s);
	loop_signal(s->loop, SIGTERM, on_signal, s);
	loop_signal(s->loop, SIGINT, on_signal, s);
	return 0;
}

static void close_all(struct server *s)
{
	http_close(s->http);
	if (s->api)
		api_free(s->api);
	if (s->engine)
		engine_close(s->engine);
	loop_timer_free(s->idle);
	loop_free(s->loop);
}

/* The log belongs to the server that has the home, so it is opened only after the lock. */
static void begin_log(const struct server *s)
{
	if (s->o->foreground)
		log_echo();
	log_open(s->o->home->server_log);
	if (!s->o->foreground && chdir("/"))
		log_warn("cannot change to /: %m");
}

static void tell_ready(struct server *s)
{
	struct buf urls cleanup_buf;

	buf_init(&urls, 4096);
	for (const char *const *url = http_urls(s->http); *url; url++)
		buf_addf(&urls, "%s%s", urls.len ? " " : "", *url);
	tell_starter(s, "ready", buf_str(&urls));
}

static void announce(struct server *s)
{
	const struct home *home = s->o->home;

	log_info("serving %s at %s, version %s, process %d", home->dir, home->sock, PACKAGE_VERSION,
		 (int)getpid());
	tell_ready(s);
	if (!s->o->foreground)
		return;
	fprintf(stderr, _("Serving %s. Stop with Ctrl-C; running jobs go on.\n"), home->dir);
	for (const char *const *url = http_urls(s->http); *url; url++)
		fprintf(stderr, _("Listening at %s\n"), *url);
}

static int serve(struct server *s)
{
	struct err err = {0};
	int rc;

	begin_log(s);
	if (open_all(s, &err)) {
		rc = could_not_start(s, &err);
	} else {
		announce(s);
		loop_run(s->loop);
		rc = s->rc;
		log_info("leaving: %s; %lld running attempts go on", s->stopping,
			 (long long)engine_active(s->engine));
	}
	close_all(s);
	return rc;
}

int server_run(const struct server_options *o)
{
	struct server s = {.o = o, .ready_fd = o->ready_fd};
	cleanup_close int lock = -1;
	struct err err = {0};

	/* Whoever started us may have left these set; children get the defaults back. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* then a file that may not grow is an error like a full disk */
	if (s.ready_fd >= 0)
		fcntl(s.ready_fd, F_SETFD, FD_CLOEXEC);
	lock = home_lock(o->home, "server", &err);
	if (lock >= 0)
		return serve(&s);
	if (err.kind != ERR_CONFLICT)
		return could_not_start(&s, &err);
	/* Not logged: stderr may be the log of the server that has the home. */
	if (s.ready_fd < 0)
		fprintf(stderr, "jobdeck: %s\n", err.text);
	tell_starter(&s, "taken", err.text);
	return SERVER_ALREADY;
}
