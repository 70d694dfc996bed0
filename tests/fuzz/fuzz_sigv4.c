/* A request as on the wire: "METHOD TARGET", headers, an empty line, a body. Whatever it claims
 * is read and verified; and what we sign ourselves must be found good. */
#include "config.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include "fuzz.h"
#include "jobdeck/aws/sigv4.h"
#include "jobdeck/base/mem.h"

static const char secret[] = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

struct wire {
	char *text; /* all strings are in it */
	struct sigv4_header headers[SIGV4_HEADERS_MAX + 1];
	struct sigv4_request r;
};

static char *next_line(char **rest)
{
	char *line = strsep(rest, "\n");
	size_t n = line ? strlen(line) : 0;

	if (n && line[n - 1] == '\r')
		line[n - 1] = '\0';
	return line;
}

static void read_wire(struct wire *w, const uint8_t *data, size_t size)
{
	char *rest, *line, *colon;

	w->text = xstrndup((const char *)data, size);
	rest = w->text;
	line = next_line(&rest);
	w->r = (struct sigv4_request){ .method = strsep(&line, " "), .headers = w->headers };
	w->r.target = line ? line : "/";
	while (rest && (line = next_line(&rest)) && *line) {
		colon = strchr(line, ':');
		if (!colon || w->r.header_count > SIGV4_HEADERS_MAX)
			continue;
		*colon = '\0';
		w->headers[w->r.header_count++] = (struct sigv4_header){ line, colon + 1 };
	}
	w->r.body = rest ? rest : "";
	w->r.len = strlen(w->r.body);
}

static void verify(const struct sigv4_request *r)
{
	struct sigv4_refusal why = { SIGV4_GOOD, "" };
	unsigned char key[SIGV4_KEY_SIZE];
	struct sigv4_claim claim;

	if (sigv4_claim(r, &claim, &why) == 0 &&
	    sigv4_check_scope(&claim, "batch", NULL, claim.at, &why) == 0) {
		sigv4_key(secret, &claim.scope, key);
		if (sigv4_verify(r, &claim, key, &why) == 0)
			return;
	}
	if (why.fault == SIGV4_GOOD || !*why.text)
		abort(); /* refused without a reason */
}

/* Headers that decide something, and those that sigv4_sign adds, are taken out. */
static bool is_plain(const struct sigv4_header *h)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

	return *h->name && !h->name[strspn(h->name, letters)] && strcasecmp(h->name, "host") != 0 &&
	       strcasecmp(h->name, "authorization") != 0 && strcasecmp(h->name, "date") != 0 &&
	       strncasecmp(h->name, "x-amz-", 6) != 0;
}

static void sign(const struct sigv4_request *in)
{
	struct sigv4_header headers[SIGV4_HEADERS_MAX + 4] = { { "Host", "h" } };
	struct sigv4_request r = *in;
	struct aws_credentials c;
	struct sigv4_signed out = { .authorization = NULL };
	struct sigv4_refusal why = { SIGV4_GOOD, "" };
	unsigned char key[SIGV4_KEY_SIZE];
	struct sigv4_claim claim;
	size_t n = 1;

	for (size_t i = 0; i < in->header_count && n < SIGV4_HEADERS_MAX - 3; i++)
		if (is_plain(&in->headers[i]))
			headers[n++] = in->headers[i];
	r.headers = headers;
	r.header_count = n;
	aws_credentials_init(&c, "AKIAIOSFODNN7EXAMPLE", secret, NULL, JD_NEVER);
	if (sigv4_sign(&r, &c, "eu-central-1", "batch", 1767323045000, &out, NULL) == 0 &&
	    strlen(out.authorization) <= SIGV4_AUTHORIZATION_MAX) {
		headers[r.header_count++] = (struct sigv4_header){ "X-Amz-Date", out.date };
		headers[r.header_count++] =
			(struct sigv4_header){ "Authorization", out.authorization };
		sigv4_key(secret, &(struct sigv4_scope){ "20260102", "eu-central-1", "batch" },
			  key);
		if (sigv4_claim(&r, &claim, &why) || sigv4_verify(&r, &claim, key, &why))
			abort(); /* we do not believe ourselves */
	}
	free(out.authorization);
	aws_credentials_fini(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wire w = { .text = NULL };

	read_wire(&w, data, size);
	verify(&w.r);
	sign(&w.r);
	free(w.text);
	return 0;
}
