#ifndef JOBDECK_BASE_SETTINGS_H
#define JOBDECK_BASE_SETTINGS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "jobdeck/base/err.h"
#include "jobdeck/base/i18n.h"

/* What a user may set, in the file home->config: lines of "key = value", '#' begins a
 * comment. One row each: X(key, type, default, least, most, help). Least and most are of the
 * number, or of the length of a text. The struct, the reader, the help and the man page all
 * come from here.
 *
 * Types: NUMBER may have decimals; INTEGER not; FOUND is an INTEGER, or "auto", which reads as
 * SETTING_AUTO; NAME is lower-case letters, digits and '-'; DIGITS is digits; SWITCH is yes or
 * no; ADDRESSES are those of the network, such as 127.0.0.1:4566, with commas between, or
 * nothing. */
#define SETTINGS_TABLE(X)                                                                          \
	X(pool_vcpus, NUMBER, "0", 0, 1000000,                                                     \
	  N_("vCPUs this machine offers to jobs; 0: as many as it has"))                           \
	X(pool_memory_mib, INTEGER, "0", 0, 1 << 30,                                               \
	  N_("memory this machine offers to jobs, in MiB; 0: what it has, less a reserve"))        \
	X(pool_gpus, FOUND, "auto", 0, 65535,                                                      \
	  N_("GPUs this machine offers to jobs; auto: the NVIDIA devices it has"))                 \
	X(memory_reserve_percent, NUMBER, "2.5", 0, 50,                                            \
	  N_("part of its memory that an instance of a named type keeps for itself; 32 MiB more "  \
	     "are kept always"))                                                                   \
	X(idle_seconds, INTEGER, "60", 0, 366 * 24 * 3600,                                         \
	  N_("seconds after which an instance without jobs is given back"))                        \
	X(launch_seconds, INTEGER, "0", 0, 3600,                                                   \
	  N_("seconds that the launch of an instance takes, for drills"))                          \
	X(launch_failure_percent, INTEGER, "0", 0, 100,                                            \
	  N_("of a hundred launches of instances so many fail, for drills"))                       \
	X(spot_notice_seconds, INTEGER, "120", 0, 3600,                                            \
	  N_("seconds between the notice to a Spot instance and its end"))                         \
	X(log_max_mib, INTEGER, "64", 1, 1 << 20,                                                  \
	  N_("output kept of each attempt, in MiB; of more, the beginning and the end stay"))      \
	X(idle_exit_s, INTEGER, "600", 0, 366 * 24 * 3600,                                         \
	  N_("seconds without work after which the server leaves; 0: never"))                      \
	X(region, NAME, "us-east-1", 1, 63, N_("AWS region in the names of things (ARNs)"))        \
	X(account, DIGITS, "000000000000", 12, 12,                                                 \
	  N_("AWS account number in the names of things (ARNs)"))                                  \
	X(strict_aws, SWITCH, "no", 0, 1,                                                          \
	  N_("yes: AWS's quotas are kept to as AWS does, by refusing; no: by a warning"))          \
	X(hook_seconds, INTEGER, "30", 1, 3600,                                                    \
	  N_("seconds that a hook's command has; then it is stopped"))                             \
	X(listen, ADDRESSES, "", 0, 60,                                                            \
	  N_("where the server takes signed requests over TCP, such as 127.0.0.1:4566"))           \
	X(listen_anywhere, INTEGER, "0", 0, 1,                                                     \
	  N_("1: listen may name an address that other machines can reach"))

/* What runs when something happens: lines "hook.NAME.FIELD = value" for any NAME of letters,
 * digits, '-' and '_'. X(field, choices or NULL, most characters, help). */
#define SETTINGS_HOOK_TABLE(X)                                                                     \
	X(on, "Batch Job State Change, Batch Job Queue Blocked", 40,                                \
	  N_("events of this type only; none: of every type"))                                     \
	X(status, "SUBMITTED, PENDING, RUNNABLE, STARTING, RUNNING, SUCCEEDED, FAILED", 16,             \
	  N_("events of jobs that came to this status only"))                                      \
	X(queue, NULL, 128, N_("events of jobs in this queue only"))                               \
	X(command, NULL, 1000,                                                                     \
	  N_("what to run, by sh -c, with the event as JSON on its standard input"))
enum { SETTINGS_HOOKS_MAX = 16, HOOK_NAME_MAX = 32 };

enum setting_type {
	SETTING_NUMBER,
	SETTING_INTEGER,
	SETTING_FOUND,
	SETTING_NAME,
	SETTING_DIGITS,
	SETTING_SWITCH,
	SETTING_ADDRESSES,
};
enum { SETTING_TEXT_SIZE = 64, SETTING_AUTO = -1 };

#define SETTING_MEMBER_NUMBER(key)  double key;
#define SETTING_MEMBER_INTEGER(key) int64_t key;
#define SETTING_MEMBER_FOUND(key)   int64_t key;
#define SETTING_MEMBER_NAME(key)    char key[SETTING_TEXT_SIZE];
#define SETTING_MEMBER_ADDRESSES(key) char key[SETTING_TEXT_SIZE];
#define SETTING_MEMBER_DIGITS(key)  char key[SETTING_TEXT_SIZE];
#define SETTING_MEMBER_SWITCH(key)  bool key;

/* "" where nothing was said. */
struct hook {
	char name[HOOK_NAME_MAX + 1];
#define X(field, choices, most, help) char field[(most) + 1];
	SETTINGS_HOOK_TABLE(X)
#undef X
};

/* A plain value: copied by assignment, nothing to free. */
struct settings {
#define X(key, type, def, least, most, help) SETTING_MEMBER_##type(key)
	SETTINGS_TABLE(X)
#undef X
	int hook_count;
	struct hook hook[SETTINGS_HOOKS_MAX];
};

/* The same rows as data, for help and manual. */
struct setting {
	const char *key;
	enum setting_type type;
	const char *def; /* as it would be written in the file */
	double least, most;
	const char *help; /* untranslated: pass it through _() */
};
const struct setting *settings_table(size_t *count);
struct hook_field {
	const char *key;     /* "hook.NAME.on" */
	const char *choices; /* "A, B", or NULL: anything */
	const char *help;    /* as above */
	size_t place, most;  /* in struct hook; bytes */
};
const struct hook_field *settings_hook_table(size_t *count);

void settings_default(struct settings *s);
/* The defaults, and over them what the file says. No file: the defaults. What cannot be
 * understood is ERR_INVALID with "FILE:LINE: " and what would be right; *s is untouched. */
int settings_load(const char *path, struct settings *s, struct err *err);

#endif
