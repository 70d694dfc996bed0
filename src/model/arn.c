#include "config.h"
#include "jobdeck/model/arn.h"
#include <stdio.h>
#include <string.h>

char *arn_format(const struct account *a, const char *kind, const char *name, char out[ARN_SIZE])
{
	snprintf(out, ARN_SIZE, "arn:aws:batch:%s:%s:%s/%s", a->region, a->id, kind, name);
	return out;
}

const char *arn_name(const char *kind, const char *text)
{
	const char *p = text;
	size_t n = strlen(kind);

	if (strncmp(text, "arn:", 4) != 0)
		return text;
	for (int colons = 0; colons < 5; colons++) {
		if (colons == 2 && strncmp(p, "batch:", 6) != 0)
			return NULL;
		p = strchr(p, ':');
		if (!p)
			return NULL;
		p++;
	}
	if (strncmp(p, kind, n) != 0 || p[n] != '/')
		return NULL;
	return p + n + 1;
}
