noinst_LIBRARIES += libengine.a
libengine_a_SOURCES = %D%/act.c %D%/commands.c %D%/engine.c %D%/launch.c %D%/logs.c %D%/pool.c %D%/turn.c \
	%D%/internal.h include/jobdeck/engine/engine.h
