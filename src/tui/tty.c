/* ncurses. What a style looks like, what a key is called, how the terminal is taken over and
 * given back on every way out. */
#include "config.h"
#include "tty.h"
#include <ncurses.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/mem.h"
#include "key.h"
#include "terminfo.h"

struct tty {
	SCREEN *screen;
	FILE *in;
	struct grid *shown; /* what the terminal shows; NULL: nothing known */
	bool color, paste;
	attr_t attr[STYLE_COUNT];
	short pair[STYLE_COUNT];
};

/* For a dying process: how to leave the terminal, and how it was set. */
static char farewell[256];
static struct termios saved;
static bool taken;

/* ---- What things look like ---- */

static const struct {
	attr_t attr, mono; /* with and without colours */
	short color;	   /* -1: the terminal's own */
} looks[STYLE_COUNT] = {
	[STYLE_PLAIN] = { A_NORMAL, A_NORMAL, -1 },
	[STYLE_BAR] = { A_REVERSE, A_REVERSE, -1 },
	[STYLE_TITLE] = { A_BOLD, A_BOLD, -1 },
	[STYLE_FRAME] = { A_NORMAL, A_NORMAL, -1 },
	[STYLE_SELECT] = { A_REVERSE, A_REVERSE, -1 },
	[STYLE_WAIT] = { A_NORMAL, A_NORMAL, COLOR_YELLOW },
	[STYLE_RETRY] = { A_NORMAL, A_UNDERLINE, COLOR_YELLOW },
	[STYLE_START] = { A_NORMAL, A_BOLD, COLOR_CYAN },
	[STYLE_RUN] = { A_BOLD, A_BOLD, COLOR_BLUE },
	[STYLE_FAIL] = { A_BOLD, A_REVERSE, COLOR_RED },
	[STYLE_MATCH] = { A_REVERSE, A_REVERSE, -1 },
};

static void init_styles(struct tty *t, bool no_color)
{
	const char *asked = getenv("NO_COLOR");

	t->color = !no_color && !(asked && *asked) && has_colors() && start_color() == OK &&
		   use_default_colors() == OK;
	for (int i = 0; i < STYLE_COUNT; i++) {
		short color = looks[i].color;

		t->attr[i] = t->color ? looks[i].attr : looks[i].mono;
		if (!t->color || color < 0)
			continue;
		if (color == COLOR_BLUE && COLORS >= 16)
			color = COLOR_BLUE + 8; /* dark blue cannot be read on black */
		t->pair[i] = (short)(i + 1);
		init_pair(t->pair[i], color, -1);
	}
}

/* ---- Taking the terminal and giving it back ---- */

void tty_emergency(int signo)
{
	if (taken) {
		ssize_t n = write(STDOUT_FILENO, farewell, strlen(farewell));

		(void)n;
		tcsetattr(STDOUT_FILENO, TCSANOW, &saved);
		taken = false;
	}
	signal(signo, SIG_DFL);
	raise(signo);
}

static void prepare_emergency(void)
{
	terminfo_farewell(farewell, sizeof farewell);
	tcgetattr(STDOUT_FILENO, &saved);
	taken = true;
}

static void flow_control_off(void)
{
	struct termios now;

	if (tcgetattr(STDOUT_FILENO, &now) == 0) {
		now.c_iflag &= ~(tcflag_t)(IXON | IXOFF); /* Ctrl-S and Ctrl-Q are keys */
		tcsetattr(STDOUT_FILENO, TCSANOW, &now);
	}
}

static void modes(void)
{
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	meta(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	intrflush(stdscr, FALSE);
	flow_control_off();
	def_prog_mode();
	define_key("\033[200~", K_PASTE_BEGIN - KEY_SPECIAL + 01000);
	define_key("\033[201~", K_PASTE_END - KEY_SPECIAL + 01000);
	curs_set(0);
}

/* Keys may come from somewhere else than standard input, which may be a pipe. */
static FILE *open_input(void)
{
	int fd = isatty(STDIN_FILENO) ? dup(STDIN_FILENO) : open("/dev/tty", O_RDWR);

	if (fd < 0)
		return NULL;
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fdopen(fd, "r");
}

static struct tty *refuse(struct tty *t, enum tty_failure *why, enum tty_failure which,
			  struct err *err, const char *text)
{
	*why = which;
	err_set(err, ERR_INVALID, "%s", text);
	if (t && t->in)
		fclose(t->in);
	free(t);
	return NULL;
}

struct tty *tty_open(bool no_color, char *note, size_t size, enum tty_failure *why, struct err *err)
{
	struct tty *t = xcalloc(1, sizeof *t);

	note[0] = '\0';
	if (!isatty(STDOUT_FILENO) || !(t->in = open_input()))
		return refuse(t, why, TTY_NONE, err,
			      _("the console needs a terminal; in scripts use the subcommands: "
				"jobs, queues, submit, logs, wait"));
	if (!terminfo_find(note, size))
		return refuse(t, why, TTY_UNFIT, err,
			      _("there is no terminfo here, not even for vt100; use the "
				"subcommands: jobs, queues, submit, logs, wait"));
	if (!terminfo_has_cursor())
		return refuse(t, why, TTY_UNFIT, err,
			      _("this terminal cannot position the cursor; use the subcommands: "
				"jobs, queues, submit, logs, wait"));
	prepare_emergency();
	terminfo_done();
	t->screen = newterm(NULL, stdout, t->in);
	if (!t->screen)
		return refuse(t, why, TTY_UNFIT, err, _("this terminal cannot be used"));
	set_term(t->screen);
	if (!getenv("ESCDELAY"))
		set_escdelay(getenv("SSH_CONNECTION") ? 100 : 50);
	init_styles(t, no_color);
	modes();
	return t;
}

void tty_unblock(void)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };

	if (poll(&out, 1, 0) == 0)
		tcflush(STDOUT_FILENO, TCOFLUSH);
}

void tty_close(struct tty *t)
{
	if (!t)
		return;
	tty_unblock();
	tty_paste(t, false);
	curs_set(1);
	endwin();
	taken = false;
	delscreen(t->screen);
	tcsetattr(STDOUT_FILENO, TCSANOW, &saved); /* ncurses keeps our flow control otherwise */
	fclose(t->in);
	grid_free(t->shown);
	free(t);
}

void tty_suspend(struct tty *t)
{
	bool paste = t->paste;
	struct sigaction old, standard = { .sa_handler = SIG_DFL };
	sigset_t only, before;

	tty_paste(t, false);
	curs_set(1);
	endwin();
	tcsetattr(STDOUT_FILENO, TCSANOW, &saved);
	sigaction(SIGTSTP, &standard, &old);
	sigemptyset(&only);
	sigaddset(&only, SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &only, &before);
	kill(0, SIGTSTP); /* the whole job of the shell, as Ctrl-Z does */
	sigprocmask(SIG_SETMASK, &before, NULL);
	sigaction(SIGTSTP, &old, NULL);
	reset_prog_mode();
	flow_control_off();
	curs_set(0);
	tty_paste(t, paste);
	tty_resized(t);
}

void tty_paste(struct tty *t, bool on)
{
	if (t->paste == on)
		return;
	t->paste = on;
	fputs(on ? "\033[?2004h" : "\033[?2004l", stdout);
	fflush(stdout);
}

/* ---- Keys ---- */

int tty_fd(const struct tty *t)
{
	return fileno(t->in);
}

static int special_key(wint_t c)
{
	static const struct {
		wint_t from;
		int to;
	} keys[] = { { KEY_UP, K_UP },	     { KEY_DOWN, K_DOWN },
		     { KEY_LEFT, K_LEFT },   { KEY_RIGHT, K_RIGHT },
		     { KEY_HOME, K_HOME },   { KEY_END, K_END },
		     { KEY_PPAGE, K_PGUP },  { KEY_NPAGE, K_PGDN },
		     { KEY_DC, K_DELETE },   { KEY_BTAB, K_BACKTAB },
		     { KEY_ENTER, K_ENTER }, { KEY_BACKSPACE, K_BACKSPACE },
		     { KEY_FIND, K_HOME },   { KEY_SELECT, K_END } };

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (keys[i].from == c)
			return keys[i].to;
	if (c >= KEY_F(1) && c <= KEY_F(12))
		return K_F1 + (int)(c - KEY_F(1));
	if (c == (wint_t)(K_PASTE_BEGIN - KEY_SPECIAL + 01000))
		return K_PASTE_BEGIN;
	if (c == (wint_t)(K_PASTE_END - KEY_SPECIAL + 01000))
		return K_PASTE_END;
	return KEY_NOTHING;
}

static int plain_key(wint_t c)
{
	switch (c) {
	case '\r':
	case '\n':
		return K_ENTER;
	case '\t':
		return K_TAB;
	case 27:
		return K_ESC;
	case 8:
	case 127:
		return K_BACKSPACE;
	default:
		return (int)c;
	}
}

int tty_key(struct tty *t)
{
	wint_t c;
	int kind, key;

	(void)t;
	for (;;) {
		kind = wget_wch(stdscr, &c);
		if (kind == ERR)
			return KEY_NOTHING;
		key = kind == KEY_CODE_YES ? special_key(c) : plain_key(c);
		if (key != KEY_NOTHING)
			return key;
	}
}

/* ---- Size and painting ---- */

void tty_size(const struct tty *t, int *rows, int *cols)
{
	(void)t;
	*rows = LINES;
	*cols = COLS;
}

void tty_redraw(struct tty *t)
{
	clearok(curscr, TRUE);
	grid_free(t->shown);
	t->shown = NULL;
}

void tty_resized(struct tty *t)
{
	struct winsize ws;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_row && ws.ws_col &&
	    (ws.ws_row != LINES || ws.ws_col != COLS))
		resizeterm(ws.ws_row, ws.ws_col);
	tty_redraw(t);
}

static void put_row(const struct tty *t, const struct grid *g, int row)
{
	cleanup_free cchar_t *line = xcalloc((size_t)g->cols + 1, sizeof *line);
	int n = 0;

	for (int col = 0; col < g->cols; col++) {
		const struct cell *c = &g->cell[row * g->cols + col];
		wchar_t text[4] = { (wchar_t)c->ch[0], (wchar_t)c->ch[1], (wchar_t)c->ch[2], 0 };

		if (c->cells == 0)
			continue; /* the left half takes both */
		setcchar(&line[n++], text, t->attr[c->style], t->pair[c->style], NULL);
	}
	mvadd_wchnstr(row, 0, line, n);
}

static bool row_changed(const struct tty *t, const struct grid *g, int row)
{
	size_t bytes = (size_t)g->cols * sizeof *g->cell;

	return !t->shown ||
	       memcmp(&t->shown->cell[row * g->cols], &g->cell[row * g->cols], bytes) != 0;
}

static void remember(struct tty *t, const struct grid *g)
{
	if (t->shown && (t->shown->rows != g->rows || t->shown->cols != g->cols)) {
		grid_free(t->shown);
		t->shown = NULL;
	}
	if (!t->shown)
		t->shown = grid_new(g->rows, g->cols, g->ascii);
	memcpy(t->shown->cell, g->cell, (size_t)g->rows * (size_t)g->cols * sizeof *g->cell);
	t->shown->cursor_row = g->cursor_row;
	t->shown->cursor_col = g->cursor_col;
	t->shown->cursor_visible = g->cursor_visible;
}

static bool same_cursor(const struct tty *t, const struct grid *g)
{
	return t->shown && t->shown->cursor_row == g->cursor_row &&
	       t->shown->cursor_col == g->cursor_col &&
	       t->shown->cursor_visible == g->cursor_visible;
}

bool tty_paint(struct tty *t, const struct grid *g)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };
	bool changed = !same_cursor(t, g);

	if (t->shown && (t->shown->rows != g->rows || t->shown->cols != g->cols))
		tty_redraw(t);
	for (int row = 0; row < g->rows && !changed; row++)
		changed = row_changed(t, g, row);
	if (!changed)
		return true;
	if (poll(&out, 1, 0) != 1 || !(out.revents & POLLOUT))
		return false;
	for (int row = 0; row < g->rows && row < LINES; row++)
		if (row_changed(t, g, row))
			put_row(t, g, row);
	if (!t->shown || t->shown->cursor_visible != g->cursor_visible)
		curs_set(g->cursor_visible);
	move(g->cursor_row, g->cursor_col);
	wnoutrefresh(stdscr);
	doupdate();
	remember(t, g);
	return true;
}
