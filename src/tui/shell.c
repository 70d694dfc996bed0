/* Quoting and splitting, enough of it to never surprise. */
#include "config.h"
#include "shell.h"
#include <string.h>
#include "jobdeck/base/i18n.h"

void shell_quote(struct buf *b, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789@%_+=:,./-";

	if (*word && strspn(word, plain) == strlen(word)) {
		buf_adds(b, word);
		return;
	}
	buf_addc(b, '\'');
	for (; *word; word++) {
		if (*word == '\'')
			buf_adds(b, "'\\''");
		else
			buf_addc(b, *word);
	}
	buf_addc(b, '\'');
}

char *shell_join(const cJSON *words)
{
	const cJSON *word;
	struct buf b;

	buf_init(&b, 64 * 1024);
	cJSON_ArrayForEach(word, words) {
		if (!cJSON_IsString(word))
			continue;
		if (b.len)
			buf_addc(&b, ' ');
		shell_quote(&b, word->valuestring);
	}
	return buf_steal(&b);
}

static void add_word(cJSON *words, struct buf *b)
{
	cJSON_AddItemToArray(words, cJSON_CreateString(buf_str(b)));
	buf_clear(b);
}

static cJSON *through_shell(cJSON *words, const char *line)
{
	cJSON_Delete(words);
	words = cJSON_CreateArray();
	cJSON_AddItemToArray(words, cJSON_CreateString("sh"));
	cJSON_AddItemToArray(words, cJSON_CreateString("-c"));
	cJSON_AddItemToArray(words, cJSON_CreateString(line));
	return words;
}

/* What only a shell can do when it is not quoted. */
static bool is_special(char c, bool begins)
{
	return strchr("|&;<>()$`*?[]{}!~#\n", c) != NULL && (begins || !strchr("~#", c));
}

cJSON *shell_split(const char *line, struct err *err)
{
	cJSON *words = cJSON_CreateArray();
	bool inside = false;
	char quote = 0;
	struct buf b;

	buf_init(&b, 8192);
	for (const char *p = line; *p; p++) {
		if (quote ? quote == '"' && strchr("$`\\", *p) : is_special(*p, !inside)) {
			buf_fini(&b);
			return through_shell(words, line);
		}
		if (quote && *p == quote) {
			quote = 0;
		} else if (!quote && (*p == '\'' || *p == '"')) {
			quote = *p;
			inside = true;
		} else if (!quote && *p == ' ') {
			if (inside)
				add_word(words, &b);
			inside = false;
		} else {
			if (!quote && *p == '\\' && p[1])
				p++;
			buf_addc(&b, *p);
			inside = true;
		}
	}
	if (inside)
		add_word(words, &b);
	buf_fini(&b);
	if (!quote && cJSON_GetArraySize(words))
		return words;
	err_set(err, ERR_INVALID, "%s",
		quote ? _("a quote is not closed") : _("what shall it run?"));
	cJSON_Delete(words);
	return NULL;
}
