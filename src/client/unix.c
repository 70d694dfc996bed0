/* Transport "unix": the user's own server, over its socket, started when it is not there.
 *
 * A call waits until the server can be spoken to, is launched, and comes to its end or to
 * trouble. Trouble before anything was sent, or with an answer that says that nothing was
 * done, is harmless: the call waits again, for LIMIT_MS in all. What may have been carried
 * out is sent again only when it just reads. */
#include "config.h"
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <utlist.h>
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/time.h"
#include "start.h"
#include "transfer.h"

enum {
	AT_ONCE_MAX = 32, /* connections; further calls wait their turn */
	LIMIT_MS = 10000, /* how long harmless trouble may go on */
	REST_MIN_MS = 10,
	REST_MAX_MS = 200,
	START_AGAIN_MS = 2000, /* a start that failed is not tried again sooner */
	SOCKETS = 2,
	ROUNDS = 8,
};

enum phase {
	PHASE_OPEN,	/* calls are launched as they come */
	PHASE_STARTING, /* the starter is at work */
	PHASE_RESTING,	/* until rest_until, then open */
};

struct unix_client {
	struct client *client;
	struct wire wire;
	struct starter starter;
	bool no_start;
	const struct home *home;
	char socket[SOCKETS][128];
	int directory[SOCKETS], sockets; /* kept open for long paths, else -1 */
	int path;			 /* the socket that answered last */
	struct call *waiting;		 /* list, linked by wait_next */
	int at_once;			 /* launched and not yet landed */
	enum phase phase;
	int rest_ms;
	int64_t rest_until, start_failed_at;
	struct err start_err; /* why the server could not be started, or be reached */
	struct curl_waitfd *fds;
	size_t fds_cap;
	bool again; /* something is due at once */
};

/* Opening and closing. */

static int add_socket(struct unix_client *u, const char *path, struct err *err)
{
	int i = u->sockets;

	if (!path)
		return 0;
	if (home_socket_path(path, u->socket[i], sizeof u->socket[i], &u->directory[i], err))
		return -1;
	u->sockets++;
	return 0;
}

static void unix_close(void *self)
{
	struct unix_client *u = self;

	wire_fini(&u->wire);
	starter_fini(&u->starter);
	for (int i = 0; i < u->sockets; i++) {
		if (u->directory[i] >= 0)
			close(u->directory[i]);
	}
	free(u->fds);
	free(u);
}

static void *unix_open(struct client *c, const struct client_options *o, struct err *err)
{
	struct unix_client *u = xcalloc(1, sizeof *u);

	u->client = c;
	u->home = o->home;
	u->no_start = o->no_start || !o->program;
	starter_init(&u->starter, o->home, o->program);
	wire_init(&u->wire);
	if (add_socket(u, o->home->sock, err) || add_socket(u, o->home->sock_state, err)) {
		unix_close(u);
		return NULL;
	}
	return u;
}

/* Between the lists. */

static void launch(struct unix_client *u, struct call *call)
{
	struct transfer *t = call->state;

	DL_DELETE2(u->waiting, call, wait_prev, wait_next);
	u->at_once++;
	transfer_launch(&u->wire, t, u->socket[t->path]);
}

/* Off the wire; the call then neither waits nor runs. */
static void land(struct unix_client *u, struct call *call)
{
	transfer_land(&u->wire, call->state);
	u->at_once--;
}

static void wait_again(struct unix_client *u, struct call *call)
{
	land(u, call);
	DL_PREPEND2(u->waiting, call, wait_prev, wait_next);
	u->again = true;
}

/* Forgets a call, wherever it is. */
static void unix_cancel(void *self, struct call *call)
{
	struct unix_client *u = self;
	struct transfer *t = call->state;

	if (t->easy)
		land(u, call);
	else
		DL_DELETE2(u->waiting, call, wait_prev, wait_next);
	transfer_free(&u->wire, t);
	call->state = NULL;
}

static void unix_begin(void *self, struct call *call)
{
	struct unix_client *u = self;
	struct transfer *t = transfer_new(call);

	t->path = u->path;
	call->state = t;
	DL_APPEND2(u->waiting, call, wait_prev, wait_next);
}

static void fail(struct unix_client *u, struct call *call, enum err_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
static void fail(struct unix_client *u, struct call *call, enum err_kind kind, const char *fmt, ...)
{
	cleanup_free char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap); /* may speak of the transfer, which goes now */
	va_end(ap);
	unix_cancel(u, call);
	client_failed(call, kind, "%s", text);
}

static void fail_waiting(struct unix_client *u, const struct err *err)
{
	while (u->waiting)
		fail(u, u->waiting, err->kind, "%s", err->text);
}

/* The server. */

static void rest(struct unix_client *u)
{
	if (u->phase == PHASE_STARTING)
		return; /* that takes its own time */
	u->rest_ms = u->rest_ms ? u->rest_ms * 2 : REST_MIN_MS;
	if (u->rest_ms > REST_MAX_MS)
		u->rest_ms = REST_MAX_MS;
	u->rest_until = time_mono() + u->rest_ms;
	u->phase = PHASE_RESTING;
}

static void start_failed(struct unix_client *u)
{
	u->start_err.kind = ERR_UNAVAILABLE;
	u->start_failed_at = time_mono();
	u->phase = PHASE_OPEN;
	fail_waiting(u, &u->start_err);
}

static void start(struct unix_client *u)
{
	if (u->start_failed_at && time_mono() - u->start_failed_at < START_AGAIN_MS)
		fail_waiting(u, &u->start_err);
	else if (starter_begin(&u->starter, &u->start_err))
		start_failed(u);
	else
		u->phase = PHASE_STARTING;
}

static void started(struct unix_client *u)
{
	u->phase = PHASE_OPEN;
	u->path = 0;
	u->rest_ms = 0;
	u->start_failed_at = 0;
	for (struct call *call = u->waiting; call; call = call->wait_next) {
		struct transfer *t = call->state;

		t->path = 0;
		t->give_up = 0;
	}
}

static void look_at_start(struct unix_client *u)
{
	struct err err = {0};

	switch (starter_look(&u->starter, &err)) {
	case START_GOING:
		break;
	case START_READY:
		started(u);
		break;
	case START_TAKEN: /* by one that is still coming up, or on its way out */
		err_set(&u->start_err, ERR_UNAVAILABLE,
			_("%s, but nothing answers at %s; if it hangs, end that process (running "
			  "jobs go on) and try again"),
			err.text, u->home->sock);
		u->phase = PHASE_OPEN;
		rest(u);
		break;
	case START_FAILED:
		u->start_err = err;
		start_failed(u);
		break;
	}
}

/* What became of a transfer. */

/* Harmless trouble: waits again, unless that has gone on for too long. */
static bool patience(struct transfer *t)
{
	int64_t now = time_mono();

	if (!t->give_up)
		t->give_up = now + LIMIT_MS;
	return now < t->give_up;
}

/* Nobody listens there. */
static void refused(struct unix_client *u, struct transfer *t)
{
	struct call *call = t->call;

	starter_reap(&u->starter);
	if (++t->paths_tried < u->sockets) {
		t->path = (t->path + 1) % u->sockets;
		wait_again(u, call);
		return;
	}
	t->paths_tried = 0;
	if (u->no_start) {
		fail(u, call, ERR_UNAVAILABLE, _("no server runs for %s"), u->home->dir);
	} else if (patience(t)) {
		wait_again(u, call);
		if (u->phase == PHASE_OPEN)
			start(u);
	} else {
		fail(u, call, ERR_UNAVAILABLE, "%s",
		     u->start_err.kind ? u->start_err.text : _("the server keeps going away"));
	}
}

static void could_not_connect(struct unix_client *u, struct transfer *t)
{
	struct call *call = t->call;
	long number = 0;

	curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &number);
	if (number == ENOENT || number == ECONNREFUSED) {
		refused(u, t);
	} else if (number == 0 && patience(t)) {
		/* The queue at its door was full; libcurl takes EAGAIN for "soon". */
		wait_again(u, call);
		rest(u);
	} else {
		fail(u, call, number == EACCES || number == EPERM ? ERR_DENIED : ERR_UNAVAILABLE,
		     _("cannot connect to %s: %s"), u->home->sock,
		     strerror(number ? (int)number : EAGAIN));
	}
}

static void lost(struct unix_client *u, struct transfer *t, const char *how)
{
	struct call *call = t->call;
	const char *name = call->op->name;

	if (!transfer_was_sent(t) && patience(t)) {
		wait_again(u, call);
		rest(u);
	} else if (call->op->writes) {
		fail(u, call, ERR_UNAVAILABLE,
		     _("lost the server (%s); it is not known whether %s was carried out"), how,
		     name);
	} else if (!t->retried) {
		t->retried = true;
		wait_again(u, call);
	} else {
		fail(u, call, ERR_UNAVAILABLE, _("lost the server (%s)"), how);
	}
}

static bool any_version(const struct api_op *op)
{
	return strcmp(op->name, "JobdeckStop") == 0 || strcmp(op->name, "JobdeckStatus") == 0;
}

/* True when it must not be read as an answer of ours. */
static bool foreign(struct unix_client *u, struct transfer *t, long status)
{
	if (!t->protocol[0] && status == 200) {
		fail(u, t->call, ERR_CONFLICT, _("what answers at %s is not a Jobdeck server"),
		     u->home->sock);
		return true;
	}
	if (!t->protocol[0] || atoi(t->protocol) == API_PROTOCOL_VERSION ||
	    any_version(t->call->op))
		return false;
	fail(u, t->call, ERR_CONFLICT,
	     _("the running server is of another version (it speaks protocol %s, this program %d); "
	       "run `jobdeck stop-server` (running jobs go on) and try again"),
	     t->protocol, API_PROTOCOL_VERSION);
	return true;
}

static void answered(struct unix_client *u, struct transfer *t)
{
	struct call *call = t->call;
	cleanup_free char *body = NULL;
	struct answer answer = {0};
	long status = 0;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	if (foreign(u, t, status))
		return;
	if (status == 503 && t->retry_after && patience(t)) {
		wait_again(u, call);
		rest(u);
		return;
	}
	u->rest_ms = 0;
	u->path = t->path;
	answer.status = (int)status;
	answer.len = t->body.len;
	body = buf_steal(&t->body);
	answer.body = body;
	unix_cancel(u, call);
	client_answered(call, &answer);
}

static void ended(struct unix_client *u, struct transfer *t, CURLcode code)
{
	switch (code) {
	case CURLE_OK:
		answered(u, t);
		break;
	case CURLE_COULDNT_CONNECT:
		could_not_connect(u, t);
		break;
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
	case CURLE_ABORTED_BY_CALLBACK: /* on_prereq */
		lost(u, t, _("the connection broke"));
		break;
	case CURLE_OPERATION_TIMEDOUT:
		t->retried = true; /* it had its time */
		lost(u, t, _("no answer for a minute and a half"));
		break;
	case CURLE_WRITE_ERROR:
		fail(u, t->call, ERR_UNAVAILABLE, _("the answer is larger than %d MiB"),
		     ANSWER_MAX >> 20);
		break;
	default:
		fail(u, t->call, ERR_UNAVAILABLE, "%s", curl_easy_strerror(code));
	}
}

/* Driving. */

static void pump(struct unix_client *u)
{
	while (u->phase == PHASE_OPEN && u->at_once < AT_ONCE_MAX && u->waiting)
		launch(u, u->waiting);
}

static void perform(struct unix_client *u)
{
	int running, left;
	CURLMsg *msg;

	curl_multi_perform(u->wire.multi, &running);
	while ((msg = curl_multi_info_read(u->wire.multi, &left)))
		ended(u, transfer_of(msg->easy_handle), msg->data.result);
}

/* Everything that can be done without waiting. */
static void drive(struct unix_client *u)
{
	for (int i = 0; i < ROUNDS; i++) {
		u->again = false;
		if (u->phase == PHASE_STARTING)
			look_at_start(u);
		if (u->phase == PHASE_RESTING && time_mono() >= u->rest_until)
			u->phase = PHASE_OPEN;
		pump(u);
		perform(u);
		if (!u->again || u->phase != PHASE_OPEN)
			break;
	}
}

static int sooner(int a, int64_t b)
{
	if (b < 0)
		b = 0;
	return a < 0 || b < a ? (int)b : a;
}

static int time_limit(struct unix_client *u, int timeout_ms)
{
	int ms = timeout_ms;

	if (client_has_news(u->client) || (u->again && u->phase == PHASE_OPEN))
		return 0;
	if (u->phase == PHASE_RESTING)
		ms = sooner(ms, u->rest_until - time_mono());
	if (u->phase == PHASE_STARTING)
		ms = sooner(ms, u->starter.fd >= 0 ? START_LIMIT_MS : START_LOOK_MS);
	return ms < 0 ? INT32_MAX : ms;
}

static void wait_once(struct unix_client *u, const struct pollfd *extra, unsigned n, int ms)
{
	while (u->fds_cap < n + 1)
		ARRAY_ROOM(u->fds, u->fds_cap, u->fds_cap);
	for (unsigned i = 0; i < n; i++) {
		short want = extra[i].events;

		u->fds[i] = (struct curl_waitfd){.fd = extra[i].fd};
		u->fds[i].events = (short)((want & POLLIN ? CURL_WAIT_POLLIN : 0) |
					   (want & POLLOUT ? CURL_WAIT_POLLOUT : 0) |
					   (want & POLLPRI ? CURL_WAIT_POLLPRI : 0));
	}
	if (u->phase == PHASE_STARTING && u->starter.fd >= 0)
		u->fds[n++] = (struct curl_waitfd){.fd = u->starter.fd, .events = CURL_WAIT_POLLIN};
	curl_multi_poll(u->wire.multi, u->fds, n, ms, NULL);
}

static int unix_poll(void *self, struct pollfd *extra, unsigned n, int timeout_ms)
{
	struct unix_client *u = self;
	int rc = 0;

	drive(u);
	wait_once(u, extra, n, time_limit(u, timeout_ms));
	/* curl_multi_poll does not tell of hang-ups and errors: ask ourselves. */
	if (n)
		rc = poll(extra, n, 0);
	drive(u);
	return rc < 0 ? 0 : rc;
}

const struct transport transport_unix = {
    .name = "unix",
    .open = unix_open,
    .close = unix_close,
    .begin = unix_begin,
    .cancel = unix_cancel,
    .poll = unix_poll,
};
