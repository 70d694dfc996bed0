/* Help on the screen, from the tables. */
#include "config.h"
#include <string.h>
#include "doc.h"
#include "jobdeck/base/buf.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/settings.h"
#include "jobdeck/base/text.h"
#include "table.h"

enum { WIDEST = 100, INDENT = 2, OPTION_CELLS = 26, COMMAND_CELLS = 15, LONGEST_LABEL = 200 };

bool doc_hidden(const struct cmd_opt *o)
{
	return !o->help;
}

bool doc_has_options(const struct cmd *c)
{
	for (const struct cmd_opt *o = c->opts; o && o->name; o++)
		if (!doc_hidden(o))
			return true;
	return false;
}

static int page_width(FILE *out)
{
	int width = table_width(out);

	return width == 0 ? 80 : width > WIDEST ? WIDEST : width;
}

/* Prints words from column `at` (where the cursor is) with lines that begin at `indent`. */
static void fill(FILE *out, const char *text, int at, int indent, int width)
{
	while (*text) {
		size_t len = strcspn(text, " \n");
		cleanup_free char *word = xstrndup(text, len);
		int cells = text_width(word);

		if (at > indent && at + 1 + cells > width) {
			fprintf(out, "\n%*s", indent, "");
			at = indent;
		} else if (at > indent) {
			fputc(' ', out);
			at++;
		}
		fputs(word, out);
		at += cells;
		text += len;
		text += *text == ' ';
		if (*text == '\n') {
			fprintf(out, "\n%s%*s", text[1] == '\n' ? "\n" : "", indent, "");
			at = indent;
			text += strspn(text, "\n");
		}
	}
	fputc('\n', out);
}

/* A label and what it means, side by side, or below each other when the label is long. */
static void entry(FILE *out, const char *label, int label_cells, const char *text, int width)
{
	int cells = text_width(label), indent = INDENT + label_cells;

	fprintf(out, "%*s%s", INDENT, "", label);
	if (cells + 2 > label_cells)
		fprintf(out, "\n%*s", indent, "");
	else
		fprintf(out, "%*s", label_cells - cells, "");
	fill(out, text, indent, indent, width);
}

static void options(FILE *out, const struct cmd_opt *opts, int width)
{
	char label[LONGEST_LABEL], letter[8];

	for (; opts && opts->name; opts++) {
		cleanup_free char *text = NULL;

		if (doc_hidden(opts))
			continue;
		snprintf(letter, sizeof letter, opts->letter ? "-%c, " : "    ", opts->letter);
		snprintf(label, sizeof label, "%s--%s%s%s", letter, opts->name,
			 opts->arg ? " " : "", opts->arg ? opts->arg : "");
		text = opts->many ? xasprintf(_("%s; may be repeated"), _(opts->help)) :
				    xstrdup(_(opts->help));
		entry(out, label, OPTION_CELLS, text, width);
	}
}

void doc_program(FILE *out)
{
	int width = page_width(out);

	fputs(_("Usage: jobdeck [OPTION...] [COMMAND [ARGUMENT...]]\n"), out);
	fill(out,
	     _("AWS Batch in a terminal: compute environments, job queues and jobs on this "
	       "machine. "
	       "Without a command it opens the console."),
	     0, 0, width);
	fputs(_("\nCommands:\n"), out);
	for (const struct cmd *const *c = cmd_table; *c; c++)
		entry(out, (*c)->name, COMMAND_CELLS, _((*c)->summary), width);
	fputs(_("\nOptions, before or after any command:\n"), out);
	options(out, cmd_globals, width);
	fputs(_("\nExit status:\n"), out);
	for (const struct cmd_exit *e = cmd_exits; e->code; e++)
		entry(out, e->code, COMMAND_CELLS, _(e->text), width);
	fputc('\n', out);
	fill(out,
	     _("A job may be named by its id, the beginning of its id, or its name. "
	       "'jobdeck help COMMAND' says more about a command; the manual is jobdeck(1)."),
	     0, 0, width);
}

void doc_command(FILE *out, const struct cmd *c)
{
	int width = page_width(out);
	bool any = doc_has_options(c);

	fprintf(out, _("Usage: jobdeck %s%s%s%s\n"), c->name, any ? _(" [OPTION...]") : "",
		c->operands ? " " : "", c->operands ? c->operands : "");
	fill(out, _(c->summary), 0, 0, width);
	if (any) {
		fputs(_("\nOptions:\n"), out);
		options(out, c->opts, width);
	}
	if (c->text) {
		fputc('\n', out);
		fill(out, _(c->text), 0, 0, width);
	}
	if (c->example)
		fprintf(out, _("\nExample:\n  %s\n"), c->example);
}

static void hook_settings(FILE *out, int width)
{
	size_t count;
	const struct hook_field *f = settings_hook_table(&count);

	for (; count; count--, f++) {
		cleanup_free char *text = xasprintf("%s%s%s", _(f->help), f->choices ? ": " : "",
						    f->choices ? f->choices : "");

		entry(out, f->key, OPTION_CELLS, text, width);
	}
}

void doc_settings(FILE *out)
{
	int width = page_width(out);
	size_t count;
	const struct setting *s = settings_table(&count);

	fill(out,
	     _("Settings: lines of \"key = value\" in DIR/config of a home, or in "
	       "~/.config/jobdeck/config. A server reads them when it starts."),
	     0, 0, width);
	fputc('\n', out);
	for (; count; count--, s++) {
		char label[LONGEST_LABEL];

		snprintf(label, sizeof label, "%s = %s", s->key, s->def);
		entry(out, label, OPTION_CELLS, _(s->help), width);
	}
	hook_settings(out, width);
}
