noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = %D%/buf.c %D%/crash.c %D%/err.c %D%/fs.c %D%/home.c %D%/json.c %D%/log.c \
	%D%/mem.c %D%/settings.c %D%/text.c %D%/time.c %D%/uri.c %D%/uuid.c \
	include/jobdeck/base/buf.h include/jobdeck/base/crash.h include/jobdeck/base/err.h \
	include/jobdeck/base/fs.h include/jobdeck/base/home.h include/jobdeck/base/i18n.h \
	include/jobdeck/base/json.h include/jobdeck/base/log.h include/jobdeck/base/mem.h \
	include/jobdeck/base/settings.h include/jobdeck/base/text.h include/jobdeck/base/time.h \
	include/jobdeck/base/uri.h include/jobdeck/base/uuid.h
libbase_a_SOURCES += %D%/settings_hooks.c %D%/settings_hooks.h
