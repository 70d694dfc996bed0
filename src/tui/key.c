/* Names of keys, in one table for reading and writing. */
#include "config.h"
#include "key.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"

static const struct {
	const char *name;
	int key;
} names[] = {
	{ "Up", K_UP },	      { "Down", K_DOWN },
	{ "Left", K_LEFT },   { "Right", K_RIGHT },
	{ "Home", K_HOME },   { "End", K_END },
	{ "PgUp", K_PGUP },   { "PgDn", K_PGDN },
	{ "Del", K_DELETE },  { "Backspace", K_BACKSPACE },
	{ "Enter", K_ENTER }, { "Esc", K_ESC },
	{ "Tab", K_TAB },     { "S-Tab", K_BACKTAB },
	{ "Space", ' ' },
};

int key_parse(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strlen(names[i].name) == len && memcmp(names[i].name, name, len) == 0)
			return names[i].key;
	if (len == 1)
		return (unsigned char)name[0];
	if (len == 3 && name[0] == 'C' && name[1] == '-')
		return KEY_CTRL(name[2]);
	if (len >= 2 && len <= 3 && name[0] == 'F' && isdigit((unsigned char)name[1])) {
		int n = name[1] - '0';

		if (len == 3)
			n = n * 10 + (name[2] - '0');
		return n >= 1 && n <= 12 ? K_F1 + n - 1 : KEY_NOTHING;
	}
	return KEY_NOTHING;
}

char *key_text(int key, char *buf, size_t size)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (names[i].key == key) {
			snprintf(buf, size, "%s", names[i].name);
			return buf;
		}
	}
	if (key >= K_F1 && key <= K_F12)
		snprintf(buf, size, "F%d", key - K_F1 + 1);
	else if (key > 0 && key < 0x20)
		snprintf(buf, size, "Ctrl-%c", key + '@');
	else if (key < 0x7f)
		snprintf(buf, size, "%c", key);
	else
		snprintf(buf, size, "?");
	return buf;
}
