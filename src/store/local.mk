# sources of store
noinst_LIBRARIES += libstore.a
libstore_a_SOURCES = %D%/counts.c %D%/internal.h %D%/jobs.c %D%/read.c %D%/record.c %D%/replay.c \
	%D%/rows.c %D%/schema.c %D%/sql.h %D%/statement.c %D%/store.c \
	include/jobdeck/store/store.h
