#include "config.h"
#include "jobdeck/base/settings.h"
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "jobdeck/base/buf.h"
#include "jobdeck/base/fs.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"
#include "settings_hooks.h"

/* The settings file. Strict: a line that would silently do nothing (an unknown key, a value
 * out of range, the same key twice) is an error that names the line, because the user finds
 * out now and not at three in the morning. */

enum { FILE_MAX = 64 * 1024 };

static const struct setting table[] = {
#define X(key, type, def, least, most, help) { #key, SETTING_##type, def, least, most, help },
	SETTINGS_TABLE(X)
#undef X
};
static const size_t member[] = {
#define X(key, type, def, least, most, help) offsetof(struct settings, key),
	SETTINGS_TABLE(X)
#undef X
};

const struct setting *settings_table(size_t *count)
{
	*count = ARRAY_LEN(table);
	return table;
}

/* Digits and at most one point. strtod would also take signs, exponents, hexadecimal and the
 * locale's comma. */
static bool parse_number(const struct setting *row, const char *text, double *out)
{
	double n = 0, scale = 1;
	bool point = false;
	const char *p = text;

	for (; (*p >= '0' && *p <= '9') || (*p == '.' && !point && p > text); p++) {
		if (*p == '.') {
			point = true;
			continue;
		}
		n = n * 10 + (*p - '0');
		scale *= point ? 10 : 1;
	}
	if (p == text || *p || p - text > 30 || (point && row->type != SETTING_NUMBER))
		return false;
	*out = n / scale;
	return *out >= row->least && *out <= row->most;
}

static bool is_text(const struct setting *row, const char *text)
{
	static const char *const letters[] = {
		[SETTING_NAME] = "abcdefghijklmnopqrstuvwxyz0123456789-",
		[SETTING_DIGITS] = "0123456789",
		[SETTING_ADDRESSES] = "abcdefghijklmnopqrstuvwxyz0123456789.:[], ",
	};
	size_t n = strspn(text, letters[row->type]);

	return !text[n] && n >= (size_t)row->least && n <= (size_t)row->most &&
	       n < SETTING_TEXT_SIZE;
}

/* What a value of this row must look like. */
static void describe(const struct setting *row, char *out, size_t size)
{
	switch (row->type) {
	case SETTING_NUMBER:
		snprintf(out, size, "a number from %.0f to %.0f", row->least, row->most);
		break;
	case SETTING_INTEGER:
		snprintf(out, size, "a whole number from %.0f to %.0f", row->least, row->most);
		break;
	case SETTING_FOUND:
		snprintf(out, size, "a whole number from %.0f to %.0f, or auto", row->least,
			 row->most);
		break;
	case SETTING_NAME:
		snprintf(out, size, "lower-case letters, digits and '-', at most %.0f", row->most);
		break;
	case SETTING_ADDRESSES:
		snprintf(out, size, "HOST:PORT, or some with commas between, at most %.0f characters",
			 row->most);
		break;
	case SETTING_DIGITS:
		snprintf(out, size, "%.0f digits", row->most);
		break;
	case SETTING_SWITCH:
		snprintf(out, size, "yes or no");
		break;
	}
}

/* Puts the value where it belongs; false when it is none for this row. */
static bool assign(struct settings *s, size_t i, const char *text)
{
	char *place = (char *)s + member[i];
	double n;

	switch (table[i].type) {
	case SETTING_NUMBER:
		if (!parse_number(&table[i], text, &n))
			return false;
		memcpy(place, &n, sizeof n);
		return true;
	case SETTING_INTEGER:
	case SETTING_FOUND:
		if (table[i].type == SETTING_FOUND && strcmp(text, "auto") == 0)
			n = SETTING_AUTO;
		else if (!parse_number(&table[i], text, &n))
			return false;
		memcpy(place, &(int64_t){ (int64_t)n }, sizeof(int64_t));
		return true;
	case SETTING_SWITCH:
		if (strcmp(text, "yes") != 0 && strcmp(text, "no") != 0)
			return false;
		*(bool *)place = *text == 'y';
		return true;
	default:
		if (!is_text(&table[i], text))
			return false;
		memset(place, 0, SETTING_TEXT_SIZE);
		snprintf(place, SETTING_TEXT_SIZE, "%s", text);
		return true;
	}
}

void settings_default(struct settings *s)
{
	memset(s, 0, sizeof *s);
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		assign(s, i, table[i].def);
}

/* How many letters must be added, dropped or changed to get from one key to the other. */
static size_t distance(const char *a, const char *b)
{
	size_t row[32], n = strlen(b);

	if (n >= ARRAY_LEN(row))
		return n;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 0; a[i]; i++) {
		size_t corner = row[0]++;

		for (size_t j = 1; j <= n; j++) {
			size_t change = corner + (a[i] != b[j - 1]);
			size_t best = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;

			corner = row[j];
			row[j] = change < best ? change : best;
		}
	}
	return row[n];
}

/* The letters and digits of a key in lower case: what a writer is sure to remember. */
static void squash(const char *key, char *out, size_t size)
{
	size_t n = 0;

	for (; *key && n + 1 < size; key++) {
		if (isalnum((unsigned char)*key))
			out[n++] = (char)tolower((unsigned char)*key);
	}
	out[n] = '\0';
}

static bool is_near(const char *key, const char *wanted)
{
	char a[32] = "", b[32] = "";

	squash(key, a, sizeof a);
	squash(wanted, b, sizeof b);
	return distance(a, b) <= 3 || (strlen(b) >= 3 && (strstr(a, b) || strstr(b, a)));
}

/* "pool_vcpus" or "pool_vcpus, region": those that may have been meant, or all. */
static void list_keys(const char *wanted, struct buf *out)
{
	for (int all = 0; all < 2 && !out->len; all++) {
		for (size_t i = 0; i < ARRAY_LEN(table); i++) {
			if (all || is_near(table[i].key, wanted))
				buf_addf(out, "%s%s", out->len ? ", " : "", table[i].key);
		}
	}
}

static int unknown(const char *path, int line, const char *key, struct err *err)
{
	char safe[60];
	struct buf keys;

	text_safe(safe, sizeof safe, key, strlen(key));
	buf_init(&keys, 4096);
	list_keys(key, &keys);
	err_set(err, ERR_INVALID, "%s:%d: there is no setting \"%s\"; there is %s", path, line,
		safe, buf_str(&keys));
	buf_fini(&keys);
	return -1;
}

static int wrong_value(const char *path, int line, const struct setting *row, const char *value,
		       struct err *err)
{
	char safe[60], want[100];

	text_safe(safe, sizeof safe, value, strlen(value));
	describe(row, want, sizeof want);
	return err_set(err, ERR_INVALID, "%s:%d: %s cannot be \"%s\"; it is %s", path, line,
		       row->key, safe, want);
}

/* Takes blanks off both ends, in place. */
static char *trim(char *text)
{
	static const char blanks[] = " \t\r\v\f";
	char *end;

	text += strspn(text, blanks);
	end = text + strlen(text);
	while (end > text && strchr(blanks, end[-1]))
		end--;
	*end = '\0';
	return text;
}

struct reading {
	const char *path;
	struct settings s;
	int set_on[ARRAY_LEN(table)]; /* line, 0: not yet */
};

static int read_pair(struct reading *r, int line, char *key, char *value, struct err *err)
{
	size_t i = 0;

	if (settings_is_hook(key))
		return settings_read_hook(&r->s, r->path, line, key, value, err);
	while (i < ARRAY_LEN(table) && strcmp(key, table[i].key) != 0)
		i++;
	if (i == ARRAY_LEN(table))
		return unknown(r->path, line, key, err);
	if (r->set_on[i])
		return err_set(err, ERR_INVALID, "%s:%d: %s was set in line %d already", r->path,
			       line, key, r->set_on[i]);
	if (!assign(&r->s, i, value))
		return wrong_value(r->path, line, &table[i], value, err);
	r->set_on[i] = line;
	return 0;
}

static int read_line(struct reading *r, int line, char *text, struct err *err)
{
	char *equals;

	text = trim(text);
	if (!settings_is_hook(text)) /* no other value holds one */
		text[strcspn(text, "#")] = '\0';
	text = trim(text);
	if (!*text)
		return 0;
	equals = strchr(text, '=');
	if (!equals)
		return err_set(err, ERR_INVALID, "%s:%d: a line is \"key = value\"", r->path, line);
	*equals = '\0';
	return read_pair(r, line, trim(text), trim(equals + 1), err);
}

static int read_lines(struct reading *r, char *text, struct err *err)
{
	char *next = text;

	if (strncmp(next, "\xef\xbb\xbf", 3) == 0) /* some editors begin a file with this */
		next += 3;
	for (int line = 1; next; line++) {
		char *this = strsep(&next, "\n");

		if (read_line(r, line, this, err))
			return -1;
	}
	return 0;
}

int settings_load(const char *path, struct settings *s, struct err *err)
{
	struct reading r = { .path = path };
	struct err why = { 0 };
	size_t len = 0;
	cleanup_free char *text = fs_read(path, FILE_MAX, &len, &why);

	settings_default(&r.s);
	if (!text && errno != ENOENT)
		return err_set(err, why.kind, "%s", why.text);
	if (text && memchr(text, 0, len))
		return err_set(err, ERR_INVALID, "%s is not a text file", path);
	if (text && (read_lines(&r, text, err) || settings_check_hooks(&r.s, path, err)))
		return -1;
	*s = r.s;
	return 0;
}
