/* JobdeckDrill: trouble on purpose. An instance is taken back as by the Spot market, an
 * environment gets no capacity or a queue places nothing for a while, and END ends that. What
 * goes on is answered every time; it is in the environments' and queues' own rows, so a
 * restart forgets nothing. */
#include "config.h"
#include <string.h>
#include "internal.h"

enum { USUAL_MS = 10 * 60 * 1000, MS_A_SECOND = 1000 };

/* An instance by its id; or a job, for the place it runs at. */
static int reclaim(struct api_call *c, const char *target, struct err *err)
{
	int64_t key = instance_key(target);
	struct sched_job_view view;
	int64_t job;

	if (key)
		return engine_reclaim(c->engine, key, err);
	job = find_job_key(c, target, err);
	if (job < 0)
		return -1;
	if (!job || !sched_job(engine_sched(c->engine), job, &view) || !view.env)
		return err_set(err, ERR_NOT_FOUND,
			       "%.80s is neither an instance nor a job that runs", target);
	if (view.instance)
		return engine_reclaim(c->engine, view.instance, err);
	return engine_reclaim_job(c->engine, job, err);
}

static int set_environment(struct api_call *c, const char *name, jd_time until, struct err *err)
{
	struct environment *e = find_environment(c, name, err);
	int rc;

	if (!e)
		return -1;
	e->refuse_until = until;
	rc = engine_put_environment(c->engine, e, err);
	environment_free(e);
	return rc;
}

static int set_queue(struct api_call *c, const char *name, jd_time until, struct err *err)
{
	struct queue *q = find_queue(c, name, err);
	int rc;

	if (!q)
		return -1;
	q->blocked_until = until;
	rc = engine_put_queue(c->engine, q, err);
	queue_free(q);
	return rc;
}

/* --- what goes on ----------------------------------------------------------------------- */

struct going {
	cJSON *list;
	jd_time now;
};

static void add(struct going *g, const char *action, const char *target, jd_time until)
{
	cJSON *item;

	if (until <= g->now)
		return;
	item = cJSON_CreateObject();
	json_add_str(item, "action", action);
	json_add_str(item, "target", target);
	json_add_int(item, "until", until);
	cJSON_AddItemToArray(g->list, item);
}

static int add_environment(void *arg, const struct environment *e)
{
	add(arg, "REFUSE_CAPACITY", e->name, e->refuse_until);
	return 0;
}

static int add_queue(void *arg, const struct queue *q)
{
	add(arg, "BLOCK_QUEUE", q->name, q->blocked_until);
	return 0;
}

static cJSON *going_on(struct api_call *c, struct err *err)
{
	struct going g = { cJSON_CreateArray(), engine_now(c->engine) };

	if (store_environments(c->store, add_environment, &g, err) == 0 &&
	    store_queues(c->store, add_queue, &g, err) == 0)
		return g.list;
	cJSON_Delete(g.list);
	return NULL;
}

/* All of them, or those of an environment or queue of that name. */
static int end(struct api_call *c, const char *target, struct err *err)
{
	cJSON *all cleanup_json = going_on(c, err);
	const cJSON *item;

	if (!all)
		return -1;
	cJSON_ArrayForEach(item, all) {
		const char *name = json_str(item, "target");
		bool queue = strcmp(json_str(item, "action"), "BLOCK_QUEUE") == 0;

		if (target && strcmp(target, name) != 0)
			continue;
		if ((queue ? set_queue : set_environment)(c, name, 0, err) < 0)
			return -1;
	}
	return 0;
}

static int act(struct api_call *c, struct err *err)
{
	const char *action = json_str(c->in, "action"), *target = json_str(c->in, "target");
	int64_t seconds = json_int(c->in, "forSeconds", USUAL_MS / MS_A_SECOND);
	jd_time until = engine_now(c->engine) + seconds * MS_A_SECOND;

	if (strcmp(action, "LIST") == 0)
		return 0;
	if (strcmp(action, "END") == 0)
		return end(c, target, err);
	if (!target)
		return err_set(err, ERR_INVALID, "target is required for %s", action);
	if (strcmp(action, "RECLAIM") == 0)
		return reclaim(c, target, err);
	return (strcmp(action, "BLOCK_QUEUE") == 0 ? set_queue : set_environment)(c, target, until,
										  err);
}

int op_jobdeck_drill(struct api_call *c, struct err *err)
{
	cJSON *list;

	if (act(c, err) < 0)
		return -1;
	list = going_on(c, err);
	json_add(c->out, "drills", list);
	return list ? 0 : -1;
}
