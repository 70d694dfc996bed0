noinst_LIBRARIES += libcatalog.a
libcatalog_a_SOURCES = %D%/catalog.c %D%/expand.c %D%/fargate.c %D%/instance_types.def %D%/internal.h \
	include/jobdeck/catalog/catalog.h
