/* Hooks: commands of the user that run when something happens (settings hook.NAME...). The journal
 * is read once for all of them; events that a hook wants wait in a line of bounded length, and
 * a few commands run at a time, each with its event on stdin, each for a bounded time. How far
 * the journal was read is kept in the store, so that events from while no server ran, or that
 * had not been run for when one was killed, are run for by the next: at least once each. */
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include "event.h"
#include "jobdeck/base/fs.h"
#include "jobdeck/base/log.h"

enum {
	RUNS_MAX = 4,
	WAITING_MAX = 1000,
	GRACE_MS = 5 * 1000, /* from SIGTERM to SIGKILL */
	LINES_A_TURN = 5000, /* of the journal */
	KEEP_MS = 2000,	     /* how late the place in the journal is kept */
	SAID_MAX = 300,	     /* of what a command writes to stderr */
};

struct tally {
	int64_t done, failed, dropped;
	jd_time failed_at;
	char said[SAID_MAX + 100];
};

struct wanted { /* an event that waits for its command */
	int hook;
	struct event event;
};

struct hook_run {
	struct hooks *all;
	int hook;
	pid_t pid; /* 0: free */
	bool late; /* it was told to end */
	struct loop_timer *timer;
	int stderr_fd;
	struct loop_watch *watch;
	char said[SAID_MAX + 1];
	size_t said_len;
};

struct hooks {
	struct api *api;
	const struct settings *settings;
	struct engine_watch *watch;
	struct loop_timer *more, *keep;
	int64_t read;			   /* the journal, up to this line */
	int64_t kept;			   /* what the store has of that */
	int64_t since[SETTINGS_HOOKS_MAX]; /* a new hook's events begin behind this line */
	struct tally tally[SETTINGS_HOOKS_MAX];
	struct wanted *waiting; /* WAITING_MAX, used round and round */
	int first, count;
	struct hook_run run[RUNS_MAX];
};

static const struct hook *hook_of(const struct hooks *h, int i)
{
	return &h->settings->hook[i];
}

/* --- one command -------------------------------------------------------------------------------
 */

/* The event as a file without a name: a command may read it when it likes, or not at all. */
static int event_fd(const cJSON *event)
{
	cleanup_free char *text = json_print(event), *line = xasprintf("%s\n", text);
	int fd = memfd_create("event", MFD_CLOEXEC);

	if (fd >= 0 && (fs_write_all(fd, line, strlen(line)) || lseek(fd, 0, SEEK_SET) < 0)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static void note_failure(struct hooks *h, int hook, const char *what, const char *said)
{
	struct tally *t = &h->tally[hook];

	t->failed++;
	t->failed_at = engine_now(h->api->engine);
	snprintf(t->said, sizeof t->said, "%s%s%s", what, *said ? ": " : "", said);
	log_warn("hook %s failed: %s", hook_of(h, hook)->name, t->said);
}

static void describe_end(const struct hook_run *r, int status, char *out, size_t size)
{
	if (r->late)
		snprintf(out, size, "not done after %d s", (int)r->all->settings->hook_seconds);
	else if (WIFSIGNALED(status))
		snprintf(out, size, "killed by signal %d", WTERMSIG(status));
	else
		snprintf(out, size, "exit status %d", WEXITSTATUS(status));
}

/* The first line is what matters; the pipe is read to its end so that nobody waits. */
static void on_stderr(void *arg, int events)
{
	struct hook_run *r = arg;
	char part[4096];
	ssize_t n;

	(void)events;
	while ((n = read(r->stderr_fd, part, sizeof part)) > 0) {
		size_t room = SAID_MAX - r->said_len;

		memcpy(r->said + r->said_len, part, (size_t)n < room ? (size_t)n : room);
		r->said_len += (size_t)n < room ? (size_t)n : room;
	}
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		loop_watch_events(r->watch, 0);
}

static void run_fini(struct hook_run *r)
{
	loop_unwatch(r->watch);
	if (r->stderr_fd >= 0)
		close(r->stderr_fd);
	loop_timer_free(r->timer);
	*r = (struct hook_run){ .all = r->all, .stderr_fd = -1 };
}

static void pump(struct hooks *h);

static void on_exit_of(void *arg, pid_t pid, int status)
{
	struct hook_run *r = arg;
	struct hooks *h = r->all;
	char what[60];

	(void)pid;
	on_stderr(r, 0);
	r->said[r->said_len] = '\0';
	r->said[strcspn(r->said, "\n")] = '\0';
	describe_end(r, status, what, sizeof what);
	if (status == 0 && !r->late)
		h->tally[r->hook].done++;
	else
		note_failure(h, r->hook, what, r->said);
	run_fini(r);
	pump(h);
}

/* First asks, then does not ask: the command and all that it started. */
static void on_late(void *arg)
{
	struct hook_run *r = arg;

	kill(-r->pid, r->late ? SIGKILL : SIGTERM);
	r->late = true;
	loop_timer_set(r->timer, GRACE_MS);
}

static pid_t spawn(struct hook_run *r, const cJSON *event, struct err *err)
{
	const struct hook *hook = hook_of(r->all, r->hook);
	cleanup_free char *script = xasprintf("exec <&3 3<&- 2>&4 4>&-\n%s", hook->command);
	char *const argv[] = { (char[]){ "/bin/sh" }, (char[]){ "-c" }, script, NULL };
	cleanup_close int in = event_fd(event), out = -1;
	int ends[2];
	struct loop_spawn what = {
		.path = argv[0], .argv = argv, .fd_count = 2, .exited = on_exit_of, .arg = r
	};

	if (in < 0 || pipe2(ends, O_CLOEXEC))
		return err_sys(err, "cannot give it the event");
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	r->stderr_fd = ends[0];
	out = ends[1];
	what.fds = (const int[]){ in, out };
	return loop_spawn(engine_loop(r->all->api->engine), &what, err);
}

static void start(struct hook_run *r, int hook, const cJSON *event)
{
	struct loop *l = engine_loop(r->all->api->engine);
	struct err err = { 0 };
	pid_t pid;

	r->hook = hook;
	pid = spawn(r, event, &err);
	if (pid < 0) {
		note_failure(r->all, hook, "it could not be started", err.text);
		run_fini(r);
		return;
	}
	r->pid = pid;
	r->watch = loop_watch(l, r->stderr_fd, LOOP_READ, on_stderr, r);
	r->timer = loop_timer(l, on_late, r);
	loop_timer_set(r->timer, r->all->settings->hook_seconds * 1000);
}

/* --- the line ------------------------------------------------------------------------------------
 */

static struct hook_run *free_run(struct hooks *h)
{
	for (int i = 0; i < RUNS_MAX; i++)
		if (!h->run[i].pid)
			return &h->run[i];
	return NULL;
}

/* Takes the first of the line; its command runs, unless its job is gone or in another queue. */
static void start_first(struct hooks *h, struct hook_run *r)
{
	const struct wanted *w = &h->waiting[h->first];
	const struct hook *hook = hook_of(h, w->hook);
	struct event_filter f = { hook->on, hook->status, hook->queue };
	struct api_call c = { .api = h->api,
			      .engine = h->api->engine,
			      .store = engine_store(h->api->engine) };
	cJSON *event cleanup_json = event_make(&c, &w->event, &f);

	if (event)
		start(r, w->hook, event);
	h->first = (h->first + 1) % WAITING_MAX;
	h->count--;
}

static void enqueue(struct hooks *h, int hook, const struct event *e)
{
	struct tally *t = &h->tally[hook];
	struct wanted *w;

	if (h->count == WAITING_MAX) {
		if (t->dropped++ % WAITING_MAX == 0)
			log_warn("hook %s: %d events wait already; events are dropped",
				 hook_of(h, hook)->name, WAITING_MAX);
		return;
	}
	w = &h->waiting[(h->first + h->count++) % WAITING_MAX];
	w->hook = hook;
	w->event = *e;
}

static int read_line(void *arg, const struct journal_entry *line)
{
	struct hooks *h = arg;
	struct event e;

	h->read = line->seq;
	for (int i = 0; i < h->settings->hook_count; i++) {
		const struct hook *hook = hook_of(h, i);
		struct event_filter f = { hook->on, hook->status, hook->queue };

		if (line->seq > h->since[i] && event_read(line, &f, &e))
			enqueue(h, i, &e);
	}
	return 0;
}

/* Only what is on disk is read: while a turn is open its watch comes again when it is. */
static void pump(struct hooks *h)
{
	struct store *st = engine_store(h->api->engine);
	struct hook_run *r;
	int64_t before = h->read;

	if (store_in_transaction(st) || engine_failed(h->api->engine, NULL))
		return;
	store_journal(st, 0, h->read, LINES_A_TURN, read_line, h, NULL);
	if (h->read - before >= LINES_A_TURN)
		loop_timer_set(h->more, 0);
	while (h->count && (r = free_run(h)))
		start_first(h, r);
	if (h->read != h->kept)
		loop_timer_set(h->keep, KEEP_MS);
}

static void on_change(void *arg)
{
	pump(arg);
}

/* --- the place in the journal
 * --------------------------------------------------------------------- */

static const char place_name[] = "hooks";

/* Events that wait are found again after a restart; what runs goes on without the server. */
static int64_t place(const struct hooks *h)
{
	return h->count ? h->waiting[h->first].event.seq - 1 : h->read;
}

static void keep(struct hooks *h)
{
	cJSON *value cleanup_json = cJSON_CreateObject(), *names;
	cleanup_free char *text = NULL;

	json_add_int(value, "read", place(h));
	names = cJSON_AddArrayToObject(value, "hooks");
	for (int i = 0; i < h->settings->hook_count; i++)
		cJSON_AddItemToArray(names, cJSON_CreateString(hook_of(h, i)->name));
	text = json_print(value);
	if (engine_put_value(h->api->engine, place_name, text, NULL) == 0)
		h->kept = h->read;
}

static void on_keep(void *arg)
{
	keep(arg);
}

static bool was_there(const cJSON *names, const char *name)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, names) {
		if (cJSON_IsString(item) && strcmp(item->valuestring, name) == 0)
			return true;
	}
	return false;
}

/* A hook that was not there when the place was kept begins now, not with the past. */
static void find_place(struct hooks *h)
{
	struct store *st = engine_store(h->api->engine);
	int64_t last = store_journal_before(st, JD_NEVER);
	cleanup_free char *text = store_value(st, place_name);
	cJSON *value cleanup_json = doc_parse(text);

	h->read = h->kept = json_int(value, "read", last);
	if (h->read > last)
		h->read = last;
	for (int i = 0; i < h->settings->hook_count; i++)
		h->since[i] = was_there(json_get(value, "hooks"), hook_of(h, i)->name) ? 0 : last;
}

/* --- life
 * -------------------------------------------------------------------------------------------- */

static void on_more(void *arg)
{
	pump(arg);
}

/* Without hooks nothing is kept, so that later ones begin when they are made. */
static void forget_place(struct api *a)
{
	cleanup_free char *text = store_value(engine_store(a->engine), place_name);

	if (text && strcmp(text, "{}") != 0)
		engine_put_value(a->engine, place_name, "{}", NULL);
}

struct hooks *hooks_start(struct api *a)
{
	struct hooks *h;

	if (!engine_settings(a->engine)->hook_count) {
		forget_place(a);
		return NULL;
	}
	h = xcalloc(1, sizeof *h);
	h->api = a;
	h->settings = engine_settings(a->engine);
	h->waiting = xcalloc(WAITING_MAX, sizeof *h->waiting);
	for (int i = 0; i < RUNS_MAX; i++)
		h->run[i] = (struct hook_run){ .all = h, .stderr_fd = -1 };
	h->more = loop_timer(engine_loop(a->engine), on_more, h);
	h->keep = loop_timer(engine_loop(a->engine), on_keep, h);
	find_place(h);
	h->watch = engine_watch(a->engine, on_change, h);
	loop_timer_set(h->more, 0);
	return h;
}

void hooks_stop(struct hooks *h)
{
	if (!h)
		return;
	if (h->read != h->kept && !engine_failed(h->api->engine, NULL))
		keep(h);
	engine_unwatch(h->watch);
	for (int i = 0; i < RUNS_MAX; i++) {
		if (h->run[i].pid)
			loop_forget_child(engine_loop(h->api->engine), h->run[i].pid);
		run_fini(&h->run[i]);
	}
	loop_timer_free(h->more);
	loop_timer_free(h->keep);
	free(h->waiting);
	free(h);
}

static int waiting_of(const struct hooks *h, int hook)
{
	int n = 0;

	for (int i = 0; i < h->count; i++)
		n += h->waiting[(h->first + i) % WAITING_MAX].hook == hook;
	return n;
}

static int running_of(const struct hooks *h, int hook)
{
	int n = 0;

	for (int i = 0; i < RUNS_MAX; i++)
		n += h->run[i].pid && h->run[i].hook == hook;
	return n;
}

void hooks_show(const struct hooks *h, cJSON *out)
{
	cJSON *list = h ? cJSON_AddArrayToObject(out, "hooks") : NULL;

	for (int i = 0; h && i < h->settings->hook_count; i++) {
		const struct tally *t = &h->tally[i];
		cJSON *item = cJSON_CreateObject();

		json_add_str(item, "name", hook_of(h, i)->name);
		json_add_int(item, "waiting", waiting_of(h, i));
		json_add_int(item, "running", running_of(h, i));
		json_add_int(item, "done", t->done);
		json_add_int(item, "failed", t->failed);
		json_add_int(item, "dropped", t->dropped);
		if (t->failed) {
			json_add_int(item, "failedAt", t->failed_at);
			json_add_str(item, "failure", t->said);
		}
		cJSON_AddItemToArray(list, item);
	}
}
