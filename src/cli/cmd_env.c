/* jobdeck env: what a shell must know so that the AWS CLI and SDKs talk to this server. It has a
 * key of its own, since other keys' secrets are shown only when they are made. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/cli/cmd.h"
#include "jobdeck/server/keys.h"
#include "list.h"

struct values {
	const char *url, *region;
	struct key key;
};

/* The variables, as the SDKs name them, and what each is set to. */
static const struct variable {
	const char *name;
	enum { URL, REGION, KEY_ID, SECRET, NOTHING } what;
} variables[] = {
	{ "AWS_ENDPOINT_URL", URL },
	{ "AWS_ENDPOINT_URL_BATCH", URL },
	{ "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", URL },
	{ "AWS_ENDPOINT_URL_STS", URL },
	{ "AWS_REGION", REGION },
	{ "AWS_DEFAULT_REGION", REGION },
	{ "AWS_ACCESS_KEY_ID", KEY_ID },
	{ "AWS_SECRET_ACCESS_KEY", SECRET },
	{ "AWS_SESSION_TOKEN", NOTHING }, /* would be sent, and refused */
	{ "AWS_PROFILE", NOTHING },	  /* would be preferred by some SDKs */
};

/* How a shell says it; with semicolons, for those who forget the quotation marks of eval. */
struct shell {
	const char *set, *unset;
};
static const struct shell posix = { "export %s='%s';\n", "unset %s;\n" };
static const struct shell fish = { "set -gx %s '%s';\n", "set -e %s;\n" };

/* None of these has a quotation mark in it. */
static const char *value_of(const struct variable *v, const struct values *all)
{
	switch (v->what) {
	case URL:
		return all->url;
	case REGION:
		return all->region;
	case KEY_ID:
		return all->key.id;
	case SECRET:
		return all->key.secret;
	case NOTHING:
		break;
	}
	return NULL;
}

static void print_json(struct cmd_run *r, const struct values *all)
{
	cleanup_json cJSON *out = cJSON_CreateObject();

	for (size_t i = 0; i < ARRAY_LEN(variables); i++)
		json_add_str(out, variables[i].name, value_of(&variables[i], all));
	json_answer(r, out);
}

static void print_shell(const struct shell *s, const struct values *all)
{
	for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
		const char *value = value_of(&variables[i], all);

		if (value)
			printf(s->set, variables[i].name, value);
		else
			printf(s->unset, variables[i].name);
	}
	puts("# The AWS CLI before 2.13 (Debian 12 has 2.9) and boto3 before 1.28 do not know");
	puts("# AWS_ENDPOINT_URL; say there: aws --endpoint-url \"$AWS_ENDPOINT_URL\" batch ...");
}

/* The server is started by the client and told to listen, unless it does. */
static int ask(struct cmd_run *r, struct values *all, cJSON **status, struct err *err)
{
	cleanup_json cJSON *listening = client_wait(r->client, "JobdeckListen", NULL, err);

	*status = listening ? client_wait(r->client, "JobdeckStatus", NULL, err) : NULL;
	if (!*status)
		return -1;
	all->url = cJSON_GetStringValue(cJSON_GetArrayItem(json_get(*status, "listening"), 0));
	all->region = json_str(*status, "region");
	if (!all->url || !all->region)
		return err_set(err, ERR_UNAVAILABLE, _("the server does not say where it listens"));
	return keys_of_env(r->home->keys, &all->key, err);
}

static int run(struct cmd_run *r)
{
	const struct shell *shell = cmd_flag(r, "fish") ? &fish : &posix;
	cleanup_json cJSON *status = NULL;
	struct values all = { NULL };
	struct err err = { 0 };

	if (cmd_flag(r, "unset")) {
		for (size_t i = 0; i < ARRAY_LEN(variables); i++)
			printf(shell->unset, variables[i].name);
		return EXIT_DONE;
	}
	if (ask(r, &all, &status, &err))
		return cmd_fail(&err);
	if (r->json)
		print_json(r, &all);
	else
		print_shell(shell, &all);
	return EXIT_DONE;
}

static const struct cmd_opt options[] = {
	{ 0, "fish", NULL, N_("for the shell fish"), false },
	{ 0, "unset", NULL, N_("what takes it all back"), false },
	{ 0, NULL, NULL, NULL, false },
};

const struct cmd cmd_env = {
	.name = "env",
	.summary = N_("print what points the AWS CLI and SDKs at this server"),
	.text = N_(
		"For eval in a shell. The server is started when it does not run, and told to "
		"listen when it does not, at the address of the setting listen or at any free port "
		"of 127.0.0.1.\n\n"
		"The first run makes a key, jobdeck-env, that may do everything; later runs print "
		"the same. 'jobdeck key delete jobdeck-env' makes it worthless, and the next run "
		"makes another."),
	.example = "eval \"$(jobdeck env)\"",
	.opts = options,
	.flags = CMD_CLIENT | CMD_JSON | CMD_CHANGES,
	.run = run,
};
