/* jobdeck help, and the same tables for the manual and the shells. */
#include "config.h"
#include <string.h>
#include "doc.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/mem.h"

static const struct {
	const char *name;
	void (*print)(FILE *out);
} formats[] = {
	{ "text", doc_program }, { "mdoc", doc_mdoc }, { "bash", doc_bash },
	{ "zsh", doc_zsh },	 { "fish", doc_fish },
};

static int print_format(struct cmd_run *r, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		if (strcmp(formats[i].name, name) == 0) {
			formats[i].print(stdout);
			return EXIT_DONE;
		}
	}
	return cmd_usage(r, _("there is no format '%s'; there are text, mdoc, bash, zsh, fish"),
			 name);
}

static int run(struct cmd_run *r)
{
	const struct cmd *c;
	const char *near;

	if (cmd_value(r, "format"))
		return print_format(r, cmd_value(r, "format"));
	if (r->argc == 0) {
		doc_program(stdout);
		return EXIT_DONE;
	}
	if (strcmp(r->argv[0], "settings") == 0) {
		doc_settings(stdout);
		return EXIT_DONE;
	}
	c = cmd_find(r->argv[0]);
	near = cmd_near(r->argv[0]);
	if (!c && near)
		return cmd_usage(r, _("there is no command '%s'; did you mean '%s'?"), r->argv[0],
				 near);
	if (!c)
		return cmd_usage(r, _("there is no command '%s'; 'jobdeck help' lists them"),
				 r->argv[0]);
	doc_command(stdout, c);
	return EXIT_DONE;
}

static const struct cmd_opt options[] = {
	{ 0, "format", "FORMAT", NULL, false },
	{ 0, NULL, NULL, NULL, false },
};

const struct cmd cmd_help = {
	.name = "help",
	.operands = "[COMMAND|settings]",
	.summary = N_("say how jobdeck or one of its commands is used"),
	.opts = options,
	.flags = CMD_NO_HOME,
	.max_operands = 1,
	.run = run,
};
