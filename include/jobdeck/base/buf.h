#ifndef JOBDECK_BASE_BUF_H
#define JOBDECK_BASE_BUF_H
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* A growing byte buffer with a stated maximum. It is always NUL-terminated once anything
 * was added. What would pass the maximum is dropped and `full` is set for good: the
 * caller asks once, at the end. */
struct buf {
	char *data; /* NULL while empty */
	size_t len, cap, max;
	bool full;
};

void buf_init(struct buf *b, size_t max);
void buf_fini(struct buf *b);
void buf_clear(struct buf *b); /* keeps the memory */
void buf_add(struct buf *b, const void *data, size_t len);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vaddf(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
void buf_eat(struct buf *b, size_t n);	/* drops the first n bytes */
const char *buf_str(const struct buf *b); /* never NULL; borrowed */
char *buf_steal(struct buf *b);		/* never NULL; caller frees; b is empty after */
#define cleanup_buf __attribute__((cleanup(buf_fini)))

#endif
