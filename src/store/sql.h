#ifndef STORE_SQL_H
#define STORE_SQL_H

/* clang-format off */

/* Every statement the store uses once it is open, by name (the schema itself is in
 * schema.c). Each is prepared when first used and kept. What a later migration renames is
 * found here and nowhere else. */

/* The columns of a job in the order in which rows.c reads them. `doc` has a table of its
 * own because SQLite writes a whole row for every change, and the document never changes. */
#define COLUMNS_JOB                                                                                \
	"key, id, name, queue, definition, vcpu_milli, memory_mib, gpus, timeout_s, attempts, "    \
	"retry, status, status_reason, flags, created, started, stopped, attempt, ord, depends"
#define COLUMNS_ATTEMPT                                                                            \
	"job, number, env, slot, placed, started, stopped, exit_code, status_reason, reason"
#define COLUMNS_ENVIRONMENT                                                                        \
	"name, type, cr_type, state, status, status_reason, min_vcpus, desired_vcpus, "            \
	"max_vcpus, created, doc"
#define COLUMNS_QUEUE      "name, state, status, status_reason, priority, envs, created, doc"
#define COLUMNS_DEFINITION "name, revision, type, status, created, deregistered, doc"

/* What store_jobs asks in every form: ?1 queue, ?2 and ?3 keys between, ?4 and ?5 created
 * between, ?6 and ?7 first and last name, ?8 and ?9 first and last definition, ?10 status
 * or -1, ?11 how many. */
#define LIST(index, status) "SELECT " COLUMNS_JOB " FROM job INDEXED BY " index " WHERE " status   \
	" AND queue = ?1 AND key > ?2 AND key < ?3 AND created > ?4 AND created < ?5"              \
	" AND name BETWEEN ?6 AND ?7 AND definition BETWEEN ?8 AND ?9"
/* All states at once, merged by key: each of the seven is read in order from the index, and
 * only as far as the page needs. */
#define LIST_ALL_STATES                                                                            \
	LIST("job_status", "status = 0") " UNION ALL " LIST("job_status", "status = 1")            \
	" UNION ALL " LIST("job_status", "status = 2")                                             \
	" UNION ALL " LIST("job_status", "status = 3")                                             \
	" UNION ALL " LIST("job_status", "status = 4")                                             \
	" UNION ALL " LIST("job_status", "status = 5")                                             \
	" UNION ALL " LIST("job_status", "status = 6")
#define OLDEST_FIRST	 " ORDER BY key LIMIT ?11"
#define NEWEST_FIRST " ORDER BY key DESC LIMIT ?11"

#define SQL_TABLE(X)                                                                               \
	X(BEGIN, "BEGIN IMMEDIATE")                                                                \
	X(COMMIT, "COMMIT")                                                                        \
	X(ROLLBACK, "ROLLBACK")                                                                    \
	/* writing */                                                                              \
	X(PUT_ENVIRONMENT,                                                                         \
	  "INSERT OR REPLACE INTO environment (" COLUMNS_ENVIRONMENT ")"                           \
	  " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")                                             \
	X(DELETE_ENVIRONMENT, "DELETE FROM environment WHERE name = ?")                            \
	X(PUT_QUEUE,                                                                               \
	  "INSERT OR REPLACE INTO queue (" COLUMNS_QUEUE ") VALUES (?, ?, ?, ?, ?, ?, ?, ?)")      \
	X(DELETE_QUEUE, "DELETE FROM queue WHERE name = ?")                                        \
	X(PUT_DEFINITION,                                                                          \
	  "INSERT OR REPLACE INTO definition (" COLUMNS_DEFINITION ")"                             \
	  " VALUES (?, ?, ?, ?, ?, ?, ?)")                                                         \
	X(PUT_VALUE, "INSERT OR REPLACE INTO value (name, value) VALUES (?, ?)")                   \
	X(INSERT_JOB,                                                                              \
	  "INSERT INTO job (" COLUMNS_JOB ")"                                                      \
	  " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")                  \
	X(INSERT_DOC, "INSERT INTO job_doc (job, doc) VALUES (?, ?)")                              \
	X(PUT_DOC, "INSERT OR REPLACE INTO job_doc (job, doc) VALUES (?, ?)")                      \
	X(MOVE_JOB,                                                                                \
	  "UPDATE job SET status_reason = ?2, flags = ?3, ord = ?4,"                               \
	  " started = coalesce(?5, started), stopped = coalesce(?6, stopped),"                     \
	  " attempt = coalesce(?7, attempt), status = ?8"                                          \
	  " WHERE key = ?1 RETURNING queue")                                                       \
	/* As MOVE_JOB without a new status: the index on it need not be touched. */               \
	X(TOUCH_JOB,                                                                               \
	  "UPDATE job SET status_reason = ?2, flags = ?3, ord = ?4,"                               \
	  " started = coalesce(?5, started), stopped = coalesce(?6, stopped),"                     \
	  " attempt = coalesce(?7, attempt)"                                                       \
	  " WHERE key = ?1 RETURNING queue")                                                       \
	X(INSERT_ATTEMPT,                                                                          \
	  "INSERT INTO attempt (job, number, env, slot, placed) VALUES (?, ?, ?, ?, ?)")           \
	X(START_ATTEMPT, "UPDATE attempt SET started = ?3 WHERE job = ?1 AND number = ?2")         \
	X(END_ATTEMPT,                                                                             \
	  "UPDATE attempt SET slot = NULL, stopped = ?3, exit_code = ?4, status_reason = ?5,"      \
	  " reason = ?6 WHERE job = ?1 AND number = ?2")                                           \
	X(INSERT_JOURNAL,                                                                          \
	  "INSERT INTO journal (at, kind, job, attempt, status_from, status_to, text)"             \
	  " VALUES (?, ?, ?, ?, ?, ?, ?)")                                                         \
	/* reading */                                                                              \
	X(VALUE, "SELECT value FROM value WHERE name = ?")                                         \
	X(NEXT_KEY, "SELECT seq + 1 FROM sqlite_sequence WHERE name = 'job'")                      \
	X(LAST_AT, "SELECT at FROM journal ORDER BY seq DESC LIMIT 1")                             \
	X(ENVIRONMENT, "SELECT " COLUMNS_ENVIRONMENT " FROM environment WHERE name = ?")           \
	X(ENVIRONMENTS, "SELECT " COLUMNS_ENVIRONMENT " FROM environment ORDER BY name")           \
	X(QUEUE, "SELECT " COLUMNS_QUEUE " FROM queue WHERE name = ?")                             \
	X(QUEUES, "SELECT " COLUMNS_QUEUE " FROM queue ORDER BY name")                             \
	X(DEFINITION,                                                                              \
	  "SELECT " COLUMNS_DEFINITION " FROM definition WHERE name = ? AND revision = ?")         \
	X(LATEST_DEFINITION,                                                                       \
	  "SELECT " COLUMNS_DEFINITION " FROM definition WHERE name = ? AND status = ?"            \
	  " ORDER BY revision DESC LIMIT 1")                                                       \
	X(LAST_REVISION, "SELECT max(revision) FROM definition WHERE name = ?")                    \
	X(DEFINITIONS,                                                                             \
	  "SELECT " COLUMNS_DEFINITION " FROM definition WHERE name >= ?1 AND name <= ?2"          \
	  " AND (name > ?3 OR revision < ?4) AND (?5 < 0 OR status = ?5)"                          \
	  " ORDER BY name, revision DESC LIMIT ?6")                                                \
	X(JOB_KEY, "SELECT key FROM job WHERE id = ?")                                             \
	X(JOB,                                                                                     \
	  "SELECT " COLUMNS_JOB ", doc FROM job LEFT JOIN job_doc ON job = key WHERE key = ?")     \
	X(JOB_PREFIX,                                                                              \
	  "SELECT key FROM job WHERE id >= ?1 AND id < ?1 || char(0x10ffff)"                       \
	  " ORDER BY id DESC LIMIT ?2")                                                            \
	X(JOB_NAMED,                                                                               \
	  "SELECT key FROM job INDEXED BY job_name WHERE name = ?1 AND name = ?1 COLLATE BINARY"   \
	  " ORDER BY key DESC LIMIT ?2")                                                           \
	X(NAME_COUNT,                                                                              \
	  "SELECT count(*) FROM (SELECT 1 FROM job INDEXED BY job_name"                            \
	  " WHERE name BETWEEN ?1 AND ?2 LIMIT ?3)")                                               \
	X(DEFINITION_COUNT,                                                                        \
	  "SELECT count(*) FROM (SELECT 1 FROM job INDEXED BY job_definition"                      \
	  " WHERE definition BETWEEN ?1 AND ?2 LIMIT ?3)")                                         \
	X(CREATED_FROM, "SELECT key, created FROM job WHERE key >= ? ORDER BY key LIMIT 1")        \
	X(LAST_JOB, "SELECT max(key) FROM job")                                                    \
	X(LIST_STATUS, LIST("job_status", "status = ?10") OLDEST_FIRST)                            \
	X(LIST_STATUS_DOWN, LIST("job_status", "status = ?10") NEWEST_FIRST)                       \
	X(LIST_ALL, LIST_ALL_STATES OLDEST_FIRST)                                                  \
	X(LIST_ALL_DOWN, LIST_ALL_STATES NEWEST_FIRST)                                             \
	X(LIST_NAME, LIST("job_name", "(?10 < 0 OR status = ?10)") OLDEST_FIRST)                   \
	X(LIST_NAME_DOWN, LIST("job_name", "(?10 < 0 OR status = ?10)") NEWEST_FIRST)              \
	X(LIST_DEFINITION, LIST("job_definition", "(?10 < 0 OR status = ?10)") OLDEST_FIRST)       \
	X(LIST_DEFINITION_DOWN, LIST("job_definition", "(?10 < 0 OR status = ?10)") NEWEST_FIRST)  \
	X(ATTEMPTS, "SELECT " COLUMNS_ATTEMPT " FROM attempt WHERE job = ? ORDER BY number")       \
	X(COUNTS,                                                                                  \
	  "SELECT queue, status, count(*) FROM job INDEXED BY job_status WHERE status >= 0"        \
	  " GROUP BY status, queue")                                                               \
	X(JOURNAL_JOB,                                                                             \
	  "SELECT seq, at, kind, job, attempt, status_from, status_to, text FROM journal"          \
	  " WHERE job = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3")                                    \
	X(JOURNAL_ALL,                                                                             \
	  "SELECT seq, at, kind, job, attempt, status_from, status_to, text FROM journal"          \
	  " WHERE ?1 = 0 AND seq > ?2 ORDER BY seq LIMIT ?3")                                      \
	/* starting again: 5 is SUCCEEDED, 3 and 4 are STARTING and RUNNING */                     \
	X(LIVE_KEYS, "SELECT key FROM job INDEXED BY job_status WHERE status < 5")                 \
	X(LIVE_JOB, "SELECT " COLUMNS_JOB " FROM job WHERE key = ?")                               \
	X(STATUS, "SELECT status FROM job WHERE key = ?")                                          \
	X(LIVE_ATTEMPTS,                                                                           \
	  "SELECT a.job, a.number, a.env, a.slot, a.placed, a.started, a.stopped, a.exit_code,"    \
	  " a.status_reason, a.reason FROM job INDEXED BY job_status"                              \
	  " JOIN attempt AS a ON a.job = key AND a.number = job.attempt"                           \
	  " WHERE job.status IN (3, 4) AND a.stopped IS NULL ORDER BY a.job")

/* clang-format on */

enum sql {
#define X(name, text) SQL_##name,
	SQL_TABLE(X)
#undef X
	SQL_COUNT
};

#endif
