#ifndef PROP_MADE_UP_LOOP_H
#define PROP_MADE_UP_LOOP_H
#include "jobdeck/base/time.h"
#include "jobdeck/loop/loop.h"

/* loop/loop.h and base/time.h's clocks on a made-up clock, in place of the real ones: only
 * timers and hooks, no descriptors, no children. The program is linked with
 * --wrap=time_wall,--wrap=time_mono. */
void made_up_set(jd_time now);
/* Lets time pass until nothing is left to happen, or until just before `until`; then it is
 * `until`. */
void made_up_run(struct loop *l, jd_time until);

#endif
