#ifndef JOBDECK_AWS_SIGV4_H
#define JOBDECK_AWS_SIGV4_H
#include <stdbool.h>
#include <stddef.h>
#include "jobdeck/aws/credentials.h"
#include "jobdeck/base/buf.h"
#include "jobdeck/base/err.h"

/* AWS Signature Version 4, both halves: pure functions over a request. Nothing here opens a
 * socket, reads a clock or keeps anything; what comes from outside is bounded by the maxima
 * below. Paths are encoded a second time, as every service but S3 has it. Signatures in the
 * query string (presigned URLs) and in chunks are not known: no service of ours takes them. */
enum {
	SIGV4_HEADERS_MAX = 100,
	SIGV4_QUERY_MAX = 512,		     /* parameters */
	SIGV4_CANONICAL_MAX = 256 * 1024,    /* bytes of a canonical request */
	SIGV4_AUTHORIZATION_MAX = 16 * 1024, /* bytes of that header */
	SIGV4_NAME_SIZE = 64,		     /* region or service, with its NUL */
	SIGV4_DATE_SIZE = 17,		     /* "20150830T123600Z" */
	SIGV4_KEY_SIZE = 32,
	SIGV4_HEX_SIZE = 65,
	SIGV4_SKEW_MS = 5 * 60 * 1000, /* how far the two clocks may be apart */
};

struct sigv4_header {
	const char *name, *value;
};

/* A request as it is on the wire, borrowed. */
struct sigv4_request {
	const char *method;
	const char *target; /* path and query, encoded: "/v1/tags/arn%3Aaws?tagKeys=a" */
	const struct sigv4_header *headers;
	size_t header_count;
	const void *body;
	size_t len;
};

/* What a signing key is good for. */
struct sigv4_scope {
	char date[9]; /* "20150830" */
	char region[SIGV4_NAME_SIZE], service[SIGV4_NAME_SIZE];
};

/* The key of one day, region and service; deriving it is most of the work of a signature, so
 * those who verify many keep it. */
void sigv4_key(const char *secret, const struct sigv4_scope *s, unsigned char key[SIGV4_KEY_SIZE]);

/* --- signing ------------------------------------------------------------------------- */

struct sigv4_signed {
	char date[SIGV4_DATE_SIZE]; /* to be sent as X-Amz-Date */
	char *authorization;	    /* to be sent as Authorization; caller frees */
};

/* Signs all headers given, among them Host (with the port, when it is not the scheme's own),
 * and besides those X-Amz-Date and, when the credentials have a token, X-Amz-Security-Token;
 * the caller sends these two and Authorization along. ERR_INVALID: a maximum is passed, a
 * region or service that is none, or no Host. */
int sigv4_sign(const struct sigv4_request *r, const struct aws_credentials *c, const char *region,
	       const char *service, jd_time now, struct sigv4_signed *out, struct err *err);

/* --- verifying ----------------------------------------------------------------------- */

/* What is wrong with a request, as AWS tells the cases apart. */
enum sigv4_fault {
	SIGV4_GOOD,
	SIGV4_MISSING,	   /* not signed at all */
	SIGV4_INCOMPLETE,  /* not signed in a way that can be read */
	SIGV4_UNKNOWN_KEY, /* no such access key, or a token that is none of ours */
	SIGV4_INVALID,	   /* wrong signature, scope or time */
	SIGV4_EXPIRED,	   /* the credentials are no longer good */
	SIGV4_DENIED,	   /* they are, but not for this */
};
struct sigv4_refusal {
	enum sigv4_fault fault;
	char text[600]; /* AWS's words, for the message of the error */
};
/* AWS's name for it: of services that speak JSON, or the older XML ones ("SignatureDoesNotMatch").
 */
const char *sigv4_fault_code(enum sigv4_fault f, bool xml);
/* Sets the refusal. Always returns -1. NULL `text`: AWS's usual words for that fault. */
int sigv4_refuse(struct sigv4_refusal *why, enum sigv4_fault f, const char *text);

/* What a request claims about itself. */
struct sigv4_claim {
	char key_id[AWS_KEY_ID_MAX + 1];
	struct sigv4_scope scope;
	char date[SIGV4_DATE_SIZE];
	jd_time at;			/* the same */
	char signature[SIGV4_HEX_SIZE]; /* hex; "" when it is of another length */
	const char *signed_headers;	/* in the request's Authorization, not NUL-ended */
	size_t signed_len;
	const char *token; /* X-Amz-Security-Token, in the request, or NULL */
};

/* Reads the claim. It holds on to the request. Refuses what is not signed (SIGV4_MISSING), and
 * what is not whole (SIGV4_INCOMPLETE): no credential of five parts, a date that is none, an
 * X-Amz header that is not among the signed ones, a header twice that may be there only once. */
int sigv4_claim(const struct sigv4_request *r, struct sigv4_claim *claim,
		struct sigv4_refusal *why);
/* That it is made for this service and is not older or newer than SIGV4_SKEW_MS. Any region
 * will do when `region` is NULL. */
int sigv4_check_scope(const struct sigv4_claim *claim, const char *service, const char *region,
		      jd_time now, struct sigv4_refusal *why);
/* That whoever signed it has the key, over exactly this request, body included. The comparison
 * takes the same time whatever is wrong. */
int sigv4_verify(const struct sigv4_request *r, const struct sigv4_claim *claim,
		 const unsigned char key[SIGV4_KEY_SIZE], struct sigv4_refusal *why);

/* --- for both, and for tests --------------------------------------------------------- */

/* The canonical request over the headers named in `signed_headers` ("host;x-amz-date", in that
 * order). ERR_INVALID: a maximum is passed, or a named header is not there. */
int sigv4_canonical(const struct sigv4_request *r, const char *signed_headers, size_t signed_len,
		    struct buf *out, struct err *err);
/* "AWS4-HMAC-SHA256\nDATE\nSCOPE\nHASH" of a canonical request. */
void sigv4_string_to_sign(const struct buf *canonical, const char *date,
			  const struct sigv4_scope *s, struct buf *out);
/* "20150830T123600Z" as a time; -1 when it is none. */
jd_time sigv4_time(const char *text);
/* The value of a header by name in any case; NULL: not there. *count (may be NULL): how often. */
const char *sigv4_header_value(const struct sigv4_request *r, const char *name, int *count);

#endif
