noinst_LIBRARIES += libsched.a
libsched_a_SOURCES = %D%/attempt.c %D%/bits.c %D%/bits.h %D%/blocked.c %D%/clone.c %D%/consume.c %D%/front.c %D%/core.c %D%/delay.c %D%/depend.c %D%/envs.c \
	%D%/evidence.c %D%/evidence.h %D%/explain.c %D%/family.c %D%/family.h %D%/gang.c %D%/gang_place.c %D%/hash.c %D%/internal.h %D%/ladder.h %D%/instances.c %D%/jobs.c %D%/line.c %D%/order.c %D%/pairs.c \
	%D%/place.c %D%/policy.c %D%/preflight.c %D%/queues.c %D%/scale.c %D%/share.c %D%/spot.c %D%/strategy.c %D%/submit.c \
	%D%/timeout.c %D%/use.c %D%/view.c %D%/why.c %D%/why_line.c %D%/why_place.c %D%/why_share.c include/jobdeck/sched/core.h
