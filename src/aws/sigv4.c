/* Keys, signatures, and the signing of requests. Hashes are OpenSSL's. */
#include "config.h"
#include "jobdeck/aws/sigv4.h"
#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "internal.h"
#include "jobdeck/base/mem.h"

static void hex(const unsigned char hash[SHA256_DIGEST_LENGTH], char out[SIGV4_HEX_SIZE])
{
	static const char digits[] = "0123456789abcdef";

	for (int i = 0; i < SHA256_DIGEST_LENGTH; i++) {
		out[2 * i] = digits[hash[i] >> 4];
		out[2 * i + 1] = digits[hash[i] & 15];
	}
	out[2 * SHA256_DIGEST_LENGTH] = '\0';
}

void sha256_hex(const void *data, size_t len, char out[SIGV4_HEX_SIZE])
{
	unsigned char hash[SHA256_DIGEST_LENGTH];

	SHA256(len ? data : "", len, hash);
	hex(hash, out);
}

static void hmac(const void *key, size_t key_len, const char *text, size_t len,
		 unsigned char out[SIGV4_KEY_SIZE])
{
	unsigned size = SIGV4_KEY_SIZE;

	if (!HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)text, len, out, &size))
		abort(); /* out of memory, as base/mem.h */
}

void sigv4_key(const char *secret, const struct sigv4_scope *s, unsigned char key[SIGV4_KEY_SIZE])
{
	char first[AWS_SECRET_MAX + 5];
	int n = snprintf(first, sizeof first, "AWS4%.*s", AWS_SECRET_MAX, secret);

	hmac(first, (size_t)n, s->date, strlen(s->date), key);
	hmac(key, SIGV4_KEY_SIZE, s->region, strlen(s->region), key);
	hmac(key, SIGV4_KEY_SIZE, s->service, strlen(s->service), key);
	hmac(key, SIGV4_KEY_SIZE, "aws4_request", strlen("aws4_request"), key);
	OPENSSL_cleanse(first, sizeof first);
}

void sigv4_string_to_sign(const struct buf *canonical, const char *date,
			  const struct sigv4_scope *s, struct buf *out)
{
	char hash[SIGV4_HEX_SIZE];

	sha256_hex(buf_str(canonical), canonical->len, hash);
	buf_addf(out, "AWS4-HMAC-SHA256\n%s\n%s/%s/%s/aws4_request\n%s", date, s->date, s->region,
		 s->service, hash);
}

int sigv4_signature(const struct sigv4_request *r, const char *signed_headers, size_t signed_len,
		    const char *date, const struct sigv4_scope *s,
		    const unsigned char key[SIGV4_KEY_SIZE], char out[SIGV4_HEX_SIZE],
		    struct err *err)
{
	unsigned char hash[SIGV4_KEY_SIZE];
	struct buf canonical cleanup_buf, text cleanup_buf;

	buf_init(&canonical, SIGV4_CANONICAL_MAX);
	buf_init(&text, 512);
	if (sigv4_canonical(r, signed_headers, signed_len, &canonical, err))
		return -1;
	sigv4_string_to_sign(&canonical, date, s, &text);
	hmac(key, SIGV4_KEY_SIZE, buf_str(&text), text.len, hash);
	hex(hash, out);
	return 0;
}

/* --- signing ------------------------------------------------------------------------- */

/* The request's headers and our two. */
struct signing {
	struct sigv4_header headers[SIGV4_HEADERS_MAX];
	size_t count;
	struct buf names; /* "host;x-amz-date" */
};

static int by_name(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

static int gather(struct signing *s, const struct sigv4_request *r, const char *date,
		  const char *token, struct err *err)
{
	if (r->header_count + 2 > SIGV4_HEADERS_MAX)
		return err_set(err, ERR_INVALID, "more than %d headers cannot be signed",
			       SIGV4_HEADERS_MAX - 2);
	if (!sigv4_header_value(r, "host", NULL))
		return err_set(err, ERR_INVALID, "a request without Host cannot be signed");
	for (size_t i = 0; i < r->header_count; i++)
		s->headers[s->count++] = r->headers[i];
	s->headers[s->count++] = (struct sigv4_header){ "x-amz-date", date };
	if (token)
		s->headers[s->count++] = (struct sigv4_header){ "x-amz-security-token", token };
	return 0;
}

/* Each name once, in lower case, sorted. */
static void list_names(struct signing *s)
{
	char *names[SIGV4_HEADERS_MAX];

	for (size_t i = 0; i < s->count; i++) {
		names[i] = xstrdup(s->headers[i].name);
		for (char *c = names[i]; *c; c++)
			*c = (char)tolower((unsigned char)*c);
	}
	qsort(names, s->count, sizeof *names, by_name);
	for (size_t i = 0; i < s->count; i++) {
		if (i == 0 || strcmp(names[i - 1], names[i]) != 0)
			buf_addf(&s->names, "%s%s", s->names.len ? ";" : "", names[i]);
	}
	for (size_t i = 0; i < s->count; i++)
		free(names[i]);
}

static void write_date(jd_time now, char out[SIGV4_DATE_SIZE])
{
	time_t seconds = (time_t)(now / 1000);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(out, SIGV4_DATE_SIZE, "%Y%m%dT%H%M%SZ", &tm);
}

static int set_scope(struct sigv4_scope *s, const char *date, const char *region,
		     const char *service, struct err *err)
{
	if (!*region || !*service || strlen(region) >= sizeof s->region ||
	    strlen(service) >= sizeof s->service || strchr(region, '/') || strchr(service, '/'))
		return err_set(err, ERR_INVALID,
			       "\"%.63s\" and \"%.63s\" are no region and service", region,
			       service);
	snprintf(s->date, sizeof s->date, "%.8s", date);
	snprintf(s->region, sizeof s->region, "%s", region);
	snprintf(s->service, sizeof s->service, "%s", service);
	return 0;
}

static int sign(struct signing *g, const struct sigv4_request *r, const struct aws_credentials *c,
		const struct sigv4_scope *s, struct sigv4_signed *out, struct err *err)
{
	struct sigv4_request all = *r;
	unsigned char key[SIGV4_KEY_SIZE];
	char signature[SIGV4_HEX_SIZE];

	if (gather(g, r, out->date, c->session_token, err))
		return -1;
	list_names(g);
	if (g->names.full)
		return err_set(err, ERR_INVALID, "the names of the headers are too long");
	all.headers = g->headers;
	all.header_count = g->count;
	sigv4_key(c->secret_access_key, s, key);
	if (sigv4_signature(&all, buf_str(&g->names), g->names.len, out->date, s, key, signature,
			    err))
		return -1;
	out->authorization = xasprintf("AWS4-HMAC-SHA256 Credential=%s/%s/%s/%s/aws4_request, "
				       "SignedHeaders=%s, Signature=%s",
				       c->access_key_id, s->date, s->region, s->service,
				       buf_str(&g->names), signature);
	return 0;
}

int sigv4_sign(const struct sigv4_request *r, const struct aws_credentials *c, const char *region,
	       const char *service, jd_time now, struct sigv4_signed *out, struct err *err)
{
	struct sigv4_signed done = { .authorization = NULL };
	struct signing g = { .count = 0 };
	struct sigv4_scope s;
	int rc;

	write_date(now, done.date);
	if (set_scope(&s, done.date, region, service, err))
		return -1;
	buf_init(&g.names, SIGV4_AUTHORIZATION_MAX);
	rc = sign(&g, r, c, &s, &done, err);
	buf_fini(&g.names);
	if (!rc)
		*out = done;
	return rc;
}
