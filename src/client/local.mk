noinst_LIBRARIES += libclient.a
libclient_a_SOURCES = %D%/client.c %D%/embedded.c %D%/start.c %D%/transfer.c %D%/unix.c \
	%D%/call.h %D%/start.h %D%/transfer.h include/jobdeck/client/client.h
