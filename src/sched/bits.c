#include "config.h"
#include "bits.h"
#include <string.h>
#include "jobdeck/base/mem.h"

/* Sets of indices of children: one bit each, and no memory before the first is put in. */

static size_t words(int32_t size)
{
	return ((size_t)size + 63) / 64;
}

void bits_put(struct bits *b, int32_t size, int32_t i)
{
	if (bits_has(b, i))
		return;
	if (!b->word)
		b->word = xcalloc(words(size), sizeof *b->word);
	b->word[i / 64] |= UINT64_C(1) << (i % 64);
	b->count++;
}

void bits_remove(struct bits *b, int32_t i)
{
	if (!bits_has(b, i))
		return;
	b->word[i / 64] &= ~(UINT64_C(1) << (i % 64));
	b->count--;
}

int32_t bits_next(const struct bits *b, int32_t size, int32_t from)
{
	if (!b->count || from >= size)
		return -1;
	for (size_t w = (size_t)from / 64; w < words(size); w++) {
		uint64_t word = b->word[w];

		if (w == (size_t)from / 64)
			word &= UINT64_MAX << (from % 64);
		if (word)
			return (int32_t)(w * 64) + __builtin_ctzll(word);
	}
	return -1;
}

void bits_free(struct bits *b)
{
	free(b->word);
	*b = (struct bits){ 0 };
}

void bits_copy(struct bits *to, const struct bits *from, int32_t size)
{
	*to = *from;
	if (!from->word)
		return;
	to->word = xmalloc(words(size) * sizeof *to->word);
	memcpy(to->word, from->word, words(size) * sizeof *to->word);
}
