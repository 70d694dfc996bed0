noinst_LIBRARIES += libexec.a
libexec_a_SOURCES = %D%/backend.c %D%/fake.c %D%/host.c %D%/slot.c %D%/slot.h %D%/sweep.c \
	include/jobdeck/exec/backend.h
