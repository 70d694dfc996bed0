#include "config.h"
#include "log_pattern.h"
#include <string.h>
#include "jobdeck/base/buf.h"
#include "jobdeck/base/mem.h"

static int invalid(const char *why, struct err *err)
{
	return err_set(err, ERR_INVALID, "Invalid filter pattern: %s", why);
}

/* What stands between two `quote`s, with `\` before one that is meant. */
static const char *take_quoted(const char *p, char quote, struct buf *out)
{
	for (p++; *p && *p != quote; p++) {
		if (p[0] == '\\' && (p[1] == quote || (p[1] == '\\' && quote == '"')))
			p++;
		buf_addc(out, *p);
	}
	return *p ? p + 1 : NULL;
}

static int add_regex(struct log_term *t, const char *text, struct err *err)
{
	char why[80];
	int rc = regcomp(&t->re, text, REG_EXTENDED | REG_NOSUB);

	if (!rc)
		return 0;
	regerror(rc, &t->re, why, sizeof why);
	return err_set(err, ERR_INVALID, "Invalid filter pattern: %.80s: %s", text, why);
}

/* The term that begins at *p; moves *p behind it. */
static int take_term(struct log_pattern *p, const char **at, struct err *err)
{
	struct log_term *t = &p->term[p->count];
	struct buf b cleanup_buf;
	bool regex;

	buf_init(&b, 8192);
	*t = (struct log_term){ .kind = **at == '-' ? LOG_TERM_NONE :
					**at == '?' ? LOG_TERM_ANY :
						      LOG_TERM_ALL };
	*at += t->kind != LOG_TERM_ALL;
	regex = **at == '%';
	if (regex || **at == '"') {
		const char *end = take_quoted(*at, **at, &b);

		if (!end)
			return invalid("a quotation or regular expression does not end", err);
		*at = end;
	} else {
		size_t n = strcspn(*at, " \t");

		buf_add(&b, *at, n);
		*at += n;
	}
	if (!b.len)
		return invalid("there is an empty term", err);
	if (regex && add_regex(t, buf_str(&b), err) < 0)
		return -1;
	t->len = b.len;
	t->text = regex ? NULL : buf_steal(&b);
	p->count++;
	return 0;
}

int log_pattern_parse(struct log_pattern *p, const char *text, struct err *err)
{
	p->count = 0;
	text += strspn(text, " \t");
	if (*text == '{' || *text == '[')
		return invalid("Jobdeck knows terms, phrases and regular expressions, not JSON "
			       "({...}) or columns ([...])",
			       err);
	for (; *text; text += strspn(text, " \t")) {
		if (p->count == LOG_PATTERN_TERMS) {
			log_pattern_fini(p);
			return invalid("there are too many terms", err);
		}
		if (take_term(p, &text, err) < 0) {
			log_pattern_fini(p);
			return -1;
		}
	}
	return 0;
}

/* regexec wants a string, and a line may have NULs: what is behind the first is not seen. */
static bool has(const struct log_term *t, const char *text, size_t len)
{
	cleanup_free char *copy = NULL;

	if (t->text)
		return memmem(text, len, t->text, t->len) != NULL;
	copy = xstrndup(text, len);
	return regexec(&t->re, copy, 0, NULL, 0) == 0;
}

bool log_pattern_matches(const struct log_pattern *p, const char *text, size_t len)
{
	bool choice = false, chosen = false;

	for (int i = 0; i < p->count; i++) {
		bool found = has(&p->term[i], text, len);

		if (p->term[i].kind == LOG_TERM_ANY) {
			choice = true;
			chosen |= found;
		} else if (found == (p->term[i].kind == LOG_TERM_NONE)) {
			return false;
		}
	}
	return !choice || chosen;
}

void log_pattern_fini(struct log_pattern *p)
{
	for (int i = 0; i < p->count; i++) {
		if (p->term[i].text)
			free(p->term[i].text);
		else
			regfree(&p->term[i].re);
	}
	p->count = 0;
}
