#ifndef SERVER_REQUEST_H
#define SERVER_REQUEST_H
#include <microhttpd.h>
#include <sys/queue.h>
#include "jobdeck/api/api.h"
#include "jobdeck/base/buf.h"
#include "jobdeck/loop/loop.h"
#include "patience.h"

struct auth;

/* What a request came by: libmicrohttpd's context of a socket. */
struct connection {
	struct patient patient;
	bool trusted; /* the owner's, over a unix socket: nothing need be signed */
	bool welcome; /* trusted, or its last request was signed well */
};

/* One HTTP request on its way to the API and back. */
struct request {
	TAILQ_ENTRY(request) link; /* in one of the two lists while parked */
	struct requests *all;
	struct MHD_Connection *connection;
	struct connection *by;
	char *uri; /* as on the wire */
	struct buf body;
	size_t got;		     /* bytes of body, those dropped included */
	struct api_pending *pending; /* the API has it */
	struct MHD_Response *response;
	unsigned status;
	bool begun, handled, gone;
	bool is_watched;	 /* in the list of those */
	struct loop_watch *peer; /* tells when the peer leaves; may be NULL */
};

TAILQ_HEAD(request_list, request);

/* All requests of one server. */
struct requests {
	struct api *api;
	struct loop *loop;
	struct auth *auth;
	struct patience patience;
	struct request_list parked;  /* suspended this turn: the commit will answer most */
	struct request_list watched; /* suspended for longer */
	int count;
	bool stopping; /* answer everything with 503 */
	bool woken;    /* something was resumed: MHD_run has work */
	bool handled;  /* something was handed to the API: the engine has work */
};

void requests_init(struct requests *all, struct loop *l, struct api *api);
/* Looks out for the peers of those that were parked and not answered by the commit. */
void requests_watch_parked(struct requests *all);
/* Takes back what the API has not answered, and answers 503. */
void requests_stop(struct requests *all);

/* libmicrohttpd's callbacks when a request's first line is there, when there is more, and when
 * it is over; cls is the struct requests. */
void *request_begin(void *cls, const char *uri, struct MHD_Connection *c);
enum MHD_Result request_step(void *cls, struct MHD_Connection *c, const char *url,
			     const char *method, const char *version, const char *data,
			     size_t *size, void **con_cls);
void request_end(void *cls, struct MHD_Connection *c, void **con_cls,
		 enum MHD_RequestTerminationCode code);

#endif
