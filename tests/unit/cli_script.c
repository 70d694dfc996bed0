/* The client is replaced by a list of answers, and the console by a complaint. */
#include "config.h"
#include "cli_script.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/tui/console.h"

const struct expected nothing[] = { NOTHING };

static const struct expected *script;
static char trouble[2000]; /* what was called otherwise than expected; "" when nothing */
struct temp_home cli_home;

static void take_answer(const char *answer, cJSON **out, struct err *err)
{
	if (*answer == '!')
		err_set(err, (enum err_kind)(answer[1] - '0'), "%s", answer + 3);
	else
		*out = json_parse(answer, strlen(answer), NULL);
}

static cJSON *next_answer(const char *op, cJSON *in, struct err *err)
{
	cleanup_json cJSON *request = in ? in : cJSON_CreateObject();
	cleanup_free char *text = json_print(request);
	const struct expected *e = script;
	cJSON *out = NULL;

	if (!*trouble && (!e->op || strcmp(op, e->op) != 0 || !strstr(text, e->request)))
		snprintf(trouble, sizeof trouble, "%s %s\ninstead of\n%s %s", op, text,
			 e->op ? e->op : "nothing", e->op ? e->request : "");
	if (*trouble) {
		err_set(err, ERR_CORRUPT, "the test has failed");
		return NULL;
	}
	script++;
	take_answer(e->answer, &out, err);
	return out;
}

/* --- the client that is none; it takes the place of libclient's --- */

struct client {
	client_reply *cb;
	void *arg;
	char *op;
	cJSON *in;
};

struct client *client_open(const struct client_options *o, struct err *err)
{
	(void)o;
	(void)err;
	return xcalloc(1, sizeof(struct client));
}

void client_close(struct client *c)
{
	cJSON_Delete(c->in);
	free(c->op);
	free(c);
}

/* While stdout is caught nothing may jump out of the program, so trouble is kept for later.
 * JobdeckWatch never answers here; of the others one is under way at a time. */
int client_call(struct client *c, const char *op, cJSON *in, client_reply *cb, void *arg)
{
	if (strcmp(op, "JobdeckWatch") == 0) {
		cJSON_Delete(in);
		return 1;
	}
	c->op = xstrdup(op);
	c->in = in;
	c->cb = cb;
	c->arg = arg;
	return 2;
}

void client_cancel(struct client *c, int call)
{
	(void)c;
	(void)call;
}

int client_poll(struct client *c, struct pollfd *extra, unsigned n, int timeout_ms)
{
	struct err err = { 0 };
	cJSON *out;
	char *op = STEAL_PTR(c->op);

	for (unsigned i = 0; i < n; i++)
		extra[i].revents = 0;
	if (!op) { /* nothing under way: time passes */
		poll(NULL, 0, timeout_ms < 0 ? 0 : timeout_ms);
		return 0;
	}
	out = next_answer(op, STEAL_PTR(c->in), &err);
	c->cb(c->arg, out, &err);
	cJSON_Delete(out);
	free(op);
	return 0;
}

cJSON *client_wait(struct client *c, const char *op, cJSON *in, struct err *err)
{
	(void)c;
	return next_answer(op, in, err);
}

int console_run(const struct console_options *o)
{
	(void)o;
	snprintf(trouble, sizeof trouble, "the console was started without a terminal");
	return 0;
}

/* --- running the program --- */

static void read_back(FILE *f, char *text, size_t size)
{
	size_t n;

	rewind(f);
	n = fread(text, 1, size - 1, f);
	text[n] = '\0';
	fclose(f);
}

/* Runs a command line, taken apart at its blanks, with stdout and stderr caught. */
void run(struct result *r, const char *line, const struct expected *e)
{
	FILE *files[2] = { tmpfile(), tmpfile() };
	int saved[2] = { dup(STDOUT_FILENO), dup(STDERR_FILENO) };
	cleanup_free char *copy = xasprintf("jobdeck --home %s %s", cli_home.dir, line);
	char *argv[40], *save;
	int argc = 0;

	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	argv[argc] = NULL;
	script = e;
	*trouble = '\0';
	fflush(NULL);
	for (int i = 0; i < 2; i++)
		dup2(fileno(files[i]), STDOUT_FILENO + i);
	r->code = cli_main(argc, argv);
	fflush(NULL);
	for (int i = 0; i < 2; i++) {
		dup2(saved[i], STDOUT_FILENO + i);
		close(saved[i]);
	}
	read_back(files[0], r->out, sizeof r->out);
	read_back(files[1], r->err, sizeof r->err);
	if (*trouble)
		fail_msg("'%s' called %s", line, trouble);
	if (script->op)
		fail_msg("'%s' did not call %s; it said: %s", line, script->op, r->err);
}

void check(const char *line, const struct expected *e, int code, const char *out, const char *err)
{
	struct result r;

	run(&r, line, e);
	if (r.code != code)
		fail_msg("'%s' ended with %d: %s", line, r.code, r.err);
	if (out)
		assert_string_equal(r.out, out);
	if (err && !strstr(r.err, err))
		fail_msg("'%s' said: %s", line, r.err);
}

int cli_up(void **state)
{
	(void)state;
	temp_home_make(&cli_home);
	return 0;
}

int cli_down(void **state)
{
	(void)state;
	temp_home_remove(&cli_home);
	return 0;
}
