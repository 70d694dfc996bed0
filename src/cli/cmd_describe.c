/* jobdeck describe: everything about one job, queue, environment or definition. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "job.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"
#include "jobdeck/base/time.h"
#include "jobdeck/base/uuid.h"
#include "jobdeck/model/arn.h"
#include "list.h"
#include "words.h"

enum { LABEL_CELLS = 16 };

/* One line of a description. `path` leads through objects: "container.image". */
struct field {
	const char *label; /* N_() */
	const char *path;
	enum { PLAIN, NAME, TIME, COMMAND, PAIRS, NEEDS, DEPENDS, ORDER, COUNTS, USES } as;
};

static void put_field(const char *label, const char *value)
{
	cleanup_free char *safe = text_safe_dup(value, strlen(value));

	printf("%s%*s %s\n", label, LABEL_CELLS - text_width(label), "", safe);
}

static const cJSON *walk(const cJSON *thing, const char *path)
{
	while (thing && *path) {
		cleanup_free char *name = xstrndup(path, strcspn(path, "."));

		thing = json_get(thing, name);
		path += strlen(name);
		path += *path == '.';
	}
	return thing;
}

static void put_time(const char *label, int64_t at)
{
	char iso[TIME_ISO_SIZE], age[32];
	cleanup_free char *text = NULL;

	if (at <= 0)
		return;
	if (at > time_wall())
		text = xasprintf(_("%s (in %s)"), time_iso(at, iso, sizeof iso),
				 time_age(at - time_wall(), age, sizeof age));
	else
		text = xasprintf(_("%s (%s ago)"), time_iso(at, iso, sizeof iso),
				 time_age(time_wall() - at, age, sizeof age));
	put_field(label, text);
}

/* The name at the end of an ARN. */
static const char *bare_name(const char *arn)
{
	const char *slash = strchr(arn ? arn : "", '/');

	return slash ? slash + 1 : arn ? arn : "?";
}

/* A list with one line an element; the label stands before the first. */
static void put_list(const char *label, const cJSON *list, int as)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, list) {
		cleanup_free char *text = NULL;

		if (as == PAIRS)
			text = xasprintf("%s=%s", json_str_or(item, "name", "?"),
					 json_str_or(item, "value", ""));
		else if (as == NEEDS)
			text = xasprintf("%s %s", json_str_or(item, "type", "?"),
					 json_str_or(item, "value", ""));
		else if (as == DEPENDS)
			text = xasprintf("%s%s%s", json_str_or(item, "jobId", ""),
					 json_str(item, "type") ? " " : "",
					 json_str_or(item, "type", ""));
		else if (as == USES)
			text = xasprintf("%s=%lld",
					 bare_name(json_str_or(item, "consumableResource", "?")),
					 (long long)json_int(item, "quantity", 0));
		else if (as == ORDER)
			text = xstrdup(bare_name(json_str_or(item, "computeEnvironment", "?")));
		else
			text = xstrdup(cJSON_GetStringValue(item));
		put_field(item == list->child ? label : "", text ? text : "?");
	}
}

static void put_map(const char *label, const cJSON *map)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, map) {
		cleanup_free char *text =
			xasprintf("%s=%s", item->string, cJSON_GetStringValue(item) ?: "");

		put_field(item == map->child ? label : "", text);
	}
}

static void put_taken(const char *label, char *text /* taken */)
{
	put_field(label, text);
	free(text);
}

static void put(const cJSON *thing, const struct field *f)
{
	const cJSON *value = walk(thing, f->path);

	if (!value)
		return;
	if (f->as == TIME)
		put_time(_(f->label), (int64_t)value->valuedouble);
	else if (f->as == COMMAND)
		put_taken(_(f->label), words_join(value));
	else if (f->as == COUNTS)
		put_taken(_(f->label), job_counts(value));
	else if (f->as == NAME)
		put_field(_(f->label), bare_name(value->valuestring));
	else if (cJSON_IsArray(value))
		put_list(_(f->label), value, f->as);
	else if (cJSON_IsObject(value))
		put_map(_(f->label), value);
	else if (cJSON_IsString(value))
		put_field(_(f->label), value->valuestring);
	else
		put_taken(_(f->label), json_print(value));
}

static const struct field job_fields[] = {
	{ N_("Job"), "jobId", PLAIN },
	{ N_("Name"), "jobName", PLAIN },
	{ N_("Status"), "status", PLAIN },
	{ N_("Why"), "jobdeckStory", PLAIN },
	{ N_("Queue"), "jobQueue", NAME },
	{ N_("Definition"), "jobDefinition", NAME },
	{ N_("Image"), "container.image", PLAIN },
	{ N_("Command"), "container.command", COMMAND },
	{ N_("Needs"), "container.resourceRequirements", NEEDS },
	{ N_("Environment"), "container.environment", PAIRS },
	{ N_("Children"), "arrayProperties.size", PLAIN },
	{ N_("Their states"), "arrayProperties.statusSummary", COUNTS },
	{ N_("Index"), "arrayProperties.index", PLAIN },
	{ N_("Nodes"), "nodeProperties.numNodes", PLAIN },
	{ N_("Main node"), "nodeProperties.mainNode", PLAIN },
	{ N_("Node"), "nodeDetails.nodeIndex", PLAIN },
	{ N_("Instance"), "container.jobdeckInstance", PLAIN },
	{ N_("Share"), "shareIdentifier", PLAIN },
	{ N_("Priority"), "schedulingPriority", PLAIN },
	{ N_("Consumes"), "consumableResourceProperties.consumableResourceList", USES },
	{ N_("Depends on"), "dependsOn", DEPENDS },
	{ N_("Held"), "jobdeckHeld", PLAIN },
	{ N_("Starts after"), "jobdeckStartAfter", TIME },
	{ N_("Attempts"), "retryStrategy.attempts", PLAIN },
	{ N_("Timeout (s)"), "timeout.attemptDurationSeconds", PLAIN },
	{ N_("Tags"), "tags", PLAIN },
	{ N_("Submitted"), "createdAt", TIME },
	{ N_("Started"), "startedAt", TIME },
	{ N_("Stopped"), "stoppedAt", TIME },
	{ N_("Log stream"), "container.logStreamName", PLAIN },
	{ NULL, NULL, PLAIN },
};

static const struct field queue_fields[] = {
	{ N_("Queue"), "jobQueueName", PLAIN },
	{ N_("State"), "state", PLAIN },
	{ N_("Status"), "status", PLAIN },
	{ N_("Why"), "statusReason", PLAIN },
	{ N_("Priority"), "priority", PLAIN },
	{ N_("Environments"), "computeEnvironmentOrder", ORDER },
	{ N_("Policy"), "schedulingPolicyArn", NAME },
	{ N_("Tags"), "tags", PLAIN },
	{ N_("ARN"), "jobQueueArn", PLAIN },
	{ NULL, NULL, PLAIN },
};

static const struct field environment_fields[] = {
	{ N_("Environment"), "computeEnvironmentName", PLAIN },
	{ N_("State"), "state", PLAIN },
	{ N_("Status"), "status", PLAIN },
	{ N_("Why"), "statusReason", PLAIN },
	{ N_("Type"), "type", PLAIN },
	{ N_("Resources"), "computeResources.type", PLAIN },
	{ N_("vCPUs min"), "computeResources.minvCpus", PLAIN },
	{ N_("vCPUs desired"), "computeResources.desiredvCpus", PLAIN },
	{ N_("vCPUs max"), "computeResources.maxvCpus", PLAIN },
	{ N_("vCPUs unmanaged"), "unmanagedvCpus", PLAIN },
	{ N_("Instance types"), "computeResources.instanceTypes", PLAIN },
	{ N_("Strategy"), "computeResources.allocationStrategy", PLAIN },
	{ N_("Bid (%)"), "computeResources.bidPercentage", PLAIN },
	{ N_("Tags"), "tags", PLAIN },
	{ N_("ARN"), "computeEnvironmentArn", PLAIN },
	{ NULL, NULL, PLAIN },
};

static const struct field definition_fields[] = {
	{ N_("Definition"), "jobDefinitionName", PLAIN },
	{ N_("Revision"), "revision", PLAIN },
	{ N_("Status"), "status", PLAIN },
	{ N_("Type"), "type", PLAIN },
	{ N_("Image"), "containerProperties.image", PLAIN },
	{ N_("Command"), "containerProperties.command", COMMAND },
	{ N_("Needs"), "containerProperties.resourceRequirements", NEEDS },
	{ N_("Environment"), "containerProperties.environment", PAIRS },
	{ N_("Parameters"), "parameters", PLAIN },
	{ N_("Attempts"), "retryStrategy.attempts", PLAIN },
	{ N_("Timeout (s)"), "timeout.attemptDurationSeconds", PLAIN },
	{ N_("Tags"), "tags", PLAIN },
	{ N_("ARN"), "jobDefinitionArn", PLAIN },
	{ NULL, NULL, PLAIN },
};

/* The kinds of things that have names, in the order in which a bare name is looked for.
 * Jobs come first and are looked for in their own way. */
struct kind {
	const char *word, *arn;	   /* "queue/NAME", "arn:...:job-queue/NAME" */
	const char *op, *in, *out; /* DescribeJobQueues {in: [NAME]} -> {out: [...]} */
	const struct field *fields;
};
static const struct kind kinds[] = {
	{ "job", "job", "DescribeJobs", "jobs", "jobs", job_fields },
	{ "queue", "job-queue", "DescribeJobQueues", "jobQueues", "jobQueues", queue_fields },
	{ "environment", "compute-environment", "DescribeComputeEnvironments",
	  "computeEnvironments", "computeEnvironments", environment_fields },
	{ "definition", "job-definition", "DescribeJobDefinitions", "jobDefinitions",
	  "jobDefinitions", definition_fields },
};

/* A definition without a revision is its newest: the last of its list may be the first. */
static cJSON *newest(cJSON *list)
{
	cJSON *item, *best = NULL;

	cJSON_ArrayForEach(item, list) {
		if (!best || json_int(item, "revision", 0) > json_int(best, "revision", 0))
			best = item;
	}
	return best ? cJSON_DetachItemViaPointer(list, best) : NULL;
}

/* DescribeJobDefinitions takes NAME:REVISION as a list, a bare NAME as a parameter. */
static cJSON *describe_request(const struct kind *k, const char *name)
{
	cJSON *in = cJSON_CreateObject();

	if (strcmp(k->word, "definition") == 0 && !strchr(name, ':')) {
		json_add_str(in, "jobDefinitionName", name);
		json_add_str(in, "status", "ACTIVE");
	} else {
		json_add(in, k->in, cJSON_CreateStringArray(&name, 1));
	}
	return in;
}

/* NULL: there is none (ERR_NOT_FOUND), or the call failed. */
static cJSON *fetch(struct cmd_run *r, const struct kind *k, const char *name, struct err *err)
{
	cleanup_free char *id = NULL;
	cleanup_json cJSON *out = NULL;
	cJSON *thing;

	if (k == kinds) {
		id = job_resolve(r, name, err);
		return id ? job_describe(r, id, err) : NULL;
	}
	out = client_wait(r->client, k->op, describe_request(k, name), err);
	if (!out)
		return NULL;
	thing = newest(cJSON_GetObjectItemCaseSensitive(out, k->out));
	if (!thing)
		err_set(err, ERR_NOT_FOUND, _("there is no %s '%s'"), k->word, name);
	return thing;
}

/* The kind that `text` says, and the name behind it; NULL when it says none. */
static const struct kind *said_kind(const char *text, const char **name)
{
	for (const struct kind *k = kinds; k < kinds + ARRAY_LEN(kinds); k++) {
		size_t n = strlen(k->word);

		*name = arn_name(k->arn, text);
		if (*name && *name != text)
			return k;
		*name = text + n + 1;
		if (strncmp(text, k->word, n) == 0 && text[n] == '/')
			return k;
	}
	*name = text;
	return NULL;
}

/* NAME:REVISION, as definitions are called; the child of an array has an id before the colon. */
static bool is_revision(const char *text)
{
	const char *colon = strchr(text, ':');
	cleanup_free char *name = xstrndup(text, strcspn(text, ":"));

	return colon && colon > text && colon[1] && !uuid_is(name) &&
	       !colon[1 + strspn(colon + 1, "0123456789")];
}

static cJSON *find(struct cmd_run *r, const char *text, const struct kind **k, struct err *err)
{
	const char *name;
	cJSON *thing = NULL;

	*k = said_kind(text, &name);
	if (!*k && is_revision(text)) /* as `jobdeck definitions` prints it */
		*k = &kinds[ARRAY_LEN(kinds) - 1];
	if (*k)
		return fetch(r, *k, name, err);
	for (*k = kinds; *k < kinds + ARRAY_LEN(kinds); (*k)++) {
		thing = fetch(r, *k, text, err);
		if (thing || err->kind != ERR_NOT_FOUND)
			return thing;
	}
	err_set(err, ERR_NOT_FOUND, _("there is no job, queue, environment or definition '%s'"),
		text);
	return NULL;
}

static void put_attempts(const cJSON *job)
{
	static const struct column columns[] = {
		{ .title = N_("TRY"), .right = true },
		{ .title = N_("STARTED") },
		{ .title = N_("RAN"), .right = true },
		{ .title = N_("ENDED"), .least = 12 },
		{ .title = N_("LOG STREAM"), .least = 12, .drop = 1 },
	};
	struct table t;
	char text[600];

	table_init(&t, columns, ARRAY_LEN(columns));
	for (int n = 1; n <= json_count(job, "attempts"); n++) {
		const cJSON *a = cJSON_GetArrayItem(json_get(job, "attempts"), n - 1);
		int64_t from = json_int(a, "startedAt", 0), to = json_int(a, "stoppedAt", from);

		table_addf(&t, "%d", n);
		table_add(&t, from ? time_iso(from, text, sizeof text) : NULL);
		table_add(&t, from ? time_span(to - from, text, sizeof text) : NULL);
		table_add(&t, job_attempt_story(job, n, text, sizeof text));
		table_add(&t, job_attempt_stream(job, n));
	}
	if (t.count) {
		putchar('\n');
		table_print(&t, stdout, table_width(stdout));
	}
	table_fini(&t);
}

static int run(struct cmd_run *r)
{
	struct err err = { 0 };
	const struct kind *k;
	cleanup_json cJSON *thing = find(r, r->argv[0], &k, &err);
	char story[600];

	if (!thing)
		return cmd_fail(&err);
	if (r->json) {
		json_answer(r, thing);
		return EXIT_DONE;
	}
	if (k == kinds && *job_story(thing, story, sizeof story))
		json_add_str(thing, "jobdeckStory", story);
	for (const struct field *f = k->fields; f->label; f++)
		put(thing, f);
	if (k == kinds)
		put_attempts(thing);
	return EXIT_DONE;
}

const struct cmd cmd_describe = {
	.name = "describe",
	.operands = "JOB|QUEUE|ENVIRONMENT|DEFINITION",
	.summary = N_("show everything about a job, queue, environment or definition"),
	.text = N_("A bare name is looked for in this order: job, queue, environment, "
		   "definition. job/NAME, queue/NAME, environment/NAME, definition/NAME or an "
		   "ARN says which."),
	.example = "jobdeck describe queue/default",
	.flags = CMD_CLIENT | CMD_JSON,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
