#ifndef JOBDECK_SRC_API_INTERNAL_H
#define JOBDECK_SRC_API_INTERNAL_H
#include "jobdeck/api/api.h"
#include "jobdeck/api/op.h"
#include "jobdeck/api/schema.h"
#include "jobdeck/base/buf.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/engine/engine.h"
#include "operations.h"

/* One request on its way. An operation reads `in`, which has passed its schema, and fills
 * `out`; what it answers is sent when everything done so far is on disk. */
struct api_call {
	struct api *api;
	struct engine *engine;
	struct store *store;
	enum api_protocol protocol;
	const struct api_op *op;
	const struct api_caller *caller; /* while the operation runs; NULL: the owner */
	bool xml;			 /* answered in XML */
	cJSON *in, *out;
	char request_id[UUID_SIZE];
	cJSON *warnings; /* call_warn's, until the operation is over; or NULL */
	const struct api_error *refusal; /* goes out instead of the error it failed with */
	bool later; /* set by an operation that will call call_answer itself */
	bool stop;  /* set by JobdeckStop: stop once this is answered */
	void *wait; /* what such an operation waits with, */
	void (*forget)(struct api_call *c); /* and how to let go of it */
};

/* 0, or -1 with the error to answer: ERR_INVALID, ERR_NOT_FOUND and ERR_CONFLICT become a
 * ClientException, what the system refused a ServerException. */
typedef int api_run(struct api_call *c, struct err *err);

/* Every operation's function: op_*.c. */
#define DECLARE_RUN(protocol, method, name, path, target, writes, max, run, support, help, why)    \
	api_run run;
OPERATIONS(DECLARE_RUN)
#undef DECLARE_RUN

/* op.c: what only the API itself needs to know about an operation, at the same place as its
 * row in api_ops. */
struct api_row {
	api_run *run;
	const char *shape; /* of the request, by name */
	size_t body_max;   /* bytes; 0: as much as the transport lets through */
};
extern const struct api_row api_rows[];

/* route.c. `path` decoded, `query` as on the wire or NULL. */
const struct api_op *op_route(const char *method, const char *path, const char *target);
const struct api_op *op_named(enum api_protocol p, const char *name);
/* Puts members that the request has in its path and query into `in`. */
int op_bind(const struct api_op *op, const struct schema *shape, const char *path,
	    const char *query, cJSON *in, struct err *err);

/* op_caller_identity.c. Caller frees. */
char *caller_arn(const struct api_call *c);

/* refused.c: members and values that only AWS has a use for, refused for all operations. */
int check_refused(const struct api_op *op, const cJSON *in, struct err *err);

/* api.c */
struct api {
	struct engine *engine;
	struct api_options o;
	jd_time started;
	bool checks_answers; /* JOBDECK_CHECK_ANSWERS: against their shapes, for tests */
	const struct schema **shapes; /* of api_ops, in their order */
	struct api_pending *pending;  /* all that are not answered */
	/* quota.c */
	jd_time submit_at;
	double submits_left;
	/* reap.c */
	struct engine_watch *reap_watch; /* while something is being deleted */
	struct hooks *hooks; /* hooks.c; NULL: there are none */
	/* stream.c */
	struct log_names *log_names; /* what definitions say of their logs */
	/* show_job.c: the last document that doc_parse_again was asked for */
	char *last_text;
	cJSON *last_doc;
	/* op_forecast.c */
	struct forecast_run *forecasts; /* that are not done */
	int64_t forecast_last;		/* id */
};
/* Answers a call that said `later`; `err` NULL: with its `out`. The call is gone after. */
void call_answer(struct api_call *c, const struct err *err);

/* reply.c: the answer as bytes. The caller frees what reply_fini frees. */
struct reply {
	struct api_reply reply;
	char *body;
};
void reply_make(struct reply *r, const struct api_call *c, const struct err *err);
/* No such operation, or a body that is no JSON: errors of the protocol, before any row. */
enum reply_protocol { REPLY_UNKNOWN_OPERATION, REPLY_SERIALIZATION };
void reply_protocol_error(struct reply *r, const struct api_call *c, enum reply_protocol what,
			  const char *text);
void reply_refusal(struct reply *r, const struct api_call *c, const struct api_error *e);
void reply_fini(struct reply *r);

/* quota.c: AWS's quotas: a warning, or with strict_aws an error. Warnings of any kind go out as
 * the answer's "jobdeckWarnings", a list of sentences, which AWS's SDKs ignore. */
int check_quotas(struct api_call *c, struct err *err);
void call_warn(struct api_call *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void call_add_warnings(struct api_call *c);

/* name.c: things by name or ARN. What is returned is the caller's to free. NULL with
 * ERR_NOT_FOUND when there is none (or it is DELETED). */
struct environment *find_environment(struct api_call *c, const char *text, struct err *err);
struct queue *find_queue(struct api_call *c, const char *text, struct err *err);
/* Policies are named by ARN alone; a bare name is taken as well. */
struct policy *find_policy(struct api_call *c, const char *text, struct err *err);
struct consumable *find_consumable(struct api_call *c, const char *text, struct err *err);
/* NAME, NAME:REVISION or ARN; no revision: the newest ACTIVE one (JD-1). */
struct definition *find_definition(struct api_call *c, const char *text, struct err *err);
/* Splits such a text. `name` has room for LIMIT_NAME + 1; revision 0: none was given. */
int definition_split(const char *text, char *name, int *revision, struct err *err);
/* Sets ERR_NOT_FOUND, "ARN does not exist" (ID-7). Always -1. */
int does_not_exist(const struct api_call *c, const char *kind, const char *name, struct err *err);
/* Can this be the id or ARN of a job, child or node (ID-2)? */
bool is_job_id(const char *text);
/* Key of a job by id or ARN, of a child or node too; 0: there is none; -1: it could not be
 * read. */
int64_t find_job_key(struct api_call *c, const char *text, struct err *err);
/* The job as it stands. NULL with err->kind ERR_NONE: there is none. */
struct job *find_job(struct api_call *c, const char *text, struct err *err);
/* The ARN of a thing, added to `obj` as `member`. */
void add_arn(const struct api_call *c, cJSON *obj, const char *member, const char *kind,
	     const char *name);

/* page.c: lists in pages. The token says where to go on, opaquely; it is bound to the
 * operation and to what was asked for, and is good after a restart too. */
#define PAGE_POSITION_SIZE 640
void page_add_token(struct api_call *c, const char *member, const char *asked,
		    const char *position);
/* Where the request goes on; "" for the first page (also for a token ""). */
int page_position(const struct api_call *c, const char *asked, char out[PAGE_POSITION_SIZE],
		  struct err *err);
/* maxResults, at most and by default `most`; less than 1 is refused. */
int page_size(const struct api_call *c, const char *member, int most, int *size, struct err *err);

/* check.c: rules that no schema has, each for any operation. */
int check_name(const char *what, const char *name, struct err *err);   /* ID-4 */
int check_tags(const cJSON *in, struct err *err);		       /* section 12 */
int check_count(const cJSON *in, const char *member, struct err *err); /* ID-8 */
int check_reason(const cJSON *in, struct err *err);		       /* CX-4 */
int check_bulk(const cJSON *in, struct err *err); /* `jobs` of CancelJobs and the like */
/* Members that Jobdeck has no engine for yet: refused, never silently ignored. */
int check_absent(const cJSON *in, const char *const *members, struct err *err);

/* check_retry.c */
int check_retry(const cJSON *strategy, struct err *err);	    /* RT-1, RT-2, RT-4 */
void retry_tidy(cJSON *strategy);				    /* as AWS shows it back */
void retry_read(const cJSON *strategy, struct retry_strategy *out); /* NULL: one attempt */
int check_timeout(const cJSON *timeout, struct err *err);	    /* TO-1 */

/* check_definition.c, check_nodes.c */
int check_definition(const cJSON *in, struct err *err);
int check_priority(const cJSON *in, const char *member, struct err *err); /* FS-8 */
int check_nodes(const cJSON *properties, struct err *err);		    /* MNP-1..MNP-4 */
/* nodeRangeProperties as ranges that cover all nodes; returns how many (LIMIT_NODE_RANGES at
 * most), or -1. */
struct node_range;
int nodes_read_ranges(const cJSON *properties, struct node_range *out, struct err *err);
/* What a range's nodes run, as containerProperties; the caller deletes. NULL on error. */
cJSON *node_range_container(const cJSON *range, struct err *err);

/* ecs.c: ecsProperties (RES-7). */
int check_ecs(const cJSON *ecs, enum platform p, struct err *err);
/* The only container of the task; NULL, ERR_INVALID: it has not exactly one. Borrowed. */
const cJSON *ecs_only_container(const cJSON *ecs, struct err *err);
/* A container of the task as containerProperties; the caller deletes. */
cJSON *ecs_container(const cJSON *ecs, const cJSON *container);
/* *out: what ecsPropertiesOverride says of that container, borrowed; NULL: nothing. */
int ecs_override(const cJSON *override, const cJSON *container, const cJSON **out,
		 struct err *err);

/* consumables.c */
int check_consumables(const cJSON *properties, struct err *err); /* CR-1; NULL: none */
/* Adds so many times what was said, checked before, to what the job takes. */
int consumables_read(struct api_call *call, struct job *job, const cJSON *properties, int times,
		     struct err *err);

/* check_container.c, check_resources.c */

enum platform platform_of(const cJSON *doc); /* of a definition or a job */
int check_container(const cJSON *container, enum platform p, struct err *err);
int check_environment_names(const cJSON *list, struct err *err); /* OVR-3 */
int check_command(const cJSON *command, struct err *err);	 /* OVR-1 */
/* What a container asks for (RES-1, RES-3); legacy vcpus and memory count where
 * resourceRequirements are silent. */
int resources_read(const cJSON *container, enum platform p, struct resources *out, struct err *err);
int check_requirements(const cJSON *list, enum platform p, struct err *err);

/* merge.c: what a job becomes of its definition and its submission. */
cJSON *merge_map(const cJSON *base, const cJSON *over);	      /* of strings; never NULL */
cJSON *merge_container(const cJSON *base, const cJSON *over); /* OVR-1 */
int merge_refs(cJSON *container, const cJSON *parameters, struct err *err); /* PAR-1, PAR-2 */

/* show_*.c: stored things as the API shows them. */
cJSON *show_environment(const struct api_call *c, const struct environment *e);
cJSON *show_queue(const struct api_call *c, const struct queue *q);
cJSON *show_policy(const struct api_call *c, const struct policy *p);
cJSON *show_definition(const struct api_call *c, const struct definition *d);
cJSON *show_job(struct api_call *c, const struct job *j);
cJSON *show_job_summary(struct api_call *c, const struct job *j);
/* show_family.c: what arrays, multi-node jobs and their children have more than others:
 * arrayProperties, nodeProperties, nodeDetails (ARR-7, MNP-5). `doc` is the job's document. */
void add_family(struct api_call *c, cJSON *out, const struct job *j, const cJSON *doc);
void add_family_summary(struct api_call *c, cJSON *out, const struct job *j);
void add_pool(const struct api_call *c); /* op_jobdeck.c: seq, now, pool, used */
cJSON *show_resources(struct resources r); /* op_jobdeck.c: vcpus, memory, gpus */
cJSON *doc_parse(const char *doc);	 /* never NULL: what we stored, or {} */
/* The same for documents that come again and again, such as the definition of a thousand jobs:
 * the last one is kept. Borrowed, until the next call. */
const cJSON *doc_parse_again(struct api *a, const char *doc);

/* environment.c, check_environment.c, queue.c: the scheduler's part of the document. What is
 * read of it replaces what was there; desired_vcpus is left to the caller (CE-7). */
void environment_read(struct environment *e, const cJSON *doc);
int environment_check(const struct environment *e, const cJSON *doc, struct err *err);
/* vCPUs that it has or is to have, as AWS shows them: EC2 and SPOT. */
int64_t environment_desired(const struct api_call *c, const struct environment *e);
bool environment_is_fargate(const struct environment *e);
enum platform environment_platform(const struct environment *e);
/* Of its instance types, as EC2 and SPOT have them (IT-1). */
int environment_arch(const struct environment *e, enum arch *arch, struct err *err);
/* JQ-2: fills q->env from the list. */
int queue_read_order(struct api_call *c, struct queue *q, const cJSON *order, struct err *err);
int queue_read_policy(struct api_call *c, struct queue *q, bool is_new, struct err *err);
int queue_read_limits(struct queue *q, const cJSON *actions, struct err *err); /* NULL: as before */

/* policy.c: FS-1, FS-2. NULL: nothing was said. */
int policy_read(struct policy *p, const cJSON *fair, struct err *err);

/* token.c: a request with a clientToken that comes again within 8 hours is answered as before.
 * 1: it was (c->out is made); 0: it is new, or has no token; -1: the token was used for another
 * request. After it was carried out, token_keep. */
int token_seen(struct api_call *c, struct err *err);
int token_keep(struct api_call *c, struct err *err);

/* reap.c: what is DELETING goes when nothing of it lives any more: now, or later by itself. */
int reap_start(struct api *a, struct err *err);
void reap_stop(struct api *a);

/* op_forecast.c: forecasts that are not done are forgotten. */
void forecast_stop_all(struct api *a);

#endif
