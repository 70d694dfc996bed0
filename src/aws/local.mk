noinst_LIBRARIES += libaws.a
libaws_a_SOURCES = %D%/canonical.c %D%/credentials.c %D%/fault.c %D%/sigv4.c %D%/verify.c %D%/internal.h \
	include/jobdeck/aws/credentials.h include/jobdeck/aws/sigv4.h
