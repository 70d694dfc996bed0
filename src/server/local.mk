noinst_LIBRARIES += libserver.a
libserver_a_SOURCES = %D%/address.c %D%/admit.c %D%/auth.c %D%/http.c %D%/keys.c %D%/listen.c %D%/patience.c %D%/request.c %D%/server.c \
	%D%/address.h %D%/admit.h %D%/auth.h %D%/http.h %D%/listen.h %D%/patience.h %D%/request.h include/jobdeck/server/keys.h include/jobdeck/server/server.h
