/* The spec of an attempt as bytes: strings ended by NUL, the fixed ones first, then the two
 * lists with their counts, then an end mark that a file cut short cannot have. What follows
 * it is left from a longer spec of an earlier attempt: nothing is truncated, because that
 * makes ext4 write the file out at its close. */
#include "config.h"
#include "jobdeck/shim/proto.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/buf.h"
#include "jobdeck/base/mem.h"

static const char magic[] = "jobdeck-spec-1", end_mark[] = "end";

static void add(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s) + 1);
}

static void add_number(struct buf *b, int64_t n)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRId64, n);
	add(b, text);
}

static void add_list(struct buf *b, char *const *list)
{
	int64_t count = 0;

	while (list[count])
		count++;
	add_number(b, count);
	for (int64_t i = 0; i < count; i++)
		add(b, list[i]);
}

char *shim_spec_print(const struct shim_spec *spec, size_t *len)
{
	cleanup_buf struct buf b;

	buf_init(&b, SHIM_SPEC_MAX);
	add(&b, magic);
	add(&b, spec->job_id);
	add_number(&b, spec->attempt);
	add(&b, spec->directory);
	add(&b, spec->log);
	add_number(&b, spec->log_max);
	add_number(&b, spec->timeout_ms);
	add_number(&b, spec->grace_ms);
	add_list(&b, spec->argv);
	add_list(&b, spec->envp);
	add(&b, end_mark);
	if (b.full)
		return NULL;
	*len = b.len;
	return buf_steal(&b);
}

struct reader {
	char *at, *end;
	bool bad;
};

static char *take(struct reader *r)
{
	char *s = r->at, *nul = r->bad ? NULL : memchr(s, '\0', (size_t)(r->end - s));

	if (!nul) {
		r->bad = true;
		return NULL;
	}
	r->at = nul + 1;
	return s;
}

static int64_t take_number(struct reader *r, int64_t min, int64_t max)
{
	const char *s = take(r);
	char *end;
	long long n;

	if (!s)
		return min;
	errno = 0;
	n = strtoll(s, &end, 10);
	if (errno || end == s || *end || n < min || n > max) {
		r->bad = true;
		return min;
	}
	return n;
}

static void take_word(struct reader *r, char *out, size_t size)
{
	const char *s = take(r);

	if (!s || !*s || strlen(s) >= size || strpbrk(s, " \n"))
		r->bad = true;
	else
		memcpy(out, s, strlen(s) + 1);
}

/* Puts the list and its NULL at *slots, which is moved on. There is room: each element has
 * a NUL of its own in the text. */
static char *const *take_list(struct reader *r, char ***slots)
{
	char **list = *slots;
	int64_t count = take_number(r, 0, r->end - r->at);

	for (int64_t i = 0; i < count && !r->bad; i++)
		*(*slots)++ = take(r);
	*(*slots)++ = NULL;
	return list;
}

static size_t count_nuls(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += text[i] == '\0';
	return n;
}

/* One allocation: the pointers of both lists, then a copy of the text. */
int shim_spec_parse(const char *text, size_t len, struct shim_spec *out, struct err *err)
{
	size_t room = (count_nuls(text, len) + 2) * sizeof(char *);
	cleanup_free char *block = xmalloc(room + len);
	char **slots = (char **)(void *)block;
	struct reader r = { .at = block + room, .end = block + room + len };
	struct shim_spec spec = { .attempt = 0 };
	const char *mark;

	memcpy(r.at, text, len);
	mark = take(&r);
	if (!mark || strcmp(mark, magic) != 0)
		return err_set(err, ERR_CORRUPT, "this is not a jobdeck spec");
	take_word(&r, spec.job_id, sizeof spec.job_id);
	spec.attempt = (int)take_number(&r, 0, INT32_MAX);
	spec.directory = take(&r);
	spec.log = take(&r);
	spec.log_max = take_number(&r, 0, INT64_MAX);
	spec.timeout_ms = take_number(&r, 0, INT64_MAX);
	spec.grace_ms = (int)take_number(&r, 0, INT32_MAX);
	spec.argv = take_list(&r, &slots);
	spec.envp = take_list(&r, &slots);
	mark = take(&r);
	if (!mark || strcmp(mark, end_mark) != 0)
		return err_set(err, ERR_CORRUPT, "the spec is not whole");
	spec.memory = STEAL_PTR(block);
	*out = spec;
	return 0;
}

void shim_spec_fini(struct shim_spec *spec)
{
	free(spec->memory);
	*spec = (struct shim_spec){ .attempt = 0 };
}
