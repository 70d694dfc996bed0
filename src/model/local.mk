noinst_LIBRARIES += libmodel.a
libmodel_a_SOURCES = %D%/arn.c %D%/enums.c %D%/model.c %D%/nodes.c %D%/retry.c \
	include/jobdeck/model/arn.h include/jobdeck/model/consumable.h include/jobdeck/model/definition.h include/jobdeck/model/enums.h \
	include/jobdeck/model/environment.h include/jobdeck/model/fact.h include/jobdeck/model/instance.h include/jobdeck/model/job.h \
	include/jobdeck/model/limits.h include/jobdeck/model/nodes.h include/jobdeck/model/policy.h include/jobdeck/model/queue.h include/jobdeck/model/reason.h \
	include/jobdeck/model/resources.h include/jobdeck/model/retry.h
libmodel_a_SOURCES += %D%/logs.c include/jobdeck/model/logs.h
