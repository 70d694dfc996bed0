#include "config.h"
#include "ladder.h"

/* The rungs about what others are entitled to, or have: shares and consumables. */

static enum verdict reserved(const struct ladder *l, struct tale *text, struct tale *help)
{
	const struct policy *p = l->s->policy[l->q->policy]->policy;
	int64_t most = 0, used = 0;
	char all[AMOUNT_SIZE], in_use[AMOUNT_SIZE];

	for (int i = 0; i < l->q->env_count; i++) {
		most += l->s->env[l->q->env[i]]->max_vcpu_milli;
		used += l->s->env[l->q->env[i]]->used.vcpu_milli;
	}
	tell(text, "%s keeps (%d%%)^%d of %s vCPU free for new shares (computeReservation); %s in use",
	     p->name, p->reservation, l->q->active, evidence_vcpus(most, all),
	     evidence_vcpus(used, in_use));
	tell(help, "jobs of %s end; more active shares, or a lower computeReservation of %s",
	     l->q->name, p->name);
	return VERDICT_WAIT;
}

enum verdict why_shares(const struct ladder *l, struct tale *text, struct tale *help)
{
	const struct live_job *job = l->subject.job;
	struct share *share = l->q->share[job->share];
	char in_use[AMOUNT_SIZE];

	if (l->q->policy == NO_INDEX) {
		tell(text, "%s has no scheduling policy", l->q->name);
		return VERDICT_OK;
	}
	if (l->subject.status < JOB_STARTING && share_reserved(l->s, l->q, job, l->now))
		return reserved(l, text, help);
	share_refresh(l->s, l->q, l->now);
	tell(text, "share %s, one of %d active: weightFactor %.4g, %s vCPU in use, score %.6g",
	     share->identifier ? share->identifier : "\"\"", l->q->active,
	     policies_weight(l->s, l->q, share), evidence_vcpus(share->vcpu_milli, in_use),
	     share_score(l->s, l->q, share, 0) / 1e6);
	return VERDICT_OK;
}

/* Never: there is not so much of it, whoever gives back. */
static bool never_enough(const struct live_consumable *c, int64_t wanted)
{
	return wanted > c->total - c->spent;
}

enum verdict why_consumables(const struct ladder *l, struct tale *text, struct tale *help)
{
	const struct job_extra *extra = l->subject.job->extra;
	const struct live_consumable *lacking = consume_short(l->s, l->subject.job);
	enum verdict verdict = VERDICT_OK;

	if (!extra || !extra->consume_count) {
		tell(text, "none");
		return VERDICT_OK;
	}
	for (int i = 0; i < extra->consume_count; i++) {
		const struct live_consumable *c = l->s->consumable[extra->consume[i].consumable];
		int64_t wanted = extra->consume[i].quantity;

		tell_next(text, "%lld of %s, %lld of %lld free", (long long)wanted, c->name,
			  (long long)(c->total - c->in_use - c->spent), (long long)c->total);
		if (l->subject.status >= JOB_STARTING || !lacking)
			continue;
		if (c == lacking && verdict != VERDICT_NEVER)
			verdict = VERDICT_WAIT;
		if (!never_enough(c, wanted) || (extra->consumed && c->type == CONSUMABLE_NON_REPLENISHABLE))
			continue;
		verdict = VERDICT_NEVER;
		tell(text, ": never enough");
	}
	if (verdict != VERDICT_OK)
		tell(help, verdict == VERDICT_NEVER ? "raise its total" :
						      "jobs that have it end, or raise its total");
	return verdict;
}
