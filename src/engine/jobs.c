/* Jobs as they stand: the store's rows, and for children and nodes that have none yet what the
 * scheduler says of them. */
#include "config.h"
#include "internal.h"

/* What is stored and what the scheduler has agree, but for what is not stored. */
static void overlay(const struct engine *e, struct job *job)
{
	struct sched_job_view view;

	if (!job->parent || !sched_job(e->sched, job->key, &view))
		return;
	job->status = view.status;
	job->held = view.held;
}

struct job *engine_job(struct engine *e, int64_t key, struct err *err)
{
	struct job *job = store_job(e->store, key, err);

	if (job)
		overlay(e, job);
	return job;
}

/* Statuses that only those have that were made. */
static bool is_made(int status)
{
	return status == JOB_STARTING || status == JOB_RUNNING || status == JOB_SUCCEEDED;
}

/* The rows of those that were made, and between them those that were not. */
struct walk {
	struct engine *e;
	const struct job *parent;
	int status, left;
	int64_t next; /* key of the next one */
	bool full;
	int (*each)(void *arg, const struct job *job);
	void *arg;
};

static int tell(struct walk *w, const struct job *job)
{
	w->next = job->key + 1;
	if (w->status >= 0 && (int)job->status != w->status)
		return 0;
	w->full = w->left-- == 0;
	return w->full ? 0 : w->each(w->arg, job);
}

static int tell_unmade(struct walk *w, int64_t until)
{
	int rc = 0;

	while (rc == 0 && !w->full && w->next < until) {
		struct job *job = store_job_unmade(w->parent, w->next);

		overlay(w->e, job);
		rc = tell(w, job);
		job_free(job);
	}
	return rc;
}

static int tell_made(void *arg, const struct job *job)
{
	struct walk *w = arg;
	int rc = tell_unmade(w, job->key);

	if (rc == 0 && !w->full)
		rc = tell(w, job);
	return rc == 0 && w->full ? 1 : rc;
}

int engine_children(struct engine *e, const struct job *parent, int status, int64_t after,
		    int limit, int (*each)(void *, const struct job *), void *arg, struct err *err)
{
	struct walk w = {
		.e = e, .parent = parent, .status = status, .left = limit, .each = each, .arg = arg
	};
	int rc;

	if (is_made(status))
		return store_children(e->store, parent->key, status, after, limit, each, arg, err);
	w.next = (after > parent->key ? after : parent->key) + 1;
	rc = store_children(e->store, parent->key, -1, w.next - 1, LIMIT_ARRAY, tell_made, &w, err);
	if (rc == 0)
		rc = tell_unmade(&w, parent->key + parent->size + 1);
	return w.full && rc == 1 ? 0 : rc;
}
