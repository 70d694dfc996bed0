#ifndef JOBDECK_CATALOG_CATALOG_H
#define JOBDECK_CATALOG_CATALOG_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "jobdeck/base/err.h"
#include "jobdeck/model/enums.h"

/* What instance types and Fargate sizes there are, what is in them and what they cost: data
 * compiled in, and pure questions about it. Nothing here allocates, fails for want of
 * something, or changes; every pointer given out is good for ever. Money is micro-USD per
 * hour as AWS asks in us-east-1 (1,000,000 = one dollar). */

struct instance_type {
	const char *name, *family; /* "c5.large", "c5" */
	int vcpus;
	int64_t memory_mib; /* nominal; what jobs get of it: catalog_offered_mib */
	int gpus;
	const char *gpu_model; /* NULL when there are none */
	enum arch arch;
	int64_t price_micro_usd_hour; /* on demand, Linux */
};

enum {
	CATALOG_MAX = 256, /* there are never more types than this */
	/* The index of "local.host": this whole machine as one shared instance, which is what
	 * `optimal` means here. Its vcpus, memory_mib, gpus and price are 0 in the catalog: the
	 * pool says what it has, and catalog_local_price what that would cost. Its arch is that of
	 * AWS's `optimal` (x86_64) whatever this machine is, so that the same list of types is
	 * accepted everywhere. */
	CATALOG_LOCAL_HOST = 0,
};

/* The i-th type, NULL from catalog_count() on. After local.host by family (alphabetically),
 * within it by size. Indexes are of this build: store names, never indexes. */
const struct instance_type *catalog_at(int i);
int catalog_count(void);
int catalog_index(const struct instance_type *t); /* of a type that came from here */
/* By name, exactly; NULL if there is none. Sizes only: "c5" is none. */
const struct instance_type *catalog_find(const char *name);
bool catalog_is_family(const char *name);

/* What an environment's instanceTypes stand for (IT-1), as indexes: sizes (`c5.large`),
 * families (`c5`: all its sizes, the cheapest per vCPU first, of equal ones the smaller first),
 * `optimal` (local.host), `default_x86_64` and `default_arm64` (their families one after the
 * other). In the order of the list; what stands there twice counts the first time. Returns how
 * many went to out[0..max), or -1: unknown types and lists of two architectures are
 * ERR_INVALID in AWS's words, and so is a result that does not fit (CATALOG_MAX always does). */
int catalog_expand(const char *const *names, int n, uint16_t *out, int max, struct err *err);
/* `optimal` or `default_*`: what ordered allocation strategies refuse. */
bool catalog_is_bundle(const char *name);

/* Memory for jobs: less than nominal (RES-6). `reserve_milli` thousandths of it are the
 * machine's own (kernel, firmware), and CATALOG_AGENT_MIB more Batch's. 0 for local.host, whose
 * pool has its own reserve. */
enum {
	CATALOG_AGENT_MIB = 32,
	CATALOG_RESERVE_MILLI = 25, /* m4.large: 8192 -> 7988 (AWS: 7985), less 32 */
};
int64_t catalog_offered_mib(const struct instance_type *t, int reserve_milli);

/* What so much of local.host costs: as much as the x86_64 m-family that is cheapest per vCPU. [I]
 * It is not billed; it makes forecasts and environments comparable. */
int64_t catalog_local_price(int64_t vcpu_milli);


/* Fargate's sizes (RES-3): for each of these vCPUs memory from least to most in steps. */
struct fargate_size {
	int64_t vcpu_milli;
	int64_t least_mib, most_mib;
	int64_t step_mib; /* 0: doubling */
};
const struct fargate_size *catalog_fargate_at(int i); /* ascending; NULL at the end */
bool catalog_fargate_pair(int64_t vcpu_milli, int64_t memory_mib);
/* The smallest legal memory of at least `memory_mib` for these vCPUs; 0: there is none. */
int64_t catalog_fargate_memory(int64_t vcpu_milli, int64_t memory_mib);
/* For error texts: the legal memory sizes, "512, 1024, 2048", or the legal vCPUs, "0.25, 0.5,
 * 1". "" for vCPUs that are not legal. Text longer than CATALOG_FARGATE_TEXT - 1 never comes. */
enum { CATALOG_FARGATE_TEXT = 256 };
void catalog_fargate_memory_text(int64_t vcpu_milli, char *out, size_t size);
void catalog_fargate_vcpu_text(char *out, size_t size);

/* What a Fargate size costs, us-east-1, Linux (vantage.sh/blog/fargate-pricing). Fargate Spot's
 * price floats; AWS says "up to 70% off", and that is what is taken. [I] 0 for no legal size. */
enum { CATALOG_FARGATE_SPOT_PERCENT = 30 };
int64_t catalog_fargate_price(int64_t vcpu_milli, int64_t memory_mib, enum arch arch, bool spot);

#endif
