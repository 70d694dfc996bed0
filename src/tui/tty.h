#ifndef TUI_TTY_H
#define TUI_TTY_H
#include <stdbool.h>
#include <stddef.h>
#include "grid.h"
#include "jobdeck/base/err.h"

/* The real terminal, by ncurses: the only file that knows it. One at a time. */
struct tty;

enum tty_failure { TTY_FINE, TTY_NONE = 2, TTY_UNFIT = 3 }; /* exit codes */

/* Takes the terminal over. `note` (of `size`) gets what the user should know: that $TERM is
 * unknown and what was taken instead, else "". NULL: *why is set, err says it in words. */
struct tty *tty_open(bool no_color, char *note, size_t size, enum tty_failure *why,
		     struct err *err);
/* Gives it back as it was. NULL is fine. */
void tty_close(struct tty *t);

int tty_fd(const struct tty *t); /* to poll for keys */
/* The next key as key.h has it, KEY_NOTHING when there is none now. */
int tty_key(struct tty *t);
void tty_size(const struct tty *t, int *rows, int *cols);
/* Asks the kernel how large the window is; everything is drawn again at the next paint. */
void tty_resized(struct tty *t);
void tty_redraw(struct tty *t); /* the next paint draws everything */
/* Shows the grid: only what changed since the last one is written. False when the terminal
 * would block, and then nothing is written: try later, with a newer grid. */
bool tty_paint(struct tty *t, const struct grid *g);
/* Throws away what a terminal that takes nothing was still to get, so that no write to it
 * blocks. Async-signal-safe. */
void tty_unblock(void);
/* Pasted text is marked (K_PASTE_BEGIN, K_PASTE_END) while this is on. */
void tty_paste(struct tty *t, bool on);
/* Gives the terminal back, stops the process as Ctrl-Z does, takes it again afterwards. */
void tty_suspend(struct tty *t);
/* Ends the process with the signal's own fate, but with the terminal in order. For fatal
 * signals: async-signal-safe. */
void tty_emergency(int signo);

#endif
