#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/model/arn.h"
#include "jobdeck/model/definition.h"
#include "jobdeck/model/environment.h"
#include "jobdeck/model/fact.h"
#include "jobdeck/model/job.h"
#include "jobdeck/model/nodes.h"
#include "jobdeck/model/queue.h"
#include "jobdeck/model/reason.h"

/* --- enumerations ------------------------------------------------------------------------- */

/* The database stores the numbers: they may never move. */
static void numbers_never_move(void **state)
{
	(void)state;
	assert_int_equal(JOB_SUBMITTED, 0);
	assert_int_equal(JOB_RUNNABLE, 2);
	assert_int_equal(JOB_SUCCEEDED, 5);
	assert_int_equal(JOB_FAILED, 6);
	assert_int_equal(STATUS_DELETED, 3);
	assert_int_equal(STATUS_VALID, 4);
	assert_int_equal(CR_FARGATE_SPOT, 3);
	assert_int_equal(STATE_DISABLED, 1);
	assert_int_equal(JDS_INACTIVE, 1);
	assert_int_equal(ARCH_ARM64, 1);
	assert_int_equal(FACT_POOL, 0);
	assert_int_equal(FACT_SUBMITTED, 3);
	assert_int_equal(FACT_ENDED, 9);
	assert_int_equal(FACT_FAILED, 12);
	assert_int_equal(FACT_SETTINGS, 13);
	assert_int_equal(FACT_INSTANCE_LAUNCHED, 16);
	assert_int_equal(FACT_RELEASED, 25);
	assert_int_equal(FACT_COUNT, 26);
	assert_int_equal(JOB_KIND_NODE, 4);
	assert_int_equal(DEPENDENCY_ANY, 2);
	assert_int_equal(INSTANCE_TERMINATED, 4);
}

static void names_and_back(void **state)
{
	enum job_status status = JOB_RUNNING;
	enum cr_type type = CR_EC2;
	enum jd_type jd = JD_multinode;

	(void)state;
	for (int i = 0; i < JOB_COUNT; i++) {
		enum job_status back = JOB_COUNT;

		assert_true(job_status_parse(job_status_name((enum job_status)i), &back));
		assert_int_equal(back, i);
	}
	assert_string_equal(job_status_name(JOB_STARTING), "STARTING");
	assert_string_equal(job_status_name(JOB_COUNT), "?");
	assert_string_equal(job_status_name((enum job_status)-1), "?");
	assert_false(job_status_parse("running", &status)); /* case matters */
	assert_false(job_status_parse("", &status));
	assert_false(job_status_parse("RUNNINGX", &status));
	assert_int_equal(status, JOB_RUNNING);
	assert_true(cr_type_parse("FARGATE_SPOT", &type));
	assert_int_equal(type, CR_FARGATE_SPOT);
	assert_true(jd_type_parse("container", &jd));
	assert_int_equal(jd, JD_container);
	assert_string_equal(fact_name(FACT_ENVIRONMENT), "ENVIRONMENT");
	assert_string_equal(fact_name(FACT_COUNT), "?");
}

/* doc/semantics.md section 2, as a picture: row from, column to. */
static void state_machine(void **state)
{
	static const char *const follows[JOB_COUNT] = {
		/*               SPRSRSF  (SUBMITTED PENDING RUNNABLE STARTING RUNNING SUCCEEDED FAILED) */
		[JOB_SUBMITTED] = ".PR...F",
		[JOB_PENDING] = "..R..SF",
		[JOB_RUNNABLE] = "...S..F",
		[JOB_STARTING] = "..R.R.F",
		[JOB_RUNNING] = "..R..SF",
		[JOB_SUCCEEDED] = ".......",
		[JOB_FAILED] = ".......",
	};

	(void)state;
	for (int from = 0; from < JOB_COUNT; from++) {
		for (int to = 0; to < JOB_COUNT; to++) {
			bool may = job_status_may_follow((enum job_status)from, (enum job_status)to);

			if (may != (follows[from][to] != '.'))
				fail_msg("%s to %s", job_status_name((enum job_status)from),
					 job_status_name((enum job_status)to));
		}
		assert_int_equal(job_status_is_final((enum job_status)from),
				 from == JOB_SUCCEEDED || from == JOB_FAILED);
	}
	assert_false(job_status_may_follow(JOB_COUNT, JOB_FAILED));
	assert_false(job_status_may_follow(JOB_RUNNING, JOB_COUNT));
}

/* --- retry -------------------------------------------------------------------------------- */

#define RULE(code, why, status_why, exits)                                                         \
	{ .on_exit_code = (code), .on_reason = (why), .on_status_reason = (status_why),            \
	  .exit = (exits) }

static char one[] = "1", one_star[] = "1*", star[] = "*", host[] = "Host EC2*", oom[] = "OutOfMemory*",
	    exited[] = REASON_EXITED, cannot[] = "CannotPull*", code_42[] = "42";

/* Each row: one attempt that ended, and whether another is due. */
static void retry_rules(void **state)
{
	static const struct {
		const char *rule_id;
		struct retry_strategy r;
		int attempt, exit_code;
		const char *reason, *status_reason;
		bool due;
	} rows[] = {
		/* attempts are total tries */
		{ "RT-1 default", { .attempts = 1 }, 1, 1, NULL, REASON_EXITED, false },
		{ "RT-1 first", { .attempts = 3 }, 1, 1, NULL, REASON_EXITED, true },
		{ "RT-1 second", { .attempts = 3 }, 2, 1, NULL, REASON_EXITED, true },
		{ "RT-1 last", { .attempts = 3 }, 3, 1, NULL, REASON_EXITED, false },
		{ "RT-1 none", { .attempts = 0 }, 1, 1, NULL, REASON_EXITED, false },
		/* all conditions of an entry must hold */
		{ "RT-3 both", { 3, 1, { RULE(one, NULL, exited, true) } }, 1, 1, NULL, REASON_EXITED,
		  false },
		{ "RT-3 one only", { 3, 1, { RULE(one, NULL, host, true) } }, 1, 1, NULL,
		  REASON_EXITED, true },
		/* literal, or a prefix; case matters */
		{ "RT-4 literal", { 3, 1, { RULE(one, NULL, NULL, true) } }, 1, 12, NULL, NULL, true },
		{ "RT-4 prefix", { 3, 1, { RULE(one_star, NULL, NULL, true) } }, 1, 12, NULL, NULL,
		  false },
		{ "RT-4 the prefix itself", { 3, 1, { RULE(one_star, NULL, NULL, true) } }, 1, 1, NULL,
		  NULL, false },
		{ "RT-4 text", { 3, 1, { RULE(NULL, NULL, host, true) } }, 1, -1, NULL,
		  "Host EC2 (instance i-1) terminated.", false },
		{ "RT-4 case", { 3, 1, { RULE(NULL, NULL, host, true) } }, 1, -1, NULL,
		  "host ec2 (instance i-1) terminated.", true },
		/* the first that matches decides; none means RETRY */
		{ "RT-5 first", { 3, 2, { RULE(one, NULL, NULL, true), RULE(star, NULL, NULL, false) } },
		  1, 1, NULL, NULL, false },
		{ "RT-5 second", { 3, 2, { RULE(one, NULL, NULL, true), RULE(star, NULL, NULL, false) } },
		  1, 2, NULL, NULL, true },
		{ "RT-5 order", { 3, 2, { RULE(star, NULL, NULL, false), RULE(one, NULL, NULL, true) } },
		  1, 1, NULL, NULL, true },
		{ "RT-5 none", { 3, 1, { RULE(NULL, cannot, NULL, true) } }, 1, 1, NULL, REASON_EXITED,
		  true },
		{ "RT-5 RETRY ends too", { 2, 1, { RULE(one, NULL, NULL, false) } }, 2, 1, NULL, NULL,
		  false },
		/* what is missing */
		{ "RT-6 no code", { 3, 1, { RULE(star, NULL, NULL, true) } }, 1, -1, NULL, NULL, true },
		{ "RT-6 no reason, *", { 3, 1, { RULE(NULL, star, NULL, true) } }, 1, 1, NULL, NULL,
		  false },
		{ "RT-6 no reason, prefix", { 3, 1, { RULE(NULL, oom, NULL, true) } }, 1, 1, NULL, NULL,
		  true },
		{ "RT-6 a reason", { 3, 1, { RULE(NULL, oom, NULL, true) } }, 1, 137, REASON_OOM, NULL,
		  false },
		{ "RT-6 no status reason", { 3, 1, { RULE(NULL, NULL, star, true) } }, 1, 1, NULL, NULL,
		  false },
		/* AWS's own example: Spot reclaims are retried, all else is not */
		{ "example, reclaimed",
		  { 5, 2, { RULE(NULL, NULL, host, false), RULE(NULL, star, NULL, true) } }, 1, -1, NULL,
		  "Host EC2 (instance i-1) terminated.", true },
		{ "example, plain failure",
		  { 5, 2, { RULE(NULL, NULL, host, false), RULE(NULL, star, NULL, true) } }, 1, 1, NULL,
		  REASON_EXITED, false },
		{ "code 42 exits", { 5, 1, { RULE(code_42, NULL, NULL, true) } }, 1, 42, NULL,
		  REASON_EXITED, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (retry_is_due(&rows[i].r, rows[i].attempt, rows[i].exit_code, rows[i].reason,
				 rows[i].status_reason) != rows[i].due)
			fail_msg("%s", rows[i].rule_id);
	}
}

static void retry_copies(void **state)
{
	struct retry_strategy from = { 3, 2, { RULE(one, NULL, host, true), RULE(NULL, star, NULL, false) } };
	struct retry_strategy to;

	(void)state;
	retry_strategy_copy(&to, &from);
	assert_int_equal(to.attempts, 3);
	assert_int_equal(to.rule_count, 2);
	assert_string_equal(to.rule[0].on_exit_code, "1");
	assert_ptr_not_equal(to.rule[0].on_exit_code, from.rule[0].on_exit_code);
	assert_null(to.rule[0].on_reason);
	assert_true(to.rule[0].exit);
	assert_string_equal(to.rule[1].on_reason, "*");
	retry_strategy_fini(&to);
	assert_int_equal(to.rule_count, 0);
	retry_strategy_fini(&to);
}

/* --- names of resources ------------------------------------------------------------------- */

static void arns(void **state)
{
	static const struct {
		const char *kind, *text, *name;
	} rows[] = {
		{ "job-queue", "high", "high" },
		{ "job-queue", "arn:aws:batch:us-east-1:000000000000:job-queue/high", "high" },
		{ "job-queue", "arn:aws-us-gov:batch:us-gov-west-1:1:job-queue/high", "high" },
		{ "job-definition", "arn:aws:batch:us-east-1:1:job-definition/a:12", "a:12" },
		{ "job", "arn:aws:batch:us-east-1:1:job/1234", "1234" },
		/* of another kind */
		{ "job", "arn:aws:batch:us-east-1:1:job-queue/high", NULL },
		{ "job-queue", "arn:aws:batch:us-east-1:1:job/1234", NULL },
		{ "job-queue", "arn:aws:sqs:us-east-1:1:job-queue/high", NULL },
		{ "job-queue", "arn:aws:batchx:us-east-1:1:job-queue/high", NULL },
		/* cut off */
		{ "job-queue", "arn:", NULL },
		{ "job-queue", "arn:aws:batch:us-east-1", NULL },
		{ "job-queue", "arn:aws:batch:us-east-1:1:job-queue", NULL },
		{ "job-queue", "arn:aws:batch:us-east-1:1:", NULL },
	};
	struct account account = { "eu-central-1", "123456789012" };
	char out[ARN_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *name = arn_name(rows[i].kind, rows[i].text);

		if (!rows[i].name != !name || (name && strcmp(name, rows[i].name) != 0))
			fail_msg("%s: %s", rows[i].text, name ? name : "none");
	}
	assert_string_equal(arn_format(&account, "job-queue", "high", out),
			    "arn:aws:batch:eu-central-1:123456789012:job-queue/high");
	assert_string_equal(arn_name("job-queue", out), "high");
}

/* --- memory ------------------------------------------------------------------------------- */

static void copies_are_their_own(void **state)
{
	char name[] = "n", reason[] = "r", doc[] = "{}", a[] = "a", b[] = "b";
	struct environment e = { .name = name, .status_reason = reason, .doc = doc, .max_vcpus = 7 };
	struct queue q = { .name = name, .env_count = 2, .env = { a, b }, .priority = 9 };
	struct environment *e2 = environment_copy(&e);
	struct queue *q2 = queue_copy(&q);

	(void)state;
	assert_string_equal(e2->name, "n");
	assert_string_equal(e2->status_reason, "r");
	assert_int_equal(e2->max_vcpus, 7);
	assert_ptr_not_equal(e2->doc, doc);
	assert_string_equal(q2->env[1], "b");
	assert_ptr_not_equal(q2->env[1], b);
	assert_null(q2->doc);
	assert_int_equal(q2->priority, 9);
	environment_free(e2);
	queue_free(q2);
}

static void nothing_can_be_freed(void **state)
{
	struct attempt attempt = { .slot = 1, .env = xstrdup("x") };

	(void)state;
	environment_free(NULL);
	queue_free(NULL);
	definition_free(NULL);
	job_free(NULL);
	job_free(xcalloc(1, sizeof(struct job)));
	definition_free(xcalloc(1, sizeof(struct definition)));
	attempt_fini(&attempt);
	attempt_fini(&attempt);
}

/* --- nodes ---------------------------------------------------------------------------------- */

static void node_ranges_mnp2(void **state)
{
	static const struct {
		const char *text;
		int nodes, first, last; /* first -1: refused */
	} cases[] = {
		{ "0:3", 4, 0, 3 }, { ":2", 4, 0, 2 },  { "1:", 4, 1, 3 }, { ":", 4, 0, 3 },
		{ "2", 4, 2, 2 },   { "0:4", 4, -1, 0 }, { "4", 4, -1, 0 }, { "3:2", 4, -1, 0 },
		{ "4:", 4, -1, 0 }, { "", 4, -1, 0 },	 { "a", 4, -1, 0 }, { "0-3", 4, -1, 0 },
		{ "0:1:2", 4, -1, 0 }, { "-1", 4, -1, 0 }, { "99999999999", 4, -1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct node_range r = { -7, -7 };
		struct err err = { 0 };
		int rc = node_range_parse(cases[i].text, cases[i].nodes, &r, &err);

		if (cases[i].first < 0 ? rc != -1 || err.kind != ERR_INVALID || r.first != -7 :
					 rc || r.first != cases[i].first ||
						 r.last != cases[i].last)
			fail_msg("'%s': %d, %d:%d", cases[i].text, rc, r.first, r.last);
	}
	assert_true(node_range_is_open("3:"));
	assert_true(node_range_is_open(":"));
	assert_false(node_range_is_open(":3"));
	assert_false(node_range_is_open("3"));
	assert_false(node_range_is_open(""));
}

static void trap_21_narrower_range_wins(void **state)
{
	static const char text[] =
		"{\"numNodes\":11,\"nodeRangeProperties\":[{\"targetNodes\":\"0:10\"},"
		"{\"targetNodes\":\"4:5\"},{\"targetNodes\":\"4:\"}]}";
	static const char *const want[] = { "0:10", "0:10", "0:10", "0:10", "4:5", "4:5", "4:" };
	cJSON *properties cleanup_json = json_parse(text, strlen(text), NULL);

	(void)state;
	for (int i = 0; i < 11; i++)
		assert_string_equal(json_str(node_properties_of(properties, i), "targetNodes"),
				    want[i < 6 ? i : 6]);
	assert_null(node_properties_of(properties, 11));
	assert_null(node_properties_of(NULL, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_never_move),	cmocka_unit_test(names_and_back),
		cmocka_unit_test(state_machine),	cmocka_unit_test(retry_rules),
		cmocka_unit_test(retry_copies),		cmocka_unit_test(arns),
		cmocka_unit_test(node_ranges_mnp2),	cmocka_unit_test(trap_21_narrower_range_wins),
		cmocka_unit_test(copies_are_their_own), cmocka_unit_test(nothing_can_be_freed),
	};

	return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
