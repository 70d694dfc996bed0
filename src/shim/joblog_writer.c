/* Writes a job's output to its log. What comes in is put into whole lines, whole lines into
 * a chunk, and the chunk is written at once, so that a reader without a lock sees either
 * none or all of a line in all but the rarest moments (and then waits for the newline).
 *
 * A full disk loses output, never the job: what could not be written is counted, and said
 * in the log as soon as there is room again. Only the cut takes a lock, and never waits for
 * it: a reader that was stopped in mid-read must not stop the job. */
#include "config.h"
#include "joblog_private.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#include "jobdeck/base/fs.h"
#include "jobdeck/base/mem.h"

enum {
	CHUNK = JOBLOG_PREFIX_MAX + JOBLOG_LINE_MAX + 1,
	COPY = 65536,
	SLACK = 256, /* for the cut's own line, and for lines that do not end where it suits */
};

struct partial { /* the end of a stream that has no newline yet */
	char text[JOBLOG_LINE_MAX];
	size_t len;
};

struct joblog_writer {
	char *path;
	int fd; /* -1: nothing written yet */
	int64_t max, size;
	int64_t head;			  /* where the cut is, or will be */
	int64_t cut_bytes, cut_lines;	  /* 0: not yet */
	int64_t lost_bytes, lost_lines;	  /* not yet said */
	int lost_errno;
	struct partial partial[JOBLOG_ERR + 1]; /* by stream */
	jd_time stamped;		  /* the second that `stamp` shows */
	char stamp[TIME_ISO_SIZE];
	char chunk[CHUNK];
	size_t chunk_len;
	int64_t chunk_lines;
};

/* Makes sure that the file can be made later. */
static int check_directory(const char *path)
{
	const char *slash = strrchr(path, '/');
	cleanup_free char *dir = slash && slash != path ? xstrndup(path, (size_t)(slash - path)) :
							  xstrdup(slash ? "/" : ".");

	if (access(dir, W_OK | X_OK) == 0)
		return 0;
	return errno == ENOENT ? fs_mkdirs(dir, NULL) : -1;
}

struct joblog_writer *joblog_create(const char *path, int64_t max_bytes, struct err *err)
{
	struct joblog_writer *w;

	if (check_directory(path)) {
		err_sys(err, "cannot write %s", path);
		return NULL;
	}
	w = xcalloc(1, sizeof *w);
	w->path = xstrdup(path);
	w->fd = -1;
	w->max = max_bytes > JOBLOG_MIN ? max_bytes : JOBLOG_MIN;
	for (w->head = JOBLOG_HEAD_MIN; w->head <= w->max / 4; w->head *= 2)
		;
	w->stamped = -1;
	return w;
}

static int pwrite_all(int fd, const char *data, size_t len, int64_t at)
{
	while (len) {
		ssize_t n = pwrite(fd, data, len, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data += n;
		len -= (size_t)n;
		at += n;
	}
	return 0;
}

/* Reads [from, to) in pieces and hands each to `use`; stops when that fails. */
static int for_each_piece(const struct joblog_writer *w, int64_t from, int64_t to,
			  int (*use)(void *arg, const char *data, size_t len), void *arg)
{
	cleanup_free char *buf = xmalloc(COPY);

	while (from < to) {
		size_t want = to - from < COPY ? (size_t)(to - from) : COPY;
		ssize_t n = pread(w->fd, buf, want, from);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || use(arg, buf, (size_t)n))
			return -1;
		from += n;
	}
	return 0;
}

static int count_lines(void *arg, const char *data, size_t len)
{
	int64_t *lines = arg;
	const char *end = data + len;

	while ((data = memchr(data, '\n', (size_t)(end - data)))) {
		++*lines;
		data++;
	}
	return 0;
}

struct copy {
	int fd;
	int64_t to;
};

static int copy_piece(void *arg, const char *data, size_t len)
{
	struct copy *c = arg;

	if (pwrite_all(c->fd, data, len, c->to))
		return -1;
	c->to += (int64_t)len;
	return 0;
}

/* The first line that begins at or after `at`, which is not in the file's first bytes. */
static int64_t line_start(const struct joblog_writer *w, int64_t at)
{
	char buf[CHUNK];
	ssize_t n = pread(w->fd, buf, sizeof buf, at - 1);
	const char *newline = n > 0 ? memchr(buf, '\n', (size_t)n) : NULL;

	return newline ? at + (newline - buf) : w->size;
}

/* Blanks instead of the line that crosses `head`. */
static int fill_before_head(const struct joblog_writer *w)
{
	char buf[CHUNK];
	int64_t from = w->head - CHUNK;
	const char *newline;
	size_t keep;

	if (pread(w->fd, buf, CHUNK, from) != CHUNK)
		return -1;
	newline = memrchr(buf, '\n', CHUNK);
	keep = newline ? (size_t)(newline + 1 - buf) : 0;
	if (keep == CHUNK)
		return 0;
	memset(buf + keep, ' ', CHUNK - keep);
	buf[CHUNK - 1] = '\n';
	return pwrite_all(w->fd, buf + keep, CHUNK - keep, from + (int64_t)keep);
}

/* The line that tells of the cut, with the time of the line after it, so that times stay in
 * order. */
static int write_cut_line(const struct joblog_writer *w, const char *stamp)
{
	char line[JOBLOG_CUT_LEN + 1];
	int n = snprintf(line, sizeof line, "%.*s --- " JOBLOG_CUT_TEXT " ", JOBLOG_STAMP_LEN,
			 stamp, (long long)w->cut_bytes, (long long)w->cut_lines);

	memset(line + n, '-', (size_t)(JOBLOG_CUT_LEN - n));
	line[JOBLOG_CUT_LEN - 1] = '\n';
	return pwrite_all(w->fd, line, JOBLOG_CUT_LEN, w->head);
}

/* Drops what is between the head and the tail that begins at `tail`. Killed in the middle of
 * this, some lines are there twice; nothing else. */
static int drop_middle(struct joblog_writer *w, int64_t tail)
{
	int64_t tail_now = w->head + JOBLOG_CUT_LEN;
	int64_t from = w->cut_bytes ? tail_now : w->head, lines = w->cut_lines;
	struct copy copy = { .fd = w->fd, .to = tail_now };
	char stamp[JOBLOG_STAMP_LEN];

	if (pread(w->fd, stamp, sizeof stamp, tail) != sizeof stamp ||
	    for_each_piece(w, from, tail, count_lines, &lines) ||
	    (!w->cut_bytes && fill_before_head(w)) ||
	    for_each_piece(w, tail, w->size, copy_piece, &copy))
		return -1;
	w->cut_bytes += tail - from;
	w->cut_lines = lines;
	w->size = copy.to;
	return write_cut_line(w, stamp) || ftruncate(w->fd, w->size) ? -1 : 0;
}

/* Makes room. -1 with errno when it cannot be done now. */
static int cut(struct joblog_writer *w)
{
	int64_t tail = w->size - ((w->max - w->head) / 2 - SLACK);
	int r;

	if (tail < w->head + JOBLOG_CUT_LEN)
		tail = w->head + JOBLOG_CUT_LEN;
	tail = line_start(w, tail);
	if (tail >= w->size) {
		errno = EFBIG;
		return -1;
	}
	if (flock(w->fd, LOCK_EX | LOCK_NB))
		return -1;
	r = drop_middle(w, tail);
	flock(w->fd, LOCK_UN);
	return r;
}

static int append(struct joblog_writer *w, const char *data, size_t len)
{
	if (w->fd < 0)
		w->fd = open(w->path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (w->fd < 0)
		return -1;
	if (w->size + (int64_t)len > w->max && cut(w) &&
	    w->size + (int64_t)len > w->max + w->max / 2)
		return -1;
	if (pwrite_all(w->fd, data, len, w->size)) {
		int saved = errno;

		if (ftruncate(w->fd, w->size))
			saved = errno;
		errno = saved;
		return -1;
	}
	w->size += (int64_t)len;
	return 0;
}

static int say_lost(struct joblog_writer *w)
{
	char line[256];
	int n;

	if (!w->lost_lines)
		return 0;
	n = snprintf(line, sizeof line,
		     "%s --- %" PRId64 " bytes in %" PRId64 " lines were lost here: %s ---\n",
		     w->stamp, w->lost_bytes, w->lost_lines, strerror(w->lost_errno));
	if (append(w, line, (size_t)n))
		return -1;
	w->lost_bytes = w->lost_lines = 0;
	return 0;
}

static int push(struct joblog_writer *w)
{
	int r = say_lost(w);

	if (!r && w->chunk_len)
		r = append(w, w->chunk, w->chunk_len);
	if (r) {
		w->lost_errno = errno;
		w->lost_bytes += (int64_t)w->chunk_len;
		w->lost_lines += w->chunk_lines;
	}
	w->chunk_len = 0;
	w->chunk_lines = 0;
	return r;
}

/* Called for every line: only the first one of a second pays for the calendar. */
static void stamp(struct joblog_writer *w, jd_time now)
{
	int ms = (int)(now % 1000);

	if (now / 1000 != w->stamped) {
		time_iso(now, w->stamp, sizeof w->stamp);
		w->stamped = now / 1000;
	}
	w->stamp[20] = (char)('0' + ms / 100);
	w->stamp[21] = (char)('0' + ms / 10 % 10);
	w->stamp[22] = (char)('0' + ms % 10);
}

/* A line of the log from what the stream has waiting and `data`. */
static int emit(struct joblog_writer *w, enum joblog_stream s, jd_time now, const char *data,
		size_t len, bool whole)
{
	static const char *const word[] = { [JOBLOG_OUT] = " out", [JOBLOG_ERR] = " err" };
	struct partial *p = &w->partial[s];
	int r = 0;
	char *at;

	if (w->chunk_len + JOBLOG_PREFIX_MAX + p->len + len + 1 > sizeof w->chunk)
		r = push(w);
	stamp(w, now);
	at = w->chunk + w->chunk_len;
	at = mempcpy(at, w->stamp, JOBLOG_STAMP_LEN);
	at = mempcpy(at, word[s], 4);
	at = mempcpy(at, whole ? " " : "+ ", whole ? 1 : 2);
	at = mempcpy(at, p->text, p->len);
	at = mempcpy(at, data, len);
	*at++ = '\n';
	w->chunk_len = (size_t)(at - w->chunk);
	w->chunk_lines++;
	p->len = 0;
	return r;
}

int joblog_write(struct joblog_writer *w, enum joblog_stream s, jd_time now, const char *data,
		 size_t len)
{
	struct partial *p = &w->partial[s];
	int r = 0;

	while (len) {
		size_t room = sizeof p->text - p->len, n = len < room ? len : room;
		const char *newline = memchr(data, '\n', n);

		if (newline) {
			r |= emit(w, s, now, data, (size_t)(newline - data), true);
			n = (size_t)(newline + 1 - data);
		} else if (n == room) {
			r |= emit(w, s, now, data, n, false);
		} else {
			memcpy(p->text + p->len, data, n);
			p->len += n;
		}
		data += n;
		len -= n;
	}
	return r | push(w);
}

int joblog_flush(struct joblog_writer *w, jd_time now)
{
	int r = 0;

	for (enum joblog_stream s = JOBLOG_OUT; s <= JOBLOG_ERR; s++) {
		if (w->partial[s].len)
			r |= emit(w, s, now, "", 0, false);
	}
	return r | push(w);
}

bool joblog_pending(const struct joblog_writer *w)
{
	return w->partial[JOBLOG_OUT].len || w->partial[JOBLOG_ERR].len;
}

void joblog_close(struct joblog_writer *w)
{
	if (!w)
		return;
	if (w->fd >= 0)
		close(w->fd);
	free(w->path);
	free(w);
}
