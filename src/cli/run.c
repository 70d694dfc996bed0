/* A whole run of the program: locale, command line, home, client, subcommand. */
#include "config.h"
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "args.h"
#include "console.h"
#include "doc.h"
#include "jobdeck/base/home.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"

enum { PATH_SIZE = 4096 };

/* Numbers stay as they are in C: they go into JSON and SQL. */
static void set_language(void)
{
	const char *dir = getenv("JOBDECK_LOCALEDIR");

	setlocale(LC_CTYPE, "");
	setlocale(LC_MESSAGES, "");
	setlocale(LC_COLLATE, "");
	setlocale(LC_TIME, "");
	bindtextdomain(PACKAGE, dir ? dir : LOCALEDIR);
	textdomain(PACKAGE);
}

/* This very program, so that the server it starts is of the same version. */
static char *own_path(const char *argv0)
{
	char path[PATH_SIZE];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);

	if (n <= 0)
		return xstrdup(argv0);
	path[n] = '\0';
	return xstrdup(access(path, X_OK) == 0 ? path : argv0);
}

/* `jobdeck` alone: no table row, but the same needs. */
static const struct cmd no_command = {
	.name = N_("the console"), .flags = CMD_CLIENT, .max_operands = 0, .run = console_default
};

static int check(struct cmd_run *r, const struct args *a)
{
	const struct cmd *c = r->cmd;

	if (c->flags & CMD_DASHDASH && a->operand_count > a->dashed)
		return cmd_usage(r, _("put -- before the command: jobdeck %s -- %s ..."), c->name,
				 a->operands[0]);
	if (a->operand_count < c->min_operands)
		return cmd_usage(r, _("%s needs %s"), c->name, c->operands);
	if (c->max_operands >= 0 && a->operand_count > c->max_operands)
		return cmd_usage(r, _("%s does not know what to do with '%s'"), c->name,
				 a->operands[c->max_operands]);
	if (r->json && !(c->flags & CMD_JSON))
		return cmd_usage(r, _("%s has no answer to give in JSON"), _(c->name));
	if (r->read_only && c->flags & CMD_CHANGES) {
		cmd_say(_("%s changes something, and this is --read-only"), c->name);
		return EXIT_REFUSED;
	}
	return EXIT_DONE;
}

static int run_with_client(struct cmd_run *r)
{
	struct client_options o = { .home = r->home,
				    .program = r->program,
				    .no_start = r->no_start,
				    .transport = r->embedded ? "embedded" : "unix" };
	struct err err = { 0 };
	int code;

	r->client = client_open(&o, &err);
	if (!r->client)
		return cmd_fail(&err);
	code = r->cmd->run(r);
	client_close(r->client);
	return code;
}

static int run_command(struct cmd_run *r)
{
	struct err err = { 0 };
	struct home *home;
	int code;

	if (r->cmd->flags & CMD_NO_HOME)
		return r->cmd->run(r);
	home = home_open(cmd_value(r, "home"), &err);
	if (!home)
		return cmd_fail(&err);
	r->home = home;
	code = r->cmd->flags & CMD_CLIENT ? run_with_client(r) : r->cmd->run(r);
	home_free(home);
	return code;
}

static int run_args(const struct args *a, const char *argv0)
{
	cleanup_free char *program = own_path(argv0);
	struct cmd_run r = { .cmd = a->cmd ? a->cmd : &no_command,
			     .program = program,
			     .values = &a->values,
			     .argc = a->operand_count,
			     .argv = a->operands };
	int code;

	r.json_lines = cmd_flag(&r, "jsonl");
	r.json = r.json_lines || cmd_flag(&r, "json");
	r.embedded = cmd_flag(&r, "embedded");
	r.no_start = cmd_flag(&r, "no-start") || r.cmd->flags & CMD_NO_START;
	r.read_only = cmd_flag(&r, "read-only");
	r.ascii = cmd_flag(&r, "ascii");
	r.no_color = cmd_flag(&r, "no-color");
	code = check(&r, a);
	return code == EXIT_DONE ? run_command(&r) : code;
}

static int unknown_command(const char *name)
{
	const char *near = cmd_near(name);

	if (near)
		cmd_say(_("there is no command '%s'; did you mean '%s'?"), name, near);
	else
		cmd_say(_("there is no command '%s'; 'jobdeck help' lists them"), name);
	return EXIT_USAGE;
}

/* What was written may still have nowhere to go: a full disk must not look like success. */
static int finish(int code)
{
	bool failed = ferror(stdout);

	if (fflush(stdout) == 0 && !failed)
		return code;
	cmd_say(_("cannot write the output: %m"));
	return code ? code : EXIT_FAILED;
}

int cli_main(int argc, char **argv)
{
	struct args a;
	struct err err = { 0 };
	int code = EXIT_DONE;

	set_language();
	if (args_parse(&a, argc, argv, &err) < 0)
		code = cmd_fail(&err);
	else if (values_get(&a.values, "version", 0))
		printf("jobdeck %s\n", PACKAGE_VERSION);
	else if (a.command && !a.cmd)
		code = unknown_command(a.command);
	else if (values_get(&a.values, "help", 0) && a.cmd)
		doc_command(stdout, a.cmd);
	else if (values_get(&a.values, "help", 0))
		doc_program(stdout);
	else
		code = run_args(&a, argv[0]);
	args_fini(&a);
	return finish(code);
}
