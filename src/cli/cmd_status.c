/* jobdeck status: is there a server, and what does it do. Never starts one. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/text.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/time.h"
#include "list.h"

static int say_none(struct cmd_run *r, const struct err *err)
{
	cleanup_json cJSON *none = cJSON_CreateObject();

	json_add_bool(none, "running", false);
	json_add_str(none, "home", r->home->dir);
	if (r->json)
		json_answer(r, none);
	if (err->kind == ERR_UNAVAILABLE || err->kind == ERR_NOT_FOUND)
		cmd_say(_("no server runs for %s; the next command that needs one starts it"),
			r->home->dir);
	else
		cmd_say("%s", err->text);
	return EXIT_FAILED;
}

static void print_hooks(const cJSON *hooks)
{
	const cJSON *h;

	cJSON_ArrayForEach(h, hooks) {
		const char *why = json_str_or(h, "failure", "");
		cleanup_free char *safe = text_safe_dup(why, strlen(why));
		char when[TIME_ISO_SIZE];

		printf(_("Hook         %s: %lld done, %lld failed, %lld dropped, %lld waiting\n"),
		       json_str_or(h, "name", "?"), (long long)json_int(h, "done", 0),
		       (long long)json_int(h, "failed", 0), (long long)json_int(h, "dropped", 0),
		       (long long)json_int(h, "waiting", 0));
		if (*safe)
			printf(_("             last failure %s: %s\n"),
			       time_iso(json_int(h, "failedAt", 0), when, sizeof when), safe);
	}
}

static void print(const cJSON *s)
{
	const cJSON *pool = json_get(s, "pool"), *used = json_get(s, "used");
	const cJSON *url;
	int64_t now = json_int(s, "now", 0), since = json_int(s, "startedAt", now);
	cleanup_free char *home =
		text_safe_dup(json_str_or(s, "home", ""), strlen(json_str_or(s, "home", "")));
	char age[32];

	printf(_("Server       jobdeck %s, process %lld, for %s\n"), json_str_or(s, "version", "?"),
	       (long long)json_int(s, "pid", 0), time_age(now - since, age, sizeof age));
	printf(_("Home         %s\n"), home);
	printf(_("Region       %s, account %s\n"), json_str_or(s, "region", "?"),
	       json_str_or(s, "account", "?"));
	cJSON_ArrayForEach(url, json_get(s, "listening"))
		printf(_("Listening    %s\n"), cJSON_GetStringValue(url));
	printf(_("vCPUs        %g of %g in use\n"), json_num(used, "vcpus", 0),
	       json_num(pool, "vcpus", 0));
	printf(_("Memory       %lld of %lld MiB in use\n"), (long long)json_int(used, "memory", 0),
	       (long long)json_int(pool, "memory", 0));
	if (json_int(pool, "gpus", 0))
		printf(_("GPUs         %lld of %lld in use\n"),
		       (long long)json_int(used, "gpus", 0), (long long)json_int(pool, "gpus", 0));
	printf(_("Jobs         %lld not ended, %lld starting or running\n"),
	       (long long)json_int(s, "liveJobs", 0), (long long)json_int(s, "activeJobs", 0));
	print_hooks(json_get(s, "hooks"));
}

static int run(struct cmd_run *r)
{
	struct err err = { 0 };
	cleanup_json cJSON *s = client_wait(r->client, "JobdeckStatus", NULL, &err);

	if (!s)
		return say_none(r, &err);
	if (r->json) {
		json_add_bool(s, "running", true);
		json_answer(r, s);
	} else {
		print(s);
	}
	return EXIT_DONE;
}

const struct cmd cmd_status = {
	.name = "status",
	.summary = N_("say whether a server runs and what it does"),
	.text = N_("Never starts one; exit status 1 when none runs."),
	.flags = CMD_CLIENT | CMD_JSON | CMD_NO_START,
	.run = run,
};
