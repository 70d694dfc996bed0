#ifndef JOBDECK_BASE_I18N_H
#define JOBDECK_BASE_I18N_H
#include <libintl.h>

/* User text goes through these; never logs, JSON or API messages. */
#define _(text)	 gettext(text)
#define N_(text) text

#endif
