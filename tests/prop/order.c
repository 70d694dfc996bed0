#include "config.h"
#include "oracle.h"

/* Who is before whom in a queue, and which queue is served first. */

/* A child that was not made yet stands where its array stands. */
static int64_t order_of(const struct oracle_job *job)
{
	return job->born ? job->order : job->parent->order;
}

bool oracle_stands_before(const struct oracle_job *a, const struct oracle_job *b)
{
	int64_t x = order_of(a), y = order_of(b);

	return x != y ? x < y : a->key < b->key;
}

static bool is_array(const struct oracle_job *job)
{
	return job->item->submit.size && !job->parent;
}

static bool is_kept(const struct oracle_job *job)
{
	if (job->held || (job->parent && job->parent->held))
		return true;
	return job->born ? job->delayed : job->parent->delayed;
}

bool oracle_in_line(const struct oracle *o, const struct oracle_job *job, int queue)
{
	return job->item && job->item->which == queue && !is_array(job) && oracle_live(o, job) &&
	       oracle_status(o, job) == JOB_RUNNABLE && !is_kept(job);
}

struct oracle_job *oracle_head(const struct oracle *o, int queue)
{
	struct oracle_job *head = NULL;

	for (int i = 0; i < o->count; i++) {
		struct oracle_job *job = &o->job[i];

		if (oracle_in_line(o, job, queue) && (!head || oracle_stands_before(job, head)))
			head = job;
	}
	return head;
}

int64_t oracle_ahead(const struct oracle *o, const struct oracle_job *job)
{
	int64_t n = 0;

	for (int i = 0; i < o->count; i++)
		n += oracle_in_line(o, &o->job[i], job->item->which) &&
		     oracle_stands_before(&o->job[i], job);
	return n;
}

bool oracle_before(const struct oracle *o, int a, int b)
{
	if (o->queue[a].priority != o->queue[b].priority)
		return o->queue[a].priority > o->queue[b].priority;
	return a < b; /* their names are q0, q1 ... */
}
