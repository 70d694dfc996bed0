noinst_LIBRARIES += libsim.a
libsim_a_SOURCES = %D%/agenda.c %D%/agenda.h %D%/book.c %D%/book.h %D%/cost.c %D%/forecast.c %D%/report.c %D%/sim.c \
	%D%/track.c include/jobdeck/sim/forecast.h include/jobdeck/sim/sim.h
