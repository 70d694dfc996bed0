/* On what terms a job runs: as an array (ARR-1), for whom (JQ-8, FS-7, FS-8), with which
 * consumable resources (CR-1), and what our own tags say. */
#include "config.h"
#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include "jobdeck/model/nodes.h"
#include "submit.h"
#include "tags.h"

enum { SHARE_MAX = 255 };

static int read_array(struct submission *s, struct err *err)
{
	const cJSON *size = json_get(json_get(s->c->in, "arrayProperties"), "size");

	if (!size)
		return 0;
	if (size->valuedouble < 2 || size->valuedouble > LIMIT_ARRAY) /* trap 7 */
		return err_set(err, ERR_INVALID, "arrayProperties.size must be between 2 and %d",
			       LIMIT_ARRAY);
	if (s->nodes) /* MNP-10 */
		return err_set(err, ERR_INVALID,
			       "A multi-node parallel job cannot be an array job.");
	s->job->kind = JOB_KIND_ARRAY;
	s->job->size = (int)size->valuedouble;
	return 0;
}

static int check_share_name(const char *share, struct err *err)
{
	size_t n = 0;

	while (isalnum((unsigned char)share[n]))
		n++;
	if (n && n <= SHARE_MAX && (!share[n] || strcmp(share + n, "*") == 0))
		return 0;
	return err_set(err, ERR_INVALID, "ShareIdentifier name should match a valid pattern.");
}

/* FS-7: one more than 500 is refused, but not one that is active already. */
static int check_share_count(const struct submission *s, const char *share, struct err *err)
{
	const struct sched *sched = engine_sched(s->c->engine);
	cleanup_free struct sched_share_view *all = NULL;
	jd_time now = engine_now(s->c->engine);
	int n = sched_shares(sched, s->queue->name, now, NULL, 0);

	if (n < LIMIT_SHARES)
		return 0;
	all = xcalloc((size_t)n, sizeof *all);
	sched_shares(sched, s->queue->name, now, all, n);
	for (int i = 0; i < n; i++)
		if (strcmp(all[i].identifier, share) == 0)
			return 0;
	return err_set(err, ERR_CONFLICT,
		       "Job queue %s has %d active share identifiers: submissions that add a new "
		       "one fail.",
		       s->queue->name, n);
}

/* JQ-8, trap 17. */
static int read_share(struct submission *s, struct err *err)
{
	const char *share = json_str(s->c->in, "shareIdentifier");
	const struct queue *q = s->queue;

	if (share && !q->policy)
		return err_set(err, ERR_INVALID,
			       "shareIdentifier must not be specified: the job queue %s has no "
			       "scheduling policy.",
			       q->name);
	if (!share && q->policy)
		return err_set(err, ERR_INVALID,
			       "shareIdentifier must be specified: the job queue %s has a "
			       "scheduling policy.",
			       q->name);
	if (share && (check_share_name(share, err) < 0 || check_share_count(s, share, err) < 0))
		return -1;
	s->job->share = xstrdup(share);
	return 0;
}

const cJSON *submit_said_priority(const struct submission *s)
{
	const cJSON *over = json_get(s->c->in, "schedulingPriorityOverride");

	return over ? over : json_get(s->base, "schedulingPriority");
}

/* OVR-2. A multi-node job's ranges have their own. */
const cJSON *submit_said_consumables(const struct submission *s)
{
	const cJSON *over = json_get(s->c->in, "consumableResourcePropertiesOverride");

	return over ? over : json_get(s->base, "consumableResourceProperties");
}

static void read_priority(struct submission *s)
{
	const cJSON *said = submit_said_priority(s);

	s->job->priority = said ? (int)said->valuedouble : 0;
}

/* The table in section 2: more than 50 tags together are accepted, and then it fails. */
static void count_tags(struct submission *s)
{
	static const char too_many[] =
		"The combined number of tags of the job and its job definition is more than 50";
	const cJSON *propagate = submit_said(s, "propagateTags");

	if (cJSON_IsTrue(propagate) && cJSON_GetArraySize(s->tags) > LIMIT_TAGS)
		s->doomed = too_many;
}

/* Each node of a range takes what its range says. */
static int read_consumables(struct submission *s, struct err *err)
{
	const cJSON *range;

	if (consumables_read(s->c, s->job, submit_said_consumables(s), 1, err) < 0)
		return -1;
	cJSON_ArrayForEach(range, json_get(s->nodes, "nodeRangeProperties")) {
		const cJSON *use = json_get(range, "consumableResourceProperties");
		int nodes = 0;

		for (int i = 0; i < s->job->size; i++)
			nodes += node_properties_of(s->nodes, i) == range;
		if (consumables_read(s->c, s->job, use, nodes, err) < 0)
			return -1;
	}
	return 0;
}

int submit_terms(struct submission *s, struct err *err)
{
	if (read_array(s, err) < 0 || read_share(s, err) < 0 ||
	    tags_read_job(s->job, s->tags, err) < 0 || read_consumables(s, err) < 0)
		return -1;
	read_priority(s);
	count_tags(s);
	return 0;
}
