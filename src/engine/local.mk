noinst_LIBRARIES += libengine.a
libengine_a_SOURCES = %D%/act.c %D%/commands.c %D%/engine.c %D%/jobs.c %D%/launch.c %D%/logs.c %D%/pool.c %D%/recover.c \
	%D%/turn.c %D%/variables.c \
	%D%/internal.h include/jobdeck/engine/engine.h
