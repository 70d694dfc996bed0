noinst_LIBRARIES += libserver.a
libserver_a_SOURCES = %D%/http.c %D%/keys.c %D%/listen.c %D%/request.c %D%/server.c \
	%D%/http.h %D%/listen.h %D%/request.h include/jobdeck/server/keys.h include/jobdeck/server/server.h
