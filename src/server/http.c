/* libmicrohttpd in external-epoll mode inside the loop. It works in three places: when its
 * epoll descriptor is readable, when its time-out is over, and before the loop waits, after
 * the engine's commit has let answers go (the engine's hook was registered earlier and runs
 * earlier). */
#include "config.h"
#include "http.h"
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include "auth.h"
#include "jobdeck/base/log.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/time.h"
#include "listen.h"
#include "request.h"

enum {
	DESCRIPTORS_KEPT = 512, /* for the store, logs and running attempts */
	RUNS_A_TURN = 4,
	CLOSE_GRACE_MS = 20, /* a client that had just connected may send its request */
	CLOSE_MS = 1000,     /* slow readers are cut off after that */
};

struct http {
	struct requests requests;
	struct MHD_Daemon *daemon;
	struct loop *loop;
	struct listener *listener[HTTP_LISTENERS_MAX];
	const char *urls[HTTP_LISTENERS_MAX + 1];
	int listeners;
	struct loop_watch *watch;
	struct loop_timer *timer;
	struct loop_hook *hook;
	int epoll_fd, connections, max_connections;
	int strangers, max_strangers; /* those over TCP, of the connections */
};

static void log_mhd(void *cls, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
static void log_mhd(void *cls, const char *fmt, va_list ap)
{
	cleanup_free char *text = xvasprintf(fmt, ap);

	(void)cls;
	log_debug("http: %s", text);
}

/* Asked of the kernel, so that no mistake of ours makes a stranger the owner. */
static bool is_unix(int fd)
{
	int domain;
	socklen_t size = sizeof domain;

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX;
}

static struct connection *connection_new(struct http *h, struct MHD_Connection *c)
{
	int fd = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	struct connection *by = xcalloc(1, sizeof *by);

	by->trusted = by->welcome = is_unix(fd);
	h->connections++;
	h->strangers += !by->trusted;
	patience_add(&h->requests.patience, &by->patient, fd,
		     by->trusted ? PATIENCE_IDLE : PATIENCE_FRESH);
	return by;
}

static void connection_free(struct http *h, struct connection *by)
{
	h->connections--;
	h->strangers -= !by->trusted;
	patience_remove(&h->requests.patience, &by->patient);
	free(by);
}

static void on_connection(void *cls, struct MHD_Connection *c, void **socket_cls,
			  enum MHD_ConnectionNotificationCode code)
{
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*socket_cls = connection_new(cls, c);
	} else {
		connection_free(cls, *socket_cls);
		*socket_cls = NULL;
	}
}

static void refuse(int fd)
{
	listener_refuse(fd, "503 Service Unavailable", "ServiceUnavailableException",
			"Too many connections; nothing was done");
}

static void serve(struct http *h, int fd)
{
	if (MHD_add_connection(h->daemon, fd, NULL, 0) != MHD_YES)
		log_warn("cannot serve a connection: out of memory"); /* it has closed fd */
	h->requests.woken = true;
}

static void on_accepted(void *arg, int fd)
{
	struct http *h = arg;

	if (h->connections < h->max_connections)
		serve(h, fd);
	else
		refuse(fd);
}

/* The owner gets in even when strangers have taken every place of theirs. */
static void on_accepted_tcp(void *arg, int fd)
{
	struct http *h = arg;

	if (h->strangers < h->max_strangers)
		on_accepted(h, fd);
	else
		refuse(fd);
}

static void run(struct http *h)
{
	h->requests.woken = false;
	MHD_run(h->daemon);
}

static void on_epoll(void *arg, int events)
{
	(void)events;
	run(arg);
}

static void on_timer(void *arg)
{
	run(arg);
}

/* Milliseconds until libmicrohttpd wants to run again, -1: only when something comes in. */
static int64_t timeout(struct http *h)
{
	MHD_UNSIGNED_LONG_LONG ms;

	if (h->requests.woken)
		return 0;
	return MHD_get_timeout(h->daemon, &ms) == MHD_YES ? (int64_t)ms : -1;
}

static bool before_sleep(void *arg)
{
	struct http *h = arg;
	int64_t ms;

	h->requests.handled = false; /* the engine's turn has just dealt with those */
	for (int i = 0; i < RUNS_A_TURN && timeout(h) == 0; i++)
		run(h);
	requests_watch_parked(&h->requests);
	patience_set(&h->requests.patience);
	ms = timeout(h);
	if (ms > 0)
		loop_timer_set(h->timer, ms);
	else
		loop_timer_unset(h->timer);
	return ms == 0 || h->requests.handled;
}

/* Half of a small limit, all but what the rest needs of a large one. */
static int connections_allowed(void)
{
	int limit = loop_descriptors(HTTP_CONNECTIONS_MAX + DESCRIPTORS_KEPT);

	if (limit < 2 * DESCRIPTORS_KEPT)
		return limit / 2;
	if (limit - DESCRIPTORS_KEPT < HTTP_CONNECTIONS_MAX)
		return limit - DESCRIPTORS_KEPT;
	return HTTP_CONNECTIONS_MAX;
}

static int start_daemon(struct http *h, int idle_s, struct err *err)
{
	h->daemon = MHD_start_daemon(
	    MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ERROR_LOG,
	    0, NULL, NULL, request_step, &h->requests, MHD_OPTION_EXTERNAL_LOGGER, log_mhd, NULL,
	    MHD_OPTION_URI_LOG_CALLBACK, request_begin, &h->requests, MHD_OPTION_NOTIFY_COMPLETED,
	    request_end, NULL, MHD_OPTION_NOTIFY_CONNECTION,
	    on_connection, h, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)idle_s,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)h->max_connections + 1,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_HEADER_MAX, MHD_OPTION_END);
	if (!h->daemon)
		return err_set(err, ERR_SYSTEM, "cannot start the HTTP server");
	h->epoll_fd = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
	return 0;
}

static int listen_at(struct http *h, const char *const *sockets, struct err *err)
{
	for (int i = 0; i < HTTP_LISTENERS_MAX && sockets[i]; i++) {
		struct err why = { 0 };
		struct listener *li = listener_open(h->loop, sockets[i], on_accepted, h, &why);

		if (!li && i == 0)
			return err_set(err, why.kind, "%s", why.text);
		if (li)
			h->listener[h->listeners++] = li;
		else
			log_warn("%s", why.text);
	}
	return 0;
}

int http_listen(struct http *h, const char *text, bool anywhere, struct err *err)
{
	struct address a;
	struct listener *li;
	int n = 0;

	if (!h->requests.auth)
		return err_set(err, ERR_INVALID, "without keys nobody could be let in over TCP");
	if (address_parse(text, anywhere, &a, err))
		return -1;
	if (h->listeners == HTTP_LISTENERS_MAX)
		return err_set(err, ERR_CONFLICT, "listening at %d addresses already",
			       HTTP_LISTENERS_MAX);
	li = listener_open_tcp(h->loop, &a, on_accepted_tcp, h, err);
	if (!li)
		return -1;
	h->listener[h->listeners++] = li;
	for (int i = 0; i < h->listeners; i++) {
		if (listener_url(h->listener[i]))
			h->urls[n++] = listener_url(h->listener[i]);
	}
	log_info("listening at %s", listener_url(li));
	return 0;
}

const char *const *http_urls(const struct http *h)
{
	return h->urls;
}

struct http *http_open(const struct http_options *o, struct err *err)
{
	struct http *h = xcalloc(1, sizeof *h);
	int idle_s = o->idle_s ? o->idle_s : HTTP_IDLE_S;
	int request_s = o->request_s ? o->request_s : HTTP_REQUEST_S;

	h->loop = o->loop;
	requests_init(&h->requests, o->loop, o->api);
	patience_init(&h->requests.patience, o->loop, request_s, idle_s, request_s, idle_s);
	h->requests.auth = o->keys ? auth_new(o->keys) : NULL;
	h->max_connections = o->max_connections ? o->max_connections : connections_allowed();
	h->max_strangers = h->max_connections > 2 * HTTP_CONNECTIONS_OWN ?
				   h->max_connections - HTTP_CONNECTIONS_OWN :
				   h->max_connections / 2;
	if (start_daemon(h, idle_s, err) || listen_at(h, o->sockets, err)) {
		http_close(h);
		return NULL;
	}
	h->watch = loop_watch(o->loop, h->epoll_fd, LOOP_READ, on_epoll, h);
	h->timer = loop_timer(o->loop, on_timer, h);
	h->hook = loop_before_sleep(o->loop, before_sleep, h);
	return h;
}

int http_connections(const struct http *h)
{
	return h->connections;
}

void http_refuse_more(struct http *h)
{
	h->requests.stopping = true;
}

/* Runs without the loop, which has ended. */
static void flush(struct http *h)
{
	int64_t begun = time_mono(), now = begun;

	while (now < begun + CLOSE_MS &&
	       (h->requests.count > 0 || (h->connections > 0 && now < begun + CLOSE_GRACE_MS))) {
		struct pollfd p = {.fd = h->epoll_fd, .events = POLLIN};

		run(h);
		if (timeout(h) != 0)
			poll(&p, 1, CLOSE_GRACE_MS);
		now = time_mono();
	}
}

void http_close(struct http *h)
{
	if (!h)
		return;
	requests_stop(&h->requests);
	loop_unwatch(h->watch);
	for (int i = 0; i < h->listeners; i++)
		listener_close(h->listener[i]);
	if (h->daemon) {
		flush(h);
		/* It refuses to stop with suspended connections: none is left, because
		 * requests_stop resumed all and nothing is parked any more. */
		MHD_stop_daemon(h->daemon);
	}
	loop_hook_free(h->hook);
	loop_timer_free(h->timer);
	patience_fini(&h->requests.patience);
	auth_free(h->requests.auth);
	free(h);
}
