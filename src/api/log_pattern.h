#ifndef JOBDECK_SRC_API_LOG_PATTERN_H
#define JOBDECK_SRC_API_LOG_PATTERN_H
#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include "jobdeck/base/err.h"

/* CloudWatch Logs' filter patterns for plain text: terms that must all be there ("a b"), phrases
 * in quotes, -term that must not, ?term of which one must, %regular expression%. Case matters.
 * "" matches everything. JSON ({...}) and columns ([...]) are refused. */
enum { LOG_PATTERN_TERMS = 100 };

struct log_pattern {
	int count;
	struct log_term {
		char *text; /* NULL: a regular expression */
		size_t len;
		regex_t re;
		enum log_term_kind { LOG_TERM_ALL, LOG_TERM_ANY, LOG_TERM_NONE } kind;
	} term[LOG_PATTERN_TERMS];
};

int log_pattern_parse(struct log_pattern *p, const char *text, struct err *err);
bool log_pattern_matches(const struct log_pattern *p, const char *text, size_t len);
void log_pattern_fini(struct log_pattern *p);

#endif
