/* The other half: what a request claims, and whether it is so. Everything here comes from
 * outside and unverified. */
#include "config.h"
#include "jobdeck/aws/sigv4.h"
#include <ctype.h>
#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include "internal.h"
#include "jobdeck/base/mem.h"

static const char algorithm[] = "AWS4-HMAC-SHA256";

static int refuse(struct sigv4_refusal *why, enum sigv4_fault f, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static int refuse(struct sigv4_refusal *why, enum sigv4_fault f, const char *fmt, ...)
{
	cleanup_free char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	return sigv4_refuse(why, f, text);
}

/* --- time ---------------------------------------------------------------------------- */

static bool has_shape(const char *text, const char *shape)
{
	for (; *shape; text++, shape++) {
		if (*shape == '9' ? !isdigit((unsigned char)*text) : *text != *shape)
			return false;
	}
	return *text == '\0';
}

jd_time sigv4_time(const char *text)
{
	struct tm tm = { .tm_isdst = 0 }, was;
	time_t t;

	if (!has_shape(text, "99999999T999999Z") ||
	    sscanf(text, "%4d%2d%2dT%2d%2d%2dZ", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour,
		   &tm.tm_min, &tm.tm_sec) != 6)
		return -1;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	was = tm;
	t = timegm(&tm); /* it makes February of the 30th into March */
	if (t < 0 || tm.tm_mon != was.tm_mon || tm.tm_mday != was.tm_mday ||
	    tm.tm_hour != was.tm_hour || tm.tm_min != was.tm_min)
		return -1;
	return (jd_time)t * 1000;
}

static void write_time(jd_time at, char out[SIGV4_DATE_SIZE])
{
	time_t seconds = (time_t)(at / 1000);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(out, SIGV4_DATE_SIZE, "%Y%m%dT%H%M%SZ", &tm);
}

/* --- the Authorization header -------------------------------------------------------- */

/* A piece of a text. */
struct piece {
	const char *at;
	size_t len;
};

static bool is(struct piece p, const char *text)
{
	return p.len == strlen(text) && memcmp(p.at, text, p.len) == 0;
}

static struct piece trimmed(struct piece p)
{
	while (p.len && isspace((unsigned char)*p.at)) {
		p.at++;
		p.len--;
	}
	while (p.len && isspace((unsigned char)p.at[p.len - 1]))
		p.len--;
	return p;
}

/* What stands before the next `c`; *rest goes behind it. False when nothing is left. */
static bool next_piece(struct piece *rest, char c, struct piece *out)
{
	const char *stop;

	if (!rest->at)
		return false;
	stop = memchr(rest->at, c, rest->len);
	out->at = rest->at;
	out->len = stop ? (size_t)(stop - rest->at) : rest->len;
	rest->at = stop ? stop + 1 : NULL;
	rest->len -= stop ? out->len + 1 : out->len;
	return true;
}

/* The parameters of the header. */
enum { CREDENTIAL, SIGNED_HEADERS, SIGNATURE, PARAMETERS };
static const char *const parameter_names[] = { "Credential", "SignedHeaders", "Signature" };

static int take_parameter(struct piece parameters[PARAMETERS], struct piece one,
			  struct sigv4_refusal *why)
{
	struct piece name, rest = trimmed(one);

	if (!memchr(rest.at, '=', rest.len))
		return refuse(why, SIGV4_INCOMPLETE,
			      "'%.*s' not a valid key=value pair (missing equal-sign) in "
			      "Authorization header",
			      (int)(rest.len < 100 ? rest.len : 100), rest.at);
	next_piece(&rest, '=', &name);
	for (int i = 0; i < PARAMETERS; i++) {
		if (!is(name, parameter_names[i]))
			continue;
		if (parameters[i].at)
			return refuse(why, SIGV4_INCOMPLETE,
				      "Authorization header has '%s' more than once",
				      parameter_names[i]);
		parameters[i] = rest;
	}
	return 0;
}

static int check_parameters(const struct piece parameters[PARAMETERS], bool has_date,
			    struct sigv4_refusal *why)
{
	struct buf text cleanup_buf;

	buf_init(&text, 500);
	for (int i = 0; i < PARAMETERS; i++) {
		if (!parameters[i].len)
			buf_addf(&text, "Authorization header requires '%s' parameter. ",
				 parameter_names[i]);
	}
	if (!has_date)
		buf_adds(&text, "Authorization header requires existence of either a 'X-Amz-Date' "
				"or a 'Date' header. ");
	return text.len ? refuse(why, SIGV4_INCOMPLETE, "%sAuthorization=%s", buf_str(&text),
				 algorithm) :
			  0;
}

static int read_parameters(const char *authorization, struct piece parameters[PARAMETERS],
			   struct sigv4_refusal *why)
{
	size_t len = strlen(authorization), word = strcspn(authorization, " \t");
	struct piece rest = { authorization + word, len - word }, one;

	if (len > SIGV4_AUTHORIZATION_MAX)
		return refuse(why, SIGV4_INCOMPLETE,
			      "The Authorization header is longer than %d bytes",
			      SIGV4_AUTHORIZATION_MAX);
	if (word != strlen(algorithm) || memcmp(authorization, algorithm, word) != 0)
		return refuse(why, SIGV4_INCOMPLETE, "Unsupported AWS 'algorithm': '%.*s'.",
			      (int)(word < 100 ? word : 100), authorization);
	while (next_piece(&rest, ',', &one)) {
		if (trimmed(one).len && take_parameter(parameters, one, why))
			return -1;
	}
	return 0;
}

/* --- what is in it ------------------------------------------------------------------- */

static bool copy(struct piece p, char *out, size_t size)
{
	if (!p.len || p.len >= size)
		return false;
	memcpy(out, p.at, p.len);
	out[p.len] = '\0';
	return true;
}

static int take_credential(struct sigv4_claim *c, struct piece credential,
			   struct sigv4_refusal *why)
{
	struct piece part[5], rest = credential, more;
	int n = 0;

	while (n < 5 && next_piece(&rest, '/', &part[n]))
		n++;
	if (n != 5 || next_piece(&rest, '/', &more) ||
	    !copy(part[0], c->key_id, sizeof c->key_id) ||
	    !copy(part[1], c->scope.date, sizeof c->scope.date) ||
	    !copy(part[2], c->scope.region, sizeof c->scope.region) ||
	    !copy(part[3], c->scope.service, sizeof c->scope.service))
		return refuse(why, SIGV4_INCOMPLETE,
			      "Credential must have exactly 5 slash-delimited elements, e.g. "
			      "keyid/date/region/service/term, got '%.*s'",
			      (int)(credential.len < 200 ? credential.len : 200), credential.at);
	if (!is(part[4], "aws4_request"))
		return refuse(why, SIGV4_INVALID,
			      "Credential should be scoped with a valid terminator: "
			      "'aws4_request', not '%.*s'.",
			      (int)(part[4].len < 100 ? part[4].len : 100), part[4].at);
	return 0;
}

static int take_date(struct sigv4_claim *c, const char *date, struct sigv4_refusal *why)
{
	if (!copy(trimmed((struct piece){ date, strlen(date) }), c->date, sizeof c->date) ||
	    (c->at = sigv4_time(c->date)) < 0)
		return refuse(why, SIGV4_INCOMPLETE,
			      "Date must be in ISO-8601 'basic format'. Got '%.100s'. See "
			      "http://en.wikipedia.org/wiki/ISO_8601",
			      date);
	if (strncmp(c->date, c->scope.date, 8) != 0 || c->scope.date[8])
		return refuse(why, SIGV4_INVALID,
			      "Date in Credential scope does not match YYYYMMDD from ISO-8601 "
			      "version of date from HTTP: '%s' != '%.8s', from '%s'.",
			      c->scope.date, c->date, c->date);
	return 0;
}

static bool is_signed(const struct sigv4_claim *c, const char *name)
{
	struct piece rest = { c->signed_headers, c->signed_len }, one;

	while (next_piece(&rest, ';', &one)) {
		if (one.len == strlen(name) && strncasecmp(one.at, name, one.len) == 0)
			return true;
	}
	return false;
}

/* Whoever could add an X-Amz header on the way could change what is asked for. */
static int check_signed(const struct sigv4_claim *c, const struct sigv4_request *r,
			struct sigv4_refusal *why)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.;";

	for (size_t i = 0; i < c->signed_len; i++) {
		if (!c->signed_headers[i] || !strchr(letters, c->signed_headers[i]))
			return refuse(why, SIGV4_INCOMPLETE,
				      "SignedHeaders must be names in lower case, parted by "
				      "semicolons");
	}
	if (!is_signed(c, "host"))
		return refuse(why, SIGV4_INVALID,
			      "'Host' or ':authority' must be a 'SignedHeader' in the AWS "
			      "Authorization.");
	for (size_t i = 0; i < r->header_count; i++) {
		if (strncasecmp(r->headers[i].name, "x-amz-", 6) == 0 &&
		    !is_signed(c, r->headers[i].name))
			return refuse(why, SIGV4_INVALID,
				      "There were headers present in the request which were not "
				      "signed: %.100s",
				      r->headers[i].name);
	}
	return 0;
}

/* Those that decide something may be there once only. */
static int check_once(const struct sigv4_request *r, struct sigv4_refusal *why)
{
	static const char *const names[] = {
		"Authorization",       "Host",	       "Date",
		"X-Amz-Date",	       "X-Amz-Target", "X-Amz-Security-Token",
		"X-Amz-Content-Sha256"
	};
	int count;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		sigv4_header_value(r, names[i], &count);
		if (count > 1)
			return refuse(why, SIGV4_INCOMPLETE,
				      "The request has the header '%s' more than once", names[i]);
	}
	return 0;
}

int sigv4_claim(const struct sigv4_request *r, struct sigv4_claim *claim, struct sigv4_refusal *why)
{
	const char *authorization = sigv4_header_value(r, "authorization", NULL);
	const char *date = sigv4_header_value(r, "x-amz-date", NULL);
	struct piece parameters[PARAMETERS] = { { 0 } };

	if (!authorization || !*authorization)
		return sigv4_refuse(why, SIGV4_MISSING, NULL);
	if (r->header_count > SIGV4_HEADERS_MAX)
		return refuse(why, SIGV4_INCOMPLETE, "The request has more than %d headers",
			      SIGV4_HEADERS_MAX);
	if (!date)
		date = sigv4_header_value(r, "date", NULL);
	if (check_once(r, why) || read_parameters(authorization, parameters, why) ||
	    check_parameters(parameters, date, why))
		return -1;
	*claim = (struct sigv4_claim){ .signed_headers = parameters[SIGNED_HEADERS].at,
				       .signed_len = parameters[SIGNED_HEADERS].len,
				       .token = sigv4_header_value(r, "x-amz-security-token",
								   NULL) };
	if (parameters[SIGNATURE].len == sizeof claim->signature - 1)
		copy(parameters[SIGNATURE], claim->signature, sizeof claim->signature);
	if (take_credential(claim, parameters[CREDENTIAL], why) || take_date(claim, date, why))
		return -1;
	return check_signed(claim, r, why);
}

/* --- whether it is so ---------------------------------------------------------------- */

static int check_time(const struct sigv4_claim *c, jd_time now, struct sigv4_refusal *why)
{
	char ours[SIGV4_DATE_SIZE], limit[SIGV4_DATE_SIZE];

	write_time(now, ours);
	if (c->at / 1000 < (now - SIGV4_SKEW_MS) / 1000) {
		write_time(now - SIGV4_SKEW_MS, limit);
		return refuse(why, SIGV4_INVALID,
			      "Signature expired: %s is now earlier than %s (%s - 5 min.)", c->date,
			      limit, ours);
	}
	if (c->at / 1000 > (now + SIGV4_SKEW_MS) / 1000) {
		write_time(now + SIGV4_SKEW_MS, limit);
		return refuse(why, SIGV4_INVALID,
			      "Signature not yet current: %s is still later than %s (%s + 5 min.)",
			      c->date, limit, ours);
	}
	return 0;
}

int sigv4_check_scope(const struct sigv4_claim *claim, const char *service, const char *region,
		      jd_time now, struct sigv4_refusal *why)
{
	if (strcmp(claim->scope.service, service) != 0)
		return refuse(why, SIGV4_INVALID,
			      "Credential should be scoped to correct service: '%s'.", service);
	if (region && strcmp(claim->scope.region, region) != 0)
		return refuse(why, SIGV4_INVALID,
			      "Credential should be scoped to a valid region, not '%s'.",
			      claim->scope.region);
	return check_time(claim, now, why);
}

/* A header that says what the body is must be right, whatever else is. */
static int check_body(const struct sigv4_request *r, struct sigv4_refusal *why)
{
	const char *said = sigv4_header_value(r, "x-amz-content-sha256", NULL);
	char hash[SIGV4_HEX_SIZE];
	struct piece p;

	if (!said)
		return 0;
	p = trimmed((struct piece){ said, strlen(said) });
	sha256_hex(r->body, r->len, hash);
	if (is(p, hash))
		return 0;
	if (is(p, "UNSIGNED-PAYLOAD") || (p.len > 10 && memcmp(p.at, "STREAMING-", 10) == 0))
		return refuse(why, SIGV4_INVALID, "This service does not accept '%.*s'", (int)p.len,
			      p.at);
	return refuse(why, SIGV4_INVALID,
		      "The provided 'x-amz-content-sha256' header does not match what was "
		      "computed.");
}

int sigv4_verify(const struct sigv4_request *r, const struct sigv4_claim *claim,
		 const unsigned char key[SIGV4_KEY_SIZE], struct sigv4_refusal *why)
{
	char right[SIGV4_HEX_SIZE];
	struct err err = { 0 };

	if (check_body(r, why))
		return -1;
	if (sigv4_signature(r, claim->signed_headers, claim->signed_len, claim->date, &claim->scope,
			    key, right, &err))
		return refuse(why, SIGV4_INVALID, "%s", err.text);
	if (CRYPTO_memcmp(right, claim->signature, sizeof right - 1) != 0)
		return sigv4_refuse(why, SIGV4_INVALID, NULL);
	return 0;
}
