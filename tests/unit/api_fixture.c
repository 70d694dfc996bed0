#include "config.h"
#include "api_fixture.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/api/op.h"
#include "jobdeck/base/buf.h"
#include "jobdeck/base/uri.h"

static struct {
	char *name, *value;
} variables[32];
static int variable_count;

void let(const char *name, const char *value)
{
	for (int i = 0; i < variable_count; i++) {
		if (strcmp(variables[i].name, name) == 0) {
			str_replace(&variables[i].value, value);
			return;
		}
	}
	assert_true(variable_count < (int)ARRAY_LEN(variables));
	variables[variable_count].name = xstrdup(name);
	variables[variable_count++].value = xstrdup(value);
}

static const char *variable(const char *name, size_t len)
{
	for (int i = 0; i < variable_count; i++)
		if (strlen(variables[i].name) == len && memcmp(variables[i].name, name, len) == 0)
			return variables[i].value;
	fail_msg("no variable $%.*s", (int)len, name);
	return NULL;
}

/* ' becomes ", $NAME its value. */
static char *expand(const char *text)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	for (const char *p = text; *p; p++) {
		if (*p == '$') {
			size_t n = strspn(p + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

			buf_adds(&b, variable(p + 1, n));
			p += n;
		} else {
			buf_addc(&b, *p == '\'' ? '"' : *p);
		}
	}
	return buf_steal(&b);
}

static cJSON *parse(const char *text)
{
	cleanup_free char *json = expand(text);
	struct err err = { 0 };
	cJSON *out = json_parse(json, strlen(json), &err);

	if (!out)
		fail_msg("%s in %s", err.text, json);
	return out;
}

/* --- the world ------------------------------------------------------------------------ */

static void on_stop(void *arg)
{
	((struct fixture *)arg)->stops++;
}

static void open_all(struct fixture *f)
{
	struct err err = { 0 };
	struct engine_options o = { .home = f->home,
				    .backend = "fake",
				    .fake = f->fake,
				    .settings = &f->settings,
				    .pool = { .vcpu_milli = 64000, .memory_mib = 65536 } };
	struct api_options a = { .stop = on_stop, .arg = f };

	f->loop = loop_new(&err);
	f->engine = f->loop ? engine_open(f->loop, &o, &err) : NULL;
	if (!f->engine)
		fail_msg("engine_open: %s", err.text);
	a.engine = f->engine;
	f->api = api_new(&a);
}

static void close_all(struct fixture *f)
{
	api_free(f->api);
	engine_close(f->engine);
	loop_free(f->loop);
}

void api_restart(struct fixture *f)
{
	close_all(f);
	open_all(f);
}

static int up(void **state, const char *fake, bool strict)
{
	const char *tmp = getenv("TMPDIR");
	struct fixture *f = xcalloc(1, sizeof *f);
	struct err err = { 0 };

	snprintf(f->dir, sizeof f->dir, "%.30s/jobdeck-api-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(f->dir));
	f->home = home_open(f->dir, &err);
	if (!f->home)
		fail_msg("home_open: %s", err.text);
	f->fake = fake;
	settings_default(&f->settings);
	f->settings.strict_aws = strict;
	open_all(f);
	*state = f;
	return 0;
}

int api_up_slow(void **state)
{
	return up(state, "run=1000000", false);
}

int api_up_strict(void **state)
{
	return up(state, "run=1000000", true);
}

int api_down(void **state)
{
	struct fixture *f = *state;
	cleanup_free char *command = xasprintf("rm -rf '%s'", f->dir);

	close_all(f);
	home_free(f->home);
	assert_int_equal(system(command), 0);
	free(f);
	while (variable_count) {
		free(variables[--variable_count].name);
		free(variables[variable_count].value);
	}
	return 0;
}

void turns(struct fixture *f, int n)
{
	while (n-- > 0)
		loop_turn(f->loop, 0);
}

/* --- requests ------------------------------------------------------------------------- */

void answer_fini(struct answer *a)
{
	cJSON_Delete(a->out);
	a->out = NULL;
}

void answer_take(void *arg, const struct api_reply *r)
{
	struct answer *a = arg;

	a->calls++;
	a->status = r->status;
	snprintf(a->error, sizeof a->error, "%s", r->error ? r->error : "");
	snprintf(a->request_id, sizeof a->request_id, "%s", r->request_id);
	snprintf(a->content_type, sizeof a->content_type, "%s", r->content_type);
	a->out = json_parse(r->body, r->len, NULL);
	assert_non_null(a->out);
}

void request_send(struct fixture *f, const struct api_request *r, struct answer *out)
{
	int64_t deadline = time_mono() + 10000;

	memset(out, 0, sizeof *out);
	if (!api_handle(f->api, r, answer_take, out))
		assert_int_equal(out->calls, 1);
	while (!out->calls && time_mono() < deadline)
		loop_turn(f->loop, 1);
	assert_int_equal(out->calls, 1);
}

void request(struct fixture *f, const char *method, const char *path, const char *target,
	     const char *body, size_t len, struct answer *out)
{
	struct api_request r = {
		.method = method, .path = path, .target = target, .body = body, .len = len
	};

	request_send(f, &r, out);
}

/* Some members are in the path and in the query, as our own client puts them there. */
static void call_by_uri(struct fixture *f, const struct api_op *op, const char *json,
			struct answer *out)
{
	cJSON *in cleanup_json = json_parse(json, strlen(json), NULL);
	cleanup_free char *uri = api_op_uri(op, in), *path = NULL, *body = json_print(in);
	char *query = strchr(uri, '?');
	struct api_request r = { .method = op->method, .body = body, .len = strlen(body) };

	path = uri_decode(uri, query ? (size_t)(query - uri) : strlen(uri));
	r.path = path;
	r.query = query ? query + 1 : NULL;
	request_send(f, &r, out);
}

void call(struct fixture *f, const char *op, const char *in, struct answer *out)
{
	const struct api_op *row = api_op_find(op);
	cleanup_free char *json = expand(in);

	assert_non_null(row);
	if (strchr(row->path, '{'))
		call_by_uri(f, row, json, out);
	else
		request(f, row->method, row->path, row->target, json, strlen(json), out);
}

/* "" when `have` has all of `want`, else where it does not. */
static bool has(const cJSON *have, const cJSON *want, char *where, size_t size)
{
	const cJSON *item;
	int i = 0;

	if (!have || (have->type & 0xff) != (want->type & 0xff))
		return false;
	if (!cJSON_IsObject(want) && !cJSON_IsArray(want))
		return cJSON_Compare(have, want, true);
	if (cJSON_IsArray(want) && cJSON_GetArraySize(have) != cJSON_GetArraySize(want))
		return false;
	cJSON_ArrayForEach(item, want) {
		const cJSON *its = cJSON_IsArray(want) ? cJSON_GetArrayItem(have, i++) :
							 json_get(have, item->string);

		if (!has(its, item, where, size)) {
			if (item->string && !*where)
				snprintf(where, size, "%s", item->string);
			return false;
		}
	}
	return true;
}

static bool answers(const cJSON *out, const char *want, char *where, size_t size)
{
	cJSON *json cleanup_json = parse(want);

	where[0] = '\0';
	return has(out, json, where, size);
}

cJSON *get(struct fixture *f, const char *op, const char *in, const char *want)
{
	struct answer a cleanup_answer;
	char where[100];

	call(f, op, in, &a);
	if (a.status != 200 || (want && !answers(a.out, want, where, sizeof where))) {
		cleanup_free char *got = json_print(a.out);

		fail_msg("%s %s\n wanted %s\n got %d %s\n at %s", op, in, want ? want : "success",
			 a.status, got, a.status == 200 ? where : "status");
	}
	return STEAL_PTR(a.out);
}

void expect(struct fixture *f, const char *op, const char *in, const char *want)
{
	cJSON_Delete(get(f, op, in, want));
}

/* "..." in `pattern` stands for anything; it must be found somewhere in `text`. */
static bool mentions(const char *text, const char *pattern)
{
	const char *dots;

	while ((dots = strstr(pattern, "..."))) {
		cleanup_free char *part = xstrndup(pattern, (size_t)(dots - pattern));

		text = strstr(text, part);
		if (!text)
			return false;
		text += strlen(part);
		pattern = dots + 3;
	}
	return strstr(text, pattern) != NULL;
}

void refuse(struct fixture *f, const char *op, const char *in, const char *error, const char *text)
{
	struct answer a cleanup_answer;
	cleanup_free char *pattern = expand(text);

	call(f, op, in, &a);
	if (strcmp(a.error, error) != 0 || a.status < 400 ||
	    !mentions(json_str_or(a.out, "message", ""), text)) {
		cleanup_free char *got = json_print(a.out);

		fail_msg("%s %s\n wanted %s %s\n got %d %s %s", op, in, error, text, a.status,
			 a.error, got);
	}
}

void eventually(struct fixture *f, const char *op, const char *in, const char *want)
{
	int64_t deadline = time_mono() + 10000;
	cleanup_free char *last = NULL;
	char where[100];

	while (time_mono() < deadline) {
		struct answer a cleanup_answer;

		call(f, op, in, &a);
		if (a.status == 200 && answers(a.out, want, where, sizeof where))
			return;
		free(last);
		last = json_print(a.out);
		loop_turn(f->loop, 20);
	}
	fail_msg("%s %s\n never became %s\n but %s", op, in, want, last);
}

/* --- the usual things ----------------------------------------------------------------- */

void make_world(struct fixture *f)
{
	expect(f, "CreateComputeEnvironment",
	       "{'computeEnvironmentName':'ce','type':'MANAGED',"
	       "'computeResources':{'type':'EC2','maxvCpus':8,'allocationStrategy':'BEST_FIT_"
	       "PROGRESSIVE'}}",
	       "{'computeEnvironmentName':'ce'}");
	expect(f, "CreateJobQueue",
	       "{'jobQueueName':'q','priority':1,"
	       "'computeEnvironmentOrder':[{'order':1,'computeEnvironment':'ce'}]}",
	       "{'jobQueueName':'q'}");
	expect(f, "RegisterJobDefinition",
	       "{'jobDefinitionName':'sleep','type':'container','containerProperties':{'image':'"
	       "host',"
	       "'command':['sleep','Ref::seconds'],'resourceRequirements':["
	       "{'type':'VCPU','value':'1'},{'type':'MEMORY','value':'128'}]},"
	       "'parameters':{'seconds':'60'}}",
	       "{'jobDefinitionName':'sleep','revision':1}");
}

void submit(struct fixture *f, const char *name, const char *more)
{
	cleanup_free char *in =
		xasprintf("{'jobName':'%s','jobQueue':'q','jobDefinition':'sleep'%s%s}", name,
			  *more ? "," : "", more);
	cJSON *out cleanup_json = get(f, "SubmitJob", in, NULL);

	assert_string_equal(json_str(out, "jobName"), name);
	let(name, json_str(out, "jobId"));
}

void submit_many(struct fixture *f, const char *name, const char *more, int n)
{
	cleanup_free char *in =
		xasprintf("{'jobName':'%s','jobQueue':'q','jobDefinition':'sleep'%s%s}", name,
			  *more ? "," : "", more);
	cleanup_free char *json = expand(in);
	struct answer *all = xcalloc((size_t)n, sizeof *all);
	const struct api_op *op = api_op_find("SubmitJob");
	struct api_request r = {
		.method = "POST", .path = op->path, .body = json, .len = strlen(json)
	};

	for (int i = 0; i < n; i++)
		assert_non_null(api_handle(f->api, &r, answer_take, &all[i]));
	for (int i = 0; i < n; i++) {
		for (int64_t end = time_mono() + 10000; !all[i].calls && time_mono() < end;)
			loop_turn(f->loop, 1);
		assert_int_equal(all[i].status, 200);
		answer_fini(&all[i]);
	}
	free(all);
}
