#include "config.h"
#include "guess.h"
#include <string.h>
#include <uthash.h>
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"

#if defined(__GNUC__) && !defined(__clang__)
/* uthash reaches its elements by offsets, where gcc's analyser loses sight of them. */
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

enum {
	RUNS_OF_QUEUE = 2000, /* the newest, of each queue */
	RUNS_OF_GROUP = 51,   /* of which the median is taken */
	OTHERWISE_MS = 60000,
	TOLD_MAX = 200,
};

/* Jobs that are taken to run equally long: "DEFINITION\tNAME", or "DEFINITION" for all of it. */
struct group {
	char *key;
	int64_t *ms; /* of runs; in the order of size once it was asked for */
	int count;
	bool sorted;
	int64_t asked; /* how many attempts it answered for */
	UT_hash_handle hh;
};

struct guess {
	struct store *store;
	int64_t said_ms;
	struct group *groups;
	int64_t otherwise; /* attempts nothing was known of */
};

struct guess *guess_new(struct store *st, int64_t said_ms)
{
	struct guess *g = xcalloc(1, sizeof *g);

	g->store = st;
	g->said_ms = said_ms;
	return g;
}

void guess_free(struct guess *g)
{
	struct group *group, *next;

	if (!g)
		return;
	HASH_ITER(hh, g->groups, group, next) {
		HASH_DEL(g->groups, group);
		free(group->key);
		free(group->ms);
		free(group);
	}
	free(g);
}

static struct group *find(const struct guess *g, const char *key)
{
	struct group *group;

	HASH_FIND_STR(g->groups, key, group);
	return group;
}

static void add(struct guess *g, const char *key, int64_t ms)
{
	struct group *group = find(g, key);

	if (!group) {
		group = xcalloc(1, sizeof *group);
		group->key = xstrdup(key);
		group->ms = xcalloc(RUNS_OF_GROUP, sizeof *group->ms);
		HASH_ADD_KEYPTR(hh, g->groups, group->key, strlen(group->key), group);
	}
	if (group->count < RUNS_OF_GROUP) /* newest first */
		group->ms[group->count++] = ms;
}

/* "NAME" of "NAME:REVISION", and the job's name behind it; or without one. */
static char *key_of(const char *definition, const char *name)
{
	int len = (int)strcspn(definition, ":");

	return name ? xasprintf("%.*s\t%s", len, definition, name) :
		      xasprintf("%.*s", len, definition);
}

static int learn(void *arg, const struct past_run *run)
{
	struct guess *g = arg;
	cleanup_free char *exact = key_of(run->definition, run->name);
	cleanup_free char *all = key_of(run->definition, NULL);

	add(g, exact, run->ms);
	add(g, all, run->ms);
	return 0;
}

struct learner {
	struct guess *g;
	struct err *err;
};

static int learn_queue(void *arg, const struct queue *q)
{
	const struct learner *l = arg;

	return store_past_runs(l->g->store, q->name, RUNS_OF_QUEUE, learn, l->g, l->err);
}

int guess_learn(struct guess *g, struct err *err)
{
	struct learner l = { g, err };

	return g->said_ms >= 0 ? 0 : store_queues(g->store, learn_queue, &l, err);
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int64_t median(struct group *group)
{
	if (!group->sorted)
		qsort(group->ms, (size_t)group->count, sizeof *group->ms, by_size);
	group->sorted = true;
	return group->ms[(group->count - 1) / 2];
}

int64_t guess_duration(void *guess, int64_t key, int attempt)
{
	struct guess *g = guess;
	cleanup_free char *definition = NULL, *name = NULL, *exact = NULL, *all = NULL;
	struct group *group;

	(void)attempt;
	if (g->said_ms >= 0 || store_what(g->store, key, &definition, &name, NULL) < 0) {
		g->otherwise++;
		return g->said_ms >= 0 ? g->said_ms : OTHERWISE_MS;
	}
	exact = key_of(definition, name);
	all = key_of(definition, NULL);
	group = find(g, exact);
	if (!group)
		group = find(g, all);
	if (!group) {
		g->otherwise++;
		return OTHERWISE_MS;
	}
	group->asked++;
	return median(group);
}

static int by_asked(const struct group *a, const struct group *b)
{
	return a->asked != b->asked ? (a->asked < b->asked ? 1 : -1) : strcmp(a->key, b->key);
}

static void tell(cJSON *list, const char *source, const struct group *group, int64_t ms, int64_t n)
{
	cJSON *out = cJSON_CreateObject();
	const char *tab = group ? strchr(group->key, '\t') : NULL;
	cleanup_free char *definition =
		group ? xstrndup(group->key, strcspn(group->key, "\t")) : NULL;

	json_add_str(out, "source", source);
	json_add_str(out, "jobDefinition", definition);
	json_add_str(out, "jobName", tab ? tab + 1 : NULL);
	cJSON_AddNumberToObject(out, "durationSeconds", (double)ms / 1000);
	if (group)
		json_add_int(out, "runs", group->count);
	json_add_int(out, "attempts", n);
	cJSON_AddItemToArray(list, out);
}

cJSON *guess_told(struct guess *g)
{
	cJSON *list = cJSON_CreateArray();

	HASH_SORT(g->groups, by_asked);
	for (struct group *group = g->groups; group; group = group->hh.next) {
		if (group->asked && cJSON_GetArraySize(list) < TOLD_MAX)
			tell(list, "HISTORY", group, median(group), group->asked);
	}
	if (g->otherwise)
		tell(list, g->said_ms >= 0 ? "REQUEST" : "NONE", NULL,
		     g->said_ms >= 0 ? g->said_ms : OTHERWISE_MS, g->otherwise);
	return list;
}
