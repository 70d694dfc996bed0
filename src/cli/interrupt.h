#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H
#include <signal.h>
#include "jobdeck/cli/cmd.h"

/* Ctrl-C, SIGTERM and hang-up as something to wait for, so that a long wait can end with a
 * word of farewell and at once, also when the server does not answer. */
struct interrupt {
	struct client *client; /* borrowed */
	int fd, signo;	       /* signo: 0 until a signal came */
	sigset_t old;
};

int interrupt_init(struct interrupt *i, struct client *client, struct err *err);
void interrupt_fini(struct interrupt *i); /* the signals are as before */
/* As client_wait; NULL with i->signo set when a signal came first. */
cJSON *interrupt_wait(struct interrupt *i, const char *op, cJSON *in /* taken */, struct err *err);
/* Serves the client until *until is true, ms have passed or a signal came. */
void interrupt_nap(struct interrupt *i, const bool *until, int ms);
/* The same for those who need no farewell: signals end the program as usual. */
void nap(struct client *c, int ms);

#endif
