/* The console's one loop: wait for keys, answers and signals; turn; draw what changed. */
#include "config.h"
#include "jobdeck/tui/console.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "jobdeck/base/i18n.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/text.h"
#include "jobdeck/base/time.h"
#include "key.h"
#include "tty.h"
#include "ui.h"

enum {
	FRAME_MS = 500, /* at most two frames a second that nobody asked for */
	FRAME_SSH_MS = 1000,
	ANSWER_MS = 1000,     /* what comes so soon after a key is its answer ... */
	FRAME_ANSWER_MS = 40, /* ... and is shown at once */
	BLOCKED_MS = 100,     /* the terminal takes nothing: look again */
	TICK_MS = 1000,	      /* ages step */
	GONE_READS = 3,	      /* empty reads in a row: the terminal is gone */
};

/* ---- Signals come through a pipe, so that the loop sees them like everything else ---- */

static int signal_pipe[2] = { -1, -1 };
static const int caught[] = { SIGHUP, SIGTERM, SIGINT, SIGWINCH, SIGTSTP, SIGCONT };
static const int fatal[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT };
static struct sigaction old_caught[ARRAY_LEN(caught)], old_fatal[ARRAY_LEN(fatal)], old_pipe;

static void on_signal(int signo)
{
	int saved = errno;
	char byte = (char)signo;
	ssize_t n = write(signal_pipe[1], &byte, 1);

	(void)n; /* full: as many wait already as anyone needs */
	if (signo == SIGTERM || signo == SIGHUP)
		tty_unblock(); /* we may be stuck in writing to it */
	errno = saved;
}

static void catch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	struct sigaction die = { .sa_handler = tty_emergency, .sa_flags = (int)SA_RESETHAND };
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	if (pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK) < 0)
		signal_pipe[0] = signal_pipe[1] = -1;
	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < ARRAY_LEN(caught); i++)
		sigaction(caught[i], &sa, &old_caught[i]);
	sigaction(SIGPIPE, &ignore, &old_pipe);
	for (size_t i = 0; i < ARRAY_LEN(fatal); i++) {
		sigaction(fatal[i], NULL, &old_fatal[i]);
		if (old_fatal[i].sa_handler == SIG_DFL) /* a sanitizer may have its own */
			sigaction(fatal[i], &die, NULL);
	}
}

static void release_signals(void)
{
	for (size_t i = 0; i < ARRAY_LEN(caught); i++)
		sigaction(caught[i], &old_caught[i], NULL);
	for (size_t i = 0; i < ARRAY_LEN(fatal); i++)
		sigaction(fatal[i], &old_fatal[i], NULL);
	sigaction(SIGPIPE, &old_pipe, NULL);
	for (int i = 0; i < 2; i++)
		if (signal_pipe[i] >= 0)
			close(signal_pipe[i]);
	signal_pipe[0] = signal_pipe[1] = -1;
}

/* ---- The loop ---- */

struct console {
	const struct console_options *o;
	struct tty *tty;
	struct ui *ui;
	int frame_ms;
	int64_t drawn_at, key_at;
	bool key_pressed; /* a key draws at once */
	bool blocked;	  /* the terminal took nothing */
	int empty_reads;
	int exit_code; /* of a signal */
};

static void resized(struct console *c)
{
	int rows, cols;

	tty_resized(c->tty);
	tty_size(c->tty, &rows, &cols);
	ui_resize(c->ui, rows, cols);
	c->key_pressed = true;
}

static void handle_signals(struct console *c)
{
	char byte;

	while (read(signal_pipe[0], &byte, 1) == 1) {
		switch (byte) {
		case SIGHUP:
			c->exit_code = 129;
			break;
		case SIGTERM:
			c->exit_code = 143;
			break;
		case SIGINT:
			ui_interrupt(c->ui);
			c->key_pressed = true;
			break;
		case SIGWINCH:
		case SIGCONT:
			resized(c);
			break; /* no SIGWINCH reaches a stopped process */
		case SIGTSTP:
			c->ui->suspend = true;
			break;
		}
	}
}

static void handle_keys(struct console *c, bool readable)
{
	int key, n = 0;

	c->ui->mono = time_mono();
	while (!c->ui->quit && (key = tty_key(c->tty)) != KEY_NOTHING) {
		ui_key(c->ui, key);
		n++;
	}
	if (n > 0) {
		c->key_pressed = true;
		c->key_at = c->ui->mono;
	}
	c->empty_reads = readable && n == 0 ? c->empty_reads + 1 : 0;
	if (c->empty_reads >= GONE_READS)
		c->exit_code = 129;
}

static int frame_due(const struct console *c, int64_t now)
{
	bool answer = now - c->key_at < ANSWER_MS;
	int64_t next = c->drawn_at + (answer ? FRAME_ANSWER_MS : c->frame_ms);

	return next > now ? (int)(next - now) : 0;
}

/* How long there is nothing to do: until data is due, or a frame is, or ages step. */
static int timeout(const struct console *c, int64_t now, bool drawn)
{
	int due = ui_due(c->ui), wait = TICK_MS;

	if (c->blocked)
		wait = BLOCKED_MS;
	else if (!drawn)
		wait = frame_due(c, now);
	return due >= 0 && due < wait ? due : wait;
}

/* True when the screen is up to date. */
static bool draw(struct console *c, int64_t now)
{
	if (!c->key_pressed && frame_due(c, now) > 0)
		return false;
	if (c->ui->redraw) {
		tty_redraw(c->tty);
		c->ui->redraw = false;
	}
	tty_paste(c->tty, ui_typing(c->ui));
	c->blocked = !tty_paint(c->tty, ui_draw(c->ui));
	if (c->blocked)
		return false;
	c->key_pressed = false;
	c->drawn_at = now;
	return true;
}

static void wait_for_something(struct console *c, int ms)
{
	struct pollfd p[] = { { .fd = tty_fd(c->tty), .events = POLLIN },
			      { .fd = signal_pipe[0], .events = POLLIN } };

	client_poll(c->o->client, p, ARRAY_LEN(p), ms);
	handle_signals(c);
	if (c->exit_code)
		return;
	if ((p[0].revents & (POLLHUP | POLLERR | POLLNVAL)) && !(p[0].revents & POLLIN))
		c->exit_code = 129;
	else
		handle_keys(c, p[0].revents & POLLIN);
}

static void loop(struct console *c)
{
	while (!c->ui->quit && !c->exit_code) {
		int64_t now = time_mono();
		bool drawn;

		ui_turn(c->ui, now, time_wall());
		drawn = draw(c, now);
		wait_for_something(c, timeout(c, now, drawn));
		if (c->ui->suspend && !c->ui->quit && !c->exit_code) {
			c->ui->suspend = false;
			tty_suspend(c->tty);
			resized(c);
		}
	}
}

int console_run(const struct console_options *o)
{
	struct console c = { .o = o, .key_pressed = true, .key_at = time_mono() };
	enum tty_failure why = TTY_FINE;
	struct err err = { 0 };
	char note[256], farewell[sizeof c.ui->farewell];
	int rows, cols, code;

	c.tty = tty_open(o->no_color, note, sizeof note, &why, &err);
	if (!c.tty) {
		fprintf(stderr, "jobdeck: %s\n", err.text);
		return (int)why;
	}
	c.frame_ms = getenv("SSH_CONNECTION") ? FRAME_SSH_MS : FRAME_MS;
	catch_signals();
	tty_size(c.tty, &rows, &cols);
	c.ui = ui_new(o, rows, cols, o->ascii || !text_utf8_locale());
	if (*note)
		ui_say(c.ui, "%s", note);
	loop(&c);
	code = c.exit_code ? c.exit_code : c.ui->exit_code;
	memcpy(farewell, c.ui->farewell, sizeof farewell);
	ui_free(c.ui);
	tty_close(c.tty);
	release_signals();
	if (*farewell)
		printf("jobdeck: %s\n", farewell);
	return code;
}
