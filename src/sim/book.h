#ifndef JOBDECK_SIM_BOOK_H
#define JOBDECK_SIM_BOOK_H
#include <uthash.h>
#include "jobdeck/catalog/catalog.h"
#include "jobdeck/sim/forecast.h"

#if defined(__GNUC__) && !defined(__clang__)
/* uthash reaches its elements by offsets, where gcc's analyser loses sight of them. */
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

/* The books of a forecast, kept by looking at the facts: tracks of jobs that have not ended
 * (track.c), waits by queue and share, what is in use and what that costs (cost.c). */

/* A job on its way. Only what has not ended is kept, in pages by key. */
struct track {
	jd_time arrived, runnable, started; /* 0: not yet, or not known */
	uint16_t line;			    /* in book.line */
	unsigned kind : 8;		    /* enum job_kind */
	unsigned known : 1;
	unsigned sequential : 1, leads : 1; /* ARRAY: DEP-5; others wait for its children (DEP-6) */
	int32_t left;			    /* ARRAY: children that have not ended */
};
enum { TRACK_PAGE = 256 };
struct track_page {
	int64_t number; /* key / TRACK_PAGE */
	int used;
	struct track track[TRACK_PAGE];
	UT_hash_handle hh;
};

/* Arrays of which each child waits for the same one of another (N_TO_N). */
struct pair {
	int64_t of, after;
};

/* Jobs of one share of one queue. */
struct book_line {
	char *name; /* "QUEUE\tSHARE", what it is found by */
	char *queue, *share; /* share: or NULL */
	uint16_t self;
	int64_t *wait; /* ms, of those that have started */
	size_t wait_count, wait_cap;
	int64_t succeeded, failed;
	UT_hash_handle hh;
};

/* Instances of one type in one environment; Fargate and local.host are types too. */
struct type_sum {
	const char *type;
	int64_t count; /* launched; of Fargate and local.host: attempts */
	int64_t ms;    /* lives of all; local.host: 0 */
	double micro_usd;
};

/* How attempts in an environment are paid for. */
enum book_form { BOOK_INSTANCES, BOOK_LOCAL_HOST, BOOK_FARGATE, BOOK_UNMANAGED };

struct book_env {
	char *name;
	uint16_t self;
	enum book_form form;
	bool spot;
	int percent;	   /* of the on-demand price, now; 100 when it is not Spot */
	double percent_ms; /* and what has come together of it, times the time it held */
	int64_t used_milli, boxes_milli; /* vCPUs in use by jobs now; of instances that live */
	double used, provided;		 /* vCPU milliseconds: of jobs; of what was there for them */
	struct type_sum *type;
	size_t type_count, type_cap;
	UT_hash_handle hh;
};

/* An attempt that has a place. */
struct active {
	int64_t key;
	jd_time placed;
	struct resources need;
	int64_t instance; /* 0: none */
	uint16_t env;
	UT_hash_handle hh;
};

/* An instance that lives. */
struct box {
	int64_t key;
	uint16_t env;
	const struct instance_type *type;
	jd_time launched;
	double percent_ms; /* of its environment when it was launched */
	UT_hash_handle hh;
};

struct book {
	const struct sched *s;
	jd_time start, now, last_end; /* last_end: of a job; start when none has ended */
	struct track_page *pages;
	struct book_line **line;
	size_t line_count, line_cap;
	struct book_line *lines; /* by name */
	int64_t *parent; /* keys of arrays and multi-node jobs, ascending */
	size_t parent_count, parent_cap;
	struct pair *pair;
	size_t pair_count, pair_cap;
	struct book_env **env;
	size_t env_count, env_cap;
	struct book_env *envs; /* by name */
	struct active *actives;
	struct box *boxes;
	int64_t present, arrived, ended, attempts, decisions; /* present: when it began */
	int64_t idle_facts; /* of instances only, since anything happened to a job */
	void (*told)(void *arg, const struct forecast_job *job);
	void *told_arg;
};

void book_init(struct book *b, const struct sched *s, jd_time start);
void book_fini(struct book *b);
void book_see(void *book, const struct fact *fact, const struct fact_effect *effect); /* sim_watch */
void book_close(struct book *b, jd_time now); /* what still lives is paid for until now */

/* track.c */
struct track *track_find(const struct book *b, int64_t key); /* or NULL */
struct track *track_add(struct book *b, int64_t key);	     /* or the one there is */
void track_drop(struct book *b, int64_t key);
void track_clear(struct book *b);
/* As track_find; a child that is not known yet gets what its parent has. NULL for nodes. */
struct track *track_of(struct book *b, int64_t key);
void track_parent(struct book *b, int64_t key); /* keys rise; else track_parents_sort */
/* What an array says of its children, when it comes; and a child that has ended, whose place
 * others may have waited for: they wait for room from now. */
void track_order(struct book *b, const struct job *job);
void track_order_end(struct book *b, int64_t child, jd_time at);
/* A child is not runnable before its array is. */
jd_time track_runnable(const struct book *b, int64_t key, const struct track *track);
void track_parents_sort(struct book *b);
uint16_t book_line_of(struct book *b, const char *queue, const char *share);

/* cost.c */
struct book_env *cost_env(struct book *b, const char *name);
void cost_take_over(struct book *b); /* instances and attempts that are there already */
void cost_pass(struct book *b, jd_time now); /* time goes by */
void cost_placed(struct book *b, const struct fact *fact);
void cost_ended(struct book *b, int64_t key, jd_time at);
void cost_launched(struct book *b, int64_t key, const char *env_name, const char *type);
void cost_terminated(struct book *b, int64_t instance, jd_time at);
void cost_clear(struct book *b);

/* report.c */
cJSON *report_make(const struct book *b);

#endif
