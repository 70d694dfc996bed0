/* The parts of the command line that need no server: the tables, the parser, the printers. */
#include "config.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "cli/args.h"
#include "cli/doc.h"
#include "cli/job.h"
#include "cli/logout.h"
#include "cli/table.h"
#include "cli/words.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"

/* --- the tables --- */

static void check_options(const struct cmd_opt *opts, const char *letters, const char *of)
{
	for (const struct cmd_opt *o = opts; o && o->name; o++) {
		for (const struct cmd_opt *p = o + 1; p->name; p++) {
			assert_string_not_equal(o->name, p->name);
			assert_false(o->letter && o->letter == p->letter);
		}
		if (o->letter && opts != cmd_globals && strchr(letters, o->letter))
			fail_msg("-%c of %s is a global option", o->letter, of);
		assert_true(o->help || o->name); /* hidden ones have no help */
	}
}

static void test_tables(void **state)
{
	char letters[64] = "";
	size_t n = 0;

	(void)state;
	for (const struct cmd_opt *o = cmd_globals; o->name; o++)
		if (o->letter)
			letters[n++] = o->letter;
	check_options(cmd_globals, letters, "jobdeck");
	for (const struct cmd *const *c = cmd_table; *c; c++) {
		const struct cmd *cmd = *c;

		assert_ptr_equal(cmd_find(cmd->name), cmd);
		assert_non_null(cmd->summary);
		assert_non_null(cmd->run);
		assert_true(cmd->max_operands < 0 || cmd->max_operands >= cmd->min_operands);
		assert_true(cmd->max_operands == 0 || cmd->operands);
		check_options(cmd->opts, letters, cmd->name);
		for (const struct cmd_opt *o = cmd->opts; o && o->name; o++)
			for (const struct cmd_opt *g = cmd_globals; g->name; g++)
				assert_string_not_equal(o->name, g->name);
	}
}

static void test_near(void **state)
{
	(void)state;
	assert_string_equal(cmd_near("sbumit"), "submit");
	assert_string_equal(cmd_near("job"), "jobs");
	assert_string_equal(cmd_near("env"), "environments");
	assert_string_equal(cmd_near("statsu"), "status");
	assert_null(cmd_near("x"));
	assert_null(cmd_near("something"));
	assert_int_equal(word_distance("abc", "acb"), 1);
	assert_int_equal(word_distance("", "abc"), 3);
	assert_int_equal(word_distance("kitten", "sitting"), 3);
}

static void test_operands(void **state)
{
	char word[32];

	(void)state;
	assert_string_equal(doc_operand(cmd_find("queue"), 0, word, sizeof word), "create");
	assert_string_equal(doc_operand(cmd_find("queue"), 7, word, sizeof word), "QUEUE");
	assert_null(doc_operand(cmd_find("queue"), 8, word, sizeof word));
	assert_null(doc_operand(cmd_find("submit"), 0, word, sizeof word)); /* after "--" */
	assert_null(doc_operand(cmd_find("jobs"), 0, word, sizeof word));
}

/* --- the parser --- */

struct parse {
	struct args a;
	struct err err;
	int rc;
};

/* Takes a line apart at its blanks. */
static void parse(struct parse *p, const char *line)
{
	static char copy[400];
	char *argv[40] = { copy }, *save;
	int argc = 0;

	snprintf(copy, sizeof copy, "jobdeck %s", line);
	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	memset(p, 0, sizeof *p);
	p->rc = args_parse(&p->a, argc, argv, &p->err);
}

static void assert_refused(const char *line, const char *said)
{
	struct parse p;

	parse(&p, line);
	assert_int_equal(p.rc, -1);
	assert_int_equal(p.err.kind, ERR_INVALID);
	if (!strstr(p.err.text, said))
		fail_msg("'%s' gave: %s", line, p.err.text);
	args_fini(&p.a);
}

static void test_parse_order(void **state)
{
	static const char *const same[] = {
		"--json logs -f --tail 3 JOB --home /x",
		"--home /x --json logs JOB --follow -n3",
		"--home=/x logs --tail=3 JOB --json -f",
		"logs -fn 3 --json --ho /x JOB",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(same); i++) {
		struct parse p;

		parse(&p, same[i]);
		assert_int_equal(p.rc, 0);
		assert_ptr_equal(p.a.cmd, cmd_find("logs"));
		assert_int_equal(p.a.operand_count, 1);
		assert_string_equal(p.a.operands[0], "JOB");
		assert_string_equal(values_get(&p.a.values, "tail", 0), "3");
		assert_string_equal(values_get(&p.a.values, "home", 0), "/x");
		assert_non_null(values_get(&p.a.values, "follow", 0));
		assert_null(values_get(&p.a.values, "timestamps", 0));
		args_fini(&p.a);
	}
}

static void test_parse_many_and_last(void **state)
{
	struct parse p;

	(void)state;
	parse(&p, "submit -d a --depends-on b --name x --name y -- cmd -d c --name z --");
	assert_int_equal(p.rc, 0);
	assert_string_equal(values_get(&p.a.values, "depends-on", 0), "a");
	assert_string_equal(values_get(&p.a.values, "depends-on", 1), "b");
	assert_null(values_get(&p.a.values, "depends-on", 2));
	assert_string_equal(values_get(&p.a.values, "name", 0), "y");
	assert_int_equal(p.a.operand_count, 6);
	assert_int_equal(p.a.dashed, 6);
	assert_string_equal(p.a.operands[5], "--");
	assert_null(p.a.operands[6]);
	args_fini(&p.a);
	parse(&p, "submit one -- two");
	assert_int_equal(p.a.operand_count, 2);
	assert_int_equal(p.a.dashed, 1);
	args_fini(&p.a);
}

static void test_parse_refuses(void **state)
{
	(void)state;
	assert_refused("--hme x", "did you mean --home?");
	assert_refused("-x", "unknown option -x");
	assert_refused("submit -q=x -zf", "unknown option -z");
	assert_refused("submit --folow -- x", "did you mean --follow?");
	assert_refused("submit --queue", "--queue QUEUE");
	assert_refused("submit -q", "--queue QUEUE");
	assert_refused("submit --follow=yes -- x", "takes no argument");
	assert_refused("submit make -j4", "jobdeck submit -- make");
	assert_refused("jobs --xyzzy", "'jobdeck help jobs'");
}

static void test_parse_nothing(void **state)
{
	struct parse p;

	(void)state;
	parse(&p, "");
	assert_int_equal(p.rc, 0);
	assert_null(p.a.command);
	args_fini(&p.a);
	parse(&p, "--ascii nothing-of-ours --whatever");
	assert_int_equal(p.rc, 0);
	assert_string_equal(p.a.command, "nothing-of-ours");
	assert_null(p.a.cmd);
	args_fini(&p.a);
}

static void test_int(void **state)
{
	struct parse p;
	struct cmd_run r = { .values = &p.a.values };
	int64_t n = 7;

	(void)state;
	parse(&p, "logs --tail 12 --attempt 1x JOB");
	assert_int_equal(cmd_int(&r, "tail", 1, 12, 0, &n, &p.err), 0);
	assert_int_equal(n, 12);
	assert_int_equal(cmd_int(&r, "tail", 1, 11, 0, &n, &p.err), -1);
	assert_int_equal(cmd_int(&r, "attempt", 0, 10, 0, &n, &p.err), -1);
	assert_non_null(strstr(p.err.text, "--attempt takes a whole number from 0 to 10"));
	assert_int_equal(n, 12); /* untouched */
	assert_int_equal(cmd_int(&r, "nothing", 0, 10, -5, &n, &p.err), 0);
	assert_int_equal(n, -5);
	args_fini(&p.a);
}

/* --- tables of rows --- */

static const struct column columns[] = {
	{ .title = "ID" },
	{ .title = "NAME", .least = 5 },
	{ .title = "TRY", .drop = 2 },
	{ .title = "N", .right = true, .drop = 1 },
	{ .title = "WHY", .least = 4 },
};

static void assert_table(int width, const char *expected)
{
	struct table t;
	char *got = NULL;
	size_t size;
	FILE *f = open_memstream(&got, &size);

	table_init(&t, columns, ARRAY_LEN(columns));
	table_add(&t, "12345678");
	table_add(&t, "a-long-name");
	table_add(&t, NULL);
	table_addf(&t, "%d", 5);
	table_add(&t, "it \033[31mwaits");
	table_add(&t, "12345679");
	table_add(&t, "\xc3\xa4");
	table_add(&t, "");
	table_addf(&t, "%d", 123);
	table_add(&t, "x");
	table_print(&t, f, width);
	fclose(f);
	assert_string_equal(got, expected);
	free(got);
	table_fini(&t);
}

static void test_table_whole(void **state)
{
	(void)state;
	assert_table(0, "ID        NAME         TRY    N  WHY\n"
			"12345678  a-long-name  -      5  it ^[[31mwaits\n"
			"12345679  \xc3\xa4            -    123  x\n");
}

static void test_table_fitted(void **state)
{
	(void)state;
	/* A column that says nothing goes first; then those that may shrink, shrink. */
	assert_table(36, "ID        NAME         N  WHY\n"
			 "12345678  a-long-n+    5  it ^[[31m+\n"
			 "12345679  \xc3\xa4          123  x\n");
	assert_table(22, "ID        NAME   WHY\n"
			 "12345678  a-lo+  it ^+\n"
			 "12345679  \xc3\xa4      x\n");
	assert_table(1, "ID        NAME   WHY\n"
			"12345678  a-lo+  it +\n"
			"12345679  \xc3\xa4      x\n");
}

static void test_table_empty(void **state)
{
	struct table t;
	char *got = NULL;
	size_t size;
	FILE *f = open_memstream(&got, &size);

	(void)state;
	table_init(&t, columns, ARRAY_LEN(columns));
	table_print(&t, f, 0);
	fclose(f);
	assert_string_equal(got, "ID  NAME  TRY  N  WHY\n");
	free(got);
	table_fini(&t);
}

static void test_words(void **state)
{
	static const char *const words[] = { "sh", "-c", "echo 'a b' $HOME", "", "x=1" };
	cleanup_json cJSON *list = cJSON_CreateStringArray(words, ARRAY_LEN(words));
	cleanup_free char *line = words_join(list), *nothing = words_join(NULL);

	(void)state;
	assert_string_equal(line, "sh -c 'echo '\\''a b'\\'' $HOME' '' x=1");
	assert_string_equal(nothing, "");
}

/* --- logs --- */

struct pages {
	struct logout l;
	char *text[2];
	size_t size[2];
};

static void pages_open(struct pages *p)
{
	memset(p, 0, sizeof *p);
	for (int s = 0; s < 2; s++)
		p->l.to[s] = open_memstream(&p->text[s], &p->size[s]);
}

static void event(struct pages *p, const char *stream, const char *message, bool continues)
{
	cleanup_json cJSON *e = cJSON_CreateObject();

	json_add_int(e, "timestamp", 1000);
	json_add_str(e, "message", message);
	json_add_str(e, "jobdeckStream", stream);
	if (continues)
		json_add_bool(e, "jobdeckContinues", true);
	logout_event(&p->l, e);
}

static void pages_check(struct pages *p, const char *out, const char *err)
{
	logout_end(&p->l);
	for (int s = 0; s < 2; s++)
		fclose(p->l.to[s]);
	assert_string_equal(p->text[0], out);
	assert_string_equal(p->text[1], err);
	free(p->text[0]);
	free(p->text[1]);
}

static void test_logs_raw(void **state)
{
	struct pages p;

	(void)state;
	pages_open(&p);
	event(&p, "stdout", "one", false);
	event(&p, "stderr", "\033[1mbold", false);
	event(&p, "stdout", "50 %\r", true);
	event(&p, "stdout", "100 %", false);
	event(&p, "stdout", "no newline", true);
	pages_check(&p, "one\n50 %\r100 %\nno newline", "\033[1mbold\n");
}

static void test_logs_terminal(void **state)
{
	struct pages p;

	(void)state;
	pages_open(&p);
	p.l.terminal[0] = p.l.terminal[1] = true;
	event(&p, "stdout", "\033[31mred\033[0m\a", false);
	event(&p, "stdout", "good\rbad", false);
	event(&p, "stdout", "dos\r", false);
	event(&p, "stdout", "\r\rlate", false);
	event(&p, "stderr",
	      "\xc2\x9b"
	      "31m",
	      false);
	event(&p, "stdout", "open", true);
	pages_check(&p, "red^G\ngood\nbad\ndos\nlate\nopen\n", "<9b>31m\n");
}

static void test_logs_timestamps(void **state)
{
	struct pages p;

	(void)state;
	pages_open(&p);
	p.l.timestamps = true;
	event(&p, "stdout", "a", true);
	event(&p, "stderr", "x", false);
	event(&p, "stdout", "b", false);
	event(&p, "stdout", "c", false);
	pages_check(&p, "1970-01-01T00:00:01.000Z ab\n1970-01-01T00:00:01.000Z c\n",
		    "1970-01-01T00:00:01.000Z x\n");
}

static void test_logs_json(void **state)
{
	struct pages p;

	(void)state;
	pages_open(&p);
	p.l.json = true;
	pages_check(&p, "[]\n", "");
	pages_open(&p);
	p.l.json = p.l.json_lines = true;
	event(&p, "stderr", "x", false);
	pages_check(&p, "{\"timestamp\":1000,\"message\":\"x\",\"jobdeckStream\":\"stderr\"}\n",
		    "");
}

/* --- what became of a job --- */

static void assert_fate(const char *json, int status, const char *story)
{
	cleanup_json cJSON *job = json_parse(json, strlen(json), NULL);
	char text[300];

	assert_non_null(job);
	assert_int_equal(job_exit_status(job), status);
	assert_string_equal(job_story(job, text, sizeof text), story);
}

static void test_fate(void **state)
{
	(void)state;
	assert_fate(
		"{\"status\":\"SUCCEEDED\",\"statusReason\":\"Essential container in task exited\","
		"\"container\":{\"exitCode\":0}}",
		0, "");
	assert_fate(
		"{\"status\":\"FAILED\",\"statusReason\":\"Essential container in task exited\","
		"\"container\":{\"exitCode\":3}}",
		3, "exit code 3 (Essential container in task exited)");
	assert_fate("{\"status\":\"FAILED\",\"container\":{\"exitCode\":137,"
		    "\"reason\":\"OutOfMemoryError: Container killed due to memory usage\"}}",
		    137, "exit code 137 (OutOfMemoryError: Container killed due to memory usage)");
	assert_fate("{\"status\":\"FAILED\",\"statusReason\":\"Task failed to start\","
		    "\"container\":{\"reason\":\"CannotPullContainerError: x\"}}",
		    EXIT_FAILED, "Task failed to start: CannotPullContainerError: x");
	assert_fate("{\"status\":\"FAILED\",\"statusReason\":\"Dependent Job failed\"}",
		    EXIT_FAILED, "Dependent Job failed");
	/* Terminated after a clean exit: it FAILED all the same. */
	assert_fate("{\"status\":\"FAILED\",\"statusReason\":\"enough\",\"container\":{"
		    "\"exitCode\":0}}",
		    EXIT_FAILED, "exit code 0 (enough)");
	assert_fate("{\"status\":\"RUNNABLE\",\"jobdeckWhy\":\"needs 8 vCPUs\"}", 0,
		    "needs 8 vCPUs");
}

static void test_attempts(void **state)
{
	static const char json[] =
		"{\"status\":\"RUNNING\",\"container\":{\"logStreamName\":\"d/default/3\"},"
		"\"attempts\":[{\"statusReason\":\"r\",\"container\":{\"exitCode\":1,"
		"\"logStreamName\":\"d/default/1\"}},{\"statusReason\":\"Task failed to start\","
		"\"container\":{}}]}";
	cleanup_json cJSON *job = json_parse(json, strlen(json), NULL);
	char text[100];

	(void)state;
	assert_int_equal(job_attempts(job), 3);
	assert_string_equal(job_attempt_stream(job, 1), "d/default/1");
	assert_null(job_attempt_stream(job, 2));
	assert_string_equal(job_attempt_stream(job, 3), "d/default/3");
	assert_null(job_attempt_stream(job, 4));
	assert_null(job_attempt_stream(job, 0));
	assert_true(job_attempt_ended(job, 2));
	assert_false(job_attempt_ended(job, 3));
	assert_string_equal(job_attempt_story(job, 1, text, sizeof text), "exit code 1 (r)");
	assert_string_equal(job_attempt_story(job, 2, text, sizeof text), "Task failed to start");
}

/* --- everything in the tables is in every description --- */

static char *printed(void (*print)(FILE *))
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	print(f);
	fclose(f);
	return text;
}

static void test_descriptions(void **state)
{
	static void (*const all[])(FILE *) = { doc_mdoc, doc_bash, doc_zsh, doc_fish };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		cleanup_free char *text = printed(all[i]);

		assert_null(strstr(text, "--fake")); /* hidden */
		for (const struct cmd *const *c = cmd_table; *c; c++) {
			if (all[i] != doc_mdoc && !strstr(text, (*c)->name))
				fail_msg("%s is missing", (*c)->name);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_near),
		cmocka_unit_test(test_operands),
		cmocka_unit_test(test_parse_order),
		cmocka_unit_test(test_parse_many_and_last),
		cmocka_unit_test(test_parse_refuses),
		cmocka_unit_test(test_parse_nothing),
		cmocka_unit_test(test_int),
		cmocka_unit_test(test_table_whole),
		cmocka_unit_test(test_table_fitted),
		cmocka_unit_test(test_table_empty),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_logs_raw),
		cmocka_unit_test(test_logs_terminal),
		cmocka_unit_test(test_logs_timestamps),
		cmocka_unit_test(test_logs_json),
		cmocka_unit_test(test_fate),
		cmocka_unit_test(test_attempts),
		cmocka_unit_test(test_descriptions),
	};

	return cmocka_run_group_tests_name("cli", tests, NULL, NULL);
}
