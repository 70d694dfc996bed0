#include "config.h"
#include "internal.h"
#include <string.h>

/* Which share of a fair-share queue is served next (FS-3): those with somebody left in this
 * pass stand in a tree by their score. Whatever changes a share's score or line only touches
 * it; when somebody asks, the touched ones are put right, so that a placement costs the same
 * however many shares there are. */

bool order_lower(double score, const struct share *share, double than, const struct share *other)
{
	if (score != than)
		return score < than;
	return strcmp(share->identifier ? share->identifier : "",
		      other->identifier ? other->identifier : "") < 0;
}

static int compare_shares(const struct share *a, const struct share *b)
{
	if (a == b)
		return 0;
	return order_lower(a->score, a, b->score, b) ? -1 : 1;
}

/* cppcheck-suppress unknownMacro */
RB_GENERATE_STATIC(share_order, share, by_score, compare_shares)

void order_touch(struct live_queue *q, struct share *share)
{
	if (share->touched || q->policy == NO_INDEX)
		return;
	share->touched = true;
	share->next_touched = q->touched;
	q->touched = share;
}

void order_clear(struct live_queue *q)
{
	RB_INIT(&q->order);
	q->touched = NULL;
	for (uint16_t i = 0; i < q->share_count; i++) {
		if (q->share[i])
			q->share[i]->in_order = q->share[i]->touched = false;
	}
}

static void put_right(const struct sched *s, struct live_queue *q, struct share *share)
{
	if (share->in_order)
		RB_REMOVE(share_order, &q->order, share);
	share->touched = false;
	share->in_order = line_left(share);
	if (!share->in_order)
		return;
	share->score = share_score(s, q, share, share->booked_milli);
	RB_INSERT(share_order, &q->order, share);
}

struct share *order_first(const struct sched *s, struct live_queue *q)
{
	struct share *share, *next;

	for (share = q->touched; share; share = next) {
		next = share->next_touched;
		put_right(s, q, share);
	}
	q->touched = NULL;
	return RB_MIN(share_order, &q->order);
}
