/* The console before the made-up cluster: a program for the tests of the screen.
 *	canned_console [--ascii] [--no-color] [--read-only]
 * SIGUSR1: the server does not answer any more; SIGUSR2: it does again. */
#include "config.h"
#include <libintl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "canned.h"
#include "jobdeck/tui/console.h"

static struct client *client;

static void on_signal(int signo)
{
	fake_hang(client, signo == SIGUSR1);
	fake_age(client, signo == SIGUSR1 ? 18000 : 0);
}

int main(int argc, char **argv)
{
	static char place[] = "/srv/batch";
	struct home home = { .dir = place, .db = place, .logs = place, .state = place };
	struct console_options o = { .home = &home };
	const char *translations = getenv("JOBDECK_LOCALEDIR");
	int code;

	setlocale(LC_ALL, "");
	bindtextdomain(PACKAGE, translations ? translations : LOCALEDIR);
	textdomain(PACKAGE);
	for (int i = 1; i < argc; i++) {
		o.ascii = o.ascii || strcmp(argv[i], "--ascii") == 0;
		o.no_color = o.no_color || strcmp(argv[i], "--no-color") == 0;
		o.read_only = o.read_only || strcmp(argv[i], "--read-only") == 0;
	}
	client = o.client = fake_client(canned_answer, NULL);
	signal(SIGUSR1, on_signal);
	signal(SIGUSR2, on_signal);
	code = console_run(&o);
	fake_free(client);
	return code;
}
