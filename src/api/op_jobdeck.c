/* Our own operations for our own client: JobdeckStatus, JobdeckStop, JobdeckFindJobs. */
#include "config.h"
#include <ctype.h>
#include <string.h>
#include <unistd.h>
#include "event.h"
#include "internal.h"

enum { FIND_DEFAULT = 20, FIND_MAX = 100, PREFIX_MIN = 4 };

cJSON *show_resources(struct resources r)
{
	cJSON *out = cJSON_CreateObject();

	cJSON_AddNumberToObject(out, "vcpus", (double)r.vcpu_milli / 1000);
	json_add_int(out, "memory", r.memory_mib);
	json_add_int(out, "gpus", r.gpus);
	return out;
}

void add_pool(const struct api_call *c)
{
	const struct sched *s = engine_sched(c->engine);

	json_add_int(c->out, "seq", engine_seq(c->engine));
	json_add_int(c->out, "now", engine_now(c->engine));
	json_add(c->out, "pool", show_resources(sched_pool(s)));
	json_add(c->out, "used", show_resources(sched_used(s)));
}

static void add_listening(const struct api_call *c)
{
	const struct api_options *o = &c->api->o;
	const char *const *urls = o->listening ? o->listening(o->arg) : NULL;
	cJSON *list = cJSON_AddArrayToObject(c->out, "listening");

	for (; urls && *urls; urls++)
		cJSON_AddItemToArray(list, cJSON_CreateString(*urls));
}

int op_jobdeck_status(struct api_call *c, struct err *err)
{
	const struct account *a = engine_account(c->engine);

	(void)err;
	json_add_str(c->out, "version", PACKAGE_VERSION);
	json_add_int(c->out, "protocol", API_PROTOCOL_VERSION);
	json_add_int(c->out, "pid", getpid());
	json_add_str(c->out, "home", engine_home(c->engine)->dir);
	json_add_int(c->out, "startedAt", c->api->started);
	add_pool(c);
	json_add_int(c->out, "liveJobs", sched_live(engine_sched(c->engine)));
	json_add_int(c->out, "activeJobs", engine_active(c->engine));
	json_add_str(c->out, "region", a->region);
	json_add_str(c->out, "account", a->id);
	hooks_show(c->api->hooks, c->out);
	add_listening(c);
	return 0;
}

int op_jobdeck_listen(struct api_call *c, struct err *err)
{
	const struct api_options *o = &c->api->o;

	if (!o->listen)
		return err_set(err, ERR_CONFLICT, "There is no server here that could listen");
	if (o->listen(o->arg, json_str(c->in, "address"), err))
		return -1;
	add_listening(c);
	return 0;
}

int op_jobdeck_stop(struct api_call *c, struct err *err)
{
	if (!c->api->o.stop)
		return err_set(err, ERR_CONFLICT, "There is no server here that could be stopped");
	c->stop = true;
	return 0;
}

/* --- JobdeckFindJobs ----------------------------------------------------------------- */

static bool may_be_id(const char *text)
{
	size_t n = strlen(text);

	return n >= PREFIX_MIN && n < UUID_SIZE && strspn(text, "0123456789abcdef-") == n;
}

/* Array children will have ":INDEX"; ids may be typed in capitals. */
static char *lower(const char *text)
{
	char *copy = xstrdup(text);

	for (char *p = copy; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return copy;
}

static int add_found(struct api_call *c, cJSON *list, int64_t key, struct err *err)
{
	struct job *job = store_job(c->store, key, err);
	cJSON *item;

	if (!job)
		return err->kind ? -1 : 0;
	item = cJSON_CreateObject();
	json_add_str(item, "jobId", job->id);
	json_add_str(item, "jobName", job->name);
	json_add_str(item, "jobQueue", job->queue);
	json_add_str(item, "status", job_status_name(job->status));
	json_add_int(item, "createdAt", job->created);
	cJSON_AddItemToArray(list, item);
	job_free(job);
	return 0;
}

int op_jobdeck_find_jobs(struct api_call *c, struct err *err)
{
	const char *text = arn_name("job", json_str(c->in, "text"));
	cJSON *list = cJSON_AddArrayToObject(c->out, "jobs");
	int limit = (int)json_int(c->in, "limit", FIND_DEFAULT), n = 0;
	cleanup_free char *id = lower(text ? text : "");
	int64_t keys[FIND_MAX];

	if (may_be_id(id))
		n = store_job_prefix(c->store, id, keys, limit);
	if (!n && text)
		n = store_job_named(c->store, text, keys, limit);
	for (int i = 0; i < n; i++)
		if (add_found(c, list, keys[i], err) < 0)
			return -1;
	return 0;
}
