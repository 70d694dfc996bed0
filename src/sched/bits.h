#ifndef JOBDECK_SCHED_BITS_H
#define JOBDECK_SCHED_BITS_H
#include <stdbool.h>
#include <stdint.h>

/* A set of small numbers, 0 .. size - 1, that costs nothing while it is empty. `size` is the
 * same in every call. All zeros is the empty set. */
struct bits {
	uint64_t *word; /* NULL: nothing was ever in it */
	int32_t count;	/* how many are in it */
};

static inline bool bits_has(const struct bits *b, int32_t i)
{
	return b->word && (b->word[i / 64] >> (i % 64) & 1);
}
void bits_put(struct bits *b, int32_t size, int32_t i);
void bits_remove(struct bits *b, int32_t i);
/* The least that is in it and at least `from`, or -1. */
int32_t bits_next(const struct bits *b, int32_t size, int32_t from);
void bits_free(struct bits *b);
void bits_copy(struct bits *to, const struct bits *from, int32_t size);

#endif
