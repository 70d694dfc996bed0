/* The table of backends. */
#include "config.h"
#include "jobdeck/exec/backend.h"
#include <string.h>
#include "jobdeck/base/mem.h"

const struct backend *const backend_table[BACKEND_COUNT] = { &backend_host, &backend_fake };

const struct backend *backend_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(backend_table); i++) {
		if (strcmp(backend_table[i]->name, name) == 0)
			return backend_table[i];
	}
	return NULL;
}

const struct backend *backend_for_image(const char *image)
{
	for (size_t i = 0; i < ARRAY_LEN(backend_table); i++) {
		if (backend_table[i]->takes(image))
			return backend_table[i];
	}
	return NULL;
}
