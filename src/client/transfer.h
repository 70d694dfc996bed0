#ifndef CLIENT_TRANSFER_H
#define CLIENT_TRANSFER_H
#include <curl/curl.h>
#include <stdint.h>
#include "call.h"
#include "jobdeck/base/buf.h"

enum {
	ANSWER_MAX = 16 * 1024 * 1024,
	ANSWER_LIMIT_MS = 90 * 1000, /* a JobdeckWatch takes up to 60 s */
	SPARE_MAX = 32,
};

/* One request of one call on one connection; a call may need several, one after another. */
struct transfer {
	struct call *call;
	CURL *easy; /* while it is under way */
	struct curl_slist *headers;
	struct buf body;
	int requests;	   /* how often libcurl began to send it; more than once
			    * is refused: only we decide what may be sent again */
	char protocol[16]; /* what the answer says; empty: nothing */
	bool retry_after;  /* the answer says: nothing was done, try again */

	int path; /* which of the sockets */
	int paths_tried;
	bool retried;
	int64_t give_up; /* time_mono after which trouble is final; 0: none yet */
};

/* What they share: connections are kept by `multi`, handles are used again. */
struct wire {
	CURLM *multi;
	CURL *spare[SPARE_MAX];
	int spares;
};

void wire_init(struct wire *w);
void wire_fini(struct wire *w);

struct transfer *transfer_new(struct call *call);
void transfer_free(struct wire *w, struct transfer *t);
/* Sends it at `socket` when the multi handle is next driven. */
void transfer_launch(struct wire *w, struct transfer *t, const char *socket);
/* Takes it off the wire: done with, or to be launched again. */
void transfer_land(struct wire *w, struct transfer *t);
struct transfer *transfer_of(CURL *easy);
/* False only when certainly not a byte of the request has left. */
bool transfer_was_sent(const struct transfer *t);

#endif
