/* Takes a command line apart: global options, the subcommand, its options and operands, in
 * any order. getopt_long is driven by the tables of cmd.c; nothing is permuted, so that what
 * stands after "--" is known to stand there. */
#include "config.h"
#include "args.h"
#include <getopt.h>
#include <string.h>
#include "jobdeck/base/buf.h"
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/mem.h"

enum { LONG_BASE = 1000 }; /* getopt's value of the first long option */

/* The options that are understood at one place, in the forms getopt wants. */
struct option_set {
	const struct cmd_opt **opts;
	size_t count, cap;
	struct option *longs;
	struct buf letters;
};

static void set_add(struct option_set *s, const struct cmd_opt *opts)
{
	for (; opts && opts->name; opts++) {
		ARRAY_ROOM(s->opts, s->count, s->cap);
		s->opts[s->count++] = opts;
	}
}

/* `first` is '+' to stop at the first operand, '-' to be handed operands in their place. */
static void set_finish(struct option_set *s, char first)
{
	buf_init(&s->letters, 512);
	buf_addf(&s->letters, "%c:", first);
	s->longs = xcalloc(s->count + 1, sizeof *s->longs);
	for (size_t i = 0; i < s->count; i++) {
		const struct cmd_opt *o = s->opts[i];

		s->longs[i] = (struct option){ .name = o->name,
					       .has_arg = o->arg ? required_argument : no_argument,
					       .val = LONG_BASE + (int)i };
		if (o->letter)
			buf_addf(&s->letters, "%c%s", o->letter, o->arg ? ":" : "");
	}
}

static void set_fini(struct option_set *s)
{
	free(s->opts);
	free(s->longs);
	buf_fini(&s->letters);
}

static const struct cmd_opt *set_find(const struct option_set *s, int val)
{
	if (val >= LONG_BASE && val < LONG_BASE + (int)s->count)
		return s->opts[val - LONG_BASE];
	for (size_t i = 0; i < s->count; i++)
		if (val && s->opts[i]->letter == val)
			return s->opts[i];
	return NULL;
}

static void values_add(struct cmd_values *v, const struct cmd_opt *opt, const char *value)
{
	ARRAY_ROOM(v->v, v->count, v->cap);
	v->v[v->count].opt = opt;
	v->v[v->count++].value = value ? value : "";
}

const char *values_get(const struct cmd_values *v, const char *name, int i)
{
	const char *last = NULL;

	for (size_t k = 0; k < v->count; k++) {
		if (strcmp(v->v[k].opt->name, name) != 0)
			continue;
		if (!v->v[k].opt->many)
			last = v->v[k].value;
		else if (i-- == 0)
			return v->v[k].value;
	}
	return i == 0 ? last : NULL;
}

static int lowest(int a, int b, int c)
{
	int ab = a < b ? a : b;

	return ab < c ? ab : c;
}

int word_distance(const char *a, const char *b)
{
	enum { MOST = 40 };
	int d[MOST + 1][MOST + 1];
	int n = (int)strlen(a), m = (int)strlen(b);

	if (n > MOST || m > MOST)
		return MOST;
	for (int i = 0; i <= n; i++) {
		for (int j = 0; j <= m; j++) {
			bool same = i && j && a[i - 1] == b[j - 1];

			if (i == 0 || j == 0) {
				d[i][j] = i + j;
				continue;
			}
			d[i][j] = lowest(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + !same);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    d[i - 2][j - 2] + 1 < d[i][j])
				d[i][j] = d[i - 2][j - 2] + 1;
		}
	}
	return d[n][m];
}

static const char *near_option(const struct option_set *s, const char *name)
{
	const char *best = NULL;
	int least = 3;

	for (size_t i = 0; i < s->count; i++) {
		const char *o = s->opts[i]->name;
		int d = strncmp(o, name, strlen(name)) == 0 ? 1 : word_distance(o, name);

		if (d < least) {
			least = d;
			best = o;
		}
	}
	return best;
}

/* Says what getopt stumbled over. optopt is 0 for an unknown long option, which is `word`; a
 * value of ours or a letter otherwise. */
static int bad_option(const struct option_set *s, const struct args *a, int got, const char *word,
		      struct err *err)
{
	const struct cmd_opt *o = set_find(s, optopt);
	const char *help = a->command ? a->command : "", *blank = a->command ? " " : "";
	cleanup_free char *name = NULL;
	const char *near;

	if (got == ':' && o)
		return err_set(err, ERR_INVALID, _("option --%s needs an argument: --%s %s"),
			       o->name, o->name, o->arg);
	if (o)
		return err_set(err, ERR_INVALID, _("option --%s takes no argument"), o->name);
	if (a->cmd && a->cmd->flags & CMD_DASHDASH && a->operand_count)
		return err_set(err, ERR_INVALID,
			       _("put -- before the command: jobdeck %s -- %s ..."), a->command,
			       a->operands[0]);
	if (optopt)
		return err_set(err, ERR_INVALID,
			       _("unknown option -%c; 'jobdeck help%s%s' lists them"), optopt,
			       blank, help);
	name = xstrndup(word + 2, strcspn(word + 2, "="));
	near = near_option(s, name);
	if (near)
		return err_set(err, ERR_INVALID, _("unknown option --%s; did you mean --%s?"), name,
			       near);
	return err_set(err, ERR_INVALID, _("unknown option --%s; 'jobdeck help%s%s' lists them"),
		       name, blank, help);
}

static void operand_add(struct args *a, char *word, bool dashed)
{
	a->operands = xreallocarray(a->operands, (size_t)a->operand_count + 2, sizeof *a->operands);
	a->operands[a->operand_count++] = word;
	a->operands[a->operand_count] = NULL;
	a->dashed += dashed;
}

/* Runs getopt over one part of the command line. Returns how many words it used. */
static int parse_part(struct args *a, const struct option_set *s, int argc, char **argv,
		      struct err *err)
{
	int got;

	optind = 0; /* GNU: begin anew */
	while ((got = getopt_long(argc, argv, buf_str(&s->letters), s->longs, NULL)) != -1) {
		const struct cmd_opt *o = set_find(s, got);

		if (got == '?' || got == ':')
			return bad_option(s, a, got, argv[optind - 1], err);
		if (got == 1)
			operand_add(a, optarg, false);
		else
			values_add(&a->values, o, optarg);
	}
	return optind;
}

int args_parse(struct args *a, int argc, char **argv, struct err *err)
{
	struct option_set before = { 0 }, after = { 0 };
	int used;

	memset(a, 0, sizeof *a);
	set_add(&before, cmd_globals);
	set_finish(&before, '+');
	used = parse_part(a, &before, argc, argv, err);
	set_fini(&before);
	if (used < 0 || used >= argc)
		return used < 0 ? -1 : 0;
	a->command = argv[used];
	a->cmd = cmd_find(a->command);
	if (!a->cmd)
		return 0;
	set_add(&after, a->cmd->opts);
	set_add(&after, cmd_globals);
	set_finish(&after, '-');
	argc -= used;
	argv += used;
	used = parse_part(a, &after, argc, argv, err);
	set_fini(&after);
	if (used < 0)
		return -1;
	while (used < argc)
		operand_add(a, argv[used++], true);
	return 0;
}

void args_fini(struct args *a)
{
	free(a->values.v);
	free(a->operands);
	memset(a, 0, sizeof *a);
}
