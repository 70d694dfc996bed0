#ifndef TEST_SCREEN_H
#define TEST_SCREEN_H
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <vterm.h>

/* A program on a pseudo-terminal whose screen is emulated by libvterm.
 *
 * libvterm 0.1.4 (Debian 12) crashes in vterm_set_size, and every version tried crashes
 * below about 6x20. So each resize begins a new, blank emulator (a program must draw
 * everything again after one, which is right for real terminals too), and windows smaller
 * than that only count bytes. */
struct screen {
	int fd, rows, cols;
	pid_t pid;
	VTerm *vt; /* NULL: too small to emulate */
	VTermScreen *cells;
	int cursor_row, cursor_col;
	bool cursor_visible, alternate, eof, reaped;
	int bells, mouse, unknown, status;
	char unknown_last[64];
	size_t bytes; /* written by the program so far */
};

/* Starts argv on a new terminal. `env` is a NULL-ended list of "NAME=VALUE" or "NAME"
 * (unset), applied after TERM=xterm-256color, LC_ALL=C.UTF-8 and the like. */
struct screen *screen_start(int rows, int cols, char *const argv[], const char *const env[]);
void screen_free(struct screen *s); /* hangs up; the program must end by that */

/* Each waits until it is so, at most for a generous deadline. False: it did not happen. */
bool screen_wait_text(struct screen *s, const char *text);
bool screen_wait_no_text(struct screen *s, const char *text);
bool screen_wait_bytes(struct screen *s, size_t more_than);
/* Waits for the end; the exit status, or -signal, or -1000 when it does not end. */
int screen_wait_exit(struct screen *s);

/* Reads until nothing has come for quiet_ms. Returns the bytes that came. */
size_t screen_settle(struct screen *s, int quiet_ms);
void screen_type(struct screen *s, const char *keys);
void screen_resize(struct screen *s, int rows, int cols);
void screen_hang_up(struct screen *s); /* closes the terminal */

bool screen_find(const struct screen *s, const char *text, int *row, int *col);
void screen_row(const struct screen *s, int row, char *buf, size_t size);
VTermScreenCell screen_cell(const struct screen *s, int row, int col);
int screen_colored(const struct screen *s); /* cells that are not in the default colours */
void screen_dump(const struct screen *s);   /* as "# " lines, for a test that fails */

#endif
