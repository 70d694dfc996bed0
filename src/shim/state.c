/* The lines of a slot's `state`, which are also what shim and server say to each other. */
#include "config.h"
#include "jobdeck/shim/proto.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "jobdeck/base/mem.h"

static const char *const cause_names[] = {
	[SHIM_BY_ITSELF] = "itself",
	[SHIM_STOPPED] = "stopped",
	[SHIM_TIMEOUT] = "timeout",
	[SHIM_START_FAILED] = "start-failed",
};

const char *shim_cause_name(enum shim_cause cause)
{
	return cause_names[cause];
}

int shim_cause_parse(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(cause_names); i++) {
		if (strcmp(name, cause_names[i]) == 0)
			return (int)i;
	}
	return -1;
}

static int print(const struct shim_state *s, char *out, size_t size)
{
	switch (s->stage) {
	case SHIM_STARTING:
		return snprintf(out, size, "attempt %s %d %s", s->job_id, s->attempt, s->boot_id);
	case SHIM_RUNNING:
		return snprintf(out, size, "running %d %" PRId64, s->pid, s->started);
	case SHIM_EXITED:
		return snprintf(out, size, "exited %d %d %s %" PRId64 " %s", s->exit_code,
				s->signal, shim_cause_name(s->cause), s->stopped, s->text);
	case SHIM_NONE:
		break;
	}
	return 0;
}

size_t shim_state_print(const struct shim_state *state, char out[SHIM_LINE_MAX])
{
	size_t n = (size_t)print(state, out, SHIM_LINE_MAX - 1);

	if (n > SHIM_LINE_MAX - 2)
		n = SHIM_LINE_MAX - 2;
	for (size_t i = 0; i < n; i++) {
		if (out[i] == '\n')
			out[i] = ' ';
	}
	out[n] = '\n';
	out[n + 1] = '\0';
	return n + 1;
}

static int fold_attempt(struct shim_state *s, const char *line)
{
	int end = -1;

	if (sscanf(line, "attempt %63s %d %63s%n", s->job_id, &s->attempt, s->boot_id, &end) < 3 ||
	    end < 0 || line[end])
		return -1;
	s->stage = SHIM_STARTING;
	return 0;
}

static int fold_running(struct shim_state *s, const char *line)
{
	int end = -1;

	if (sscanf(line, "running %d %" SCNd64 "%n", &s->pid, &s->started, &end) < 2 || end < 0 ||
	    line[end] || s->stage < SHIM_STARTING)
		return -1;
	s->stage = SHIM_RUNNING;
	return 0;
}

static int fold_exited(struct shim_state *s, const char *line)
{
	char word[16];
	int end = -1, cause;

	if (sscanf(line, "exited %d %d %15s %" SCNd64 "%n", &s->exit_code, &s->signal, word,
		   &s->stopped, &end) < 4 ||
	    end < 0 || (line[end] && line[end] != ' ') || s->stage < SHIM_STARTING)
		return -1;
	cause = shim_cause_parse(word);
	if (cause < 0)
		return -1;
	s->cause = (enum shim_cause)cause;
	snprintf(s->text, sizeof s->text, "%s", line[end] ? line + end + 1 : "");
	s->stage = SHIM_EXITED;
	return 0;
}

int shim_state_line(struct shim_state *state, const char *line, struct err *err)
{
	static int (*const fold[])(struct shim_state *, const char *) = { fold_attempt,
									  fold_running,
									  fold_exited };

	for (size_t i = 0; i < ARRAY_LEN(fold); i++) {
		struct shim_state next = *state;

		if (fold[i](&next, line) == 0) {
			*state = next;
			return 0;
		}
	}
	return err_set(err, ERR_CORRUPT, "this is no line of a state file: %.100s", line);
}

int shim_state_parse(const char *text, size_t len, struct shim_state *out, struct err *err)
{
	struct shim_state state = { .stage = SHIM_NONE };
	const char *end = text + strnlen(text, len), *newline;

	for (; (newline = memchr(text, '\n', (size_t)(end - text))); text = newline + 1) {
		cleanup_free char *line = xstrndup(text, (size_t)(newline - text));

		if (shim_state_line(&state, line, err))
			return -1;
	}
	*out = state;
	return 0;
}
