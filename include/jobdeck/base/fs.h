#ifndef JOBDECK_BASE_FS_H
#define JOBDECK_BASE_FS_H
#include <stddef.h>
#include "jobdeck/base/err.h"

/* Makes the directory and its missing parents, 0700 each. */
int fs_mkdirs(const char *path, struct err *err);
/* Reads a whole file of at most `max` bytes; NUL-terminated; caller frees. A larger file is
 * an error. *len may be NULL. errno is kept, so ENOENT can be told apart. */
char *fs_read(const char *path, size_t max, size_t *len, struct err *err);
/* Writes by path.tmp, fsync, rename; 0600. */
int fs_write_atomic(const char *path, const void *data, size_t len, struct err *err);
int fs_write_all(int fd, const void *data, size_t len); /* -1 with errno */
/* Id of this boot of the machine, or "unknown". Static memory. */
const char *fs_boot_id(void);

#endif
