#include "config.h"
#include "world.h"
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/json.h"
#include "jobdeck/base/log.h"
#include "jobdeck/base/mem.h"

enum { ASKED_MAX = 2000, TURNS_MAX = 1000 };

static struct {
	char dir[64];
	struct home *home;
	struct loop *loop;
	struct engine *engine;
	struct api *api;
	int asked;
} world;

struct answer {
	int status;
	bool xml;
	char *body;
	size_t len;
};

static void take(void *arg, const struct api_reply *reply)
{
	struct answer *a = arg;

	a->status = reply->status;
	a->xml = strcmp(reply->content_type, "text/xml") == 0;
	a->body = xstrndup(reply->body, reply->len);
	a->len = reply->len;
}

static void check(const struct answer *a)
{
	cleanup_json cJSON *json = a->xml ? NULL : json_parse(a->body, a->len, NULL);

	if (a->status >= 500 || (!a->xml && !cJSON_IsObject(json)) || (a->xml && *a->body != '<')) {
		fprintf(stderr, "%d %s\n", a->status, a->body);
		abort();
	}
}

static int ask(const struct api_request *r, char **body)
{
	struct answer a = { .status = 0 };
	struct api_pending *pending = api_handle(world.api, r, take, &a);

	for (int i = 0; i < TURNS_MAX && !a.body; i++)
		loop_turn(world.loop, 0);
	if (!a.body) { /* JobdeckWatch, which waits for what does not come */
		api_drop(pending);
		loop_turn(world.loop, 0);
		return 0;
	}
	check(&a);
	if (body)
		*body = a.body;
	else
		free(a.body);
	return a.status;
}

static void must(const char *path, const char *json)
{
	const struct api_request r = {
		.method = "POST", .path = path, .body = json, .len = strlen(json)
	};

	if (ask(&r, NULL) != 200)
		abort();
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static void end_world(void)
{
	if (!world.api)
		return;
	api_free(world.api);
	engine_close(world.engine);
	loop_free(world.loop);
	home_free(world.home);
	nftw(world.dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	memset(&world, 0, sizeof world);
}

static void open_all(void)
{
	const char *tmp = getenv("TMPDIR");
	struct engine_options o = { .backend = "fake",
				    .fake = "run=1000000",
				    .pool = { .vcpu_milli = 64000, .memory_mib = 65536 } };

	log_level(LOG_ERROR);
	snprintf(world.dir, sizeof world.dir, "%.30s/jobdeck-fuzz-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(world.dir) || !(world.home = home_open(world.dir, NULL)))
		abort();
	o.home = world.home;
	world.loop = loop_new(NULL);
	world.engine = engine_open(world.loop, &o, NULL);
	if (!world.engine)
		abort();
	world.api = api_new(&(struct api_options){ .engine = world.engine });
}

static void begin_world(void)
{
	static bool registered;

	if (!registered)
		atexit(end_world);
	registered = true;
	open_all();
	must("/v1/createcomputeenvironment",
	     "{\"computeEnvironmentName\":\"ce\",\"type\":\"MANAGED\",\"computeResources\":{"
	     "\"type\":"
	     "\"EC2\",\"maxvCpus\":8,\"instanceTypes\":[\"optimal\"],\"subnets\":[\"s\"]}}");
	must("/v1/createjobqueue",
	     "{\"jobQueueName\":\"q\",\"priority\":1,\"computeEnvironmentOrder\":[{\"order\":1,"
	     "\"computeEnvironment\":\"ce\"}]}");
	must("/v1/registerjobdefinition", "{\"jobDefinitionName\":\"d\",\"type\":\"container\","
					  "\"containerProperties\":{\"image\":"
					  "\"host\",\"command\":[\"true\"],"
					  "\"resourceRequirements\":[{\"type\":\"VCPU\",\"value\":"
					  "\"1\"},{\"type\":\"MEMORY\",\"value\":\"64\"}]}}");
	for (int i = 0; i < 3; i++)
		must("/v1/submitjob",
		     "{\"jobName\":\"j\",\"jobQueue\":\"q\",\"jobDefinition\":\"d\"}");
}

int world_ask(const struct api_request *r, char **body)
{
	if (world.asked++ >= ASKED_MAX)
		end_world();
	if (!world.api)
		begin_world();
	return ask(r, body);
}
