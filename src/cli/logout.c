/* Log events to files and terminals. */
#include "config.h"
#include "logout.h"
#include <string.h>
#include <unistd.h>
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"
#include "jobdeck/base/time.h"

void logout_init(struct logout *l)
{
	*l = (struct logout){ .to = { stdout, stderr },
			      .terminal = { isatty(STDOUT_FILENO), isatty(STDERR_FILENO) } };
}

/* A carriage return would let later text hide earlier text, so a progress line becomes a
 * line for each of its states; one before the newline is just an old line ending. */
static void put_harmless(FILE *to, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\r");
		size_t need = text_plain(NULL, 0, text, len);
		cleanup_free char *safe = xmalloc(need + 1);

		text_plain(safe, need + 1, text, len);
		fputs(safe, to);
		text += len;
		while (*text == '\r')
			text++;
		if (len && *text)
			fputc('\n', to);
	}
}

static void put_json(struct logout *l, const cJSON *event)
{
	cleanup_free char *text = json_print(event);
	cleanup_free char *safe = l->terminal[0] ? text_safe_dup(text, strlen(text)) : NULL;

	if (!l->json_lines)
		fputs(l->count ? ",\n " : "[", l->to[0]);
	fputs(safe ? safe : text, l->to[0]);
	if (l->json_lines)
		fputc('\n', l->to[0]);
	l->count++;
}

void logout_event(struct logout *l, const cJSON *event)
{
	int s = strcmp(json_str_or(event, "jobdeckStream", "stdout"), "stderr") == 0;
	const char *message = json_str_or(event, "message", "");
	char time[TIME_ISO_SIZE];

	if (l->json) {
		put_json(l, event);
		return;
	}
	if (json_bool(event, "jobdeckCut", false))
		s = 1; /* not the job's own words, so not into its output */
	if (s)
		fflush(l->to[0]);
	if (l->timestamps && !l->inside[s])
		fprintf(l->to[s], "%s ",
			time_iso(json_int(event, "timestamp", 0), time, sizeof time));
	if (l->terminal[s])
		put_harmless(l->to[s], message);
	else
		fputs(message, l->to[s]);
	l->inside[s] = json_bool(event, "jobdeckContinues", false);
	if (!l->inside[s])
		fputc('\n', l->to[s]);
	l->count++;
}

void logout_break(struct logout *l)
{
	for (int s = 0; s < 2; s++) {
		if (l->inside[s] && l->terminal[s])
			fputc('\n', l->to[s]);
		fflush(l->to[s]);
	}
}

void logout_end(struct logout *l)
{
	if (l->json && !l->json_lines)
		fputs(l->count ? "]\n" : "[]\n", l->to[0]);
	else if (!l->json)
		logout_break(l);
	fflush(l->to[0]);
}
