# sources of store
noinst_LIBRARIES += libstore.a
libstore_a_SOURCES = %D%/counts.c %D%/family.c %D%/internal.h %D%/joblist.c %D%/jobs.c %D%/journal.c \
	%D%/lists.c %D%/lists.h %D%/read.c %D%/record.c %D%/record_places.c %D%/replay.c %D%/replay.h \
	%D%/replay_places.c %D%/row_places.c %D%/rows.c %D%/schema.c %D%/sql.h %D%/statement.c \
	%D%/store.c %D%/usage.c include/jobdeck/store/store.h
libstore_a_SOURCES += %D%/tokens.c
libstore_a_SOURCES += %D%/runs.c
