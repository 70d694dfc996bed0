#ifndef JOBDECK_BASE_MEM_H
#define JOBDECK_BASE_MEM_H
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

/* Memory that is there or ends the program: no caller of these checks for NULL. */
void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xaligned(size_t alignment, size_t size); /* size: a multiple of alignment */
void *xrealloc(void *old, size_t size);
void *xreallocarray(void *old, size_t count, size_t size); /* count * size must not overflow */
char *xstrdup(const char *s);				   /* NULL in, NULL out */
char *xstrndup(const char *s, size_t max);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *xvasprintf(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));

/* Frees *old and puts a copy of s (or NULL) there. */
void str_replace(char **old, const char *s);

/* Grows ARRAY (with capacity CAP) so that COUNT + 1 elements fit, doubling. */
#define ARRAY_ROOM(array, count, cap)                                                              \
	do {                                                                                       \
		if ((size_t)(count) + 1 > (size_t)(cap)) {                                         \
			(cap) = (cap) ? (cap)*2 : 8;                                               \
			(array) = xreallocarray((array), (size_t)(cap), sizeof *(array));          \
		}                                                                                  \
	} while (0)
#define ARRAY_LEN(array) (sizeof(array) / sizeof *(array))

/* Variables that clean up after themselves when they go out of scope. */
static inline void mem_cleanup_free(void *p)
{
	free(*(void **)p);
}
static inline void mem_cleanup_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
#define cleanup_free  __attribute__((cleanup(mem_cleanup_free)))
#define cleanup_close __attribute__((cleanup(mem_cleanup_close)))
#define STEAL_PTR(p)                                                                               \
	({                                                                                         \
		__typeof__(p) steal_ = (p);                                                        \
		(p) = NULL;                                                                        \
		steal_;                                                                            \
	})
#define STEAL_FD(fd)                                                                               \
	({                                                                                         \
		int steal_ = (fd);                                                                 \
		(fd) = -1;                                                                         \
		steal_;                                                                            \
	})

#endif
