/* Waiting that a signal can end. The signals are blocked and read from a signalfd, so there
 * is no handler and no race. */
#include "config.h"
#include "interrupt.h"
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include "jobdeck/base/json.h"
#include "jobdeck/base/time.h"

int interrupt_init(struct interrupt *i, struct client *client, struct err *err)
{
	sigset_t set;

	*i = (struct interrupt){ .client = client };
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, &i->old);
	i->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (i->fd >= 0)
		return 0;
	err_sys(err, "signalfd");
	sigprocmask(SIG_SETMASK, &i->old, NULL);
	return -1;
}

void interrupt_fini(struct interrupt *i)
{
	close(i->fd);
	sigprocmask(SIG_SETMASK, &i->old, NULL);
}

/* One round of the client, at most ms. */
static void serve(struct interrupt *i, int ms)
{
	struct pollfd p = { .fd = i->fd, .events = POLLIN };
	struct signalfd_siginfo info;

	client_poll(i->client, &p, 1, ms);
	if (p.revents & POLLIN && read(i->fd, &info, sizeof info) == (ssize_t)sizeof info)
		i->signo = (int)info.ssi_signo;
}

struct answer {
	bool done;
	cJSON *out;
	struct err *err;
};

static void answered(void *arg, cJSON *out, const struct err *err)
{
	struct answer *a = arg;
	cJSON *member;

	a->done = true;
	if (!out && a->err)
		*a->err = *err;
	if (!out)
		return;
	a->out = cJSON_CreateObject();
	while ((member = out->child))
		json_add(a->out, member->string, cJSON_DetachItemViaPointer(out, member));
}

cJSON *interrupt_wait(struct interrupt *i, const char *op, cJSON *in, struct err *err)
{
	struct answer a = { .err = err };
	int call = client_call(i->client, op, in, answered, &a);

	while (!a.done && !i->signo)
		serve(i, -1);
	if (!a.done)
		client_cancel(i->client, call);
	return a.out;
}

void interrupt_nap(struct interrupt *i, const bool *until, int ms)
{
	int64_t end = time_mono() + ms, left;

	while (!*until && !i->signo && (left = end - time_mono()) > 0)
		serve(i, (int)left);
}

void nap(struct client *c, int ms)
{
	int64_t end = time_mono() + ms, left;

	while ((left = end - time_mono()) > 0)
		client_poll(c, NULL, 0, (int)left);
}
