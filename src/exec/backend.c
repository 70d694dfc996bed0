/* The table of backends. */
#include "config.h"
#include "jobdeck/exec/backend.h"
#include <string.h>
#include "jobdeck/base/mem.h"

static const struct backend *const table[] = { &backend_host, &backend_fake };

const struct backend *backend_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (strcmp(table[i]->name, name) == 0)
			return table[i];
	}
	return NULL;
}

const struct backend *backend_for_image(const char *image)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (table[i]->takes(image))
			return table[i];
	}
	return NULL;
}
