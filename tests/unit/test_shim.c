/* What server and shim exchange, and the log of a job's output. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "jobdeck/base/fs.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/shim/joblog.h"
#include "jobdeck/shim/proto.h"

/* ---- spec and state ----------------------------------------------------------------- */

static char *const some_argv[] = { (char *)(uintptr_t)"sh", (char *)(uintptr_t)"-c",
				   (char *)(uintptr_t)"echo \"a\nb\"; exit 3",
				   (char *)(uintptr_t)"", NULL };
static char *const some_envp[] = { (char *)(uintptr_t)"A=1", (char *)(uintptr_t)"B=x y\n", NULL };
static char *const nothing[] = { NULL };

static struct shim_spec some_spec(void)
{
	return (struct shim_spec){ .job_id = "0190a1b2-c3d4-7000-8000-000000000001",
				   .attempt = 2,
				   .argv = some_argv,
				   .envp = some_envp,
				   .directory = "/var/empty dir",
				   .log = "/logs/x.log",
				   .log_max = 1ll << 40,
				   .timeout_ms = 1ll << 41,
				   .grace_ms = 30000 };
}

static void test_spec_there_and_back(void **state)
{
	struct shim_spec spec = some_spec(), back;
	size_t len;
	cleanup_free char *text = shim_spec_print(&spec, &len);

	(void)state;
	assert_int_equal(shim_spec_parse(text, len, &back, NULL), 0);
	assert_string_equal(back.job_id, spec.job_id);
	assert_int_equal(back.attempt, 2);
	for (int i = 0; i < 4; i++)
		assert_string_equal(back.argv[i], some_argv[i]);
	assert_null(back.argv[4]);
	assert_string_equal(back.envp[1], "B=x y\n");
	assert_null(back.envp[2]);
	assert_string_equal(back.directory, spec.directory);
	assert_string_equal(back.log, spec.log);
	assert_true(back.log_max == spec.log_max && back.timeout_ms == spec.timeout_ms);
	assert_int_equal(back.grace_ms, 30000);
	shim_spec_fini(&back);
	spec.argv = spec.envp = nothing;
	free(text);
	text = shim_spec_print(&spec, &len);
	assert_int_equal(shim_spec_parse(text, len, &back, NULL), 0);
	assert_null(back.argv[0]);
	shim_spec_fini(&back);
}

/* A file cut anywhere, or with any byte changed, is refused or parsed, never misread past
 * its end; what an earlier, longer spec left behind the end does not matter. */
static void test_spec_damaged(void **state)
{
	struct shim_spec spec = some_spec(), back;
	size_t len;
	cleanup_free char *text = shim_spec_print(&spec, &len);
	struct err err;

	(void)state;
	for (size_t n = 0; n < len; n++) {
		cleanup_free char *part = xmalloc(n);

		memcpy(part, text, n);
		assert_int_equal(shim_spec_parse(part, n, &back, &err), -1);
	}
	for (size_t n = 0; n < len * 3; n++) {
		cleanup_free char *bad = xmalloc(len);

		memcpy(bad, text, len);
		bad[n / 3] = "\0009z"[n % 3];
		if (shim_spec_parse(bad, len, &back, &err) == 0)
			shim_spec_fini(&back);
	}
	text = xrealloc(text, len + 5);
	memcpy(text + len, "rest", 5);
	assert_int_equal(shim_spec_parse(text, len + 5, &back, &err), 0);
	shim_spec_fini(&back);
}

static void test_spec_too_large(void **state)
{
	struct shim_spec spec = some_spec();
	cleanup_free char *big = xmalloc(SHIM_SPEC_MAX + 1);
	char *argv[] = { big, NULL };
	size_t len;

	(void)state;
	memset(big, 'x', SHIM_SPEC_MAX);
	big[SHIM_SPEC_MAX] = '\0';
	spec.argv = argv;
	assert_null(shim_spec_print(&spec, &len));
}

static void test_state_there_and_back(void **state)
{
	struct shim_state s = { .stage = SHIM_STARTING, .job_id = "job-1", .attempt = 3,
				.boot_id = "b-1" }, back;
	char text[3 * SHIM_LINE_MAX + 100] = "";
	size_t len = 0;

	(void)state;
	len += shim_state_print(&s, text + len);
	s.stage = SHIM_RUNNING;
	s.pid = 77;
	s.started = 1700000000123;
	len += shim_state_print(&s, text + len);
	s.stage = SHIM_EXITED;
	s.exit_code = 137;
	s.signal = 9;
	s.cause = SHIM_TIMEOUT;
	s.stopped = 1700000009999;
	strcpy(s.text, "two\nlines");
	len += shim_state_print(&s, text + len);
	/* With the NULs after it, as the file is. */
	assert_int_equal(shim_state_parse(text, len + 90, &back, NULL), 0);
	assert_int_equal(back.stage, SHIM_EXITED);
	assert_string_equal(back.job_id, "job-1");
	assert_string_equal(back.boot_id, "b-1");
	assert_int_equal(back.attempt, 3);
	assert_int_equal(back.pid, 77);
	assert_true(back.started == s.started && back.stopped == s.stopped);
	assert_int_equal(back.exit_code, 137);
	assert_int_equal(back.signal, 9);
	assert_int_equal(back.cause, SHIM_TIMEOUT);
	assert_string_equal(back.text, "two lines");
	/* A last line without its newline does not count. */
	assert_int_equal(shim_state_parse(text, len - 1, &back, NULL), 0);
	assert_int_equal(back.stage, SHIM_RUNNING);
}

static void test_state_refused(void **state)
{
	static const char *const bad[] = {
		"", "attempt", "attempt x", "attempt x 1", "attempt x 1 b more", "running 1 2",
		"running x", "exited 0 0 itself 1 ", "attempt x 1 b\nexited 0 0 nonsense 1 ",
		"attempt x 1 b\nexited 0 0 itself 1x", "attempt x 1 b\nrunning 5 6 7",
		"attempt x 1 b\nrunning 5", "attempt x 1 b\nwhat",
	};
	struct shim_state s;
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		cleanup_free char *text = xasprintf("%s\n", bad[i]);

		if (shim_state_parse(text, strlen(text), &s, &err) != -1)
			fail_msg("\"%s\" was taken", bad[i]);
	}
	assert_int_equal(shim_state_parse("", 0, &s, &err), 0);
	assert_int_equal(s.stage, SHIM_NONE);
	assert_int_equal(shim_cause_parse("stopped"), SHIM_STOPPED);
	assert_int_equal(shim_cause_parse("?"), -1);
}

/* ---- the log ------------------------------------------------------------------------ */

static char dir[] = "/tmp/jobdeck-shim-XXXXXX";
static char path[sizeof dir + 32];

static int make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof path, "%s/sub/x.log", dir);
	return 0;
}

static int remove_dir(void **state)
{
	cleanup_free char *sub = xasprintf("%s/sub", dir);

	(void)state;
	unlink(path);
	rmdir(sub);
	return rmdir(dir);
}

/* Lines as "POSITION stream text|", and where to go on. */
struct seen {
	char text[4096];
	int count, stop_at;
	struct joblog_line last;
	int64_t next, size, order;
};

static int collect(void *arg, const struct joblog_line *line)
{
	static const char *const word[] = { "", "out", "err", "---" };
	struct seen *s = arg;
	size_t n = strlen(s->text);

	if (s->stop_at && s->count == s->stop_at)
		return 1;
	if (line->position < s->order || line->next <= line->position)
		fail_msg("positions go back");
	s->order = line->next;
	s->last = *line;
	s->count++;
	snprintf(s->text + n, sizeof s->text - n, "%s%s %.*s|", word[line->stream],
		 line->continues ? "+" : "", (int)line->len, line->text);
	return 0;
}

static struct seen read_log(int64_t position, int limit)
{
	struct seen s = { .count = 0 };

	assert_int_equal(
		joblog_read(path, position, limit, collect, &s, &s.next, &s.size, NULL), 0);
	return s;
}

static void put(struct joblog_writer *w, enum joblog_stream s, jd_time now, const char *text)
{
	assert_int_equal(joblog_write(w, s, now, text, strlen(text)), 0);
}

static void test_log_lines(void **state)
{
	struct joblog_writer *w = joblog_create(path, 0, NULL);
	cleanup_free char *file = NULL;
	struct seen s = read_log(0, 10);
	jd_time t = 1795356202118; /* 2026-11-22T14:03:22.118Z */

	(void)state;
	assert_int_equal(s.count, 0);
	assert_int_equal(s.size, 0);
	put(w, JOBLOG_OUT, t, "hello\nwor");
	assert_true(joblog_pending(w));
	put(w, JOBLOG_ERR, t + 2, "oops\n");
	put(w, JOBLOG_OUT, t + 3, "ld\n\n");
	assert_false(joblog_pending(w));
	put(w, JOBLOG_OUT, t + 1000, "50 %");
	joblog_flush(w, t + 1200);
	put(w, JOBLOG_OUT, t + 2000, " done\n");
	file = fs_read(path, 10000, NULL, NULL);
	assert_string_equal(file, "2026-11-22T14:03:22.118Z out hello\n"
				  "2026-11-22T14:03:22.120Z err oops\n"
				  "2026-11-22T14:03:22.121Z out world\n"
				  "2026-11-22T14:03:22.121Z out \n"
				  "2026-11-22T14:03:23.318Z out+ 50 %\n"
				  "2026-11-22T14:03:24.118Z out  done\n");
	s = read_log(0, 100);
	assert_string_equal(s.text, "out hello|err oops|out world|out |out+ 50 %|out  done|");
	assert_true(s.last.at == t + 2000);
	assert_true(s.next == s.size && s.size == (int64_t)strlen(file));
	/* In pieces, and going on later. */
	s = read_log(0, 2);
	assert_string_equal(s.text, "out hello|err oops|");
	s = read_log(s.next, 1);
	assert_string_equal(s.text, "out world|");
	s = read_log(s.size, 10);
	assert_int_equal(s.count, 0);
	assert_true(s.next == s.size);
	put(w, JOBLOG_ERR, t + 3000, "more\n");
	s = read_log(s.next, 10);
	assert_string_equal(s.text, "err more|");
	/* The last ones. */
	s = read_log(-1, 2);
	assert_string_equal(s.text, "out  done|err more|");
	assert_int_equal(read_log(-1, 100).count, 7);
	assert_int_equal(read_log(-1, 7).count, 7);
	assert_int_equal(read_log(-1, 0).count, 0);
	joblog_close(w);
}

static void test_log_refusing_reader(void **state)
{
	struct joblog_writer *w = joblog_create(path, 0, NULL);
	struct seen s = { .stop_at = 1 };

	(void)state;
	put(w, JOBLOG_OUT, 1000, "a\nb\n");
	assert_int_equal(joblog_read(path, 0, 9, collect, &s, &s.next, &s.size, NULL), 0);
	assert_string_equal(s.text, "out a|");
	assert_string_equal(read_log(s.next, 9).text, "out b|");
	joblog_close(w);
}

/* Any bytes: only newlines matter. Long lines are split. */
static void test_log_binary_and_long(void **state)
{
	struct joblog_writer *w = joblog_create(path, 0, NULL);
	cleanup_free char *big = xmalloc(3 * JOBLOG_LINE_MAX);
	char all[256];
	struct seen s;

	(void)state;
	for (int i = 0; i < 256; i++)
		all[i] = (char)(i == '\n' ? 'N' : i);
	assert_int_equal(joblog_write(w, JOBLOG_OUT, 0, all, sizeof all), 0);
	put(w, JOBLOG_OUT, 0, "\n");
	s = read_log(0, 10);
	assert_int_equal(s.count, 1);
	assert_int_equal(s.last.len, 256);
	memset(big, 'x', 3 * JOBLOG_LINE_MAX);
	big[2 * JOBLOG_LINE_MAX + 10] = '\n';
	assert_int_equal(joblog_write(w, JOBLOG_ERR, 0, big, 2 * JOBLOG_LINE_MAX + 11), 0);
	s = read_log(s.next, 2);
	assert_true(s.last.continues);
	assert_int_equal(s.last.len, JOBLOG_LINE_MAX);
	s = read_log(s.next, 2);
	assert_int_equal(s.count, 1);
	assert_int_equal(s.last.len, 10);
	assert_false(s.last.continues);
	joblog_close(w);
}

/* Returns the bytes that this is in the log. */
static int64_t write_numbered(struct joblog_writer *w, int from, int to)
{
	int64_t bytes = 0;
	char line[64];

	for (int i = from; i < to; i++) {
		int n = snprintf(line, sizeof line, "line %d of many\n", i);

		assert_int_equal(joblog_write(w, i & 1 ? JOBLOG_ERR : JOBLOG_OUT, 1000 + i, line,
					      (size_t)n),
				 0);
		bytes += n + (int)strlen("2026-11-22T14:03:22.118Z out ");
	}
	return bytes;
}

struct check {
	int first, last, lines, cuts;
	long long cut_lines;
	jd_time at;
};

/* Numbers go up by one, but at the cut, by what it says. */
static int check_line(void *arg, const struct joblog_line *line)
{
	struct check *c = arg;
	long long bytes, lines = 0;
	int number;

	assert_true(line->at >= c->at);
	c->at = line->at;
	if (line->stream == JOBLOG_CUT) {
		assert_int_equal(sscanf(line->text, "%lld bytes in %lld lines were cut here",
					&bytes, &lines),
				 2);
		assert_true(line->next - line->position == bytes);
		assert_int_equal(line->text[line->len - 1], 'e');
		c->cuts++;
		c->last += (int)lines;
		c->cut_lines = lines;
		return 0;
	}
	assert_int_equal(sscanf(line->text, "line %d", &number), 1);
	assert_int_equal(line->stream, number & 1 ? JOBLOG_ERR : JOBLOG_OUT);
	if (!c->lines)
		c->first = number;
	else
		assert_int_equal(number, c->last + 1);
	c->last = number;
	c->lines++;
	return 0;
}

static int64_t file_size(void)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

/* Many cuts: head and tail are whole, the count is right, and a reader that follows keeps
 * its place across them. */
static void test_log_cut(void **state)
{
	enum { MAX = 200000, COUNT = 60000, STEP = 500 };
	struct joblog_writer *w = joblog_create(path, MAX, NULL);
	struct check all = { .first = -1 }, follow = { .first = -1 }, slow = { .first = -1 };
	int64_t next = 0, slow_next, size, written;

	(void)state;
	written = write_numbered(w, 0, 10);
	assert_int_equal(joblog_read(path, 0, 10, check_line, &slow, &slow_next, &size, NULL), 0);
	for (int i = 10; i < COUNT; i += STEP) {
		written += write_numbered(w, i, i + STEP < COUNT ? i + STEP : COUNT);
		assert_in_range(file_size(), 0, MAX);
		assert_int_equal(
			joblog_read(path, next, COUNT, check_line, &follow, &next, &size, NULL), 0);
		assert_true(next == size);
	}
	/* Who follows has seen everything and nothing twice. */
	assert_int_equal(follow.last, COUNT - 1);
	assert_int_equal(follow.lines, COUNT);
	/* Who comes late sees head, cut and tail. */
	assert_int_equal(joblog_read(path, 0, COUNT, check_line, &all, &next, &size, NULL), 0);
	assert_int_equal(all.cuts, 1);
	assert_int_equal(all.first, 0);
	assert_int_equal(all.last, COUNT - 1);
	assert_true(all.lines + all.cut_lines == COUNT);
	assert_true(all.lines > MAX / 2 / 50);
	/* Who was before the cut goes on there, and finds the cut. */
	assert_int_equal(joblog_read(path, slow_next, COUNT, check_line, &slow, &slow_next, &size,
				     NULL),
			 0);
	assert_int_equal(slow.cuts, 1);
	assert_int_equal(slow.lines, all.lines);
	/* The logical end counts everything that ever was there. */
	assert_true(size == written);
	assert_true(next == size);
	/* The last lines, also when they reach over the cut. */
	all = (struct check){ .first = -1 };
	assert_int_equal(joblog_read(path, -1, 100, check_line, &all, &next, &size, NULL), 0);
	assert_int_equal(all.first, COUNT - 100);
	all = (struct check){ .first = -1 };
	assert_int_equal(joblog_read(path, -1, COUNT, check_line, &all, &next, &size, NULL), 0);
	assert_int_equal(all.first, 0);
	joblog_close(w);
}

/* Positions inside of what was cut lead to the line that tells of it. */
static void test_log_position_in_the_cut(void **state)
{
	struct joblog_writer *w = joblog_create(path, 0, NULL);
	int64_t before;
	struct seen s;

	(void)state;
	write_numbered(w, 0, 1000);
	before = read_log(-1, 1).last.position;
	write_numbered(w, 1000, 20000);
	s = read_log(before, 1);
	assert_int_equal(s.last.stream, JOBLOG_CUT);
	s = read_log(s.next, 1);
	assert_int_equal(s.last.stream == JOBLOG_OUT || s.last.stream == JOBLOG_ERR, 1);
	joblog_close(w);
}

/* A reader that stopped in mid-read must not stop the job, only the cut. */
static void test_log_held_by_a_reader(void **state)
{
	struct joblog_writer *w = joblog_create(path, 0, NULL);
	struct check all = { .first = -1 };
	int64_t next, size;
	int fd;

	(void)state;
	write_numbered(w, 0, 1);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_SH), 0);
	write_numbered(w, 1, 1800);
	assert_in_range(file_size(), JOBLOG_MIN, JOBLOG_MIN * 3 / 2);
	close(fd);
	write_numbered(w, 1800, 1900);
	assert_in_range(file_size(), 0, JOBLOG_MIN);
	assert_int_equal(joblog_read(path, 0, 9999, check_line, &all, &next, &size, NULL), 0);
	assert_int_equal(all.last, 1899);
	/* And a writer that stopped in mid-cut must not hang a reader. */
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(joblog_read(path, 0, 9999, check_line, &all, &next, &size, NULL), -1);
	close(fd);
	joblog_close(w);
}

/* A full disk, played by the limit of a file's size: what is lost is counted and told. */
static void test_log_disk_full(void **state)
{
	struct joblog_writer *w = joblog_create(path, 0, NULL);
	struct rlimit old, low;
	struct seen s;

	(void)state;
	put(w, JOBLOG_OUT, 1000, "before\n");
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	low = (struct rlimit){ .rlim_cur = 100, .rlim_max = old.rlim_max };
	setrlimit(RLIMIT_FSIZE, &low);
	assert_int_equal(joblog_write(w, JOBLOG_OUT, 2000, "123456789012345\n1\n", 18), -1);
	assert_int_equal(joblog_write(w, JOBLOG_OUT, 2000, "123456789012345\n1\n", 18), -1);
	setrlimit(RLIMIT_FSIZE, &old);
	signal(SIGXFSZ, SIG_DFL);
	put(w, JOBLOG_ERR, 3000, "after\n");
	s = read_log(0, 10);
	assert_string_equal(s.text, "out before|"
				    "--- 152 bytes in 4 lines were lost here: File too large|"
				    "err after|");
	joblog_close(w);
}

static void test_log_without_a_place(void **state)
{
	struct err err = { .text = "" };

	(void)state;
	assert_null(joblog_create("/proc/none/x.log", 0, &err));
	assert_string_equal(err.text, "cannot write /proc/none/x.log: No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spec_there_and_back),
		cmocka_unit_test(test_spec_damaged),
		cmocka_unit_test(test_spec_too_large),
		cmocka_unit_test(test_state_there_and_back),
		cmocka_unit_test(test_state_refused),
		cmocka_unit_test(test_log_lines),
		cmocka_unit_test(test_log_refusing_reader),
		cmocka_unit_test(test_log_binary_and_long),
		cmocka_unit_test(test_log_cut),
		cmocka_unit_test(test_log_position_in_the_cut),
		cmocka_unit_test(test_log_held_by_a_reader),
		cmocka_unit_test(test_log_disk_full),
		cmocka_unit_test(test_log_without_a_place),
	};

	return cmocka_run_group_tests_name("shim", tests, make_dir, remove_dir);
}
