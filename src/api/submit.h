#ifndef JOBDECK_SRC_API_SUBMIT_H
#define JOBDECK_SRC_API_SUBMIT_H
#include "internal.h"

/* SubmitJob on its way from the request to a job: each step fills more of this. */
struct submission {
	struct api_call *c;
	struct queue *queue;
	struct definition *definition;
	const cJSON *base; /* the definition's document; kept by doc_parse_again */
	enum platform platform;
	cJSON *parameters, *tags;
	/* What it runs, with overrides merged and references filled in: a container (and the
	 * ecsProperties that it came from, or NULL), or the nodes of a multi-node job. */
	cJSON *container, *ecs, *nodes;
	struct job *job;
	const char *doomed; /* AWS accepts it and lets it fail, for this reason; or NULL */
	cJSON *warnings;    /* what speaks against it, a list of texts; or NULL */
};

/* What was said at submission, else in the definition. */
const cJSON *submit_said(const struct submission *s, const char *member);

/* submit_merge.c: container, ecs, parameters, tags; needs of the job (OVR-1, OVR-2, PAR-1). */
int submit_check_overrides(const cJSON *in, struct err *err); /* before anything is looked up */
int submit_merge(struct submission *s, struct err *err);
/* submit_nodes.c: nodes, and what each node needs (MNP-2, MNP-8). */
int submit_nodes(struct submission *s, struct err *err);
int submit_check_node_overrides(const cJSON *in, struct err *err);
/* submit_depends.c: what the job waits for (DEP-1, DEP-5..DEP-8), jobs and times. */
int submit_depends(struct submission *s, struct err *err);
/* submit_terms.c: array, share and priority, consumables, our own tags. */
int submit_terms(struct submission *s, struct err *err);
const cJSON *submit_said_priority(const struct submission *s);	  /* NULL: nobody did */
const cJSON *submit_said_consumables(const struct submission *s); /* OVR-2 */
/* submit_preflight.c: fills `warnings` when our own client asks for them. `doc` is the job's. */
int submit_preflight(struct submission *s, const cJSON *doc, struct err *err);

#endif
