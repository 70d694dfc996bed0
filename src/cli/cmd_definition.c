/* jobdeck definition: job definitions, registered from a file, listed, retired. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/buf.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "list.h"
#include "thing.h"
#include "verb.h"

enum { FILE_MAX = 1 << 20 };

static int read_all(FILE *in, struct buf *out)
{
	char some[4096];
	size_t n;

	while ((n = fread(some, 1, sizeof some, in)) > 0)
		buf_add(out, some, n);
	return ferror(in) ? -1 : 0;
}

/* A file, or "-" for stdin, with a request of RegisterJobDefinition in it. */
static cJSON *read_file(const char *path, struct err *err)
{
	bool from_stdin = strcmp(path, "-") == 0;
	FILE *in = from_stdin ? stdin : fopen(path, "re");
	struct buf text cleanup_buf;
	struct err why = { 0 };
	cJSON *out = NULL;

	buf_init(&text, FILE_MAX);
	if (!in || read_all(in, &text) < 0)
		err_sys(err, _("cannot read %s"), path);
	else if (text.full)
		err_set(err, ERR_INVALID, _("%s is too long for a job definition"), path);
	else
		out = json_parse(buf_str(&text), text.len, &why);
	if (why.kind)
		err_set(err, ERR_INVALID, _("%s is no JSON: %s"), path, why.text);
	if (in && !from_stdin)
		fclose(in);
	return out;
}

static int register_one(struct cmd_run *r, const char *path, struct err *err)
{
	cleanup_json cJSON *in = read_file(path, err), *out = NULL;

	if (!in)
		return -1;
	out = client_wait(r->client, "RegisterJobDefinition", STEAL_PTR(in), err);
	if (!out)
		return err_wrap(err, "%s", path);
	if (r->json)
		json_answer(r, out);
	else
		printf("%s:%lld\n", json_str_or(out, "jobDefinitionName", "?"),
		       (long long)json_int(out, "revision", 0));
	return 0;
}

static int deregister_one(struct cmd_run *r, const char *name, struct err *err)
{
	cJSON *in;
	cleanup_json cJSON *out = NULL;

	if (!thing_confirmed(r, _("Retire job definition %s? [y/N] "), name))
		return err_set(err, ERR_DENIED, _("%s was not retired"), name);
	in = cJSON_CreateObject();
	json_add_str(in, "jobDefinition", name);
	out = client_wait(r->client, "DeregisterJobDefinition", in, err);
	if (out)
		cmd_say(_("definition %s is INACTIVE"), name);
	return out ? 0 : -1;
}

static int list(struct cmd_run *r, char **names, int count)
{
	return verb_as(r, "definitions", names, count);
}

static int describe(struct cmd_run *r, char **names, int count)
{
	cleanup_free char *path = xasprintf("definition/%s", names[0]);
	char *operand = path;

	return verb_as(r, "describe", &operand, count);
}

static const char *const of_list[] = { "all", NULL };
static const char *const of_deregister[] = { "yes", NULL };

static const struct verb verbs[] = {
	{ "register", "FILE", 1, -1, true, NULL, .one = register_one },
	{ "deregister", "DEFINITION", 1, -1, true, of_deregister, .one = deregister_one },
	{ "list", NULL, 0, 0, false, of_list, .run = list },
	{ "describe", "DEFINITION", 1, 1, false, NULL, .run = describe },
	{ .name = NULL },
};

static int run(struct cmd_run *r)
{
	return verb_run(r, verbs);
}

static const struct cmd_opt options[] = {
	{ 'a', "all", NULL, N_("list: also those that are INACTIVE"), false },
	{ 'y', "yes", NULL, N_("retire without asking; without a terminal nothing is asked anyway"),
	  false },
	{ 0, NULL, NULL, NULL, false },
};

const struct cmd cmd_definition = {
	.name = "definition",
	.operands = "register|deregister|list|describe DEFINITION|FILE...",
	.summary = N_("register, list or retire job definitions"),
	.text = N_(
		"register reads a request of RegisterJobDefinition as JSON, as 'aws batch "
		"register-job-definition --cli-input-json' takes it, from a file or, as -, from "
		"stdin, and prints NAME:REVISION. A retired revision can no longer be submitted; "
		"jobs that were go on."),
	.example = "jobdeck definition register render.json",
	.opts = options,
	.flags = CMD_CLIENT | CMD_JSON,
	.min_operands = 1,
	.max_operands = -1,
	.run = run,
};
