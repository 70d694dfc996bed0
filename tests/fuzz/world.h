#ifndef TESTS_FUZZ_WORLD_H
#define TESTS_FUZZ_WORLD_H
#include "jobdeck/api/api.h"

/* The API over a real engine with the fake backend, in a home of its own, with an environment ce,
 * a queue q, a definition d and some jobs. Made anew now and then, so that a long run neither
 * slows down nor depends on what it did long ago. */

/* Sends a request, as a transport would, and checks the answer: it comes, it is what it says it
 * is, and it is no failure of the server. Returns the HTTP status; *body (may be NULL) is the
 * caller's to free. */
int world_ask(const struct api_request *r, char **body);

#endif
