noinst_LIBRARIES += libsim.a
libsim_a_SOURCES = %D%/agenda.c %D%/agenda.h %D%/sim.c include/jobdeck/sim/sim.h
