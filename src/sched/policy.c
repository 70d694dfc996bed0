#include "config.h"
#include "internal.h"
#include <string.h>
#include "jobdeck/base/mem.h"

/* Scheduling policies: the weights of share identifiers (FS-1, FS-2, FS-4). Of a share it is
 * remembered which entry of the policy it falls under, and of an entry how many active
 * identifiers do. */

static struct live_policy *find(const struct sched *s, const char *name)
{
	struct live_policy *p;

	HASH_FIND_STR(s->policies, name, p);
	return p;
}

int policies_index(const struct sched *s, const char *name)
{
	const struct live_policy *p = find(s, name);

	return p ? p->self : -1;
}

static struct live_policy *policy_new(struct sched *s, const struct policy *said)
{
	struct live_policy *p = xcalloc(1, sizeof *p);
	size_t i = 0;

	while (i < s->policy_count && s->policy[i])
		i++;
	if (i == s->policy_count) {
		ARRAY_ROOM(s->policy, s->policy_count, s->policy_cap);
		s->policy_count++;
	}
	s->policy[i] = p;
	p->self = (uint16_t)i;
	p->policy = policy_copy(said);
	HASH_ADD_KEYPTR(hh, s->policies, p->policy->name, strlen(p->policy->name), p);
	return p;
}

static void policy_delete(struct sched *s, struct live_policy *p)
{
	s->policy[p->self] = NULL;
	HASH_DEL(s->policies, p);
	policy_free(p->policy);
	free(p);
}

void policies_clear(struct sched *s)
{
	for (size_t i = 0; i < s->policy_count; i++) {
		if (s->policy[i])
			policy_delete(s, s->policy[i]);
	}
	free(s->policy);
}

static int delete_named(struct sched *s, const char *name, struct err *err)
{
	struct live_policy *p = find(s, name);

	if (!p)
		return err_set(err, ERR_NOT_FOUND, "scheduling-policy/%s does not exist", name);
	if (p->users)
		return err_set(err, ERR_CONFLICT,
			       "Cannot delete, scheduling policy %s is used by %d job queue%s", name,
			       p->users, p->users == 1 ? "" : "s");
	policy_delete(s, p);
	return 0;
}

/* The name is the key of the hash, so the copy is put in with it. */
static void replace(struct sched *s, struct live_policy *p, const struct policy *said)
{
	int64_t old_ms = share_slot_of(p->policy);

	HASH_DEL(s->policies, p);
	policy_free(p->policy);
	p->policy = policy_copy(said);
	HASH_ADD_KEYPTR(hh, s->policies, p->policy->name, strlen(p->policy->name), p);
	for (size_t i = 0; i < s->queue_count; i++) {
		struct live_queue *q = s->queue[i];

		if (!q || q->policy != p->self)
			continue;
		share_rebuild(s, q, old_ms);
	}
}

int policies_apply(struct sched *s, const struct fact *fact, struct fact_effect *effect,
		   struct err *err)
{
	const struct policy *said = fact->policy;
	struct live_policy *p;

	(void)effect;
	if (said->deleted)
		return delete_named(s, said->name, err);
	if (said->reservation < 0 || said->reservation > 99 || said->decay_s < 0)
		return err_set(err, ERR_INVALID, "scheduling policy %s has numbers out of range",
			       said->name);
	p = find(s, said->name);
	if (!p && HASH_COUNT(s->policies) >= NO_INDEX)
		return err_set(err, ERR_CONFLICT, "there are too many scheduling policies");
	if (p)
		replace(s, p, said);
	else
		policy_new(s, said);
	return 0;
}

static bool falls_under(const char *identifier, const char *entry)
{
	size_t n = strlen(entry);

	if (n && entry[n - 1] == '*')
		return strncmp(identifier, entry, n - 1) == 0;
	return strcmp(identifier, entry) == 0;
}

void policies_match(const struct sched *s, const struct live_queue *q, struct share *share)
{
	const struct policy *p = s->policy[q->policy]->policy;

	share->entry = -1;
	for (int i = 0; i < p->share_count && share->identifier; i++) {
		if (falls_under(share->identifier, p->share[i].identifier)) {
			share->entry = i;
			return;
		}
	}
}

void policies_count_none(const struct sched *s, struct live_queue *q)
{
	size_t n = (size_t)s->policy[q->policy]->policy->share_count;

	q->under = xreallocarray(q->under, n + 1, sizeof *q->under);
	memset(q->under, 0, (n + 1) * sizeof *q->under);
}

void policies_count(const struct sched *s, struct live_queue *q, const struct share *share)
{
	(void)s;
	if (share->entry >= 0)
		q->under[share->entry]++;
}

/* FS-4: the weight of a prefix times the identifiers that are active under it. */
double policies_weight(const struct sched *s, const struct live_queue *q, const struct share *share)
{
	const struct policy *p = s->policy[q->policy]->policy;
	const struct share_weight *w;
	size_t n;
	int times = 1;

	if (share->entry < 0)
		return 1;
	w = &p->share[share->entry];
	n = strlen(w->identifier);
	if (n && w->identifier[n - 1] == '*' && q->under && q->under[share->entry] > 1)
		times = q->under[share->entry];
	return (double)w->weight / SHARE_WEIGHT_ONE * times;
}

void policies_clone(struct sched *to, const struct sched *from)
{
	to->policy_count = to->policy_cap = from->policy_count;
	to->policy = xcalloc(to->policy_cap + 1, sizeof *to->policy);
	for (const struct live_policy *p = from->policies; p; p = p->hh.next) {
		struct live_policy *copy = xmalloc(sizeof *copy);

		*copy = *p;
		copy->policy = policy_copy(p->policy);
		to->policy[p->self] = copy;
		HASH_ADD_KEYPTR(hh, to->policies, copy->policy->name, strlen(copy->policy->name),
				copy);
	}
}
