/* What kind of terminal this is. */
#include "config.h"
#include "terminfo.h"
#include <ncurses.h>
#include <term.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"

bool terminfo_find(char *note, size_t size)
{
	static const char *const fallback[] = { "xterm-256color", "xterm", "vt100" };
	const char *name = getenv("TERM");
	cleanup_free char *asked = NULL;
	int result;

	note[0] = '\0';
	if (name && *name && setupterm(NULL, STDOUT_FILENO, &result) == OK)
		return true;
	asked = name ? text_safe_dup(name, strlen(name)) : xstrdup("");
	for (size_t i = 0; i < ARRAY_LEN(fallback); i++) {
		if (setupterm(fallback[i], STDOUT_FILENO, &result) != OK)
			continue;
		setenv("TERM", fallback[i], 1);
		snprintf(note, size, _("TERM=%s is not known here; using %s"), asked, fallback[i]);
		return true;
	}
	return false;
}

static const char *capability(const char *name)
{
	const char *text = tigetstr(name);

	return text && text != (const char *)-1 ? text : NULL;
}

bool terminfo_has_cursor(void)
{
	return capability("cup") != NULL;
}

/* Padding ("$<2>") is for terminals of long ago and is left out. */
void terminfo_farewell(char *out, size_t size)
{
	static const char *const names[] = { "sgr0", "cnorm", "rmkx", "rmcup" };
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *p = capability(names[i]);

		for (; p && *p && n + 3 < size; p++) {
			if (p[0] == '$' && p[1] == '<' && strchr(p, '>'))
				p = strchr(p, '>');
			else
				out[n++] = *p;
		}
	}
	snprintf(out + n, size - n, "\r\n");
}

void terminfo_done(void)
{
	TERMINAL *own = set_curterm(NULL);

	if (own)
		del_curterm(own);
}
