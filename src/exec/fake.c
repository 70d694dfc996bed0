/* Backend "fake": attempts are timers. For tests, the demo and scale: thousands of them cost
 * nothing. What may be written in a script is in exec/backend.h. */
#include "config.h"
#include "jobdeck/exec/backend.h"
#include <inttypes.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/model/reason.h"
#include "jobdeck/shim/joblog.h"

struct range {
	int64_t min, max;
};

struct script {
	struct range start, run;
	int64_t exit_code, fail_percent, seed;
	char reason[256];
	bool start_fails, lose, stubborn;
};

struct fake {
	struct backend_config config;
	struct script script;
	struct fake_attempt *attempts; /* by job: it never has two at a time */
};

struct fake_attempt {
	struct fake *fake;
	int64_t job;
	int attempt;
	struct loop_timer *timer;
	jd_time start_at, end_at;
	jd_time kill_at; /* stopped, but stubborn; or JD_NEVER */
	bool started, stubborn, stopping;
	struct attempt_end end;
	char reason[256];
	UT_hash_handle hh;
};

/* ---- scripts ------------------------------------------------------------------------ */

static bool read_number(const char *text, const char *after, int64_t *out)
{
	char *end;
	long long n = strtoll(text, &end, 10);

	if (end == text || n < 0 || strcmp(end, after) != 0)
		return false;
	*out = n;
	return true;
}

static bool read_range(const char *text, struct range *out)
{
	char *end;
	struct range r;

	r.min = r.max = strtoll(text, &end, 10);
	if (end == text || r.min < 0)
		return false;
	if (*end == '-' ? !read_number(end + 1, "", &r.max) : *end != '\0')
		return false;
	if (r.max < r.min)
		return false;
	*out = r;
	return true;
}

static bool read_word(struct script *s, const char *word)
{
	const char *value = strchr(word, '=');
	size_t len = value ? (size_t)(value++ - word) : strlen(word);
#define KEY(text) (len == strlen(text) && memcmp(word, text, len) == 0)

	if (!value) {
		s->start_fails |= KEY("startfail");
		s->lose |= KEY("lose");
		s->stubborn |= KEY("stubborn");
		return KEY("startfail") || KEY("lose") || KEY("stubborn");
	}
	if (KEY("start"))
		return read_range(value, &s->start);
	if (KEY("run"))
		return read_range(value, &s->run);
	if (KEY("exit"))
		return read_number(value, "", &s->exit_code) && s->exit_code <= 255;
	if (KEY("fail"))
		return read_number(value, "%", &s->fail_percent) && s->fail_percent <= 100;
	if (KEY("seed"))
		return read_number(value, "", &s->seed);
	if (KEY("reason")) {
		snprintf(s->reason, sizeof s->reason, "%s", value);
		return true;
	}
	return false;
#undef KEY
}

static int read_script(struct script *s, const char *text, struct err *err)
{
	cleanup_free char *copy = xstrdup(text ? text : "");
	char *rest = NULL;

	for (char *w = strtok_r(copy, " \t\n", &rest); w; w = strtok_r(NULL, " \t\n", &rest)) {
		if (!read_word(s, w))
			return err_set(err, ERR_INVALID,
				       "\"%s\" is no word of a script for the fake backend", w);
	}
	return 0;
}

/* The argv that is not a script is somebody's real command: the script decides alone. */
static void read_argv(struct script *s, char *const *argv)
{
	if (!argv || !argv[0] || strcmp(argv[0], "fake") != 0)
		return;
	for (argv++; *argv; argv++)
		read_word(s, *argv);
}

/* A number that depends on nothing but its arguments (splitmix64's finisher). */
static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

static int64_t pick(const struct script *s, const struct fake_attempt *a, struct range range,
		    int what)
{
	uint64_t h = mix((uint64_t)s->seed ^ mix((uint64_t)a->job ^
						 mix((uint64_t)a->attempt * 8 + (uint64_t)what)));

	return range.min + (int64_t)(h % (uint64_t)(range.max - range.min + 1));
}

/* ---- attempts ----------------------------------------------------------------------- */

static void attempt_free(struct fake_attempt *a)
{
	loop_timer_free(a->timer);
	free(a);
}

static void finish(struct fake_attempt *a)
{
	struct fake *f = a->fake;

	HASH_DEL(f->attempts, a);
	f->config.notify.ended(f->config.notify.arg, a->job, a->attempt, &a->end);
	attempt_free(a);
}

static void schedule(struct fake_attempt *a)
{
	jd_time next = a->started || a->start_at > a->end_at ? a->end_at : a->start_at;

	if (a->kill_at < next)
		next = a->kill_at;
	loop_timer_set(a->timer, next - time_wall());
}

static void end_by_signal(struct fake_attempt *a, int signo, jd_time at)
{
	a->end_at = at;
	a->end.at = at;
	a->end.exit_code = 128 + signo;
	a->end.status_reason = a->end.timed_out ? REASON_TIMEOUT : REASON_EXITED;
	a->end.reason = NULL;
}

static void on_time(void *arg)
{
	struct fake_attempt *a = arg;
	const struct backend_notify *n = &a->fake->config.notify;
	jd_time now = time_wall();

	if (a->kill_at <= now && a->kill_at < a->end_at)
		end_by_signal(a, SIGKILL, a->kill_at);
	if (!a->started && a->start_at <= now && a->start_at <= a->end_at) {
		a->started = true;
		n->started(n->arg, a->job, a->attempt, a->start_at);
	}
	if (a->end_at <= now)
		finish(a);
	else
		schedule(a);
}

/* How it will end if nobody stops it. */
static void plan(struct fake_attempt *a, const struct script *s, const struct launch *what)
{
	static const struct range percent = { 0, 99 };
	static char terminated[80];
	int64_t run = pick(s, a, s->run, 1);
	bool fails = pick(s, a, percent, 2) < s->fail_percent;

	snprintf(terminated, sizeof terminated, REASON_HOST_TERMINATED, "local.host");
	a->start_at = (what->placed ? what->placed : time_wall()) + pick(s, a, s->start, 0);
	a->end_at = a->start_at + run;
	a->end = (struct attempt_end){ .exit_code = fails ? 1 : (int)s->exit_code,
				       .status_reason = REASON_EXITED };
	if (s->reason[0]) {
		snprintf(a->reason, sizeof a->reason, "%s", s->reason);
		a->end.reason = a->reason;
	}
	if (s->lose || s->start_fails) {
		a->end.exit_code = -1;
		a->end.status_reason = s->lose ? terminated : REASON_START_FAILED;
	}
	if (s->start_fails) {
		a->end_at = a->start_at;
		a->start_at = JD_NEVER;
		if (!a->end.reason)
			a->end.reason = "CannotStartContainerError: the script says so";
	} else if (what->timeout_ms && run > what->timeout_ms) {
		a->end.timed_out = true;
		end_by_signal(a, s->stubborn ? SIGKILL : SIGTERM,
			      a->start_at + what->timeout_ms + (s->stubborn ? what->grace_ms : 0));
	}
	a->end.at = a->end_at;
}

static void write_log(const struct launch *what)
{
	struct joblog_writer *w;
	char line[128];
	int n;

	if (!what->log || !(w = joblog_create(what->log, what->log_max, NULL)))
		return;
	n = snprintf(line, sizeof line, "attempt %d of job %s ran in no time and nowhere\n",
		     what->attempt, what->job_id ? what->job_id : "-");
	joblog_write(w, JOBLOG_OUT, time_wall(), line, (size_t)n);
	joblog_close(w);
}

/* ---- the backend -------------------------------------------------------------------- */

/* Nobody gets it by the name of an image: it is asked for by its own. */
static bool fake_takes(const char *image)
{
	(void)image;
	return false;
}

static void *fake_open(const struct backend_config *config, struct err *err)
{
	struct fake *f = xcalloc(1, sizeof *f);

	f->config = *config;
	if (read_script(&f->script, config->fake, err)) {
		free(f);
		return NULL;
	}
	return f;
}

static void fake_close(void *self)
{
	struct fake *f = self;
	struct fake_attempt *a = f->attempts, *next;

	HASH_CLEAR(hh, f->attempts);
	for (; a; a = next) {
		next = a->hh.next;
		attempt_free(a);
	}
	free(f);
}

static struct fake_attempt *find(struct fake *f, int64_t job, int attempt)
{
	struct fake_attempt *a;

	HASH_FIND(hh, f->attempts, &job, sizeof job, a);
	return a && a->attempt == attempt ? a : NULL;
}

static void fake_start(void *self, const struct launch *what)
{
	struct fake *f = self;
	struct script script = f->script;
	struct fake_attempt *a;

	if (find(f, what->job, what->attempt))
		return;
	read_argv(&script, what->argv);
	a = xcalloc(1, sizeof *a);
	a->fake = f;
	a->job = what->job;
	a->attempt = what->attempt;
	a->timer = loop_timer(f->config.loop, on_time, a);
	a->kill_at = JD_NEVER;
	a->stubborn = script.stubborn;
	plan(a, &script, what);
	HASH_ADD(hh, f->attempts, job, sizeof a->job, a);
	write_log(what);
	schedule(a);
}

static void begin_stop(struct fake_attempt *a, jd_time now, bool timeout)
{
	a->stopping = true;
	a->end.stopped = !timeout;
	a->end.timed_out = timeout;
	if (!a->stubborn && now < a->end_at)
		end_by_signal(a, SIGTERM, now > a->start_at ? now : a->start_at);
}

static void fake_stop(void *self, int64_t job, int attempt, int slot, bool timeout, int grace_ms)
{
	struct fake_attempt *a = find(self, job, attempt);
	jd_time now = time_wall();

	(void)slot;
	if (!a || a->start_at == JD_NEVER)
		return;
	if (a->stubborn && now + grace_ms < a->kill_at)
		a->kill_at = now + grace_ms;
	if (!a->stopping)
		begin_stop(a, now, timeout);
	schedule(a);
}

static int fake_active(const void *self)
{
	const struct fake *f = self;

	return (int)HASH_COUNT(f->attempts);
}

const struct backend backend_fake = {
	.name = "fake",
	.takes = fake_takes,
	.open = fake_open,
	.close = fake_close,
	.start = fake_start,
	.stop = fake_stop,
	.active = fake_active,
};
