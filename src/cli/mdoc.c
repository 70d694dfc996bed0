/* The parts of the manual page that are tables: doc/jobdeck.1 has them between marked lines,
 * and a test compares. English always. */
#include "config.h"
#include <string.h>
#include "doc.h"
#include "jobdeck/api/op.h"
#include "jobdeck/base/settings.h"

/* Text as it is: troff's own characters made harmless. */
static void put(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\\')
			fputs("\\e", out);
		else if (*text == '-')
			fputs("\\-", out);
		else if (*text == '\'')
			fputs("\\(aq", out);
		else
			fputc(*text, out);
	}
}

/* Sentences, each on a line of its own as mdoc likes it, and paragraphs. */
static void put_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		char one[2] = { *text };

		if (strncmp(text, "\n\n", 2) == 0) {
			fputs("\n.Pp\n", out);
			text++;
		} else if (strncmp(text, ". ", 2) == 0) {
			fputs(".\n", out);
			text++;
		} else {
			put(out, one);
		}
	}
	fputc('\n', out);
}

/* In the arguments of a macro, words that look like macros or punctuation are hidden. */
static void put_argument(FILE *out, const char *text)
{
	fputs(" \"\\&", out);
	put(out, text);
	fputc('"', out);
}

static void put_options(FILE *out, const struct cmd_opt *o)
{
	fputs(".Bl -tag -width indent -compact\n", out);
	for (; o && o->name; o++) {
		if (doc_hidden(o))
			continue;
		fputs(".It", out);
		if (o->letter)
			fprintf(out, " Fl %c ,", o->letter);
		fputs(" Fl Fl ", out);
		put(out, o->name);
		if (o->arg) {
			fputs(" Ar", out);
			put_argument(out, o->arg);
		}
		fputc('\n', out);
		put(out, o->help);
		fputs(o->many ? "; may be repeated\n" : "\n", out);
	}
	fputs(".El\n", out);
}

static void put_command(FILE *out, const struct cmd *c)
{
	fprintf(out, ".It Cm ");
	put(out, c->name);
	if (doc_has_options(c))
		fputs(" Oo Ar option ... Oc", out);
	if (c->operands) {
		fputs(" Ar", out);
		put_argument(out, c->operands);
	}
	fputc('\n', out);
	put(out, c->summary);
	fputs(".\n", out);
	if (c->text)
		put_text(out, c->text);
	if (doc_has_options(c)) {
		fputs(".Pp\n", out);
		put_options(out, c->opts);
	}
}

static void begin(FILE *out, const char *what)
{
	fprintf(out, ".\\\" generated: %s\n", what);
}

static void end(FILE *out)
{
	fputs(".\\\" end of generated\n", out);
}

/* A row for each field of a hook, with what may be said. */
static void put_hooks(FILE *out)
{
	size_t count;
	const struct hook_field *f = settings_hook_table(&count);

	for (; count; count--, f++) {
		fputs(".It Ic ", out);
		put(out, f->key);
		fputs(" =\n", out);
		put(out, f->help);
		if (f->choices)
			fputs("\n: ", out);
		if (f->choices)
			put(out, f->choices);
		fputc('\n', out);
	}
}

static void put_settings(FILE *out)
{
	size_t count;
	const struct setting *s = settings_table(&count);

	fputs(".Bl -tag -width indent -compact\n", out);
	for (; count; count--, s++) {
		fputs(".It Ic ", out);
		put(out, s->key);
		fprintf(out, " = %s\n", s->def);
		put(out, s->help);
		fputc('\n', out);
	}
	put_hooks(out);
	fputs(".El\n", out);
}

static void put_item(FILE *out, const char *name, const char *more, const char *value,
		     const char *why)
{
	fputs(".It ", out);
	put(out, name);
	if (more)
		fputc(' ', out);
	put(out, more ? more : "");
	if (value)
		fputc(' ', out);
	put(out, value ? value : "");
	fputc('\n', out);
	put(out, why);
	fputc('\n', out);
}

/* What is not carried out: whole operations, then members of others. */
static void put_refused(FILE *out)
{
	fputs(".Bl -tag -width indent -compact\n", out);
	for (const struct api_op *op = api_ops; op->name; op++)
		if (op->support != API_SERVED)
			put_item(out, op->name, NULL, NULL, op->why);
	for (const struct api_refusal *r = api_refusals; r->op; r++)
		put_item(out, r->op, r->member, r->value, r->why);
	fputs(".El\n", out);
}

void doc_mdoc(FILE *out)
{
	begin(out, "commands");
	fputs(".Bl -tag -width indent\n", out);
	for (const struct cmd *const *c = cmd_table; *c; c++)
		put_command(out, *c);
	fputs(".El\n", out);
	end(out);
	begin(out, "options");
	put_options(out, cmd_globals);
	end(out);
	begin(out, "settings");
	put_settings(out);
	end(out);
	begin(out, "refused");
	put_refused(out);
	end(out);
	begin(out, "exit status");
	fputs(".Bl -tag -width indent -compact\n", out);
	for (const struct cmd_exit *e = cmd_exits; e->code; e++) {
		fprintf(out, ".It %s\n", e->code);
		put(out, e->text);
		fputc('\n', out);
	}
	fputs(".El\n", out);
	end(out);
}
