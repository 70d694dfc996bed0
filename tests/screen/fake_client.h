#ifndef FAKE_CLIENT_H
#define FAKE_CLIENT_H
#include "jobdeck/client/client.h"

/* The client's interface without a server behind it: a test says what each call answers.
 * JobdeckWatch is answered when fake_changed() was called, like the real one. */

/* Answers a call, or returns NULL and sets err. `in` is borrowed. */
typedef cJSON *fake_handler(void *arg, const char *op, const cJSON *in, struct err *err);
struct client *fake_client(fake_handler *handler, void *arg);
void fake_free(struct client *c);

void fake_changed(struct client *c);		       /* answers the long poll */
void fake_age(struct client *c, int64_t age);	       /* what client_age says; default 0 */
void fake_trouble(struct client *c, const char *text); /* makes every call fail; NULL: well again */
void fake_hang(struct client *c, bool hang);	       /* no call is answered */
/* Delivers what is due now. Returns how many callbacks ran. */
int fake_deliver(struct client *c);
/* Names of the calls made since the last time, joined by blanks. Static memory. */
const char *fake_calls(struct client *c);

#endif
