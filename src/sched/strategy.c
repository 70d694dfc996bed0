#include "config.h"
#include "internal.h"
#include <string.h>
#include "jobdeck/base/buf.h"
#include "jobdeck/base/mem.h"

/* Retry strategies. Jobs by the thousand have the same one, so each is kept once and counted;
 * a job names it by number. It is found by its bytes: all members, one after the other. */

static void spell_pattern(struct buf *b, const char *pattern)
{
	buf_addc(b, pattern ? 'p' : '-');
	if (pattern)
		buf_add(b, pattern, strlen(pattern) + 1);
}

static void spell(struct buf *b, const struct retry_strategy *retry)
{
	buf_add(b, &retry->attempts, sizeof retry->attempts);
	for (int i = 0; i < retry->rule_count; i++) {
		const struct retry_rule *rule = &retry->rule[i];

		buf_addc(b, rule->exit ? 'E' : 'R');
		spell_pattern(b, rule->on_exit_code);
		spell_pattern(b, rule->on_reason);
		spell_pattern(b, rule->on_status_reason);
	}
}

static uint32_t free_number(struct sched *s)
{
	if (s->strategy_free_count)
		return s->strategy_free[--s->strategy_free_count];
	ARRAY_ROOM(s->strategy, s->strategy_count, s->strategy_cap);
	s->strategy[s->strategy_count] = NULL;
	return (uint32_t)s->strategy_count++;
}

static struct strategy *keep(struct sched *s, uint32_t number, const struct retry_strategy *retry,
			     const char *bytes, size_t len)
{
	struct strategy *st = xcalloc(1, sizeof *st);

	retry_strategy_copy(&st->retry, retry);
	st->bytes = xmalloc(len);
	memcpy(st->bytes, bytes, len);
	st->len = len;
	st->self = number;
	s->strategy[number] = st;
	HASH_ADD_KEYPTR(hh, s->strategies, st->bytes, st->len, st);
	return st;
}

uint32_t strategy_hold(struct sched *s, const struct retry_strategy *retry)
{
	cleanup_buf struct buf b;
	struct strategy *st;

	buf_init(&b, SIZE_MAX / 2); /* api/ has limited the patterns */
	spell(&b, retry);
	HASH_FIND(hh, s->strategies, b.data, b.len, st);
	if (!st)
		st = keep(s, free_number(s), retry, b.data, b.len);
	st->users++;
	return st->self;
}

uint32_t strategy_again(struct sched *s, uint32_t strategy)
{
	s->strategy[strategy]->users++;
	return strategy;
}

static void forget(struct sched *s, struct strategy *st)
{
	ARRAY_ROOM(s->strategy_free, s->strategy_free_count, s->strategy_free_cap);
	s->strategy_free[s->strategy_free_count++] = st->self;
	s->strategy[st->self] = NULL;
	HASH_DEL(s->strategies, st); /* NOLINT(clang-analyzer-core.NullDereference): not so */
	retry_strategy_fini(&st->retry);
	free(st->bytes);
	free(st);
}

void strategy_release(struct sched *s, uint32_t strategy)
{
	struct strategy *st = s->strategy[strategy];

	if (--st->users == 0)
		forget(s, st);
}

void strategy_clear(struct sched *s)
{
	for (size_t i = 0; i < s->strategy_count; i++) {
		if (s->strategy[i])
			forget(s, s->strategy[i]);
	}
	free(s->strategy);
	free(s->strategy_free);
}

void strategy_clone(struct sched *to, const struct sched *from)
{
	to->strategy_free_count = to->strategy_free_cap = from->strategy_free_count;
	to->strategy_free = xreallocarray(NULL, to->strategy_free_cap, sizeof *to->strategy_free);
	if (to->strategy_free_count)
		memcpy(to->strategy_free, from->strategy_free,
		       to->strategy_free_count * sizeof *to->strategy_free);
	for (size_t i = 0; i < from->strategy_count; i++) {
		const struct strategy *st = from->strategy[i];

		ARRAY_ROOM(to->strategy, to->strategy_count, to->strategy_cap);
		to->strategy[to->strategy_count++] = NULL;
		if (st)
			keep(to, (uint32_t)i, &st->retry, st->bytes, st->len)->users = st->users;
	}
}
