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
	"retry, status, status_reason, flags, created, started, stopped, attempt, ord, depends, "  \
	"kind, parent, size, share, priority, consume, sequential, platform, main_node, "          \
	"node_need, start_after, blocked_since"
#define COLUMNS_ATTEMPT                                                                            \
	"job, number, env, slot, placed, started, stopped, exit_code, status_reason, reason, "     \
	"instance, gpu_set, waits, released, stopping"
#define COLUMNS_ENVIRONMENT                                                                        \
	"name, type, cr_type, state, status, status_reason, min_vcpus, desired_vcpus, "            \
	"max_vcpus, created, doc, strategy, bid_percent, instance_types, scale_down_delay, "       \
	"generation, update_deadline, refuse_until"
#define COLUMNS_QUEUE                                                                              \
	"name, state, status, status_reason, priority, envs, created, doc, policy, limits, "       \
	"backfill, max_running, blocked_until"
#define COLUMNS_POLICY	   "name, decay_s, reservation, shares, created, doc"
#define COLUMNS_CONSUMABLE "name, type, total, spent, created, doc"
#define COLUMNS_INSTANCE                                                                           \
	"key, env, type, spot, generation, status, vcpu_milli, memory_mib, gpus, launched, up, "   \
	"reclaimed, terminated, last_end"
#define COLUMNS_DEFINITION "name, revision, type, status, created, deregistered, doc"
/* So many parameters, for INSERT. */
#define VALUES_6  "VALUES (?, ?, ?, ?, ?, ?)"
#define VALUES_7  "VALUES (?, ?, ?, ?, ?, ?, ?)"
#define VALUES_13 "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
#define VALUES_14 "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
#define VALUES_18 "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
#define VALUES_32                                                                                  \
	"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "   \
	"?, ?, ?, ?, ?, ?)"

/* What store_jobs asks in every form: ?1 queue, ?2 and ?3 keys between, ?4 and ?5 created
 * between, ?6 and ?7 first and last name, ?8 and ?9 first and last definition, ?10 status
 * or -1, ?11 how many, ?12 and ?13 first and last share or NULL. */
#define LIST(index, status) "SELECT " COLUMNS_JOB " FROM job INDEXED BY " index " WHERE " status   \
	" AND parent IS NULL AND queue = ?1 AND key > ?2 AND key < ?3"                             \
	" AND created > ?4 AND created < ?5"                                                       \
	" AND name BETWEEN ?6 AND ?7 AND definition BETWEEN ?8 AND ?9"                             \
	" AND (?12 IS NULL OR share BETWEEN ?12 AND ?13)"
#define ANY_STATUS "(?10 < 0 OR status = ?10)"
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
	  "INSERT OR REPLACE INTO environment (" COLUMNS_ENVIRONMENT ") " VALUES_18)               \
	X(DELETE_ENVIRONMENT, "DELETE FROM environment WHERE name = ?")                            \
	X(PUT_QUEUE,                                                                               \
	  "INSERT OR REPLACE INTO queue (" COLUMNS_QUEUE ") " VALUES_13)                           \
	X(DELETE_QUEUE, "DELETE FROM queue WHERE name = ?")                                        \
	X(SET_ENVIRONMENT_STATUS,                                                                  \
	  "UPDATE environment SET status = ?2, status_reason = ?3 WHERE name = ?1")                \
	X(PUT_POLICY, "INSERT OR REPLACE INTO policy (" COLUMNS_POLICY ") " VALUES_6)              \
	X(DELETE_POLICY, "DELETE FROM policy WHERE name = ?")                                      \
	/* what is spent stays spent */                                                            \
	X(PUT_CONSUMABLE,                                                                          \
	  "INSERT INTO consumable (" COLUMNS_CONSUMABLE ") " VALUES_6                              \
	  " ON CONFLICT (name) DO UPDATE SET type = excluded.type, total = excluded.total,"        \
	  " created = excluded.created, doc = excluded.doc")                                       \
	X(DELETE_CONSUMABLE, "DELETE FROM consumable WHERE name = ?")                              \
	X(SPEND,                                                                                   \
	  "UPDATE consumable SET spent = spent + ?2 WHERE name = ?1 AND type = 1")                 \
	X(INSERT_CONSUMER, "INSERT INTO consumer (consumable, job, quantity) VALUES (?, ?, ?)")    \
	X(INSERT_INSTANCE, "INSERT INTO instance (" COLUMNS_INSTANCE ") " VALUES_14)               \
	X(INSTANCE_UP, "UPDATE instance SET status = ?2, up = ?3 WHERE key = ?1")                  \
	X(INSTANCE_RECLAIMED, "UPDATE instance SET status = ?2, reclaimed = ?3 WHERE key = ?1")    \
	X(INSTANCE_TERMINATED, "UPDATE instance SET status = ?2, terminated = ?3 WHERE key = ?1")  \
	X(INSTANCE_USED, "UPDATE instance SET last_end = ?2 WHERE key = ?1")                       \
	X(PUT_DEFINITION,                                                                          \
	  "INSERT OR REPLACE INTO definition (" COLUMNS_DEFINITION ") " VALUES_7)                  \
	X(PUT_VALUE, "INSERT OR REPLACE INTO value (name, value) VALUES (?, ?)")                   \
	X(DROP_VALUES, "DELETE FROM value WHERE name >= ? AND name < ?")                           \
	X(INSERT_JOB, "INSERT INTO job (" COLUMNS_JOB ") " VALUES_32)                              \
	/* keys up to this one are given */                                                        \
	X(KEEP_KEYS, "UPDATE sqlite_sequence SET seq = ?1 WHERE name = 'job' AND seq < ?1")        \
	X(INSERT_DOC, "INSERT INTO job_doc (job, doc) VALUES (?, ?)")                              \
	X(PUT_DOC, "INSERT OR REPLACE INTO job_doc (job, doc) VALUES (?, ?)")                      \
	X(MOVE_JOB,                                                                                \
	  "UPDATE job SET status_reason = ?2, flags = ?3, ord = ?4,"                               \
	  " started = coalesce(?5, started), stopped = coalesce(?6, stopped),"                     \
	  " attempt = coalesce(?7, attempt), blocked_since = ?8, status = ?9"                      \
	  " WHERE key = ?1 RETURNING queue, parent, attempt, consume")                             \
	/* As MOVE_JOB without a new status: the index on it need not be touched. */               \
	X(TOUCH_JOB,                                                                               \
	  "UPDATE job SET status_reason = ?2, flags = ?3, ord = ?4,"                               \
	  " started = coalesce(?5, started), stopped = coalesce(?6, stopped),"                     \
	  " attempt = coalesce(?7, attempt), blocked_since = ?8"                                   \
	  " WHERE key = ?1 RETURNING queue, parent, attempt, consume")                             \
	X(INSERT_ATTEMPT,                                                                          \
	  "INSERT INTO attempt (job, number, env, slot, placed, instance, gpu_set, waits)"         \
	  " VALUES (?, ?, ?, ?, ?, ?, ?, ?)")                                                      \
	X(RELEASE_ATTEMPT, "UPDATE attempt SET released = ?3 WHERE job = ?1 AND number = ?2")      \
	X(START_ATTEMPT, "UPDATE attempt SET started = ?3 WHERE job = ?1 AND number = ?2")         \
	X(STOP_ATTEMPT, "UPDATE attempt SET stopping = ?3 WHERE job = ?1 AND number = ?2")         \
	X(END_ATTEMPT,                                                                             \
	  "UPDATE attempt SET slot = NULL, stopped = ?3, exit_code = ?4, status_reason = ?5,"      \
	  " reason = ?6 WHERE job = ?1 AND number = ?2 RETURNING instance")                        \
	X(INSERT_JOURNAL,                                                                          \
	  "INSERT INTO journal (at, kind, job, attempt, status_from, status_to, text)"             \
	  " VALUES (?, ?, ?, ?, ?, ?, ?)")                                                         \
	/* reading */                                                                              \
	X(VALUE, "SELECT value FROM value WHERE name = ?")                                         \
	X(NEXT_KEY, "SELECT seq + 1 FROM sqlite_sequence WHERE name = 'job'")                      \
	X(NEXT_INSTANCE, "SELECT seq + 1 FROM sqlite_sequence WHERE name = 'instance'")            \
	X(LAST_AT, "SELECT at FROM journal ORDER BY seq DESC LIMIT 1")                             \
	X(ENVIRONMENT, "SELECT " COLUMNS_ENVIRONMENT " FROM environment WHERE name = ?")           \
	X(ENVIRONMENTS, "SELECT " COLUMNS_ENVIRONMENT " FROM environment ORDER BY name")           \
	X(QUEUE, "SELECT " COLUMNS_QUEUE " FROM queue WHERE name = ?")                             \
	X(QUEUES, "SELECT " COLUMNS_QUEUE " FROM queue ORDER BY name")                             \
	X(POLICY, "SELECT " COLUMNS_POLICY " FROM policy WHERE name = ?")                          \
	X(POLICIES, "SELECT " COLUMNS_POLICY " FROM policy ORDER BY name")                         \
	X(CONSUMABLE, "SELECT " COLUMNS_CONSUMABLE " FROM consumable WHERE name = ?")              \
	X(CONSUMABLES, "SELECT " COLUMNS_CONSUMABLE " FROM consumable ORDER BY name")              \
	X(INSTANCE, "SELECT " COLUMNS_INSTANCE " FROM instance WHERE key = ?")                     \
	X(LIVE_INSTANCES,                                                                          \
	  "SELECT " COLUMNS_INSTANCE " FROM instance INDEXED BY instance_terminated"               \
	  " WHERE terminated IS NULL AND (?1 IS NULL OR env = ?1) ORDER BY key")                   \
	X(INSTANCES,                                                                               \
	  "SELECT * FROM ("                                                                        \
	  "SELECT " COLUMNS_INSTANCE " FROM instance INDEXED BY instance_terminated"               \
	  " WHERE terminated IS NULL UNION ALL "                                                   \
	  "SELECT " COLUMNS_INSTANCE " FROM instance INDEXED BY instance_terminated"               \
	  " WHERE terminated > ?2)"                                                                \
	  " WHERE launched < ?3 AND (?1 IS NULL OR env = ?1) ORDER BY key")                        \
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
	  "SELECT " COLUMNS_JOB ", (SELECT doc FROM job_doc WHERE job = coalesce(parent, key))"    \
	  " FROM job WHERE key = ?")                                                               \
	X(JOB_ROW, "SELECT " COLUMNS_JOB " FROM job WHERE key = ?")                                \
	X(JOB_BEFORE, "SELECT " COLUMNS_JOB " FROM job WHERE key < ? ORDER BY key DESC LIMIT 1")   \
	X(JOB_DOC, "SELECT doc FROM job_doc WHERE job = ?")                                        \
	/* ids are ASCII */                                                                        \
	X(JOB_PREFIX,                                                                              \
	  "SELECT id, key, parent FROM job WHERE id >= ?1 AND id < ?2 ORDER BY id DESC LIMIT 1")   \
	X(JOB_NAMED,                                                                               \
	  "SELECT key FROM job INDEXED BY job_name WHERE name = ?1 AND name = ?1 COLLATE BINARY"   \
	  " AND parent IS NULL ORDER BY key DESC LIMIT ?2")                                                           \
	X(NAME_COUNT,                                                                              \
	  "SELECT count(*) FROM (SELECT 1 FROM job INDEXED BY job_name"                            \
	  " WHERE name BETWEEN ?1 AND ?2 AND parent IS NULL LIMIT ?3)")                                               \
	X(DEFINITION_COUNT,                                                                        \
	  "SELECT count(*) FROM (SELECT 1 FROM job INDEXED BY job_definition"                      \
	  " WHERE definition BETWEEN ?1 AND ?2 AND parent IS NULL LIMIT ?3)")                      \
	X(SHARE_COUNT,                                                                             \
	  "SELECT count(*) FROM (SELECT 1 FROM job INDEXED BY job_share"                           \
	  " WHERE share BETWEEN ?1 AND ?2 AND parent IS NULL LIMIT ?3)")                           \
	X(CREATED_FROM, "SELECT key, created FROM job WHERE key >= ? ORDER BY key LIMIT 1")        \
	X(LAST_JOB, "SELECT max(key) FROM job")                                                    \
	X(LIST_STATUS, LIST("job_status", "status = ?10") OLDEST_FIRST)                            \
	X(LIST_STATUS_DOWN, LIST("job_status", "status = ?10") NEWEST_FIRST)                       \
	X(LIST_ALL, LIST_ALL_STATES OLDEST_FIRST)                                                  \
	X(LIST_ALL_DOWN, LIST_ALL_STATES NEWEST_FIRST)                                             \
	X(LIST_NAME, LIST("job_name", ANY_STATUS) OLDEST_FIRST)                                    \
	X(LIST_NAME_DOWN, LIST("job_name", ANY_STATUS) NEWEST_FIRST)                               \
	X(LIST_DEFINITION, LIST("job_definition", ANY_STATUS) OLDEST_FIRST)                        \
	X(LIST_DEFINITION_DOWN, LIST("job_definition", ANY_STATUS) NEWEST_FIRST)                   \
	X(LIST_SHARE, LIST("job_share", "share IS NOT NULL AND " ANY_STATUS) OLDEST_FIRST)         \
	X(LIST_SHARE_DOWN, LIST("job_share", "share IS NOT NULL AND " ANY_STATUS) NEWEST_FIRST)    \
	X(CHILDREN,                                                                                \
	  "SELECT " COLUMNS_JOB " FROM job WHERE key > ?2 AND key <= ?3 AND +parent = ?1"          \
	  " ORDER BY key LIMIT ?4")                                                                \
	X(CHILDREN_STATUS,                                                                         \
	  "SELECT " COLUMNS_JOB " FROM job INDEXED BY job_parent WHERE parent = ?1 AND key > ?2"   \
	  " AND status = ?5 ORDER BY key LIMIT ?4")                                                \
	X(FAMILY, "SELECT key, status FROM job INDEXED BY job_parent WHERE parent = ?")            \
	X(CONSUMERS,                                                                               \
	  "SELECT " COLUMNS_JOB ", quantity FROM consumer CROSS JOIN job ON key = consumer.job"    \
	  " WHERE consumable = ?1 AND consumer.job < ?2 AND (?3 < 0 OR status = ?3)"               \
	  " AND name BETWEEN ?4 AND ?5 ORDER BY consumer.job DESC LIMIT ?6")                       \
	X(ATTEMPTS, "SELECT " COLUMNS_ATTEMPT " FROM attempt WHERE job = ? ORDER BY number")       \
	X(COUNTS,                                                                                  \
	  "SELECT queue, status, count(*) FROM job INDEXED BY job_status WHERE status >= 0"        \
	  " AND parent IS NULL GROUP BY status, queue")                                                               \
	X(JOURNAL_JOB,                                                                             \
	  "SELECT seq, at, kind, job, attempt, status_from, status_to, text FROM journal"          \
	  " WHERE job = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3")                                    \
	X(JOURNAL_ALL,                                                                             \
	  "SELECT seq, at, kind, job, attempt, status_from, status_to, text FROM journal"          \
	  " WHERE ?1 = 0 AND seq > ?2 ORDER BY seq LIMIT ?3")                                      \
	/* starting again (5 is SUCCEEDED): also nodes that outlive their job */                     \
	X(LIVE_KEYS, "SELECT key FROM job INDEXED BY job_status WHERE status < 5"                  \
	  " AND parent IS NULL UNION ALL"                                                          \
	  " SELECT node.key FROM attempt INDEXED BY attempt_live"                                  \
	  " JOIN job AS node ON node.key = attempt.job"                                            \
	  " JOIN job AS parent ON parent.key = node.parent"                                        \
	  " WHERE attempt.stopped IS NULL AND parent.status >= 5")                                 \
	X(JOBS_FROM, "SELECT " COLUMNS_JOB " FROM job WHERE key >= ? ORDER BY key")                \
	X(LIVE_CHILDREN,                                                                           \
	  "SELECT " COLUMNS_JOB " FROM job INDEXED BY job_parent WHERE parent = ? AND status < 5"  \
	  " ORDER BY key")                                                                         \
	X(LIVE_ATTEMPTS,                                                                           \
	  "SELECT " COLUMNS_ATTEMPT " FROM attempt INDEXED BY attempt_live"                        \
	  " WHERE stopped IS NULL ORDER BY job")                                                   \
	/* past runs: an array's are those of its children; a job that was not made yet is what    \
	 * its parent or the last of its elder siblings is */                                      \
	X(RECENT_RUNS,                                                                             \
	  "SELECT key, kind, definition, name, started, stopped FROM job INDEXED BY job_status"    \
	  " WHERE status = 5 AND queue = ?1 AND parent IS NULL ORDER BY key DESC LIMIT ?2")        \
	X(RUNS_OF_CHILDREN,                                                                        \
	  "SELECT started, stopped FROM job INDEXED BY job_parent"                                 \
	  " WHERE parent = ?1 AND status = 5 ORDER BY key DESC LIMIT ?2")                          \
	X(JOB_WHAT,                                                                                \
	  "SELECT definition, name FROM job WHERE key <= ?1 ORDER BY key DESC LIMIT 1")            \
	/* usage of shares: what lies within the longest window, and of each attempt */            \
	X(USAGE_WINDOW,                                                                            \
	  "SELECT max(max(decay_s, 600)) FROM queue JOIN policy ON policy.name = queue.policy")    \
	X(JOURNAL_FROM, "SELECT seq, at FROM journal WHERE seq >= ? ORDER BY seq LIMIT 1")           \
	X(JOURNAL_LAST, "SELECT max(seq) FROM journal")                                            \
	X(JOURNAL_BACK, "SELECT at, kind, job, attempt FROM journal ORDER BY seq DESC")            \
	X(USAGE,                                                                                   \
	  "SELECT job.queue, job.share, job.vcpu_milli, attempt.placed, attempt.stopped,"          \
	  " max(policy.decay_s, 600)"                                                              \
	  " FROM job JOIN attempt ON attempt.job = job.key JOIN queue ON queue.name = job.queue"   \
	  " JOIN policy ON policy.name = queue.policy"                                             \
	  " WHERE job.key = ?1 AND attempt.number = ?2 AND job.share IS NOT NULL")

/* clang-format on */

enum sql {
#define X(name, text) SQL_##name,
	SQL_TABLE(X)
#undef X
	SQL_COUNT
};

#endif
