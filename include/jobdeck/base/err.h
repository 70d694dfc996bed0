#ifndef JOBDECK_BASE_ERR_H
#define JOBDECK_BASE_ERR_H

/* Every function that can fail for a reason outside the program returns 0 or -1 (or a
 * pointer or NULL) and takes a struct err as its last argument. The text is complete,
 * without a full stop, ready to stand after "jobdeck: ". Passing NULL is allowed. The
 * error is untouched on success. Running out of memory is not an error: base/mem.h ends
 * the program. */
enum err_kind {
	ERR_NONE,
	ERR_INVALID,	 /* the caller's request is wrong: AWS ClientException, exit 2 */
	ERR_NOT_FOUND,	 /* no such thing: AWS ClientException, exit 4 */
	ERR_CONFLICT,	 /* not possible in this state: AWS ClientException */
	ERR_DENIED,	 /* not allowed: AWS AccessDeniedException, exit 5 */
	ERR_UNAVAILABLE, /* try again later: AWS ServerException */
	ERR_CORRUPT,	 /* stored data cannot be what we wrote */
	ERR_SYSTEM,	 /* the system refused; the text has errno spelled out */
};

struct err {
	enum err_kind kind;
	char text[400]; /* cut at a character boundary when too long */
};

/* Sets the error. Always returns -1, so that "return err_set(...)" works. */
int err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* As err_set with ERR_SYSTEM, and appends ": " and the text of errno, which it keeps. */
int err_sys(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Puts context and ": " before the present text and keeps the kind. Returns -1. */
int err_wrap(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
