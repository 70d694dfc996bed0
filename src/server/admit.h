#ifndef SERVER_ADMIT_H
#define SERVER_ADMIT_H
#include <microhttpd.h>
#include "auth.h"
#include "jobdeck/api/api.h"

/* Whether a request that came over TCP may pass: who signed it, or the error to answer. `uri` is
 * path and query as on the wire. */
int admit(struct auth *a, struct MHD_Connection *c, const char *uri, const struct api_request *in,
	  struct auth_caller *who, struct sigv4_refusal *why);
/* The refusal as an error for the API to word; borrows `why`. */
struct api_error admit_error(const struct sigv4_refusal *why);

#endif
