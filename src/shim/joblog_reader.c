/* Reads a log that may be written at the same time. See joblog_private.h for the cut. */
#include "config.h"
#include "joblog_private.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "jobdeck/base/mem.h"

enum { PIECE = 1 << 16, LOCK_TRIES = 50, LOCK_PAUSE_MS = 2 };

struct reader {
	int fd;
	int64_t size;	   /* of the file */
	int64_t head, cut; /* offset of the cut's line and the bytes it stands for, or 0 */
};

/* The writer holds its lock for milliseconds, or for long when it was stopped just then: the
 * caller must not hang for that. */
static int lock_shared(int fd, const char *path, struct err *err)
{
	static const struct timespec pause = { .tv_nsec = LOCK_PAUSE_MS * 1000000L };

	for (int i = 0; i < LOCK_TRIES; i++) {
		if (flock(fd, LOCK_SH | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_sys(err, "cannot lock %s", path);
		nanosleep(&pause, NULL);
	}
	return err_set(err, ERR_UNAVAILABLE, "%s is just being shortened, try again", path);
}

/* Is the line at `at` the one that tells of the cut? */
static bool find_cut(struct reader *r, int64_t at)
{
	char line[JOBLOG_CUT_LEN + 2];
	long long bytes, lines;
	int end = -1;

	if (pread(r->fd, line, JOBLOG_CUT_LEN + 1, at - 1) != JOBLOG_CUT_LEN + 1 ||
	    line[0] != '\n' || line[JOBLOG_CUT_LEN] != '\n')
		return false;
	line[JOBLOG_CUT_LEN + 1] = '\0';
	if (sscanf(line + 1 + JOBLOG_STAMP_LEN, " --- " JOBLOG_CUT_TEXT " -%n", &bytes, &lines,
		   &end) < 2 ||
	    end < 0 || bytes <= 0)
		return false;
	r->head = at;
	r->cut = bytes;
	return true;
}

static int look_at(struct reader *r, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(r->fd, &st))
		return err_sys(err, "cannot read %s", path);
	r->size = st.st_size;
	for (int64_t at = JOBLOG_HEAD_MIN; at < r->size && !find_cut(r, at); at *= 2)
		;
	return 0;
}

static int64_t to_logical(const struct reader *r, int64_t offset)
{
	return r->cut && offset > r->head ? offset - JOBLOG_CUT_LEN + r->cut : offset;
}

/* What lies in the cut is found at the line that tells of it. */
static int64_t to_offset(const struct reader *r, int64_t position)
{
	int64_t offset = position;

	if (r->cut && position > r->head) {
		offset = position - r->cut + JOBLOG_CUT_LEN;
		if (offset < r->head + JOBLOG_CUT_LEN)
			offset = r->head;
	}
	return offset < r->size ? offset : r->size;
}

/* The text of a line without time, stream and newline; false when it is no such line. */
static bool parse(const char *p, size_t len, struct joblog_line *out)
{
	char stamp[JOBLOG_STAMP_LEN + 1];

	if (len < JOBLOG_STAMP_LEN + 5 || p[JOBLOG_STAMP_LEN] != ' ')
		return false;
	memcpy(stamp, p, JOBLOG_STAMP_LEN);
	stamp[JOBLOG_STAMP_LEN] = '\0';
	out->at = time_parse_iso(stamp, NULL);
	p += JOBLOG_STAMP_LEN + 1;
	len -= JOBLOG_STAMP_LEN + 1;
	if (memcmp(p, "out", 3) == 0)
		out->stream = JOBLOG_OUT;
	else if (memcmp(p, "err", 3) == 0)
		out->stream = JOBLOG_ERR;
	else if (memcmp(p, "---", 3) == 0)
		out->stream = JOBLOG_CUT;
	else
		return false;
	out->continues = p[3] == '+';
	p += 3 + out->continues;
	len -= 3 + (size_t)out->continues;
	if (out->at < 0 || !len || *p != ' ')
		return false;
	out->text = p + 1;
	out->len = len - 1;
	if (out->stream == JOBLOG_CUT) {
		while (out->len && strchr(" -", out->text[out->len - 1]))
			out->len--;
	}
	return true;
}

static ssize_t read_at(const struct reader *r, char *buf, size_t len, int64_t at)
{
	ssize_t n;

	do {
		n = pread(r->fd, buf, len, at);
	} while (n < 0 && errno == EINTR);
	return n;
}

/* Where the last `limit` lines begin: backwards piece by piece, counting newlines that a
 * line of ours follows (all begin with the year's digit; the blanks before a cut do not). */
static int64_t last_lines(const struct reader *r, int limit)
{
	cleanup_free char *buf = xmalloc(PIECE + 1);
	int64_t end = r->size;
	char after = '\0'; /* what follows the piece */
	int found = -1;	   /* the newline at the end of the file begins no line */

	if (limit <= 0)
		return r->size;
	while (end > 0) {
		int64_t from = end > PIECE ? end - PIECE : 0;
		ssize_t n = read_at(r, buf, (size_t)(end - from), from);

		if (n != end - from)
			return end;
		buf[n] = after;
		for (const char *p = buf + n; p > buf; p--) {
			if (p[-1] != '\n')
				continue;
			if (found < 0)
				found = 0;
			else if (*p != ' ' && *p != '\n' && ++found == limit)
				return from + (p - buf);
		}
		after = buf[0];
		end = from;
	}
	return 0;
}

struct walk {
	int limit;
	int (*each)(void *arg, const struct joblog_line *);
	void *arg;
	bool stopped;
};

/* Tells of the whole lines in the piece that begins at `offset`. Returns the bytes used. */
static size_t tell_lines(const struct reader *r, struct walk *walk, const char *buf, size_t len,
			 int64_t offset)
{
	const char *p = buf, *end = buf + len, *newline;

	while (walk->limit > 0 && (newline = memchr(p, '\n', (size_t)(end - p)))) {
		struct joblog_line line = {
			.position = to_logical(r, offset + (p - buf)),
			.next = to_logical(r, offset + (newline + 1 - buf)),
		};

		if (parse(p, (size_t)(newline - p), &line)) {
			if (walk->each(walk->arg, &line)) {
				walk->stopped = true;
				break;
			}
			walk->limit--;
		}
		p = newline + 1;
	}
	return (size_t)(p - buf);
}

static int tell(const struct reader *r, struct walk *walk, int64_t *offset, const char *path,
		struct err *err)
{
	cleanup_free char *buf = xmalloc(PIECE);

	while (walk->limit > 0 && !walk->stopped) {
		ssize_t n = read_at(r, buf, PIECE, *offset);
		size_t used;

		if (n < 0)
			return err_sys(err, "cannot read %s", path);
		used = tell_lines(r, walk, buf, (size_t)n, *offset);
		if (!used && n == PIECE && !walk->stopped)
			used = PIECE; /* no line of ours is that long */
		if (!used)
			break;
		*offset += (int64_t)used;
	}
	return 0;
}

int joblog_read(const char *path, int64_t position, int limit,
		int (*each)(void *arg, const struct joblog_line *), void *arg, int64_t *next,
		int64_t *size, struct err *err)
{
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct reader r = { .fd = fd };
	struct walk walk = { .limit = limit, .each = each, .arg = arg };
	int64_t offset;

	if (fd < 0 && errno == ENOENT) {
		*next = *size = 0;
		return 0;
	}
	if (fd < 0)
		return err_sys(err, "cannot read %s", path);
	if (lock_shared(fd, path, err) || look_at(&r, path, err))
		return -1;
	offset = position < 0 ? last_lines(&r, limit) : to_offset(&r, position);
	if (tell(&r, &walk, &offset, path, err))
		return -1;
	*next = to_logical(&r, offset);
	*size = to_logical(&r, r.size);
	return 0;
}
