#ifndef JOBDECK_SHIM_JOBLOG_H
#define JOBDECK_SHIM_JOBLOG_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "jobdeck/base/err.h"
#include "jobdeck/base/time.h"

/* A job's output on disk: a text file for ordinary tools, one line each:
 *
 *	2026-11-22T14:03:22.118Z out hello
 *	2026-11-22T14:03:22.120Z err oops
 *	2026-11-22T14:03:23.000Z out+ 50 %		(no newline yet: goes on in the next line
 *							 of that stream)
 *	2026-11-22T14:04:00.000Z --- 123456 bytes in 789 lines were cut here -----
 *
 * When the file would pass its maximum, the first part (a power of two, at most half) and
 * the newest part are kept and the middle is replaced by that last form of line, of fixed
 * length. Positions are logical: they count the cut bytes too, so a reader's position stays
 * true across a cut. Output that a full disk refused is told of by a "---" line as well. */

enum joblog_stream { JOBLOG_OUT = 1, JOBLOG_ERR = 2, JOBLOG_CUT = 3 };
enum {
	JOBLOG_LINE_MAX = 16384, /* longer lines are split as if continued */
	JOBLOG_MIN = 65536,	 /* least maximum of a log; smaller ones are taken as this */
};

/* Makes the file's directory when that is missing. The file itself is made, or truncated,
 * with the first line: a job that says nothing has none. */
struct joblog_writer;
struct joblog_writer *joblog_create(const char *path, int64_t max_bytes, struct err *err);
/* Bytes as they came from the job; lines are completed over several calls. What is not
 * ended by a newline is written as a continued line by joblog_flush (call it when that
 * has been so for a moment, and at the end). -1 when some of it was lost (disk
 * full), which the log will tell as soon as it can; the writer stays usable. */
int joblog_write(struct joblog_writer *w, enum joblog_stream s, jd_time now, const char *data,
		 size_t len);
int joblog_flush(struct joblog_writer *w, jd_time now);
bool joblog_pending(const struct joblog_writer *w); /* is there something to flush */
void joblog_close(struct joblog_writer *w);

struct joblog_line {
	int64_t position, next; /* logical, of this line and of the one after it */
	jd_time at;
	enum joblog_stream stream;
	bool continues; /* no newline after it yet */
	/* Raw bytes of the job, not safe for a terminal. Of a cut: what to tell people. */
	const char *text;
	size_t len;
};
/* Calls `each` for complete lines from `position` on (0: the start; -1: the last `limit`
 * lines), at most `limit`; stops when it returns non-zero, and then that line counts as not
 * read. *next is where to go on, *size the logical end. A missing file has no lines. Lines
 * that are no such lines are skipped. ERR_UNAVAILABLE when the log stays locked by a writer
 * for 100 ms, which is as long as this can block. */
int joblog_read(const char *path, int64_t position, int limit,
		int (*each)(void *arg, const struct joblog_line *), void *arg, int64_t *next,
		int64_t *size, struct err *err);

#endif
