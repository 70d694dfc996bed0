/* Who calls, and by which protocol: STS and its XML, keys that may only read, requests that
 * are refused before they get to an operation, listening. */
#include "config.h"
#include "api_fixture.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/api/op.h"

#define FORM  "application/x-www-form-urlencoded; charset=utf-8"
#define XMLNS "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\""

/* An answer as text. */
struct text {
	int status;
	char error[64], id[40], type[64];
	char *body;
};

static void take(void *arg, const struct api_reply *reply)
{
	struct text *t = arg;

	t->status = reply->status;
	snprintf(t->error, sizeof t->error, "%s", reply->error ? reply->error : "");
	snprintf(t->id, sizeof t->id, "%s", reply->request_id);
	snprintf(t->type, sizeof t->type, "%s", reply->content_type);
	t->body = xstrndup(reply->body, reply->len);
}

static void send_text(struct fixture *f, const struct api_request *r, struct text *t)
{
	*t = (struct text){ 0 };
	api_handle(f->api, r, take, t);
	for (int i = 0; i < 1000 && !t->body; i++)
		loop_turn(f->loop, 1);
	assert_non_null(t->body);
}

/* The whole body, with the request's id in it written as ID. */
static void expect_text(struct text *t, int status, const char *error, const char *type,
			const char *want)
{
	char *id = strstr(t->body, t->id);

	assert_non_null(id);
	memcpy(id, "ID", 2);
	memmove(id + 2, id + 36, strlen(id + 36) + 1);
	assert_string_equal(t->body, want);
	assert_int_equal(t->status, status);
	assert_string_equal(t->error, error);
	assert_string_equal(t->type, type);
	free(t->body);
}

static struct api_request form(const char *body, const struct api_caller *caller)
{
	return (struct api_request){ .method = "POST",
				     .path = "/",
				     .content_type = FORM,
				     .body = body,
				     .len = strlen(body),
				     .caller = caller };
}

#define IDENTITY(arn, user)                                                           \
	"<GetCallerIdentityResponse " XMLNS "><GetCallerIdentityResult><UserId>" user \
	"</UserId><Account>000000000000</Account><Arn>" arn                           \
	"</Arn></GetCallerIdentityResult><ResponseMetadata><RequestId>ID</RequestId>" \
	"</ResponseMetadata></GetCallerIdentityResponse>"

static void test_caller_identity(void **state)
{
	static const struct {
		struct api_caller caller;
		const char *want;
	} cases[] = {
		{ { "AKIAJD0", "laptop", false },
		  IDENTITY("arn:aws:iam::000000000000:user/laptop", "AIDAJD0") },
		{ { "AKIAJD0", "", true },
		  IDENTITY("arn:aws:iam::000000000000:user/AKIAJD0", "AIDAJD0") },
		{ { NULL, NULL, false },
		  IDENTITY("arn:aws:iam::000000000000:root", "000000000000") },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct api_request r = form("Action=GetCallerIdentity&Version=2011-06-15",
						  cases[i].caller.key_id ? &cases[i].caller : NULL);
		struct text t;

		send_text(*state, &r, &t);
		expect_text(&t, 200, "", "text/xml", cases[i].want);
	}
}

/* Our own client asks for it as for everything else. */
static void test_caller_identity_json(void **state)
{
	expect(*state, "GetCallerIdentity", "{}",
	       "{'UserId':'000000000000','Account':'000000000000',"
	       "'Arn':'arn:aws:iam::000000000000:root'}");
}

#define FAILURE(code, text)                                                                      \
	"<ErrorResponse " XMLNS "><Error><Type>Sender</Type><Code>" code "</Code><Message>" text \
	"</Message></Error><RequestId>ID</RequestId></ErrorResponse>"

static void test_forms(void **state)
{
	static const struct {
		const char *body, *code, *want;
	} cases[] = {
		{ "", "InvalidAction", FAILURE("InvalidAction", "Unknown operation") },
		{ "Action=AssumeRole", "InvalidAction",
		  FAILURE("InvalidAction", "Unknown operation") },
		{ "Action=SubmitJob", "InvalidAction",
		  FAILURE("InvalidAction", "Unknown operation") },
		{ "Action=%zz", "ValidationError",
		  FAILURE("ValidationError",
			  "the request is no form of at most 100 different parameters") },
		{ "Action=GetCallerIdentity&Action=GetCallerIdentity", "ValidationError",
		  FAILURE("ValidationError",
			  "the request is no form of at most 100 different parameters") },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct api_request r = form(cases[i].body, NULL);
		struct text t;

		send_text(*state, &r, &t);
		expect_text(&t, 400, cases[i].code, "text/xml", cases[i].want);
	}
}

static void test_many_parameters(void **state)
{
	struct buf b cleanup_buf;
	struct api_request r;
	struct text t;

	buf_init(&b, 65536);
	buf_adds(&b, "Action=GetCallerIdentity");
	for (int i = 0; i < 100; i++)
		buf_addf(&b, "&p%d=1", i);
	r = form(buf_str(&b), NULL);
	send_text(*state, &r, &t);
	assert_int_equal(t.status, 400);
	free(t.body);
}

/* --- read-only keys ------------------------------------------------------------------- */

static const struct api_caller reader = { "AKIAJDREADER", "ci", true };
static const struct api_caller writer = { "AKIAJDWRITER", "me", false };

static struct text ask(struct fixture *f, const char *path, const char *target, const char *body,
		       const struct api_caller *who)
{
	const struct api_request r = { .method = "POST",
				       .path = path,
				       .target = target,
				       .body = body,
				       .len = strlen(body),
				       .caller = who };
	struct text t;

	send_text(f, &r, &t);
	return t;
}

static void test_reader(void **state)
{
	static const char text[] = "User: arn:aws:iam::000000000000:user/ci is not authorized to "
				   "perform: batch:CreateJobQueue because no identity-based policy "
				   "allows the batch:CreateJobQueue action";
	struct text t;

	make_world(*state);
	t = ask(*state, "/v1/createjobqueue", NULL, "{}", &reader);
	assert_int_equal(t.status, 403);
	assert_string_equal(t.error, "AccessDeniedException");
	assert_non_null(strstr(t.body, text));
	free(t.body);
	t = ask(*state, "/v1/describejobqueues", NULL, "{}", &reader);
	assert_int_equal(t.status, 200);
	assert_non_null(strstr(t.body, "\"q\""));
	free(t.body);
}

/* Every row of the table, so that no operation can be forgotten. */
static void test_reader_everywhere(void **state)
{
	for (const struct api_op *op = api_ops; op->name; op++) {
		struct text r, w;

		if (strchr(op->path, '{') || strcmp(op->name, "JobdeckWatch") == 0)
			continue;
		r = ask(*state, op->path, op->target, "{}", &reader);
		if ((strcmp(r.error, "AccessDeniedException") == 0) != op->writes)
			fail_msg("%s: %d %s", op->name, r.status, r.body);
		free(r.body);
		w = ask(*state, op->path, op->target, "{}", &writer);
		assert_string_not_equal(w.error, "AccessDeniedException");
		free(w.body);
	}
}

/* --- refused from outside -------------------------------------------------------------- */

static void test_refuse(void **state)
{
	static const struct api_error e = { 403, "InvalidSignatureException",
					    "SignatureDoesNotMatch",
					    "it's <not> right & \x01\xff" };
	struct api_request batch = { .method = "POST", .path = "/v1/submitjob" },
			   logs = { .method = "POST", .path = "/", .target = "Logs_1.X" },
			   sts = form("", NULL);
	struct text t;

	(void)state;
	api_refuse(&batch, &e, take, &t);
	assert_int_equal(t.status, 403);
	assert_string_equal(t.error, "InvalidSignatureException");
	assert_string_equal(t.type, "application/json");
	assert_non_null(strstr(t.body,
			       "\"__type\":\"InvalidSignatureException\",\"message\":\"it's "
			       "<not> right & \\u0001\xef\xbf\xbd\""));
	free(t.body);
	api_refuse(&logs, &e, take, &t);
	assert_int_equal(t.status, 400);
	assert_string_equal(t.type, "application/x-amz-json-1.1");
	free(t.body);
	api_refuse(&sts, &e, take, &t);
	expect_text(&t, 403, "SignatureDoesNotMatch", "text/xml",
		    FAILURE("SignatureDoesNotMatch", "it's &lt;not&gt; right &amp; ?\xef\xbf\xbd"));
}

static void test_protocols(void **state)
{
	static const struct {
		const char *path, *target, *type;
		enum api_protocol protocol;
		const char *service;
	} cases[] = {
		{ "/v1/submitjob", NULL, NULL, API_BATCH, "batch" },
		{ "/v1/submitjob", "Logs_20140328.GetLogEvents", FORM, API_BATCH, "batch" },
		{ "/jobdeck/jobdeckstop", NULL, NULL, API_JOBDECK, "batch" },
		{ "/", "Logs_20140328.GetLogEvents", NULL, API_LOGS, "logs" },
		{ "/", "Logs_20140328.GetLogEvents", FORM, API_LOGS, "logs" },
		{ "/", NULL, "Application/X-WWW-form-urlencoded", API_STS, "sts" },
		{ "/", NULL, "application/x-www-form-urlencodedX", API_BATCH, "batch" },
		{ "/", "AWSSecurityTokenServiceV20110615.GetCallerIdentity", NULL, API_STS, "sts" },
		{ "/", NULL, NULL, API_BATCH, "batch" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct api_request r = { .method = "POST",
					       .path = cases[i].path,
					       .target = cases[i].target,
					       .content_type = cases[i].type };

		assert_int_equal(api_protocol_of(&r), cases[i].protocol);
		assert_string_equal(api_service(api_protocol_of(&r)), cases[i].service);
	}
}

static void test_nobody_listens(void **state)
{
	refuse(*state, "JobdeckListen", "{}", "ClientException",
	       "There is no server here that could listen");
	expect(*state, "JobdeckStatus", "{}", "{'listening':[]}");
}

#define SLOW(test) cmocka_unit_test_setup_teardown(test, api_up_slow, api_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SLOW(test_caller_identity), SLOW(test_caller_identity_json),
		SLOW(test_forms),	    SLOW(test_many_parameters),
		SLOW(test_reader),	    SLOW(test_reader_everywhere),
		SLOW(test_refuse),	    SLOW(test_protocols),
		SLOW(test_nobody_listens),
	};

	return cmocka_run_group_tests_name("api_caller", tests, NULL, NULL);
}
