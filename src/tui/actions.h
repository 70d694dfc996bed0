#ifndef TUI_ACTIONS_H
#define TUI_ACTIONS_H
#include <stdbool.h>
#include <stddef.h>

/* Where the keys go. */
enum {
	W_ENVS = 1,
	W_QUEUES = 2,
	W_JOBS = 4,
	W_JOB = 8,
	W_LOG = 16,
	W_TEXT = 32,
	W_HELP = 64,
	W_PANES = W_ENVS | W_QUEUES | W_JOBS,
	W_ANY = 127,
};

enum { CHANGES = 1 /* changes something on the other side */ };

enum action_group { GROUP_MOVE, GROUP_HERE, GROUP_FIND, GROUP_ALL, GROUP_COUNT };

enum action {
	ACTION_NONE,
#define ACTION(id, name, keys, where, flags, group, hint, help) ACTION_##id,
#include "actions.def"
#undef ACTION
	ACTION_COUNT
};

enum { ACTION_KEYS = 3 };
struct action_row {
	const char *name;
	int key[ACTION_KEYS]; /* 0: none */
	unsigned where, flags;
	enum action_group group;
	const char *hint, *help; /* untranslated; hint may be NULL */
};

const struct action_row *action_row(enum action a);
enum action action_for_key(int key, unsigned where);
/* By the name for ":", or the only one that begins so; ACTION_NONE. */
enum action action_for_name(const char *name, unsigned where);
/* "j, Down" for people. Returns buf. */
char *action_keys(enum action a, char *buf, size_t size);

#endif
