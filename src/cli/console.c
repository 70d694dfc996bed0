/* The way into the console. */
#include "config.h"
#include "console.h"
#include <unistd.h>
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/json.h"
#include "jobdeck/tui/console.h"

static bool has_terminal(void)
{
	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

int console_start(struct cmd_run *r, bool wizard)
{
	struct console_options o = { .home = r->home,
				     .client = r->client,
				     .read_only = r->read_only,
				     .ascii = r->ascii,
				     .no_color = r->no_color,
				     .wizard = wizard };

	if (has_terminal())
		return console_run(&o);
	if (wizard)
		cmd_say(_("the wizard needs a terminal; 'jobdeck init --yes' does it without one"));
	else
		cmd_say(_("the console needs a terminal; without one there are subcommands: jobs, "
			  "queues, "
			  "submit, logs, wait ... ('jobdeck help' lists them)"));
	return EXIT_USAGE;
}

int console_default(struct cmd_run *r)
{
	cleanup_json cJSON *in = NULL, *out = NULL;
	struct err err = { 0 };
	bool first;

	if (!has_terminal())
		return console_start(r, false);
	in = cJSON_CreateObject();
	json_add_int(in, "maxResults", 1);
	out = client_wait(r->client, "DescribeComputeEnvironments", cJSON_Duplicate(in, true),
			  &err);
	if (!out)
		return cmd_fail(&err);
	first = json_count(out, "computeEnvironments") == 0;
	return console_start(r, first && !r->read_only);
}
