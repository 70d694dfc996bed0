/* Subcommands with verbs: which verb, and whether what stands behind it can be. */
#include "config.h"
#include "verb.h"
#include <string.h>
#include "jobdeck/base/buf.h"
#include "jobdeck/base/i18n.h"

enum { VERBS_MAX = 200 };

static const struct verb *find(const struct verb *verbs, const char *name)
{
	for (; verbs->name; verbs++)
		if (strcmp(verbs->name, name) == 0)
			return verbs;
	return NULL;
}

static int unknown(struct cmd_run *r, const struct verb *verbs, const char *name)
{
	struct buf all cleanup_buf;

	buf_init(&all, VERBS_MAX);
	for (const struct verb *v = verbs; v->name; v++)
		buf_addf(&all, "%s%s", v == verbs ? "" : ", ", v->name);
	return cmd_usage(r, _("'%s' is none of: %s"), name, buf_str(&all));
}

static bool knows(const struct verb *v, const char *option)
{
	for (const char *const *o = v->options; o && *o; o++)
		if (strcmp(*o, option) == 0)
			return true;
	return false;
}

static int check(struct cmd_run *r, const struct verb *v)
{
	int count = r->argc - 1;

	for (const struct cmd_opt *o = r->cmd->opts; o && o->name; o++)
		if (cmd_value(r, o->name) && !knows(v, o->name))
			return cmd_usage(r, _("%s %s has no use for --%s"), r->cmd->name, v->name,
					 o->name);
	if (count < v->least)
		return cmd_usage(r, _("%s %s needs %s"), r->cmd->name, v->name, v->operands);
	if (v->most >= 0 && count > v->most)
		return cmd_usage(r, _("%s %s does not know what to do with '%s'"), r->cmd->name,
				 v->name, r->argv[1 + v->most]);
	if (r->read_only && v->changes) {
		cmd_say(_("%s %s changes something, and this is --read-only"), r->cmd->name,
			v->name);
		return EXIT_REFUSED;
	}
	return EXIT_DONE;
}

int verb_run(struct cmd_run *r, const struct verb *verbs)
{
	const struct verb *v = find(verbs, r->argv[0]);
	int code;

	if (!v)
		return unknown(r, verbs, r->argv[0]);
	code = check(r, v);
	if (code != EXIT_DONE)
		return code;
	return v->one ? verb_each(r, r->argv + 1, r->argc - 1, v->one) :
			v->run(r, r->argv + 1, r->argc - 1);
}

int verb_each(struct cmd_run *r, char **names, int count, verb_one *one)
{
	int code = EXIT_DONE;

	for (int i = 0; i < count; i++) {
		struct err err = { 0 };
		int its = one(r, names[i], &err) < 0 ? cmd_fail(&err) : EXIT_DONE;

		code = code ? code : its;
	}
	return code;
}

int verb_as(struct cmd_run *r, const char *command, char **names, int count)
{
	struct cmd_run as = *r;

	as.cmd = cmd_find(command);
	as.argc = count;
	as.argv = names;
	return as.cmd->run(&as);
}
