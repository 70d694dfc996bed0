#include "config.h"
#include "jobdeck/sim/forecast.h"
#include "book.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/model/reason.h"
#include "jobdeck/sim/sim.h"

/* Lets jobs arrive when their time has come and time pass between; then says who is left. */

enum {
	PIECE = 4096, /* facts between two looks at whether it goes round in circles */
	CIRCLES = 200000, /* facts of instances with nothing of a job between them */
	LOOK_AT_MOST = 20000, /* jobs that are asked why they do not run */
};

struct forecast {
	struct sched *s;
	struct forecast_options o;
	struct sim *sim;
	struct book book;
	int64_t next_key;
	struct forecast_arrival next; /* has been fetched and waits for its time */
	bool waits, dry; /* `next` holds one; there are no more */
	bool done, circles;
};

/* A number between 0 and 1 that depends on nothing but its arguments (splitmix64). */
static double luck(uint64_t seed, int64_t job, int attempt)
{
	uint64_t z = seed ^ ((uint64_t)job * UINT64_C(0x9e3779b97f4a7c15) + (uint64_t)attempt);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	z ^= z >> 31;
	return (double)(z >> 11) / (double)(UINT64_C(1) << 53);
}

static int64_t duration_ms(void *arg, int64_t job, int attempt)
{
	const struct forecast *f = arg;
	const struct forecast_options *o = &f->o;
	int64_t ms = o->source.duration_ms(o->source.arg, job, attempt);
	double by = (double)o->spread_percent / 100 * (2 * luck(o->seed, job, attempt) - 1);

	return o->spread_percent ? ms + (int64_t)((double)ms * by) : ms;
}

static int exit_code(void *arg, int64_t job, int attempt)
{
	const struct forecast *f = arg;

	return f->o.source.exit_code ? f->o.source.exit_code(f->o.source.arg, job, attempt) : 0;
}

static void tell_end(void *arg, const struct forecast_job *job)
{
	const struct forecast_options *o = &((const struct forecast *)arg)->o;

	if (o->source.ended)
		o->source.ended(o->source.arg, job);
	if (o->ended)
		o->ended(o->ended_arg, job);
}

struct forecast *forecast_new(const struct forecast_options *o)
{
	struct forecast *f = xcalloc(1, sizeof *f);
	struct sim_guess guess = { .duration_ms = duration_ms,
				   .exit_code = exit_code,
				   .arg = f,
				   .start_ms = o->start_ms,
				   .stop_ms = o->stop_ms };

	f->o = *o;
	f->s = o->sched;
	f->next_key = o->next_key;
	f->dry = !o->source.next;
	book_init(&f->book, f->s, o->start);
	f->book.told = tell_end;
	f->book.told_arg = f;
	f->sim = sim_new(f->s, o->start, &guess, book_see, &f->book);
	return f;
}

void forecast_free(struct forecast *f)
{
	if (!f)
		return;
	sim_free(f->sim);
	book_fini(&f->book);
	sched_free(f->s);
	free(f);
}

static int fetch(struct forecast *f, struct err *err)
{
	int rc;

	if (f->waits || f->dry)
		return 0;
	rc = f->o.source.next(f->o.source.arg, f->next_key, &f->next, err);
	f->waits = rc > 0;
	f->dry = rc == 0;
	return rc < 0 ? -1 : 0;
}

/* Children and nodes have the keys behind their parent's. */
static int arrive(struct forecast *f, struct err *err)
{
	const struct forecast_source *source = &f->o.source;
	const struct job *job = f->next.job;
	bool fails = source->settle && source->settle(source->arg, job);
	struct fact fact = { .kind = FACT_SUBMITTED,
			     .at = f->next.at > sim_now(f->sim) ? f->next.at : sim_now(f->sim),
			     .job = job->key,
			     .submitted = job };

	f->waits = false;
	f->next_key += 1 + job->size;
	if (sim_apply(f->sim, &fact, err))
		return -1;
	if (!fails)
		return 0;
	fact.kind = FACT_FAILED;
	fact.reason = REASON_DEPENDENCY;
	return sim_apply(f->sim, &fact, err);
}

/* Instances that are launched and fail for ever would keep it going for ever. */
static bool goes_in_circles(struct forecast *f)
{
	f->circles = f->book.idle_facts > CIRCLES;
	return f->circles;
}

/* Until just before the next arrival, or to the end. 1: not there yet. */
static int let_pass(struct forecast *f, int64_t *facts)
{
	jd_time until = f->waits ? f->next.at - 1 : JD_NEVER;

	while (*facts > 0) {
		int64_t before = f->book.decisions;
		bool more = sim_go(f->sim, until, *facts < PIECE ? *facts : PIECE);

		*facts -= f->book.decisions > before ? f->book.decisions - before : 1;
		if (!more || goes_in_circles(f))
			return 0;
	}
	return 1;
}

int forecast_go(struct forecast *f, int64_t facts, struct err *err)
{
	while (!f->done && facts > 0) {
		if (fetch(f, err))
			return -1;
		if (let_pass(f, &facts))
			return 1;
		if (sim_broken(f->sim, err))
			return -1;
		if (f->circles || (!f->waits && f->dry)) {
			f->done = true;
			book_close(&f->book, sim_now(f->sim));
		} else if (arrive(f, err)) {
			return -1;
		}
		facts--;
	}
	return !f->done;
}

void forecast_progress(const struct forecast *f, struct forecast_progress *out)
{
	*out = (struct forecast_progress){ .start = f->o.start,
					   .now = sim_now(f->sim),
					   .ended = f->book.ended,
					   .live = sched_live(f->s),
					   .decisions = f->book.decisions };
}

/* Those that are left when nothing can happen any more; first those that themselves can never
 * run, then those that wait for others. */
struct left {
	const struct forecast *f;
	cJSON *list;
	int64_t count, looked;
	bool never; /* in this round */
};

static int64_t stands_for(const struct sched *s, int64_t key, const struct sched_job_view *job)
{
	int64_t count[JOB_COUNT] = { 0 }, n = 0;

	if (job->kind == JOB_KIND_CHILD || job->kind == JOB_KIND_NODE)
		return 0;
	if (job->kind != JOB_KIND_ARRAY || !sched_array(s, key, count))
		return 1;
	for (int i = 0; i < JOB_COUNT; i++)
		n += job_status_is_final((enum job_status)i) ? 0 : count[i];
	return n;
}

/* The rung that will never be passed, or else the first that is not. */
static const struct why_rung *decisive(const struct why *why)
{
	const struct why_rung *first = NULL;

	for (int i = 0; i < RUNG_COUNT; i++) {
		if (why->rung[i].verdict == VERDICT_NEVER)
			return &why->rung[i];
		if (!first && why->rung[i].verdict == VERDICT_WAIT)
			first = &why->rung[i];
	}
	return first;
}

static void describe_left(struct left *left, int64_t key, const struct sched_job_view *job,
			  int64_t n, const struct why_rung *rung)
{
	const struct forecast_options *o = &left->f->o;
	cJSON *out = cJSON_CreateObject();

	json_add_str(out, "jobQueue", job->queue);
	json_add_bool(out, "never", left->never);
	json_add_str(out, "reason", rung ? rung->text : "it waits");
	if (rung && *rung->help)
		json_add_str(out, "help", rung->help);
	if (n > 1)
		json_add_int(out, "jobs", n);
	if (o->describe)
		o->describe(o->describe_arg, key, out);
	else
		json_add_int(out, "job", key);
	cJSON_AddItemToArray(left->list, out);
}

static void say_left(void *arg, int64_t key, const struct sched_job_view *job)
{
	struct left *left = arg;
	const struct forecast_options *o = &left->f->o;
	int64_t n = stands_for(left->f->s, key, job);
	const struct why_rung *rung;
	struct why why;

	left->count += n;
	if (!n || cJSON_GetArraySize(left->list) >= o->never_max || left->looked++ > LOOK_AT_MOST ||
	    !sched_why(left->f->s, key, sim_now(left->f->sim), o->name, o->describe_arg, &why))
		return;
	rung = decisive(&why);
	if ((rung && rung->verdict == VERDICT_NEVER) == left->never)
		describe_left(left, key, job, n, rung);
}

static int64_t say_all_left(const struct forecast *f, cJSON *list)
{
	struct left left = { .f = f, .list = list, .never = true };

	sched_each(f->s, say_left, &left);
	left.never = false;
	left.looked = left.count = 0;
	sched_each(f->s, say_left, &left);
	return left.count;
}

cJSON *forecast_report(const struct forecast *f)
{
	cJSON *out = report_make(&f->book);
	int64_t left = say_all_left(f, cJSON_AddArrayToObject(out, "never"));

	json_add_int(out, "neverCount", left);
	json_add_int(out, "seed", (int64_t)f->o.seed);
	if (f->circles)
		json_add_bool(out, "circles", true);
	return out;
}
