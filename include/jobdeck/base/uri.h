#ifndef JOBDECK_BASE_URI_H
#define JOBDECK_BASE_URI_H
#include <stddef.h>

/* Percent-encoding (RFC 3986), as AWS's SDKs do it in paths and queries. */

/* Letters, digits and "-._~" stay, and what is in `keep`; every other byte becomes %XX. Caller
 * frees. */
char *uri_encode(const char *text, const char *keep);
/* The text behind `len` bytes. NULL when a '%' has no two hexadecimal digits behind it, or
 * they would make a NUL. Caller frees. */
char *uri_decode(const char *text, size_t len);
/* Calls back for each NAME=VALUE of a query ("a=1&b", '+' is a blank, no '=': an empty value),
 * decoded; another answer than 0 ends it and is returned; -1 also when it cannot be decoded. */
int uri_query_each(const char *query,
		   int (*each)(void *arg, const char *name, const char *value), void *arg);

#endif
