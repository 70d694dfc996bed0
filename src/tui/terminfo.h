#ifndef TUI_TERMINFO_H
#define TUI_TERMINFO_H
#include <stdbool.h>
#include <stddef.h>

/* Questions to terminfo. They have a file of their own because <term.h> defines macros with
 * names like `lines` and `cursor_visible`. */

/* Finds a description for $TERM. Unknown terminals are common (a bastion without the newest
 * terminfo) and no reason to refuse, for nearly all of them understand xterm: then $TERM is
 * set to what is taken and `note` says so; else it is "". False when there is nothing at all. */
bool terminfo_find(char *note, size_t size);
bool terminfo_has_cursor(void); /* can it position the cursor */
/* The bytes that leave full-screen mode, for a dying process. */
void terminfo_farewell(char *out, size_t size);
void terminfo_done(void); /* frees it; ncurses reads its own */

#endif
