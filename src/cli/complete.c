/* Completion for shells, from the tables: commands, options, and what their arguments may be.
 * Names of queues and jobs are asked of a server only when one runs (--no-start). */
#include "config.h"
#include <ctype.h>
#include <string.h>
#include "doc.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/model/enums.h"

/* What can stand for an argument, by what it is called, and how a shell finds it. */
static const struct source {
	const char *word;
	const char *shell; /* prints candidates; "$@" are options that name the home */
} sources[] = {
	{ "QUEUE", "jobdeck --no-start \"$@\" queues 2>/dev/null | awk 'NR > 1 { print $1 }'" },
	{ "ENVIRONMENT",
	  "jobdeck --no-start \"$@\" environments 2>/dev/null | awk 'NR > 1 { print $1 }'" },
	{ "DEFINITION",
	  "jobdeck --no-start \"$@\" definitions 2>/dev/null | awk 'NR > 1 { print $1 }'" },
	{ "JOB", "jobdeck --no-start \"$@\" jobs --limit 100 2>/dev/null |"
		 " awk 'NR > 1 { print $1; print $2 }' | sort -u" },
	{ "POLICY", "jobdeck --no-start \"$@\" policy list 2>/dev/null | awk 'NR > 1 { print $1 }'" },
	{ "CONSUMABLE",
	  "jobdeck --no-start \"$@\" consumable list 2>/dev/null | awk 'NR > 1 { print $1 }'" },
	{ "KEY", "jobdeck \"$@\" key list 2>/dev/null | awk 'NR > 1 { print $1 }'" },
	{ "INSTANCE",
	  "jobdeck --no-start \"$@\" instances 2>/dev/null | awk 'NR > 1 { print $1 }'" },
	{ "TYPE", "jobdeck catalog | awk 'NR > 1 { print $1 }'" },
	{ "FAMILY", "jobdeck catalog | awk -F. 'NR > 2 { print $1 }' | sort -u" },
	{ "OPERATION", "jobdeck api --list | awk 'NR > 1 { print $1 }'" },
};

const char *doc_operand(const struct cmd *c, int i, char *out, size_t size)
{
	const char *p = c->operands ? c->operands : "";

	if (c->flags & CMD_DASHDASH)
		return NULL;
	for (;; i--) {
		size_t n;

		while (*p && !isalpha((unsigned char)*p))
			p++;
		for (n = 0; isalpha((unsigned char)p[n]) || p[n] == '-'; n++)
			;
		if (n == 0)
			return NULL;
		if (i == 0) {
			snprintf(out, size, "%.*s", (int)n, p);
			return out;
		}
		p += n;
	}
}

/* The words of all commands, parted by spaces. */
static void put_commands(FILE *out)
{
	for (const struct cmd *const *c = cmd_table; *c; c++)
		fprintf(out, "%s%s", c == cmd_table ? "" : " ", (*c)->name);
}

static void put_option_words(FILE *out, const struct cmd_opt *o)
{
	for (; o && o->name; o++)
		if (!doc_hidden(o))
			fprintf(out, " --%s", o->name);
}

static void put_statuses(FILE *out)
{
	for (int s = 0; s < JOB_COUNT; s++)
		fprintf(out, "%s%s", s ? " " : "", job_status_name((enum job_status)s));
}

/* bash */

static void bash_values(FILE *out)
{
	fputs("_jobdeck_values()\n{\n\tlocal kind=$1\n\tshift\n\tcase $kind in\n", out);
	for (size_t i = 0; i < ARRAY_LEN(sources); i++)
		fprintf(out, "\t%s) %s ;;\n", sources[i].word, sources[i].shell);
	fputs("\tSTATUS) echo ", out);
	put_statuses(out);
	fputs(" ;;\n\tCOMMAND) echo ", out);
	put_commands(out);
	fputs(" ;;\n\tDIR) compopt -o dirnames ;;\n\t[a-z]*) echo $kind ;;\n\tesac\n}\n\n", out);
}

static void bash_option_kinds(FILE *out, const char *command, const struct cmd_opt *o)
{
	for (; o && o->name; o++) {
		if (doc_hidden(o) || !o->arg)
			continue;
		fprintf(out, "\t%s:--%s", command, o->name);
		if (o->letter)
			fprintf(out, " | %s:-%c", command, o->letter);
		fprintf(out, ") kinds=%s ;;\n", o->arg);
	}
}

static void bash_command(FILE *out, const struct cmd *c)
{
	const char *word;
	char name[64];

	fprintf(out, "\t%s) words='", c->name);
	put_option_words(out, c->opts);
	fputs("' kinds='", out);
	for (int i = 0; (word = doc_operand(c, i, name, sizeof name)); i++)
		fprintf(out, "%s%s", i ? " " : "", word);
	fputs("' ;;\n", out);
}

void doc_bash(FILE *out)
{
	fputs("# bash completion for jobdeck, made by: jobdeck help --format=bash\n\n", out);
	bash_values(out);
	fputs("_jobdeck()\n{\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
	      "\tlocal command= words= kinds= kind i home=()\n\n"
	      "\tCOMPREPLY=()\n"
	      "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	      "\t\tcase ${COMP_WORDS[i]} in\n"
	      "\t\t--) compopt -o default; return ;;\n"
	      "\t\t--home) home=(--home \"${COMP_WORDS[i + 1]}\"); ((i++)) ;;\n"
	      "\t\t-*) ;;\n"
	      "\t\t*) [[ $command ]] || command=${COMP_WORDS[i]} ;;\n"
	      "\t\tesac\n"
	      "\tdone\n"
	      "\tcase $command:$prev in\n",
	      out);
	for (const struct cmd *const *c = cmd_table; *c; c++)
		bash_option_kinds(out, (*c)->name, (*c)->opts);
	bash_option_kinds(out, "*", cmd_globals);
	fputs("\tesac\n"
	      "\tif [[ $kinds ]]; then\n"
	      "\t\tCOMPREPLY=($(compgen -W \"$(_jobdeck_values $kinds \"${home[@]}\")\" -- "
	      "\"$cur\"))\n"
	      "\t\t[[ $kinds != DIR ]] || compopt -o dirnames\n"
	      "\t\treturn\n"
	      "\tfi\n"
	      "\tcase $command in\n\t'') kinds=COMMAND ;;\n",
	      out);
	for (const struct cmd *const *c = cmd_table; *c; c++)
		bash_command(out, *c);
	fputs("\tesac\n"
	      "\tif [[ $cur == -* ]]; then\n"
	      "\t\tCOMPREPLY=($(compgen -W \"$words",
	      out);
	put_option_words(out, cmd_globals);
	fputs("\" -- \"$cur\"))\n"
	      "\t\treturn\n"
	      "\tfi\n"
	      "\tfor kind in $kinds; do\n"
	      "\t\tCOMPREPLY+=($(compgen -W \"$(_jobdeck_values $kind \"${home[@]}\")\" -- "
	      "\"$cur\"))\n"
	      "\tdone\n"
	      "}\ncomplete -F _jobdeck jobdeck\n",
	      out);
}

/* zsh and fish take a description with every word. */

/* Inside single quotes of a shell that reads \' (fish) or '\'' (zsh). */
static void put_quoted(FILE *out, const char *text, const char *quote, const char *also)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs(quote, out);
		else if (strchr(also, *text))
			fprintf(out, "\\%c", *text);
		else
			fputc(*text, out);
	}
}

static bool has_source(const char *word)
{
	if (strcmp(word, "STATUS") == 0 || strcmp(word, "COMMAND") == 0)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(sources); i++)
		if (strcmp(sources[i].word, word) == 0)
			return true;
	return false;
}

static void zsh_values(FILE *out)
{
	fputs("_jobdeck_values()\n{\n\tlocal -a found home\n"
	      "\t[[ -z ${opt_args[--home]} ]] || home=(--home ${opt_args[--home]})\n"
	      "\tset -- $1 $home\n\tlocal kind=$1\n\tshift\n\tcase $kind in\n",
	      out);
	for (size_t i = 0; i < ARRAY_LEN(sources); i++)
		fprintf(out, "\t%s) found=(${(f)\"$(%s)\"}) ;;\n", sources[i].word,
			sources[i].shell);
	fputs("\tSTATUS) found=(", out);
	put_statuses(out);
	fputs(") ;;\n\tCOMMAND) found=(", out);
	put_commands(out);
	fputs(") ;;\n\tesac\n\tcompadd -a found\n}\n\n", out);
}

static void zsh_option(FILE *out, const struct cmd_opt *o)
{
	const char *repeat = o->many ? "*" : "";

	if (o->letter)
		fprintf(out, " \\\n\t\t'%s'{-%c,--%s}'[", o->many ? "*" : "", o->letter, o->name);
	else
		fprintf(out, " \\\n\t\t'%s--%s[", repeat, o->name);
	put_quoted(out, o->help, "'\\''", "[]:\\");
	fputc(']', out);
	if (o->arg && strcmp(o->arg, "DIR") == 0)
		fputs(":DIR:_files -/", out);
	else if (o->arg && has_source(o->arg))
		fprintf(out, ":%s:{_jobdeck_values %s}", o->arg, o->arg);
	else if (o->arg)
		fprintf(out, ":%s: ", o->arg);
	fputc('\'', out);
}

static void zsh_options(FILE *out, const struct cmd_opt *o)
{
	for (; o && o->name; o++)
		if (!doc_hidden(o))
			zsh_option(out, o);
}

static void zsh_operands(FILE *out, const struct cmd *c)
{
	const char *word;
	char name[64];

	if (c->flags & CMD_DASHDASH)
		fputs(" \\\n\t\t'*:::command:_normal'", out);
	else if (doc_operand(c, 0, name, sizeof name)) {
		fputs(" \\\n\t\t'*:operand:{", out);
		for (int i = 0; (word = doc_operand(c, i, name, sizeof name)); i++) {
			if (has_source(word))
				fprintf(out, "_jobdeck_values %s; ", word);
			else if (islower((unsigned char)*word))
				fprintf(out, "compadd %s; ", word);
		}
		fputs("}'", out);
	}
}

void doc_zsh(FILE *out)
{
	fputs("#compdef jobdeck\n# zsh completion for jobdeck, made by: jobdeck help "
	      "--format=zsh\n\n",
	      out);
	zsh_values(out);
	fputs("_jobdeck()\n{\n\tlocal curcontext=$curcontext state line\n\ttypeset -A opt_args\n"
	      "\tlocal -a commands\n\tcommands=(\n",
	      out);
	for (const struct cmd *const *c = cmd_table; *c; c++) {
		fprintf(out, "\t\t'%s:", (*c)->name);
		put_quoted(out, (*c)->summary, "'\\''", ":\\");
		fputs("'\n", out);
	}
	fputs("\t)\n\t_arguments -C", out);
	zsh_options(out, cmd_globals);
	fputs(" \\\n\t\t'1:command:->command' '*::argument:->argument'\n"
	      "\tcase $state in\n\tcommand) _describe command commands ;;\n"
	      "\targument)\n\t\tcase $words[1] in\n",
	      out);
	for (const struct cmd *const *c = cmd_table; *c; c++) {
		fprintf(out, "\t\t%s) _arguments -S", (*c)->name);
		zsh_options(out, (*c)->opts);
		zsh_options(out, cmd_globals);
		zsh_operands(out, *c);
		fputs(" ;;\n", out);
	}
	fputs("\t\tesac ;;\n\tesac\n}\n\n_jobdeck \"$@\"\n", out);
}

static void fish_option(FILE *out, const char *condition, const struct cmd_opt *o)
{
	for (; o && o->name; o++) {
		if (doc_hidden(o))
			continue;
		fprintf(out, "complete -c jobdeck%s -l %s", condition, o->name);
		if (o->letter)
			fprintf(out, " -s %c", o->letter);
		if (o->arg && has_source(o->arg))
			fprintf(out, " -x -a '(__jobdeck_values %s)'", o->arg);
		else if (o->arg)
			fputs(strcmp(o->arg, "DIR") == 0 ? " -r -F" : " -x", out);
		fputs(" -d '", out);
		put_quoted(out, o->help, "\\'", "\\");
		fputs("'\n", out);
	}
}

static void fish_values(FILE *out)
{
	fputs("function __jobdeck_values\n\tset -l kind $argv[1]\n\tswitch $kind\n", out);
	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		const char *at = strstr(sources[i].shell, " \"$@\"");
		int before = at ? (int)(at - sources[i].shell) : 0;

		fprintf(out, "\tcase %s\n\t\t%.*s%s\n", sources[i].word, before, sources[i].shell,
			at ? at + strlen(" \"$@\"") : sources[i].shell);
	}
	fputs("\tcase STATUS\n\t\tstring split ' ' '", out);
	put_statuses(out);
	fputs("'\n\tcase COMMAND\n\t\tstring split ' ' '", out);
	put_commands(out);
	fputs("'\n\tend\nend\n\n", out);
}

void doc_fish(FILE *out)
{
	fputs("# fish completion for jobdeck, made by: jobdeck help --format=fish\n\n", out);
	fish_values(out);
	fputs("complete -c jobdeck -f\n", out);
	fish_option(out, "", cmd_globals);
	for (const struct cmd *const *c = cmd_table; *c; c++) {
		char seen[100], name[64];
		const char *word;

		fprintf(out, "complete -c jobdeck -n __fish_use_subcommand -a %s -d '", (*c)->name);
		put_quoted(out, (*c)->summary, "\\'", "\\");
		fputs("'\n", out);
		snprintf(seen, sizeof seen, " -n '__fish_seen_subcommand_from %s'", (*c)->name);
		fish_option(out, seen, (*c)->opts);
		for (int i = 0; (word = doc_operand(*c, i, name, sizeof name)); i++) {
			if (has_source(word))
				fprintf(out, "complete -c jobdeck%s -a '(__jobdeck_values %s)'\n",
					seen, word);
			else if (islower((unsigned char)*word))
				fprintf(out, "complete -c jobdeck%s -a %s\n", seen, word);
		}
	}
}
