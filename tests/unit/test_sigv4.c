/* SigV4: signatures that AWS's suite and SDK make, the same verified, and everything that may
 * be wrong with a request. */
#include "config.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "jobdeck/aws/sigv4.h"
#include "jobdeck/base/fs.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "sigv4_cases.h"

/* Who signs, and when. */
struct signer {
	struct aws_credentials credentials;
	const char *region, *service;
	jd_time now;
};

static struct signer suite = { { (char[]){ "AKIDEXAMPLE" },
				 (char[]){ "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" }, NULL,
				 JD_NEVER },
			       "us-east-1",
			       "service",
			       0 };
static struct signer batch = { { (char[]){ "AKIAIOSFODNN7EXAMPLE" },
				 (char[]){ "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" }, NULL,
				 JD_NEVER },
			       "eu-central-1",
			       "batch",
			       0 };

static int set_up(void **state)
{
	(void)state;
	suite.now = sigv4_time("20150830T123600Z");
	batch.now = sigv4_time("20260102T030405Z");
	return 0;
}

/* --- a request that can be changed --------------------------------------------------- */

struct wire {
	struct sigv4_request r;
	struct sigv4_header headers[SIGV4_HEADERS_MAX + 4];
	struct sigv4_signed made;
};

static void wire_init(struct wire *w, const char *method, const char *target, const char *body)
{
	memset(w, 0, sizeof *w);
	w->r = (struct sigv4_request){ .method = method,
				       .target = target,
				       .headers = w->headers,
				       .body = body,
				       .len = strlen(body) };
}

static void wire_add(struct wire *w, const char *name, const char *value)
{
	w->headers[w->r.header_count++] = (struct sigv4_header){ name, value };
}

static void wire_sign(struct wire *w, const struct signer *s)
{
	struct err err = { 0 };

	if (sigv4_sign(&w->r, &s->credentials, s->region, s->service, s->now, &w->made, &err))
		fail_msg("%s", err.text);
	wire_add(w, "X-Amz-Date", w->made.date);
	if (s->credentials.session_token)
		wire_add(w, "X-Amz-Security-Token", s->credentials.session_token);
	wire_add(w, "Authorization", w->made.authorization);
}

static void wire_fini(struct wire *w)
{
	free(w->made.authorization);
}

static const char *signature_of(const struct wire *w)
{
	return w->made.authorization + strlen(w->made.authorization) - SIGV4_HEX_SIZE + 1;
}

/* As a server does it. */
static int verify(const struct wire *w, const struct signer *s, struct sigv4_refusal *why)
{
	unsigned char key[SIGV4_KEY_SIZE];
	struct sigv4_claim claim;

	memset(why, 0, sizeof *why);
	if (sigv4_claim(&w->r, &claim, why) ||
	    sigv4_check_scope(&claim, s->service, NULL, s->now, why))
		return -1;
	assert_string_equal(claim.key_id, s->credentials.access_key_id);
	sigv4_key(s->credentials.secret_access_key, &claim.scope, key);
	return sigv4_verify(&w->r, &claim, key, why);
}

/* --- what AWS signs ------------------------------------------------------------------ */

static void check_case(const struct sigv4_case *c, const struct signer *s)
{
	struct sigv4_refusal why;
	struct wire w;

	wire_init(&w, c->method, c->target, c->body);
	for (size_t i = 0; i < ARRAY_LEN(c->headers) && c->headers[i].name; i++)
		wire_add(&w, c->headers[i].name, c->headers[i].value);
	wire_sign(&w, s);
	if (strcmp(signature_of(&w), c->signature) != 0)
		fail_msg("%s: signed as %s", c->name, w.made.authorization);
	if (verify(&w, s, &why))
		fail_msg("%s: %s", c->name, why.text);
	wire_fini(&w);
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(suite_cases); i++)
		check_case(&suite_cases[i], &suite);
	for (size_t i = 0; i < ARRAY_LEN(batch_cases); i++)
		check_case(&batch_cases[i], &batch);
}

static void test_authorization(void **state)
{
	struct wire w;

	(void)state;
	wire_init(&w, "GET", "/", "");
	wire_add(&w, "Host", "example.amazonaws.com");
	wire_add(&w, "B", "2");
	wire_add(&w, "a", "1");
	wire_add(&w, "b", "3");
	wire_sign(&w, &suite);
	assert_string_equal(w.made.date, "20150830T123600Z");
	w.made.authorization[strlen(w.made.authorization) - 64] = '\0';
	assert_string_equal(w.made.authorization,
			    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/"
			    "aws4_request, SignedHeaders=a;b;host;x-amz-date, Signature=");
	wire_fini(&w);
}

/* A token in the credentials is sent and signed as if it had been there. */
static void test_token(void **state)
{
	struct signer s = batch;
	struct sigv4_refusal why;
	struct sigv4_claim claim;
	struct wire w;

	(void)state;
	s.credentials.session_token = (char[]){ TOKEN };
	wire_init(&w, "POST", "/v1/submitjob",
		  "{\"jobName\":\"x\",\"jobQueue\":\"q\",\"jobDefinition\":\"d\"}");
	wire_add(&w, "Host", "batch.eu-central-1.amazonaws.com");
	wire_add(&w, "Content-Type", "application/json");
	wire_sign(&w, &s);
	assert_string_equal(signature_of(&w), batch_cases[1].signature);
	assert_int_equal(verify(&w, &s, &why), 0);
	assert_int_equal(sigv4_claim(&w.r, &claim, &why), 0);
	assert_string_equal(claim.token, TOKEN);
	wire_fini(&w);
}

/* --- AWS's whole suite, where it is -------------------------------------------------- */

static void check_stored_texts(const struct wire *w, const cJSON *c)
{
	struct buf canonical cleanup_buf, text cleanup_buf;
	struct sigv4_refusal why;
	struct sigv4_claim claim;

	buf_init(&canonical, SIGV4_CANONICAL_MAX);
	buf_init(&text, 1000);
	assert_int_equal(sigv4_claim(&w->r, &claim, &why), 0);
	assert_int_equal(
		sigv4_canonical(&w->r, claim.signed_headers, claim.signed_len, &canonical, NULL),
		0);
	assert_string_equal(buf_str(&canonical), json_str(c, "canonical_request"));
	sigv4_string_to_sign(&canonical, claim.date, &claim.scope, &text);
	assert_string_equal(buf_str(&text), json_str(c, "string_to_sign"));
}

/* The token, when it is a part of the credentials and not among the headers. */
static char *stored_token(const cJSON *c)
{
	static const char name[] = "x-amz-security-token:";
	const char *at = strstr(json_str(c, "canonical_request"), name);
	cleanup_free char *headers = json_print(json_get(c, "headers"));

	if (!at || strstr(headers, "X-Amz-Security-Token"))
		return NULL;
	at += strlen(name);
	return xstrndup(at, strcspn(at, "\n"));
}

static void check_stored(const cJSON *c)
{
	cleanup_free char *token = stored_token(c);
	struct signer s = { { NULL, NULL, NULL, JD_NEVER },
			    json_str(c, "region"),
			    json_str(c, "service"),
			    sigv4_time(json_str(c, "amz_date")) };
	struct sigv4_refusal why;
	const cJSON *header;
	struct wire w;

	aws_credentials_init(&s.credentials, json_str(c, "access_key"), json_str(c, "secret_key"),
			     token, JD_NEVER);
	wire_init(&w, json_str(c, "method"), json_str(c, "target"), json_str(c, "body"));
	cJSON_ArrayForEach(header, json_get(c, "headers")) {
		const char *name = header->child->valuestring;

		if (strcasecmp(name, "x-amz-date") != 0)
			wire_add(&w, name, header->child->next->valuestring);
	}
	wire_sign(&w, &s);
	if (strcmp(w.made.authorization, json_str(c, "authorization")) != 0)
		fail_msg("%s: %s", json_str(c, "name"), w.made.authorization);
	check_stored_texts(&w, c);
	if (verify(&w, &s, &why))
		fail_msg("%s: %s", json_str(c, "name"), why.text);
	wire_fini(&w);
	aws_credentials_fini(&s.credentials);
}

static void test_stored_cases(void **state)
{
	const char *dir = getenv("JOBDECK_API_MODELS"), *src = getenv("srcdir");
	cleanup_free char *path =
		dir ? xasprintf("%s/sigv4_cases.json", dir) :
		      xasprintf("%s/../shared/data/api/sigv4_cases.json", src ? src : ".");
	cleanup_json cJSON *all = NULL;
	cleanup_free char *text = NULL;
	const cJSON *c;
	size_t len;

	(void)state;
	text = fs_read(path, 1 << 20, &len, NULL);
	if (!text)
		skip();
	all = json_parse(text, len, NULL);
	assert_true(cJSON_GetArraySize(all) >= 50);
	cJSON_ArrayForEach(c, all)
		check_stored(c);
}

/* --- what is wrong ------------------------------------------------------------------- */

/* A good request, of which a test spoils something. */
static void good(struct wire *w)
{
	wire_init(w, "POST", "/v1/submitjob?b=1&a=2", "{\"jobName\":\"x\"}");
	wire_add(w, "Host", "127.0.0.1:4567");
	wire_add(w, "Content-Type", "application/json");
	wire_add(w, "X-Amz-Target", "T.Op");
	wire_sign(w, &batch);
	wire_add(w, "User-Agent", "unsigned");
}

static void expect_refused(const struct wire *w, enum sigv4_fault fault, const char *text)
{
	struct sigv4_refusal why;

	if (verify(w, &batch, &why) == 0)
		fail_msg("accepted; expected: %s", text);
	if (why.fault != fault || !strstr(why.text, text))
		fail_msg("fault %d, \"%s\", and not %d, \"%s\"", (int)why.fault, why.text,
			 (int)fault, text);
}

static const char mismatch[] = "The request signature we calculated does not match the signature "
			       "you provided. Check your AWS Secret Access Key and signing method.";

static void test_tampered(void **state)
{
	struct sigv4_refusal why;
	struct signer other = batch;
	struct wire w;

	(void)state;
	good(&w);
	assert_int_equal(verify(&w, &batch, &why), 0);
	w.headers[w.r.header_count - 1].value = "changed, but nobody signed it";
	assert_int_equal(verify(&w, &batch, &why), 0);
	w.r.method = "PUT";
	expect_refused(&w, SIGV4_INVALID, mismatch);
	w.r.method = "POST";
	w.r.target = "/v1/terminatejob?b=1&a=2";
	expect_refused(&w, SIGV4_INVALID, mismatch);
	w.r.target = "/v1/submitjob?b=1&a=3";
	expect_refused(&w, SIGV4_INVALID, mismatch);
	w.r.target = "/v1/submitjob?a=2&b=1"; /* the same, in other words */
	assert_int_equal(verify(&w, &batch, &why), 0);
	w.r.body = "{\"jobName\":\"y\"}";
	expect_refused(&w, SIGV4_INVALID, mismatch);
	w.r.body = "{\"jobName\":\"x\"}";
	w.r.len--;
	expect_refused(&w, SIGV4_INVALID, mismatch);
	w.r.len++;
	for (int i = 0; i < 3; i++) {
		const char *was = w.headers[i].value;

		w.headers[i].value = "other";
		expect_refused(&w, SIGV4_INVALID, mismatch);
		w.headers[i].value = was;
	}
	w.made.authorization[strlen(w.made.authorization) - 1] ^= 1;
	expect_refused(&w, SIGV4_INVALID, mismatch);
	w.made.authorization[strlen(w.made.authorization) - 1] = '\0';
	expect_refused(&w, SIGV4_INVALID, mismatch);
	wire_fini(&w);

	other.credentials.secret_access_key = (char[]){ "not the secret" };
	wire_init(&w, "GET", "/", "");
	wire_add(&w, "Host", "h");
	wire_sign(&w, &other);
	expect_refused(&w, SIGV4_INVALID, mismatch);
	wire_fini(&w);
}

static void test_clock(void **state)
{
	static const struct {
		int64_t late;
		const char *text; /* NULL: good */
	} cases[] = {
		{ SIGV4_SKEW_MS, NULL },
		{ -SIGV4_SKEW_MS, NULL },
		{ SIGV4_SKEW_MS + 1000,
		  "Signature expired: 20260102T030405Z is now earlier than 20260102T030406Z "
		  "(20260102T030906Z - 5 min.)" },
		{ -SIGV4_SKEW_MS - 1000, "Signature not yet current: 20260102T030405Z is still "
					 "later than 20260102T030404Z "
					 "(20260102T025904Z + 5 min.)" },
	};
	jd_time was = batch.now;
	struct wire w;

	(void)state;
	good(&w);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct sigv4_refusal why;

		batch.now = was + cases[i].late;
		if (cases[i].text)
			expect_refused(&w, SIGV4_INVALID, cases[i].text);
		else
			assert_int_equal(verify(&w, &batch, &why), 0);
	}
	batch.now = was;
	wire_fini(&w);
}

#define SCOPE  "AKIAIOSFODNN7EXAMPLE/20260102/eu-central-1/batch/aws4_request"
#define SIGNED "SignedHeaders=content-type;host;x-amz-date;x-amz-target"
#define HEX    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* Authorization headers and what is said to them. */
static const struct {
	const char *authorization;
	enum sigv4_fault fault;
	const char *text;
} headers[] = {
	{ "", SIGV4_MISSING, "Missing Authentication Token" },
	{ "Bearer abc", SIGV4_INCOMPLETE, "Unsupported AWS 'algorithm': 'Bearer'." },
	{ "AWS4-HMAC-SHA512 Credential=a", SIGV4_INCOMPLETE, "Unsupported AWS 'algorithm'" },
	{ "AWS4-HMAC-SHA256", SIGV4_INCOMPLETE,
	  "Authorization header requires 'Credential' parameter. Authorization header requires "
	  "'SignedHeaders' parameter. Authorization header requires 'Signature' parameter. "
	  "Authorization=AWS4-HMAC-SHA256" },
	{ "AWS4-HMAC-SHA256 Credential=" SCOPE ", " SIGNED, SIGV4_INCOMPLETE,
	  "Authorization header requires 'Signature' parameter. Authorization=" },
	{ "AWS4-HMAC-SHA256 Credential=" SCOPE ", " SIGNED ", Signature", SIGV4_INCOMPLETE,
	  "'Signature' not a valid key=value pair (missing equal-sign) in Authorization header" },
	{ "AWS4-HMAC-SHA256 Credential=" SCOPE ",Credential=" SCOPE "," SIGNED ",Signature=" HEX,
	  SIGV4_INCOMPLETE, "more than once" },
	{ "AWS4-HMAC-SHA256 Credential=a/b/c/d, " SIGNED ", Signature=" HEX, SIGV4_INCOMPLETE,
	  "Credential must have exactly 5 slash-delimited elements, e.g. "
	  "keyid/date/region/service/term, got 'a/b/c/d'" },
	{ "AWS4-HMAC-SHA256 Credential=" SCOPE "/more, " SIGNED ", Signature=" HEX,
	  SIGV4_INCOMPLETE, "exactly 5" },
	{ "AWS4-HMAC-SHA256 Credential=/20260102/r/batch/aws4_request, " SIGNED ", Signature=" HEX,
	  SIGV4_INCOMPLETE, "exactly 5" },
	{ "AWS4-HMAC-SHA256 Credential=K/20260102/r/batch/aws5_request, " SIGNED ", Signature=" HEX,
	  SIGV4_INVALID,
	  "Credential should be scoped with a valid terminator: 'aws4_request', not "
	  "'aws5_request'." },
	{ "AWS4-HMAC-SHA256 Credential=K/20260103/r/batch/aws4_request, " SIGNED ", Signature=" HEX,
	  SIGV4_INVALID,
	  "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
	  "HTTP: '20260103' != '20260102', from '20260102T030405Z'." },
	{ "AWS4-HMAC-SHA256 Credential=K/20260102/r/s3/aws4_request, " SIGNED ", Signature=" HEX,
	  SIGV4_INVALID, "Credential should be scoped to correct service: 'batch'." },
	{ "AWS4-HMAC-SHA256 Credential=" SCOPE
	  ", SignedHeaders=content-type;x-amz-date, Signature=" HEX,
	  SIGV4_INVALID, "'Host' or ':authority' must be a 'SignedHeader'" },
	{ "AWS4-HMAC-SHA256 Credential=" SCOPE ", SignedHeaders=host;x-amz-date, Signature=" HEX,
	  SIGV4_INVALID, "which were not signed: X-Amz-Target" },
	{ "AWS4-HMAC-SHA256 Credential=" SCOPE ", SignedHeaders=Host, Signature=" HEX,
	  SIGV4_INCOMPLETE, "names in lower case" },
	{ "AWS4-HMAC-SHA256 Credential=" SCOPE ", " SIGNED ";not-there, Signature=" HEX,
	  SIGV4_INVALID, "The signed header 'not-there' is not in the request" },
	{ "AWS4-HMAC-SHA256 Credential=" SCOPE ", " SIGNED ", Signature=" HEX, SIGV4_INVALID,
	  mismatch },
	{ "AWS4-HMAC-SHA256   Credential=" SCOPE " ," SIGNED ",  Signature=short,", SIGV4_INVALID,
	  mismatch },
};

static void test_authorization_headers(void **state)
{
	struct wire w;

	(void)state;
	good(&w);
	for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
		w.headers[4].value = headers[i].authorization;
		expect_refused(&w, headers[i].fault, headers[i].text);
	}
	w.headers[4].name = "X-Nothing";
	expect_refused(&w, SIGV4_MISSING, "Missing Authentication Token");
	wire_fini(&w);
}

static void test_dates(void **state)
{
	static const char *const bad[] = { "",
					   "20260102",
					   "20260102T030405",
					   "20260102T030405z",
					   "20260102T0304052",
					   "2026-01-02T03:04:05Z",
					   "20261302T030405Z",
					   "20260230T030405Z",
					   "20260102T250000Z",
					   "20260102T036000Z",
					   "Fri, 02 Jan 2026 03:04:05 GMT",
					   "20260102T030405ZZ" };
	struct wire w;

	(void)state;
	good(&w);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		w.headers[3].value = bad[i];
		expect_refused(&w, SIGV4_INCOMPLETE,
			       "Date must be in ISO-8601 'basic format'. Got '");
	}
	w.headers[3] = (struct sigv4_header){ "X-Other", "1" };
	expect_refused(&w, SIGV4_INCOMPLETE,
		       "existence of either a 'X-Amz-Date' or a 'Date' header");
	wire_fini(&w);
}

/* Date instead of X-Amz-Date, which the clients of old did. */
static void test_plain_date(void **state)
{
	struct sigv4_refusal why;
	struct sigv4_claim claim;
	struct wire w;

	(void)state;
	wire_init(&w, "GET", "/", "");
	wire_add(&w, "Host", "h");
	wire_add(&w, "Date", "20260102T030405Z");
	wire_add(&w, "Authorization",
		 "AWS4-HMAC-SHA256 Credential=" SCOPE ", "
		 "SignedHeaders=date;host, Signature=" HEX);
	assert_int_equal(sigv4_claim(&w.r, &claim, &why), 0);
	assert_int_equal(claim.at, batch.now);
}

static void test_twice(void **state)
{
	static const char *const names[] = { "host", "X-AMZ-DATE", "authorization",
					     "x-amz-target" };
	struct wire w;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		good(&w);
		wire_add(&w, names[i], "once more");
		expect_refused(&w, SIGV4_INCOMPLETE, "more than once");
		wire_fini(&w);
	}
}

/* x-amz-content-sha256, as the SDK for JavaScript sends it. */
static void test_body_hash(void **state)
{
	static const struct {
		const char *value, *text; /* NULL: good */
	} cases[] = {
		{ "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", NULL },
		{ "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8b",
		  "The provided 'x-amz-content-sha256' header does not match" },
		{ "", "does not match" },
		{ "UNSIGNED-PAYLOAD", "This service does not accept 'UNSIGNED-PAYLOAD'" },
		{ "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
		  "This service does not accept 'STREAMING-" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct sigv4_refusal why;
		struct wire w;

		wire_init(&w, "POST", "/v1/listjobs", "{}");
		wire_add(&w, "Host", "h");
		wire_add(&w, "X-Amz-Content-Sha256", cases[i].value);
		wire_sign(&w, &batch);
		if (cases[i].text)
			expect_refused(&w, SIGV4_INVALID, cases[i].text);
		else
			assert_int_equal(verify(&w, &batch, &why), 0);
		wire_fini(&w);
	}
}

static void test_region(void **state)
{
	struct sigv4_refusal why;
	struct sigv4_claim claim;
	struct wire w;

	(void)state;
	good(&w);
	assert_int_equal(sigv4_claim(&w.r, &claim, &why), 0);
	assert_int_equal(sigv4_check_scope(&claim, "batch", "eu-central-1", batch.now, &why), 0);
	assert_int_equal(sigv4_check_scope(&claim, "batch", "us-east-1", batch.now, &why), -1);
	assert_string_equal(why.text,
			    "Credential should be scoped to a valid region, not 'eu-central-1'.");
	wire_fini(&w);
}

/* --- maxima -------------------------------------------------------------------------- */

static char *repeated(const char *head, const char *piece, int times)
{
	struct buf b;

	buf_init(&b, 16 << 20);
	buf_adds(&b, head);
	for (int i = 0; i < times; i++)
		buf_adds(&b, piece);
	return buf_steal(&b);
}

static void expect_no_signature(const char *target, int more_headers, const char *text)
{
	struct sigv4_signed out = { .authorization = NULL };
	struct err err = { 0 };
	struct wire w;

	wire_init(&w, "GET", target, "");
	wire_add(&w, "Host", "h");
	for (int i = 0; i < more_headers; i++)
		wire_add(&w, "X", "y");
	assert_int_equal(sigv4_sign(&w.r, &batch.credentials, "r", "s", 0, &out, &err), -1);
	assert_null(out.authorization);
	if (!strstr(err.text, text))
		fail_msg("%s", err.text);
}

static void test_maxima(void **state)
{
	char *many = repeated("/?", "a&", SIGV4_QUERY_MAX + 1), *exact = many + 2;
	char *path = repeated("/", "\xff", SIGV4_CANONICAL_MAX / 2);
	char *query = repeated("/?", "=", SIGV4_CANONICAL_MAX / 2);
	char *long_name = repeated("AWS4-HMAC-SHA256 ", "x", SIGV4_AUTHORIZATION_MAX);
	struct wire w;

	(void)state;
	expect_no_signature(many, 0, "more than 512 parameters");
	expect_no_signature(path, 0, "too large");
	expect_no_signature(query, 0, "too long");
	expect_no_signature("/", SIGV4_HEADERS_MAX - 2, "more than 98 headers");
	exact[2 * SIGV4_QUERY_MAX] = '\0';
	wire_init(&w, "GET", many, "");
	wire_add(&w, "Host", "h");
	wire_sign(&w, &batch);
	w.headers[2].value = long_name;
	expect_refused(&w, SIGV4_INCOMPLETE, "longer than 16384 bytes");
	wire_fini(&w);
	free(many);
	free(path);
	free(query);
	free(long_name);
}

static void test_cannot_sign(void **state)
{
	static const char *const scopes[][2] = {
		{ "", "s" }, { "r", "" }, { "a/b", "s" }, { "r", "a/b" }
	};
	struct sigv4_signed out = { .authorization = NULL };
	struct err err = { 0 };
	struct wire w;

	(void)state;
	wire_init(&w, "GET", "/", "");
	assert_int_equal(sigv4_sign(&w.r, &batch.credentials, "r", "s", 0, &out, &err), -1);
	assert_string_equal(err.text, "a request without Host cannot be signed");
	wire_add(&w, "Host", "h");
	for (size_t i = 0; i < ARRAY_LEN(scopes); i++)
		assert_int_equal(sigv4_sign(&w.r, &batch.credentials, scopes[i][0], scopes[i][1], 0,
					    &out, &err),
				 -1);
	assert_null(out.authorization);
}

static void test_codes(void **state)
{
	static const struct {
		enum sigv4_fault fault;
		const char *json, *xml;
	} codes[] = {
		{ SIGV4_MISSING, "MissingAuthenticationTokenException",
		  "MissingAuthenticationToken" },
		{ SIGV4_INCOMPLETE, "IncompleteSignatureException", "IncompleteSignature" },
		{ SIGV4_UNKNOWN_KEY, "UnrecognizedClientException", "InvalidClientTokenId" },
		{ SIGV4_INVALID, "InvalidSignatureException", "SignatureDoesNotMatch" },
		{ SIGV4_EXPIRED, "ExpiredTokenException", "ExpiredToken" },
		{ SIGV4_DENIED, "AccessDeniedException", "AccessDenied" },
	};
	struct sigv4_refusal why;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
		assert_string_equal(sigv4_fault_code(codes[i].fault, false), codes[i].json);
		assert_string_equal(sigv4_fault_code(codes[i].fault, true), codes[i].xml);
		assert_int_equal(sigv4_refuse(&why, codes[i].fault, NULL), -1);
		assert_true(strlen(why.text) > 20);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_authorization),
		cmocka_unit_test(test_token),
		cmocka_unit_test(test_stored_cases),
		cmocka_unit_test(test_tampered),
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_authorization_headers),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_plain_date),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_body_hash),
		cmocka_unit_test(test_region),
		cmocka_unit_test(test_maxima),
		cmocka_unit_test(test_cannot_sign),
		cmocka_unit_test(test_codes),
	};

	return cmocka_run_group_tests_name("sigv4", tests, set_up, NULL);
}
