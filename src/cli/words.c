/* Command lines for people. */
#include "config.h"
#include "words.h"
#include <string.h>
#include "jobdeck/base/buf.h"
#include "jobdeck/base/mem.h"

enum { LONGEST = 64 * 1024 };

static void add_word(struct buf *b, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "-_./:=@%+,^";

	if (b->len)
		buf_addc(b, ' ');
	if (*word && word[strspn(word, plain)] == '\0') {
		buf_adds(b, word);
		return;
	}
	buf_addc(b, '\'');
	for (; *word; word++)
		if (*word == '\'')
			buf_adds(b, "'\\''");
		else
			buf_addc(b, *word);
	buf_addc(b, '\'');
}

char *words_join(const cJSON *command)
{
	const cJSON *word;
	struct buf b;

	buf_init(&b, LONGEST);
	cJSON_ArrayForEach(word, command) {
		add_word(&b, cJSON_GetStringValue(word) ? cJSON_GetStringValue(word) : "");
	}
	return buf_steal(&b);
}
