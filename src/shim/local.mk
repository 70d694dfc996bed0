noinst_LIBRARIES += libshim.a
libshim_a_SOURCES = %D%/joblog_reader.c %D%/joblog_writer.c %D%/joblog_private.h %D%/spec.c %D%/state.c \
	include/jobdeck/shim/joblog.h include/jobdeck/shim/proto.h

# Only libc besides: it starts once for every attempt.
pkglibexec_PROGRAMS += jobdeck-shim
jobdeck_shim_SOURCES = %D%/main.c %D%/control.c %D%/control.h %D%/job.c %D%/job.h
jobdeck_shim_LDFLAGS = $(AM_LDFLAGS) $(SHIM_LDFLAGS)
jobdeck_shim_LDADD = libshim.a libbase.a
