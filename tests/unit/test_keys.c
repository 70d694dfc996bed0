/* Key pairs: what is made, kept and refused. */
#include "config.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "jobdeck/base/fs.h"
#include "jobdeck/base/home.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/server/keys.h"
#include "temp_home.h"

static struct temp_home temp;
static struct home *home;

static int set_up(void **state)
{
	(void)state;
	temp_home_make(&temp);
	home = temp.home;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	temp_home_remove(&temp);
	return 0;
}

static struct keys load(void)
{
	struct err err = { 0 };
	struct keys k;

	if (keys_load(home->keys, &k, &err))
		fail_msg("%s", err.text);
	return k;
}

static struct key create(const char *name, bool read_only, jd_time expires)
{
	struct err err = { 0 };
	struct key k;

	if (keys_create(home->keys, name, read_only, expires, &k, &err))
		fail_msg("%s", err.text);
	return k;
}

static void test_create(void **state)
{
	jd_time before = time_wall();
	struct key a = create("laptop", false, JD_NEVER), b = create(NULL, true, 12345);
	struct keys k = load();
	struct stat st;

	(void)state;
	assert_int_equal(k.count, 2);
	assert_memory_equal(&k.key[0], &a, sizeof a);
	assert_memory_equal(&k.key[1], &b, sizeof b);
	assert_int_equal(strlen(a.id), 20);
	assert_int_equal(strncmp(a.id, "AKIAJD", 6), 0);
	assert_int_equal(strspn(a.id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), 20);
	assert_int_equal(strlen(a.secret), 40);
	assert_string_not_equal(a.id, b.id);
	assert_string_not_equal(a.secret, b.secret);
	assert_true(a.created >= before && !a.read_only && a.expires == JD_NEVER);
	assert_true(b.read_only && b.expires == 12345 && !*b.name);
	assert_int_equal(stat(home->keys, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	keys_fini(&k);
}

static void test_find_and_delete(void **state)
{
	struct key a = create("a", false, JD_NEVER), b = create("b", false, JD_NEVER),
		   c = create("c", false, JD_NEVER);
	struct err err = { 0 };
	struct keys k;

	(void)state;
	assert_int_equal(keys_delete(home->keys, "nobody", &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_string_equal(err.text, "there is no key nobody");
	assert_int_equal(keys_delete(home->keys, "a", &err), 0);
	assert_int_equal(keys_delete(home->keys, c.id, &err), 0);
	k = load();
	assert_int_equal(k.count, 1);
	assert_null(keys_find(&k, a.id));
	assert_null(keys_find(&k, ""));
	assert_string_equal(keys_find(&k, "b")->id, b.id);
	assert_string_equal(keys_find(&k, b.id)->secret, b.secret);
	keys_fini(&k);
}

static void test_names(void **state)
{
	static const char *const bad[] = { "",
					   "with blank",
					   "a/b",
					   "\xc3\xbc",
					   "a\nb",
					   "12345678901234567890123456789012345678901234567890"
					   "123456789012345" };
	struct err err = { 0 };
	struct key k;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(keys_create(home->keys, bad[i], false, JD_NEVER, &k, &err), -1);
		assert_int_equal(err.kind, ERR_INVALID);
	}
	create("me@host.example+1", false, JD_NEVER);
	assert_int_equal(keys_create(home->keys, "me@host.example+1", false, JD_NEVER, &k, &err),
			 -1);
	assert_int_equal(err.kind, ERR_CONFLICT);
}

static void test_many(void **state)
{
	struct err err = { 0 };
	struct key k;

	(void)state;
	for (int i = 0; i < KEYS_MAX; i++)
		create(NULL, false, JD_NEVER);
	assert_int_equal(keys_create(home->keys, NULL, false, JD_NEVER, &k, &err), -1);
	assert_string_equal(err.text, "there are 100 keys already; delete some");
}

static void test_none(void **state)
{
	struct keys k = load();

	(void)state;
	assert_int_equal(k.count, 0);
	keys_fini(&k);
}

static void test_file(void **state)
{
	static const char *const bad[] = {
		"",
		"{}",
		"{\"keys\":{}}",
		"{\"keys\":[{}]}",
		"nonsense",
		"{\"keys\":[{\"accessKeyId\":\"short\",\"secretAccessKey\":\"short\"}]}",
	};
	struct err err = { 0 };
	struct keys k;

	(void)state;
	create("a", false, JD_NEVER);
	assert_int_equal(chmod(home->keys, 0640), 0);
	assert_int_equal(keys_load(home->keys, &k, &err), -1);
	assert_int_equal(err.kind, ERR_DENIED);
	assert_non_null(strstr(err.text, "make it yours alone: chmod 600"));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(fs_write_atomic(home->keys, bad[i], strlen(bad[i]), NULL), 0);
		assert_int_equal(keys_load(home->keys, &k, &err), -1);
		assert_int_equal(err.kind, ERR_CORRUPT);
	}
}

/* A key whose file says nothing of what it may do may only read. */
static void test_careful(void **state)
{
	static const char text[] =
		"{\"keys\":[{\"accessKeyId\":\"AKIAJDAAAAAAAAAAAAAA\",\"secretAccessKey\":"
		"\"0123456789012345678901234567890123456789\"}]}";
	struct keys k;

	(void)state;
	assert_int_equal(fs_write_atomic(home->keys, text, strlen(text), NULL), 0);
	k = load();
	assert_true(k.key[0].read_only);
	keys_fini(&k);
}

static void test_env(void **state)
{
	struct key first, again;

	(void)state;
	assert_int_equal(keys_of_env(home->keys, &first, NULL), 0);
	assert_int_equal(keys_of_env(home->keys, &again, NULL), 0);
	assert_memory_equal(&first, &again, sizeof first);
	assert_string_equal(first.name, KEY_OF_ENV);
	assert_int_equal(keys_delete(home->keys, KEY_OF_ENV, NULL), 0);
	assert_int_equal(keys_of_env(home->keys, &again, NULL), 0);
	assert_string_not_equal(first.id, again.id);
}

/* Nothing is lost when several write at once. */
static void test_at_once(void **state)
{
	enum { PROGRAMS = 8, EACH = 5 };
	struct keys k;

	(void)state;
	for (int i = 0; i < PROGRAMS; i++) {
		if (fork() == 0) {
			struct key made;
			int rc = 0;

			for (int j = 0; j < EACH; j++)
				rc |= keys_create(home->keys, NULL, false, JD_NEVER, &made, NULL);
			_exit(rc ? 1 : 0);
		}
	}
	for (int i = 0; i < PROGRAMS; i++) {
		int status;

		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	k = load();
	assert_int_equal(k.count, PROGRAMS * EACH);
	keys_fini(&k);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_create),  TEST(test_find_and_delete),
		TEST(test_names),   TEST(test_many),
		TEST(test_none),    TEST(test_file),
		TEST(test_careful), TEST(test_env),
		TEST(test_at_once),
	};

	return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
