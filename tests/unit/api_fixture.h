#ifndef TESTS_API_FIXTURE_H
#define TESTS_API_FIXTURE_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "jobdeck/api/api.h"
#include "jobdeck/base/buf.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"

/* The API over a real engine on the fake backend, in a home of its own. JSON in these tests
 * is written with ' for ", and may name variables: $JOB. */
struct fixture {
	char dir[64];
	struct home *home;
	struct loop *loop;
	struct engine *engine;
	struct api *api;
	const char *fake;
	struct settings settings; /* for the next start */
	int stops; /* how often JobdeckStop came through */
};

/* cmocka set-up; *state is a struct fixture. */
int api_up_slow(void **state); /* attempts run until they are stopped */
int api_up_strict(void **state); /* the same, with strict_aws */
int api_down(void **state);
void api_restart(struct fixture *f);

struct answer {
	int status, calls;
	char error[64], request_id[40], content_type[64];
	cJSON *out;
};
void answer_fini(struct answer *a);
#define cleanup_answer __attribute__((cleanup(answer_fini)))
void answer_take(void *arg /* struct answer */, const struct api_reply *reply);

/* Sends a request as a transport would and waits for the answer. */
void request(struct fixture *f, const char *method, const char *path, const char *target,
	     const char *body, size_t len, struct answer *out);
void request_send(struct fixture *f, const struct api_request *r, struct answer *out);
void call(struct fixture *f, const char *op, const char *in, struct answer *out);

/* The answer must be a success that has all of `want` (NULL: whatever it is): members that
 * are not named may be there too, lists must have as many elements. Returns the answer, to
 * be deleted. */
cJSON *get(struct fixture *f, const char *op, const char *in, const char *want);
void expect(struct fixture *f, const char *op, const char *in, const char *want);
/* The answer must be this error; `text` must be in the message, with "..." for anything. */
void refuse(struct fixture *f, const char *op, const char *in, const char *error, const char *text);

/* $NAME in what follows; the value is copied. Forgotten by api_down. */
void let(const char *name, const char *value);
/* Runs the loop until the answer has all of `want`, or fails after 10 s. */
void eventually(struct fixture *f, const char *op, const char *in, const char *want);
void turns(struct fixture *f, int n);

/* The usual world: environment ce, queue q, definition sleep:1. */
void make_world(struct fixture *f);
/* Submits a job to q and lets `name` be its id. */
void submit(struct fixture *f, const char *name, const char *more /* members; or "" */);
/* Submits n jobs with one commit for all. */
void submit_many(struct fixture *f, const char *name, const char *more, int n);

#endif
