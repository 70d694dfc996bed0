#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "jobdeck/base/fs.h"
#include "jobdeck/base/home.h"
#include "jobdeck/base/log.h"
#include "jobdeck/base/mem.h"

/* What touches the disk: files, the home and who may use it, the log. */

static char dir[64];
static struct err error;

static int make_dir(void **state)
{
	(void)state;
	memset(&error, 0, sizeof error);
	snprintf(dir, sizeof dir, "/tmp/base-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static int remove_dir(void **state)
{
	(void)state;
	return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static char *in_dir(const char *name)
{
	return xasprintf("%s/%s", dir, name);
}

/* --- fs ----------------------------------------------------------------------------------- */

static void directories(void **state)
{
	cleanup_free char *deep = in_dir("a//b/c/"), *file = in_dir("file"),
			  *below = in_dir("file/x");
	struct stat st;

	(void)state;
	assert_int_equal(fs_mkdirs(deep, &error), 0);
	assert_int_equal(fs_mkdirs(deep, &error), 0);
	assert_int_equal(stat(deep, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(fs_mkdirs("/", &error), 0);
	assert_int_equal(fs_write_atomic(file, "", 0, &error), 0);
	assert_int_equal(fs_mkdirs(file, &error), -1);
	assert_non_null(strstr(error.text, "Not a directory"));
	assert_int_equal(fs_mkdirs(below, &error), -1);
	assert_non_null(strstr(error.text, "Not a directory"));
}

static void files(void **state)
{
	cleanup_free char *path = in_dir("f"), *tmp = in_dir("f.tmp"), *lost = in_dir("no/f");
	cleanup_free char *big = xcalloc(1, 100000), *got = NULL, *again = NULL;
	struct stat st;
	size_t len = 0;

	(void)state;
	assert_null(fs_read(path, 100, NULL, &error));
	assert_int_equal(errno, ENOENT);
	assert_non_null(strstr(error.text, "No such file"));
	memset(big, 'x', 100000);
	assert_int_equal(fs_write_atomic(path, "old", 3, &error), 0);
	assert_int_equal(fs_write_atomic(path, big, 100000, &error), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(access(tmp, F_OK), -1);
	got = fs_read(path, 100000, &len, &error);
	assert_int_equal(len, 100000);
	assert_int_equal(strlen(got), 100000);
	assert_null(fs_read(path, 99999, NULL, &error));
	assert_int_equal(errno, EFBIG);
	assert_int_equal(error.kind, ERR_INVALID);
	assert_int_equal(fs_write_atomic(lost, "x", 1, &error), -1);
	assert_int_equal(fs_write_atomic(dir, "x", 1, &error), -1); /* not over a directory */
	again = xasprintf("%s.tmp", dir);
	assert_int_equal(access(again, F_OK), -1);
	assert_null(fs_read(dir, 100, NULL, &error));
	assert_int_equal(errno, EISDIR);
}

static void boot_id(void **state)
{
	(void)state;
	assert_int_equal(strlen(fs_boot_id()), 36);
	assert_ptr_equal(fs_boot_id(), fs_boot_id());
}

/* --- home --------------------------------------------------------------------------------- */

static void home_in_one_directory(void **state)
{
	cleanup_free char *path = in_dir("my home");
	struct home *h = home_open(path, &error);
	struct stat st;

	(void)state;
	assert_non_null(h);
	assert_string_equal(h->dir, path);
	assert_int_equal(strncmp(h->db, path, strlen(path)), 0);
	assert_int_equal(strncmp(h->sock, path, strlen(path)), 0);
	assert_int_equal(stat(h->logs, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(stat(h->run, &st), 0);
	home_free(h);
	home_free(NULL);
}

static void home_by_variable_and_relative(void **state)
{
	cleanup_free char *path = in_dir("v");
	char cwd[PATH_MAX];
	struct home *h;

	(void)state;
	setenv("JOBDECK_HOME", path, 1);
	h = home_open(NULL, &error);
	unsetenv("JOBDECK_HOME");
	assert_non_null(h);
	assert_string_equal(h->dir, path);
	home_free(h);
	assert_non_null(getcwd(cwd, sizeof cwd));
	assert_int_equal(chdir(dir), 0);
	h = home_open("rel", &error);
	assert_int_equal(chdir(cwd), 0);
	assert_non_null(h);
	assert_int_equal(h->dir[0], '/');
	assert_int_equal(access(h->logs, W_OK), 0);
	home_free(h);
}

static void home_by_xdg(void **state)
{
	static const char *const names[] = { "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME",
					     "XDG_RUNTIME_DIR" };
	cleanup_free char *runtime = in_dir("runtime"), *missing = in_dir("missing"), *want = NULL;
	struct home *h;

	(void)state;
	unsetenv("JOBDECK_HOME");
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		unsetenv(names[i]);
	setenv("HOME", dir, 1);
	h = home_open(NULL, &error);
	assert_non_null(h);
	want = in_dir(".local/share/jobdeck/batch.db");
	assert_string_equal(h->db, want);
	free(want);
	want = in_dir(".local/state/jobdeck/sock"); /* no runtime directory */
	assert_string_equal(h->sock, want);
	assert_null(h->sock_state);
	assert_false(h->named);
	home_free(h);
	assert_int_equal(mkdir(runtime, 0700), 0);
	setenv("XDG_RUNTIME_DIR", runtime, 1);
	setenv("XDG_DATA_HOME", "relative is not valid", 1);
	h = home_open(NULL, &error);
	assert_non_null(h);
	free(want);
	want = in_dir("runtime/jobdeck/sock."); /* and what tells one data directory from others */
	assert_memory_equal(h->sock, want, strlen(want));
	free(want);
	want = in_dir(".local/state/jobdeck/sock");
	assert_string_equal(h->sock_state, want);
	home_free(h);
	setenv("XDG_RUNTIME_DIR", missing, 1);
	h = home_open(NULL, &error);
	assert_non_null(h);
	assert_non_null(strstr(h->sock, ".local/state"));
	home_free(h);
}

static void home_refuses_what_others_may_write(void **state)
{
	cleanup_free char *shared = in_dir("shared"), *file = in_dir("file");

	(void)state;
	assert_int_equal(mkdir(shared, 0700), 0);
	assert_int_equal(chmod(shared, 0770), 0);
	assert_null(home_open(shared, &error));
	assert_int_equal(error.kind, ERR_DENIED);
	assert_non_null(strstr(error.text, "chmod 700"));
	assert_int_equal(chmod(shared, 0702), 0);
	assert_null(home_open(shared, &error));
	assert_int_equal(chmod(shared, 0755), 0); /* reading is harmless: all in it is 0700 */
	home_free(home_open(shared, &error));
	assert_int_equal(fs_write_atomic(file, "", 0, &error), 0);
	assert_null(home_open(file, &error));
	if (geteuid() == 0) {
		assert_int_equal(chown(shared, 65534, 65534), 0);
		assert_null(home_open(shared, &error));
		assert_non_null(strstr(error.text, "another user"));
	}
}

static void home_has_one_engine(void **state)
{
	cleanup_free char *path = in_dir("h"), *pid = xasprintf("%d", (int)getpid());
	struct home *h = home_open(path, &error);
	int fd, other;

	(void)state;
	fd = home_lock(h, "server", &error);
	assert_true(fd >= 0);
	assert_int_equal(home_lock(h, "embedded", &error), -1);
	assert_int_equal(error.kind, ERR_CONFLICT);
	assert_non_null(strstr(error.text, pid));
	assert_non_null(strstr(error.text, "server"));
	close(fd);
	other = home_lock(h, "embedded", &error);
	assert_true(other >= 0);
	close(other);
	home_free(h);
}

/* Binds and connects through the path that home_socket_path gives. */
static void socket_works(const char *sock)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX }, b = a;
	int fd = -2, fd2 = -2, listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(home_socket_path(sock, a.sun_path, sizeof a.sun_path, &fd, &error), 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(listener, 1), 0);
	if (fd >= 0)
		close(fd);
	assert_int_equal(access(sock, F_OK), 0);
	assert_int_equal(home_socket_path(sock, b.sun_path, sizeof b.sun_path, &fd2, &error), 0);
	assert_int_equal(connect(client, (struct sockaddr *)&b, sizeof b), 0);
	if (fd2 >= 0)
		close(fd2);
	close(client);
	close(listener);
}

static void long_socket_paths(void **state)
{
	cleanup_free char *sub = NULL, *sock = NULL, *odd = NULL;
	char name[200], out[108];
	int fd = -2;

	(void)state;
	sock = in_dir("sock");
	socket_works(sock);
	free(sock);
	memset(name, 'd', sizeof name);
	name[sizeof name - 1] = '\0';
	sub = in_dir(name);
	assert_int_equal(mkdir(sub, 0700), 0);
	sock = xasprintf("%s/sock", sub);
	assert_true(strlen(sock) > 200);
	socket_works(sock);
	odd = xasprintf("%s/%s", sub, name); /* the name itself is too long */
	assert_int_equal(home_socket_path(odd, out, sizeof out, &fd, &error), -1);
	assert_int_equal(fd, -1);
	assert_int_equal(
		home_socket_path("/nonexistent-dir/"
				 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
				 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
				 out, sizeof out, &fd, &error),
		-1);
}

/* --- log ---------------------------------------------------------------------------------- */

static void log_is_safe_and_rotates(void **state)
{
	cleanup_free char *path = in_dir("server.log"), *old = in_dir("server.log.1"), *text = NULL;
	char long_text[3000];
	struct stat st;

	(void)state;
	log_open(path);
	log_info("job \033[31m%s\nforged line", "x");
	log_debug("not wanted");
	log_level(LOG_DEBUG);
	log_debug("wanted");
	log_level(LOG_INFO);
	text = fs_read(path, 10000, NULL, &error);
	assert_non_null(strstr(text, "Z info: job ^[[31mx^Jforged line\n"));
	assert_null(strstr(text, "not wanted"));
	assert_non_null(strstr(text, "debug: wanted\n"));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	memset(long_text, '\001', sizeof long_text);
	long_text[sizeof long_text - 1] = '\0';
	for (int i = 0; i < 1200; i++)
		log_info("%s", long_text);
	assert_int_equal(stat(old, &st), 0);
	assert_true(st.st_size >= 1 << 20 && st.st_size < (1 << 20) + 4096);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size > 0 && st.st_size < 1 << 21);
}

#define with_dir(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_dir(directories),
		with_dir(files),
		cmocka_unit_test(boot_id),
		with_dir(home_in_one_directory),
		with_dir(home_by_variable_and_relative),
		with_dir(home_by_xdg),
		with_dir(home_refuses_what_others_may_write),
		with_dir(home_has_one_engine),
		with_dir(long_socket_paths),
		with_dir(log_is_safe_and_rotates),
	};

	return cmocka_run_group_tests_name("home", tests, NULL, NULL);
}
