/* The table of subcommands, the global options and the exit codes. Everything that names a
 * subcommand or an option reads them here: parser, help, manual, completion, tests. */
#include "config.h"
#include "jobdeck/cli/cmd.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "args.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"

/* clang-format off */
#define COMMANDS(X)                                                                                \
	X(init) X(submit) X(jobs) X(queues) X(environments) X(definitions) X(catalog) X(describe)  \
	X(why) X(forecast) X(logs) X(wait) X(cancel) X(terminate) X(hold) X(release) X(instances) X(drill)     \
	X(environment) X(queue) X(definition) X(policy) X(consumable) X(events) X(api) X(status) X(serve)    \
	X(key) X(env) X(stop_server) X(help)
/* clang-format on */

#define X(name) extern const struct cmd cmd_##name;
COMMANDS(X)
#undef X

const struct cmd *const cmd_table[] = {
#define X(name) &cmd_##name,
	COMMANDS(X)
#undef X
	NULL
};

const struct cmd_opt cmd_globals[] = {
	{ .name = "home",
	  .arg = "DIR",
	  .help = N_("everything of this user lives in DIR (or JOBDECK_HOME)") },
	{ .name = "json", .help = N_("answer in JSON; a listing is one array") },
	{ .name = "jsonl", .help = N_("as --json, but one object a line") },
	{ .name = "read-only", .help = N_("refuse whatever would change something") },
	{ .name = "no-start", .help = N_("do not start a server when none runs") },
	{ .name = "embedded", .help = N_("run the engine inside this process, without a server") },
	{ .name = "ascii", .help = N_("the console draws with ASCII only") },
	{ .name = "no-color", .help = N_("the console uses no colours (or NO_COLOR)") },
	{ .letter = 'h', .name = "help", .help = N_("say how it is used") },
	{ .letter = 'V', .name = "version", .help = N_("say which version this is") },
	{ .name = NULL },
};

const struct cmd_exit cmd_exits[] = {
	{ "0", N_("done") },
	{ "1", N_("failed: the server, the system or the job's start") },
	{ "2", N_("wrong arguments, or no terminal for the console") },
	{ "3", N_("this terminal cannot show the console") },
	{ "4", N_("no such job, queue, environment or definition") },
	{ "5", N_("refused: read-only, or not confirmed") },
	{ "6", N_("waiting took longer than --timeout") },
	{ "10", N_("wait: at least one job FAILED") },
	{ "75", N_("serve: another server has this home") },
	{ "129, 130, 143", N_("ended by hang-up, Ctrl-C, SIGTERM") },
	{ NULL, NULL },
};

const struct cmd *cmd_find(const char *name)
{
	for (const struct cmd *const *c = cmd_table; *c; c++)
		if (strcmp((*c)->name, name) == 0)
			return *c;
	return NULL;
}

const char *cmd_near(const char *name)
{
	const char *best = NULL;
	int least = 3;

	for (const struct cmd *const *c = cmd_table; *c; c++) {
		bool begins = strlen(name) > 1 && strncmp((*c)->name, name, strlen(name)) == 0;
		int d = begins ? 1 : word_distance((*c)->name, name);

		if (d < least && d < (int)strlen(name)) {
			least = d;
			best = (*c)->name;
		}
	}
	return best;
}

const char *cmd_value_at(const struct cmd_run *r, const char *name, int i)
{
	return values_get(r->values, name, i);
}

const char *cmd_value(const struct cmd_run *r, const char *name)
{
	return values_get(r->values, name, 0);
}

bool cmd_flag(const struct cmd_run *r, const char *name)
{
	return values_get(r->values, name, 0);
}

int cmd_int(const struct cmd_run *r, const char *name, int64_t least, int64_t most, int64_t def,
	    int64_t *out, struct err *err)
{
	const char *text = cmd_value(r, name);
	char *end;
	long long n;

	if (!text) {
		*out = def;
		return 0;
	}
	errno = 0;
	n = strtoll(text, &end, 10);
	if (end == text || *end || errno || n < least || n > most)
		return err_set(err, ERR_INVALID,
			       _("--%s takes a whole number from %lld to %lld, not '%s'"), name,
			       (long long)least, (long long)most, text);
	*out = n;
	return 0;
}

static void say(const char *fmt, va_list ap)
{
	cleanup_free char *text = xvasprintf(fmt, ap);
	cleanup_free char *safe = text_safe_dup(text, strlen(text));

	fflush(stdout); /* what was said before stands before */
	fprintf(stderr, "jobdeck: %s\n", safe);
}

void cmd_say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

void cmd_warnings(const cJSON *answer)
{
	const cJSON *warning;

	cJSON_ArrayForEach(warning, json_get(answer, "jobdeckWarnings"))
		cmd_say(_("warning: %s"), cJSON_IsString(warning) ? warning->valuestring : "");
}

int cmd_usage(const struct cmd_run *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	if (cmd_find(r->cmd->name))
		fprintf(stderr, _("Try 'jobdeck help %s'.\n"), r->cmd->name);
	return EXIT_USAGE;
}

int cmd_fail(const struct err *err)
{
	cmd_say("%s", err->text);
	switch (err->kind) {
	case ERR_INVALID:
		return EXIT_USAGE;
	case ERR_NOT_FOUND:
		return EXIT_NOT_FOUND;
	case ERR_DENIED:
		return EXIT_REFUSED;
	default:
		return EXIT_FAILED;
	}
}
