/* From libmicrohttpd's request to the one that was signed. */
#include "config.h"
#include "admit.h"
#include "jobdeck/base/log.h"
#include "jobdeck/base/time.h"

enum { LOG_AGAIN_MS = 1000 };

struct headers {
	struct sigv4_header all[SIGV4_HEADERS_MAX + 1]; /* one too many: refused */
	size_t count;
};

static enum MHD_Result gather(void *arg, enum MHD_ValueKind kind, const char *name,
			      const char *value)
{
	struct headers *h = arg;

	(void)kind;
	if (h->count > SIGV4_HEADERS_MAX)
		return MHD_NO;
	h->all[h->count++] = (struct sigv4_header){ name, value ? value : "" };
	return MHD_YES;
}

/* Not every one: whoever can connect could fill the log. */
static void log_refused(const struct sigv4_refusal *why, jd_time now)
{
	static jd_time last;

	if (now >= last && now < last + LOG_AGAIN_MS)
		return;
	last = now;
	log_info("refused over TCP: %s: %s", sigv4_fault_code(why->fault, false), why->text);
}

int admit(struct auth *a, struct MHD_Connection *c, const char *uri, const struct api_request *in,
	  struct auth_caller *who, struct sigv4_refusal *why)
{
	struct headers h = { .count = 0 };
	jd_time now = time_wall();
	int rc;

	MHD_get_connection_values(c, MHD_HEADER_KIND, gather, &h);
	rc = auth_check(a,
			&(struct sigv4_request){ .method = in->method,
						 .target = uri,
						 .headers = h.all,
						 .header_count = h.count,
						 .body = in->body,
						 .len = in->len },
			api_service(api_protocol_of(in)), now, who, why);
	if (rc)
		log_refused(why, now);
	return rc;
}

struct api_error admit_error(const struct sigv4_refusal *why)
{
	return (struct api_error){ .status = MHD_HTTP_FORBIDDEN,
				   .json = sigv4_fault_code(why->fault, false),
				   .xml = sigv4_fault_code(why->fault, true),
				   .text = why->text };
}
