#include "config.h"
#include "book.h"
#include <string.h>
#include "jobdeck/base/mem.h"

/* Every fact of a forecast, entered into the books. */

static bool stands_for_itself(enum job_kind kind)
{
	return kind == JOB_KIND_PLAIN || kind == JOB_KIND_CHILD || kind == JOB_KIND_MULTINODE;
}

/* Jobs that stand for themselves; an array stands for those of its children that live. */
static int64_t count_present(const struct book *b, int64_t key, const struct sched_job_view *view)
{
	int64_t count[JOB_COUNT] = { 0 }, n = 0;

	if (view->kind == JOB_KIND_CHILD || view->kind == JOB_KIND_NODE)
		return 0;
	if (view->kind != JOB_KIND_ARRAY || !sched_array(b->s, key, count))
		return 1;
	for (int i = 0; i < JOB_COUNT; i++)
		n += job_status_is_final((enum job_status)i) ? 0 : count[i];
	return n;
}

/* A job that was there before: its wait counts from the beginning, if it has not started. */
static void take_over(void *arg, int64_t key, const struct sched_job_view *view)
{
	struct book *b = arg;
	struct track *track;

	b->present += count_present(b, key, view);
	if (view->kind == JOB_KIND_NODE)
		return;
	track = track_add(b, key);
	track->kind = view->kind;
	if (view->kind == JOB_KIND_ARRAY)
		track->left = (int32_t)count_present(b, key, view);
	if (view->kind == JOB_KIND_ARRAY || view->kind == JOB_KIND_MULTINODE)
		track_parent(b, key);
	track->line = book_line_of(b, view->queue, view->share);
	track->arrived = b->start;
	if (view->attempt || view->status == JOB_RUNNING || view->status == JOB_STARTING)
		track->started = view->started ? view->started : b->start;
	else if (view->status == JOB_RUNNABLE || view->kind == JOB_KIND_ARRAY)
		track->runnable = b->start;
}

void book_init(struct book *b, const struct sched *s, jd_time start)
{
	*b = (struct book){ .s = s, .start = start, .now = start, .last_end = start };
	cost_take_over(b);
	sched_each(s, take_over, b);
	track_parents_sort(b);
}

void book_fini(struct book *b)
{
	track_clear(b);
	cost_clear(b);
}

static void see_submitted(struct book *b, const struct fact *fact)
{
	const struct job *job = fact->submitted;
	struct track *track = track_add(b, job->key);

	track->kind = job->kind;
	track->line = book_line_of(b, job->queue, job->share);
	track->arrived = fact->at;
	b->arrived += job->kind == JOB_KIND_ARRAY ? job->size : 1;
	if (job->kind == JOB_KIND_ARRAY || job->kind == JOB_KIND_MULTINODE)
		track_parent(b, job->key);
	if (job->kind == JOB_KIND_ARRAY)
		track_order(b, job);
}

/* The first attempt has started: the wait is over. */
static void see_started(struct book *b, int64_t key, struct track *track, jd_time at)
{
	struct book_line *line = b->line[track->line];

	if (track->started)
		return;
	track->started = at;
	track->runnable = track_runnable(b, key, track);
	if (!track->runnable)
		return;
	ARRAY_ROOM(line->wait, line->wait_count, line->wait_cap);
	line->wait[line->wait_count++] = at - track->runnable;
}

static void see_end(struct book *b, int64_t key, const struct track *track, enum job_status status,
		    jd_time at)
{
	struct book_line *line = b->line[track->line];
	struct forecast_job job = { .key = key,
				    .queue = line->queue,
				    .share = line->share,
				    .status = status,
				    .arrived = track->arrived,
				    .runnable = track->runnable,
				    .started = track->started,
				    .ended = at };
	int64_t n = stands_for_itself((enum job_kind)track->kind) ? 1 : track->left;

	if (n <= 0)
		return;
	b->ended += n;
	b->last_end = at;
	line->succeeded += status == JOB_SUCCEEDED ? n : 0;
	line->failed += status == JOB_FAILED ? n : 0;
	if (b->told)
		b->told(b->told_arg, &job);
}

static void see_job(struct book *b, const struct fact *fact, const struct fact_effect *effect)
{
	struct track *track = track_of(b, fact->job);

	if (!track)
		return;
	if (fact->kind == FACT_RUNNABLE && !track->runnable && !track->started)
		track->runnable = fact->at;
	else if (effect->to == JOB_RUNNING && effect->from != JOB_RUNNING)
		see_started(b, fact->job, track, fact->at);
	if (effect->changed && effect->from != effect->to && job_status_is_final(effect->to)) {
		see_end(b, fact->job, track, effect->to, fact->at);
		if (track->kind == JOB_KIND_CHILD)
			track_order_end(b, fact->job, fact->at);
		track_drop(b, fact->job);
	}
}

static void see_money(struct book *b, const struct fact *fact)
{
	if (fact->kind == FACT_PLACED) {
		b->attempts++;
		cost_placed(b, fact);
	} else if (fact->kind == FACT_ENDED) {
		cost_ended(b, fact->job, fact->at);
	} else if (fact->kind == FACT_INSTANCE_LAUNCHED) {
		cost_launched(b, fact->instance->key, fact->instance->env, fact->instance->type);
	} else if (fact->kind == FACT_INSTANCE_TERMINATED) {
		cost_terminated(b, fact->instance_key, fact->at);
	}
}

static bool is_decision(enum fact_kind kind)
{
	return kind != FACT_SUBMITTED && kind != FACT_STARTED && kind != FACT_ENDED;
}

void book_see(void *arg, const struct fact *fact, const struct fact_effect *effect)
{
	struct book *b = arg;

	cost_pass(b, fact->at);
	b->decisions += is_decision(fact->kind);
	b->idle_facts = fact->job ? 0 : b->idle_facts + 1;
	see_money(b, fact);
	if (fact->kind == FACT_SUBMITTED)
		see_submitted(b, fact);
	else if (fact->job)
		see_job(b, fact, effect);
}
