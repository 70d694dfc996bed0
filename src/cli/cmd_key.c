/* jobdeck key: the key pairs that requests over TCP are signed with. It works on the file of
 * keys itself, so no server needs to run; one that does looks there for every request. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "fields.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/time.h"
#include "jobdeck/server/keys.h"
#include "list.h"
#include "verb.h"

static cJSON *show(const struct key *k)
{
	cJSON *json = cJSON_CreateObject();

	json_add_str(json, "accessKeyId", k->id);
	json_add_str(json, "name", *k->name ? k->name : NULL);
	json_add_bool(json, "readOnly", k->read_only);
	json_add_int(json, "createdAt", k->created);
	if (k->expires != JD_NEVER)
		json_add_int(json, "expiresAt", k->expires);
	return json;
}

static void say_made(struct cmd_run *r, const struct key *k)
{
	cleanup_json cJSON *json = show(k);

	if (r->json) {
		json_add_str(json, "secretAccessKey", k->secret);
		json_answer(r, json);
		return;
	}
	printf(_("Access key id      %s\n"), k->id);
	printf(_("Secret access key  %s\n"), k->secret);
	cmd_say("%s",
		k->read_only ?
			_("the secret is shown this once; whoever has it can see what you see "
			  "here") :
			_("the secret is shown this once; whoever has it can do what you can do "
			  "here"));
}

static int create(struct cmd_run *r, char **names, int count)
{
	struct err err = { 0 };
	struct key made;
	int64_t lasts;

	(void)names;
	(void)count;
	if (fields_span(r, "expires", 0, &lasts, &err))
		return cmd_fail(&err);
	if (cmd_value(r, "expires") && lasts == 0)
		return cmd_usage(r, _("a key that expires at once is of no use"));
	if (keys_create(r->home->keys, cmd_value(r, "name"), r->read_only,
			lasts ? time_wall() + lasts : JD_NEVER, &made, &err))
		return cmd_fail(&err);
	say_made(r, &made);
	return EXIT_DONE;
}

static void row(struct table *t, const cJSON *k, jd_time now)
{
	int64_t expires = json_int(k, "expiresAt", JD_NEVER);
	char text[TIME_ISO_SIZE];

	table_add(t, json_str(k, "accessKeyId"));
	table_add(t, json_str(k, "name"));
	table_add(t, json_bool(k, "readOnly", true) ? _("read") : _("all"));
	table_add(t, time_age(now - json_int(k, "createdAt", now), text, sizeof text));
	table_add(t, expires == JD_NEVER ? NULL :
		     expires <= now	 ? _("expired") :
					   time_age(expires - now, text, sizeof text));
}

static const struct column columns[] = {
	{ .title = N_("KEY") },
	{ .title = N_("NAME"), .least = 8 },
	{ .title = N_("MAY") },
	{ .title = N_("AGE"), .right = true, .drop = 1 },
	{ .title = N_("GOOD FOR"), .right = true, .drop = 2 },
};

static const struct listing listing = { columns, ARRAY_LEN(columns), row,
					N_("no keys yet; 'jobdeck key create' makes one") };

static int list(struct cmd_run *r, char **names, int count)
{
	cleanup_json cJSON *all = cJSON_CreateArray();
	struct err err = { 0 };
	struct keys keys;

	(void)names;
	(void)count;
	if (keys_load(r->home->keys, &keys, &err))
		return cmd_fail(&err);
	for (int i = 0; i < keys.count; i++)
		cJSON_AddItemToArray(all, show(&keys.key[i]));
	keys_fini(&keys);
	list_print(r, all, &listing);
	return EXIT_DONE;
}

static int delete_one(struct cmd_run *r, const char *name, struct err *err)
{
	if (keys_delete(r->home->keys, name, err))
		return -1;
	cmd_say(_("key %s is deleted"), name);
	return 0;
}

static const char *const of_create[] = { "name", "expires", NULL };

/* "create" with --read-only makes a key that may only read, which is as harmless. */
static const struct verb verbs[] = {
	{ "create", NULL, 0, 0, false, of_create, .run = create },
	{ "list", NULL, 0, 0, false, NULL, .run = list },
	{ "delete", "KEY", 1, -1, true, NULL, .one = delete_one },
	{ .name = NULL },
};

static int run(struct cmd_run *r)
{
	return verb_run(r, verbs);
}

static const struct cmd_opt options[] = {
	{ 0, "name", "NAME", N_("create: what to call it; also the user's name in answers"),
	  false },
	{ 0, "expires", "TIME", N_("create: how long it is good, such as 12h; else for good"),
	  false },
	{ 0, NULL, NULL, NULL, false },
};

const struct cmd cmd_key = {
	.name = "key",
	.operands = "create|list|delete KEY...",
	.summary = N_("make, list or delete keys for the AWS CLI and SDKs"),
	.text = N_(
		"Requests that come over TCP (jobdeck serve --listen) must be signed with such a "
		"key, as AWS has it. The secret is shown when the key is made and never again. "
		"With --read-only, create makes a key that may only call operations that read. "
		"Changes count at once, also for a server that runs.\n\n"
		"Keys are kept in the file keys of the home, readable by you alone."),
	.example = "jobdeck key create --name laptop --read-only --expires 12h",
	.opts = options,
	.flags = CMD_JSON,
	.min_operands = 1,
	.max_operands = -1,
	.run = run,
};
