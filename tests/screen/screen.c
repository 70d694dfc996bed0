/* The emulated terminal. Everything that waits, waits for a condition with a deadline. */
#include "config.h"
#include "screen.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "jobdeck/base/mem.h"
#include "jobdeck/base/time.h"

enum { DEADLINE_MS = 20000, LEAST_ROWS = 6, LEAST_COLS = 20 };

/* ---- The emulator ---- */

static int on_cursor(VTermPos pos, VTermPos old, int visible, void *user)
{
	struct screen *s = user;

	(void)old;
	(void)visible;
	s->cursor_row = pos.row;
	s->cursor_col = pos.col;
	return 1;
}

static int on_property(VTermProp prop, VTermValue *value, void *user)
{
	struct screen *s = user;

	if (prop == VTERM_PROP_ALTSCREEN)
		s->alternate = value->boolean;
	else if (prop == VTERM_PROP_CURSORVISIBLE)
		s->cursor_visible = value->boolean;
	else if (prop == VTERM_PROP_MOUSE)
		s->mouse = value->number;
	return 1;
}

static int on_bell(void *user)
{
	((struct screen *)user)->bells++;
	return 1;
}

static int on_unknown_csi(const char *leader, const long args[], int argc, const char *intermed,
			  char command, void *user)
{
	struct screen *s = user;

	if (command == 't')
		return 0; /* the title stack: xterm has it, libvterm does not */
	s->unknown++;
	snprintf(s->unknown_last, sizeof s->unknown_last, "CSI %s %ld %s %c", leader ? leader : "",
		 argc ? CSI_ARG(args[0]) : -1, intermed ? intermed : "", command);
	return 0;
}

static int on_unknown_control(unsigned char control, void *user)
{
	struct screen *s = user;

	s->unknown++;
	snprintf(s->unknown_last, sizeof s->unknown_last, "control %02x", control);
	return 0;
}

static void write_all(struct screen *s, const char *text, size_t n);

static void on_output(const char *text, size_t n, void *user)
{
	write_all(user, text, n);
}

static const VTermScreenCallbacks callbacks = {
	.movecursor = on_cursor,
	.settermprop = on_property,
	.bell = on_bell,
};
static const VTermParserCallbacks unknown = { .csi = on_unknown_csi,
					      .control = on_unknown_control };

static void new_emulator(struct screen *s)
{
	bool alternate = s->alternate, hidden = s->vt && !s->cursor_visible;

	if (s->vt)
		vterm_free(s->vt);
	s->vt = NULL;
	if (s->rows < LEAST_ROWS || s->cols < LEAST_COLS)
		return;
	s->vt = vterm_new(s->rows, s->cols);
	vterm_set_utf8(s->vt, 1);
	vterm_output_set_callback(s->vt, on_output, s);
	s->cells = vterm_obtain_screen(s->vt);
	vterm_screen_set_callbacks(s->cells, &callbacks, s);
	vterm_screen_set_unrecognised_fallbacks(s->cells, &unknown, s);
	vterm_screen_enable_altscreen(s->cells, 1);
	vterm_screen_reset(s->cells, 1);
	if (alternate)
		vterm_input_write(s->vt, "\033[?1049h", 8);
	if (hidden)
		vterm_input_write(s->vt, "\033[?25l", 6);
}

/* ---- The program ---- */

static void set(const char *pair)
{
	const char *equals = strchr(pair, '=');
	char name[64];

	if (!equals) {
		unsetenv(pair);
		return;
	}
	snprintf(name, sizeof name, "%.*s", (int)(equals - pair), pair);
	setenv(name, equals + 1, 1);
}

static void child(char *const argv[], const char *const env[])
{
	static const char *const usual[] = { "TERM=xterm-256color",
					     "LC_ALL=C.UTF-8",
					     "LANG=C.UTF-8",
					     "LINES",
					     "COLUMNS",
					     "COLORTERM",
					     "NO_COLOR",
					     "LANGUAGE",
					     "SSH_CONNECTION",
					     "ESCDELAY",
					     NULL };

	for (int i = 0; usual[i]; i++)
		set(usual[i]);
	for (int i = 0; env && env[i]; i++)
		set(env[i]);
	execvp(argv[0], argv);
	_exit(127);
}

struct screen *screen_start(int rows, int cols, char *const argv[], const char *const env[])
{
	struct winsize ws = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols };
	struct screen *s = xcalloc(1, sizeof *s);

	s->rows = rows;
	s->cols = cols;
	s->cursor_visible = true;
	s->pid = forkpty(&s->fd, NULL, NULL, &ws);
	if (s->pid == 0)
		child(argv, env);
	if (s->pid < 0) {
		free(s);
		return NULL;
	}
	fcntl(s->fd, F_SETFL, O_NONBLOCK);
	fcntl(s->fd, F_SETFD, FD_CLOEXEC);
	new_emulator(s);
	return s;
}

/* One read, waiting at most `ms` for it. Returns the bytes. */
static size_t pump(struct screen *s, int ms)
{
	struct pollfd p = { .fd = s->fd, .events = POLLIN };
	char buf[16384];
	ssize_t n;

	if (s->eof || s->fd < 0 || poll(&p, 1, ms) <= 0)
		return 0;
	n = read(s->fd, buf, sizeof buf);
	if (n <= 0) {
		s->eof = n == 0 || errno == EIO;
		return 0;
	}
	s->bytes += (size_t)n;
	if (s->vt) {
		vterm_input_write(s->vt, buf, (size_t)n);
		vterm_screen_flush_damage(s->cells);
	}
	return (size_t)n;
}

static bool reap(struct screen *s)
{
	if (!s->reaped && waitpid(s->pid, &s->status, WNOHANG) == s->pid)
		s->reaped = true;
	return s->reaped;
}

static bool wait_for(struct screen *s, bool (*so)(struct screen *, const void *), const void *arg)
{
	int64_t end = time_mono() + DEADLINE_MS;

	while (!so(s, arg)) {
		if (time_mono() > end || (s->eof && reap(s)))
			return so(s, arg);
		pump(s, 20);
	}
	return true;
}

static bool has_text(struct screen *s, const void *text)
{
	return screen_find(s, text, NULL, NULL);
}

static bool has_no_text(struct screen *s, const void *text)
{
	return !screen_find(s, text, NULL, NULL);
}

static bool has_bytes(struct screen *s, const void *more_than)
{
	return s->bytes > *(const size_t *)more_than;
}

static bool has_ended(struct screen *s, const void *arg)
{
	(void)arg;
	return reap(s);
}

bool screen_wait_text(struct screen *s, const char *text)
{
	return wait_for(s, has_text, text);
}

bool screen_wait_no_text(struct screen *s, const char *text)
{
	return wait_for(s, has_no_text, text);
}

bool screen_wait_bytes(struct screen *s, size_t more_than)
{
	return wait_for(s, has_bytes, &more_than);
}

int screen_wait_exit(struct screen *s)
{
	if (!wait_for(s, has_ended, NULL))
		return -1000;
	screen_settle(s, 20);
	return WIFEXITED(s->status) ? WEXITSTATUS(s->status) : -WTERMSIG(s->status);
}

size_t screen_settle(struct screen *s, int quiet_ms)
{
	int64_t end = time_mono() + DEADLINE_MS;
	size_t sum = 0, n;

	while (time_mono() < end && (n = pump(s, quiet_ms)) > 0)
		sum += n;
	return sum;
}

static void write_all(struct screen *s, const char *text, size_t n)
{
	while (n > 0 && s->fd >= 0) {
		ssize_t done = write(s->fd, text, n);

		if (done < 0 && errno != EAGAIN)
			return;
		if (done < 0) {
			pump(s, 10);
			continue;
		}
		text += done;
		n -= (size_t)done;
	}
}

void screen_type(struct screen *s, const char *keys)
{
	write_all(s, keys, strlen(keys));
}

void screen_resize(struct screen *s, int rows, int cols)
{
	struct winsize ws = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols };

	screen_settle(s, 20); /* what was on its way belongs to the old size */
	s->rows = rows;
	s->cols = cols;
	new_emulator(s);
	ioctl(s->fd, TIOCSWINSZ, &ws); /* the kernel sends SIGWINCH */
}

void screen_hang_up(struct screen *s)
{
	close(s->fd);
	s->fd = -1;
}

void screen_free(struct screen *s)
{
	int64_t end = time_mono() + 3000;

	if (!s)
		return;
	if (s->fd >= 0)
		screen_hang_up(s);
	while (!reap(s) && time_mono() < end)
		poll(NULL, 0, 10);
	if (!s->reaped) {
		kill(s->pid, SIGKILL);
		waitpid(s->pid, &s->status, 0);
	}
	if (s->vt)
		vterm_free(s->vt);
	free(s);
}

/* ---- What is on it ---- */

static size_t put_utf8(char *b, uint32_t c)
{
	size_t n = 0;

	if (c < 0x80) {
		b[n++] = (char)c;
	} else if (c < 0x800) {
		b[n++] = (char)(0xc0 | c >> 6);
		b[n++] = (char)(0x80 | (c & 63));
	} else {
		if (c < 0x10000) {
			b[n++] = (char)(0xe0 | c >> 12);
		} else {
			b[n++] = (char)(0xf0 | c >> 18);
			b[n++] = (char)(0x80 | (c >> 12 & 63));
		}
		b[n++] = (char)(0x80 | (c >> 6 & 63));
		b[n++] = (char)(0x80 | (c & 63));
	}
	return n;
}

VTermScreenCell screen_cell(const struct screen *s, int row, int col)
{
	VTermScreenCell cell = { 0 };

	if (s->vt)
		vterm_screen_get_cell(s->cells, (VTermPos){ row, col }, &cell);
	return cell;
}

void screen_row(const struct screen *s, int row, char *buf, size_t size)
{
	size_t n = 0, end = 0;

	for (int col = 0; s->vt && col < s->cols && n + 32 < size; col++) {
		VTermScreenCell cell = screen_cell(s, row, col);

		if (cell.chars[0] == (uint32_t)-1)
			continue; /* the right half of a wide character */
		if (!cell.chars[0])
			buf[n++] = ' ';
		for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++)
			n += put_utf8(buf + n, cell.chars[i]);
		if (cell.chars[0] && cell.chars[0] != ' ')
			end = n;
	}
	buf[end] = '\0';
}

bool screen_find(const struct screen *s, const char *text, int *row, int *col)
{
	char buf[4096];

	for (int r = 0; s->vt && r < s->rows; r++) {
		screen_row(s, r, buf, sizeof buf);
		const char *at = strstr(buf, text);

		if (!at)
			continue;
		if (row)
			*row = r;
		for (int c = 0; col && at >= buf; at--) /* cells, not bytes */
			*col = at == buf ? c : (c += ((unsigned char)at[-1] & 0xc0) != 0x80);
		return true;
	}
	return false;
}

static bool is_colored(const struct screen *s, int row, int col)
{
	VTermScreenCell cell = screen_cell(s, row, col);

	return !VTERM_COLOR_IS_DEFAULT_FG(&cell.fg) || !VTERM_COLOR_IS_DEFAULT_BG(&cell.bg);
}

int screen_colored(const struct screen *s)
{
	int n = 0;

	for (int row = 0; row < s->rows; row++)
		for (int col = 0; col < s->cols; col++)
			n += is_colored(s, row, col);
	return n;
}

void screen_dump(const struct screen *s)
{
	char buf[4096];

	for (int row = 0; s->vt && row < s->rows; row++) {
		screen_row(s, row, buf, sizeof buf);
		printf("# %02d|%s\n", row, buf);
	}
	fflush(stdout);
}
