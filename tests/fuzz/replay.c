/* Runs a fuzz target over a corpus: its own, or a DIRECTORY. Prints TAP, one point a file. A file
 * that breaks the target ends the program, and so the test. */
#include "config.h"
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include "fuzz.h"
#include "jobdeck/base/fs.h"
#include "jobdeck/base/mem.h"

enum { FILE_MAX = 1 << 20 };

static int replay(const char *dir, const char *name, int count)
{
	cleanup_free char *path = xasprintf("%s/%s", dir, name);
	struct err err = { 0 };
	size_t len = 0;
	cleanup_free char *text = fs_read(path, FILE_MAX, &len, &err);

	if (text)
		LLVMFuzzerTestOneInput((const uint8_t *)text, len);
	printf("%s %d - %s\n", text ? "ok" : "not ok", count, name);
	fflush(stdout);
	return text ? 0 : 1;
}

/* The corpus of "replay_api" is tests/fuzz/corpus/api. */
static char *own_corpus(const char *program)
{
	const char *name = strstr(program, "replay_"), *source = getenv("srcdir");

	if (!name)
		return xstrdup(".");
	return xasprintf("%s/tests/fuzz/corpus/%s", source ? source : ".",
			 name + strlen("replay_"));
}

int main(int argc, char **argv)
{
	cleanup_free char *dir = argc > 1 ? xstrdup(argv[1]) : own_corpus(argv[0]);
	struct dirent **names = NULL;
	int count = 0, failed = 0, n = scandir(dir, &names, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		if (names[i]->d_name[0] != '.')
			failed |= replay(dir, names[i]->d_name, ++count);
		free(names[i]);
	}
	free(names);
	printf("1..%d\n", count);
	return failed || !count;
}
