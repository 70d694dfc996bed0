/* jobdeck api: one request of the API as it is, and its answer, for scripts. */
#include "config.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "jobdeck/api/op.h"
#include "jobdeck/base/buf.h"
#include "jobdeck/base/fs.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "list.h"

enum { LARGEST_REQUEST = 4 * 1024 * 1024 };

static int read_stdin(struct buf *b, struct err *err)
{
	char part[16384];
	ssize_t n;

	while ((n = read(STDIN_FILENO, part, sizeof part)) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			buf_add(b, part, (size_t)n);
	if (n < 0)
		return err_sys(err, _("cannot read the request from stdin"));
	if (b->full)
		return err_set(err, ERR_INVALID, _("the request on stdin is larger than %d bytes"),
			       LARGEST_REQUEST);
	return 0;
}

/* The request: JSON itself, @FILE, - for stdin, or nothing for {}. */
static cJSON *read_request(const char *operand, struct err *err)
{
	struct buf b;
	cleanup_free char *text = NULL;
	cJSON *in;
	size_t len;

	if (!operand)
		return cJSON_CreateObject();
	buf_init(&b, LARGEST_REQUEST);
	if (strcmp(operand, "-") == 0) {
		if (read_stdin(&b, err) < 0) {
			buf_fini(&b);
			return NULL;
		}
		len = b.len;
		text = buf_steal(&b);
	} else if (*operand == '@') {
		text = fs_read(operand + 1, LARGEST_REQUEST, &len, err);
	} else {
		text = xstrdup(operand);
		len = strlen(text);
	}
	if (!text)
		return NULL;
	in = json_parse(text, len, err);
	if (!in)
		err_wrap(err, "%s", _("the request is not JSON"));
	return in;
}

static const char *protocol_name(enum api_protocol p)
{
	static const char *const names[] = { [API_BATCH] = "batch", [API_LOGS] = "logs",
					     [API_JOBDECK] = "jobdeck" };

	return names[p];
}

/* What is refused in requests of an operation that is served. */
static cJSON *refusals(const char *op)
{
	cJSON *list = cJSON_CreateArray();

	for (const struct api_refusal *r = api_refusals; r->op; r++) {
		cJSON *item;

		if (strcmp(r->op, op) != 0)
			continue;
		item = cJSON_CreateObject();
		json_add_str(item, "member", r->member);
		json_add_str(item, "value", r->value);
		json_add_str(item, "why", r->why);
		cJSON_AddItemToArray(list, item);
	}
	return list;
}

static cJSON *describe(const struct api_op *op)
{
	cJSON *item = cJSON_CreateObject();

	json_add_str(item, "operation", op->name);
	json_add_str(item, "protocol", protocol_name(op->protocol));
	json_add_bool(item, "changes", op->writes);
	json_add_str(item, "jobdeck", api_support_name(op->support));
	json_add_str(item, "method", op->method);
	json_add_str(item, "path", op->path);
	json_add_str(item, "help", op->help);
	json_add_str(item, "why", op->why);
	json_add(item, "refuses", refusals(op->name));
	return item;
}

static void row(struct table *t, const cJSON *op, jd_time now)
{
	const char *why = json_str(op, "why");

	(void)now;
	table_add(t, json_str(op, "operation"));
	table_add(t, json_str(op, "protocol"));
	table_add(t, json_bool(op, "changes", false) ? _("yes") : NULL);
	table_add(t, _(json_str_or(op, "jobdeck", "")));
	table_add(t, _(why ? why : json_str_or(op, "help", "")));
}

static void refused_row(struct table *t, const cJSON *refusal, jd_time now)
{
	(void)now;
	table_add(t, json_str(refusal, "operation"));
	table_add(t, json_str(refusal, "member"));
	table_add(t, json_str(refusal, "value"));
	table_add(t, _(json_str_or(refusal, "why", "")));
}

/* The short list of what is refused in operations that are served otherwise; people only. */
static void list_refusals(const struct cmd_run *r, const cJSON *all)
{
	static const struct column columns[] = {
		{ .title = N_("OPERATION") },
		{ .title = N_("REFUSED") },
		{ .title = N_("VALUE") },
		{ .title = N_("WHY"), .least = 20 },
	};
	static const struct listing listing = { columns, ARRAY_LEN(columns), refused_row, NULL };
	cleanup_json cJSON *list = cJSON_CreateArray();
	const cJSON *op, *item;

	cJSON_ArrayForEach(op, all) {
		cJSON_ArrayForEach(item, json_get(op, "refuses")) {
			cJSON *copy = cJSON_Duplicate(item, 1);

			json_add_str(copy, "operation", json_str(op, "operation"));
			cJSON_AddItemToArray(list, copy);
		}
	}
	putchar('\n');
	list_print(r, list, &listing);
}

static int list_operations(struct cmd_run *r)
{
	static const struct column columns[] = {
		{ .title = N_("OPERATION") },
		{ .title = N_("PROTOCOL"), .drop = 2 },
		{ .title = N_("CHANGES"), .drop = 1 },
		{ .title = N_("JOBDECK") },
		{ .title = N_("WHAT IT DOES, OR WHY NOT"), .least = 20 },
	};
	static const struct listing listing = { columns, ARRAY_LEN(columns), row, NULL };
	cleanup_json cJSON *all = cJSON_CreateArray();

	for (const struct api_op *op = api_ops; op->name; op++)
		cJSON_AddItemToArray(all, describe(op));
	list_print(r, all, &listing);
	if (!r->json && isatty(STDOUT_FILENO))
		list_refusals(r, all);
	return EXIT_DONE;
}

/* What the API says of an error, for scripts; people read it on stderr. */
static void print_error(const struct cmd_run *r, const struct err *err)
{
	cleanup_json cJSON *out = cJSON_CreateObject();
	const char *type = err->kind == ERR_DENIED ? "AccessDeniedException" :
			   err->kind == ERR_UNAVAILABLE || err->kind == ERR_SYSTEM ?
						     "ServerException" :
						     "ClientException";

	if (!r->json && isatty(STDOUT_FILENO))
		return;
	json_add_str(out, "__type", type);
	json_add_str(out, "message", err->text);
	json_out(out, r->json && !r->json_lines);
}

static int run(struct cmd_run *r)
{
	struct err err = { 0 };
	const struct api_op *op;
	cleanup_json cJSON *in = NULL, *out = NULL;

	if (cmd_flag(r, "list"))
		return list_operations(r);
	if (r->argc == 0)
		return cmd_usage(r, _("say which operation; 'jobdeck api --list' lists them"));
	op = api_op_find(r->argv[0]);
	if (!op) {
		err_set(&err, ERR_INVALID,
			_("there is no operation '%s'; 'jobdeck api --list' lists them"),
			r->argv[0]);
		return cmd_fail(&err);
	}
	if (r->read_only && op->writes) {
		err_set(&err, ERR_DENIED, _("%s changes something, and this is --read-only"),
			op->name);
		return cmd_fail(&err);
	}
	in = read_request(r->argv[1], &err);
	if (in)
		out = client_wait(r->client, op->name, STEAL_PTR(in), &err);
	if (!out) {
		print_error(r, &err);
		return cmd_fail(&err);
	}
	json_out(out, !r->json_lines && (r->json || isatty(STDOUT_FILENO)));
	return EXIT_DONE;
}

static const struct cmd_opt options[] = {
	{ 'l', "list", NULL, N_("list the operations"), false },
	{ 0, NULL, NULL, NULL, false },
};

const struct cmd cmd_api = {
	.name = "api",
	.operands = "OPERATION [JSON | @FILE | -]",
	.summary = N_("make one call of the AWS Batch API"),
	.text = N_("The request is the operation's own JSON: as an argument, in a file, or on "
		   "stdin; nothing is {}. The answer comes on stdout as it is, on one line "
		   "unless stdout is a terminal or --json is given; so does an error, as "
		   "{\"__type\": \"ClientException\", \"message\": ...}. --list says of every "
		   "operation what Jobdeck does with it: served; empty, as in an account that has "
		   "no such things; or refused, with the reason; and what is refused in requests "
		   "of those that are served."),
	.example = "jobdeck api DescribeJobQueues '{\"jobQueues\": [\"default\"]}'",
	.opts = options,
	.flags = CMD_CLIENT | CMD_JSON,
	.max_operands = 2,
	.run = run,
};
