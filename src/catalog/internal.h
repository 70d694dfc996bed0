#ifndef CATALOG_INTERNAL_H
#define CATALOG_INTERNAL_H
#include "jobdeck/catalog/catalog.h"

/* The index of the first size of a family, and how many there are; 0 and 0 if there is no such
 * family. `name` of `len` bytes need not end there. */
int catalog_family(const char *name, size_t len, int *count);

#endif
