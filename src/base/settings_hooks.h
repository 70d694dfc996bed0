#ifndef JOBDECK_SRC_BASE_SETTINGS_HOOKS_H
#define JOBDECK_SRC_BASE_SETTINGS_HOOKS_H
#include "jobdeck/base/settings.h"

/* Lines "hook.NAME.FIELD = value" of the settings file. */
bool settings_is_hook(const char *key); /* or the whole line */
int settings_read_hook(struct settings *s, const char *path, int line, const char *key,
		       const char *value, struct err *err);
/* Once all is read: each has its command. */
int settings_check_hooks(const struct settings *s, const char *path, struct err *err);

#endif
