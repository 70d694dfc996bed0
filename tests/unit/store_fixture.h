#ifndef TESTS_STORE_FIXTURE_H
#define TESTS_STORE_FIXTURE_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "jobdeck/store/store.h"

/* What the store's tests share: a store in a directory of its own, and facts to put in. */

extern char fixture_dir[64], fixture_db[80];
extern struct err error; /* cleared by fixture_make */

int fixture_make(void **state);	  /* a directory, no store yet */
int fixture_open(void **state);	  /* and a store in it, as *state */
int fixture_remove(void **state); /* closes *state when there is one; removes the directory */
struct store *open_db(void);	  /* or fails the test with the error's text */
void exec_raw(const char *path, const char *sql); /* by a connection of its own */
void write_file(const char *path, const void *data, size_t len);

void begin(struct store *st);
void commit(struct store *st);

struct job *job_new(int64_t key, const char *name, const char *queue);
/* Each records one fact and its effect inside the open transaction; times are t. */
void record(struct store *st, struct fact f, struct fact_effect e);
void submit(struct store *st, const struct job *job);
void submit_simple(struct store *st, int64_t key, const char *name, const char *queue, jd_time at);
void move(struct store *st, int64_t key, enum fact_kind kind, enum job_status from,
	  enum job_status to, jd_time at);
void place(struct store *st, int64_t key, int attempt, const char *env, int slot, jd_time at);
void start(struct store *st, int64_t key, int attempt, jd_time at);
void end(struct store *st, int64_t key, int attempt, int exit_code, enum job_status to, jd_time at);
void put_env(struct store *st, const char *name, enum status status, jd_time created);
void put_queue(struct store *st, const char *name, const char *env, jd_time created);

#endif
