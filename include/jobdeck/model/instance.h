#ifndef JOBDECK_MODEL_INSTANCE_H
#define JOBDECK_MODEL_INSTANCE_H
#include <stdbool.h>
#include <stdint.h>
#include "jobdeck/base/time.h"
#include "jobdeck/model/enums.h"
#include "jobdeck/model/resources.h"

/* A machine that a managed EC2 or SPOT environment launched: carved out of the pool, or, of
 * type local.host, the whole machine shared. Strings are owned where the struct is. */
struct instance {
	int64_t key;	/* rises, never given twice */
	char *env, *type;
	bool spot;
	int generation; /* of its environment when it was launched */
	enum instance_status status;
	struct resources nominal; /* what it takes of the pool and of maxvCpus; local.host: 0 */
	jd_time launched, up, reclaimed, terminated; /* 0: not (yet) */
	jd_time last_end; /* of its last job; 0: it never had one (SC-3) */
};

enum { INSTANCE_ID_SIZE = 20 };
/* "i-0123456789abcdef0": always the same for a key. Returns out. */
char *instance_id(int64_t key, char out[INSTANCE_ID_SIZE]);
/* The key of such an id, or 0 when it is none. */
int64_t instance_key(const char *id);

void instance_fini(struct instance *i);

#endif
