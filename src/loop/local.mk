noinst_LIBRARIES += libloop.a
libloop_a_SOURCES = %D%/loop.c %D%/spawn.c %D%/loop_private.h include/jobdeck/loop/loop.h
