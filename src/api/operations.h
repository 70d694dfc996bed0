#ifndef JOBDECK_SRC_API_OPERATIONS_H
#define JOBDECK_SRC_API_OPERATIONS_H
#include "only_aws.h"

/* The table of operations. A new one: a row here and its function in src/api/op_*.c; its
 * request's shape is called NAMERequest and lives in a schema_*.def. */

enum { READS = false, WRITES = true };

/* ROW(protocol, method, name, path, target, writes, body_max, function, support, help, why) */
#define BATCH(ROW, name, path, writes, max, run, help)                                             \
	ROW(API_BATCH, "POST", name, "/v1/" path, NULL, writes, max, run, API_SERVED, help, NULL)
#define TAGS(ROW, method, name, writes, run, help)                                                 \
	ROW(API_BATCH, method, name, "/v1/tags/{resourceArn}", NULL, writes, 0, run, API_SERVED,   \
	    help, NULL)
#define LOGS(ROW, name, run, help)                                                                 \
	ROW(API_LOGS, "POST", name, "/", "Logs_20140328." #name, READS, 0, run, API_SERVED, help, NULL)
#define STS(ROW, name, run, help)                                                                  \
	ROW(API_STS, "POST", name, "/", "AWSSecurityTokenServiceV20110615." #name, READS, 0, run,  \
	    API_SERVED, help, NULL)
#define OURS(ROW, name, path, writes, run, help)                                                   \
	ROW(API_JOBDECK, "POST", name, "/jobdeck/" path, NULL, writes, 0, run, API_SERVED, help, NULL)
/* What only AWS can carry out: see only_aws.h. */
#define ONLY_AWS(ROW, name, path, writes, run, support, help, why)                                 \
	ROW(API_BATCH, "POST", name, "/v1/" path, NULL, writes, 0, run, support, help, why)

/* clang-format off */
#define OPERATIONS(ROW)                                                                            \
	BATCH(ROW, CreateComputeEnvironment, "createcomputeenvironment", WRITES, 0,                \
	      op_create_environment, N_("create a compute environment"))                           \
	BATCH(ROW, DescribeComputeEnvironments, "describecomputeenvironments", READS, 0,           \
	      op_describe_environments, N_("show compute environments"))                           \
	BATCH(ROW, UpdateComputeEnvironment, "updatecomputeenvironment", WRITES, 0,                \
	      op_update_environment, N_("change a compute environment"))                           \
	BATCH(ROW, DeleteComputeEnvironment, "deletecomputeenvironment", WRITES, 0,                \
	      op_delete_environment, N_("delete a compute environment"))                           \
	BATCH(ROW, CreateJobQueue, "createjobqueue", WRITES, 0,                                    \
	      op_create_queue, N_("create a job queue"))                                           \
	BATCH(ROW, DescribeJobQueues, "describejobqueues", READS, 0,                               \
	      op_describe_queues, N_("show job queues"))                                           \
	BATCH(ROW, UpdateJobQueue, "updatejobqueue", WRITES, 0,                                    \
	      op_update_queue, N_("change a job queue"))                                           \
	BATCH(ROW, DeleteJobQueue, "deletejobqueue", WRITES, 0,                                    \
	      op_delete_queue, N_("delete a job queue and terminate its jobs"))                    \
	BATCH(ROW, RegisterJobDefinition, "registerjobdefinition", WRITES, LIMIT_DEFINITION_BYTES, \
	      op_register_definition, N_("register a job definition"))                             \
	BATCH(ROW, DescribeJobDefinitions, "describejobdefinitions", READS, 0,                     \
	      op_describe_definitions, N_("show job definitions"))                                 \
	BATCH(ROW, DeregisterJobDefinition, "deregisterjobdefinition", WRITES, 0,                  \
	      op_deregister_definition, N_("retire a job definition"))                             \
	BATCH(ROW, SubmitJob, "submitjob", WRITES, LIMIT_SUBMIT_BYTES,                             \
	      op_submit_job, N_("submit a job"))                                                   \
	BATCH(ROW, DescribeJobs, "describejobs", READS, 0,                                         \
	      op_describe_jobs, N_("show jobs"))                                                   \
	BATCH(ROW, ListJobs, "listjobs", READS, 0,                                                 \
	      op_list_jobs, N_("list the jobs of a queue"))                                        \
	BATCH(ROW, CancelJob, "canceljob", WRITES, 0,                                              \
	      op_cancel_job, N_("cancel a job that has not started"))                              \
	BATCH(ROW, TerminateJob, "terminatejob", WRITES, 0,                                        \
	      op_terminate_job, N_("stop a job, whatever it is doing"))                            \
	BATCH(ROW, CancelJobs, "canceljobs", WRITES, 0,                                            \
	      op_cancel_jobs, N_("cancel up to 50 jobs that have not started"))                    \
	BATCH(ROW, TerminateJobs, "terminatejobs", WRITES, 0,                                      \
	      op_terminate_jobs, N_("stop up to 50 jobs, whatever they are doing"))                \
	BATCH(ROW, GetJobQueueSnapshot, "getjobqueuesnapshot", READS, 0,                           \
	      op_queue_snapshot, N_("show which jobs of a queue are next, and its use"))           \
	BATCH(ROW, CreateSchedulingPolicy, "createschedulingpolicy", WRITES, 0,                    \
	      op_create_policy, N_("create a fair-share scheduling policy"))                       \
	BATCH(ROW, DescribeSchedulingPolicies, "describeschedulingpolicies", READS, 0,             \
	      op_describe_policies, N_("show scheduling policies"))                                \
	BATCH(ROW, ListSchedulingPolicies, "listschedulingpolicies", READS, 0,                     \
	      op_list_policies, N_("list the ARNs of scheduling policies"))                        \
	BATCH(ROW, UpdateSchedulingPolicy, "updateschedulingpolicy", WRITES, 0,                    \
	      op_update_policy, N_("change a scheduling policy"))                                  \
	BATCH(ROW, DeleteSchedulingPolicy, "deleteschedulingpolicy", WRITES, 0,                    \
	      op_delete_policy, N_("delete a scheduling policy"))                                  \
	BATCH(ROW, CreateConsumableResource, "createconsumableresource", WRITES, 0,                \
	      op_create_consumable, N_("create a consumable resource"))                            \
	BATCH(ROW, DescribeConsumableResource, "describeconsumableresource", READS, 0,             \
	      op_describe_consumable, N_("show a consumable resource"))                            \
	BATCH(ROW, ListConsumableResources, "listconsumableresources", READS, 0,                   \
	      op_list_consumables, N_("list consumable resources"))                                \
	BATCH(ROW, UpdateConsumableResource, "updateconsumableresource", WRITES, 0,                \
	      op_update_consumable, N_("change how much there is of a consumable resource"))       \
	BATCH(ROW, DeleteConsumableResource, "deleteconsumableresource", WRITES, 0,                \
	      op_delete_consumable, N_("delete a consumable resource"))                            \
	BATCH(ROW, ListJobsByConsumableResource, "listjobsbyconsumableresource", READS, 0,         \
	      op_list_consumers, N_("list the jobs that ask for a consumable resource"))           \
	TAGS(ROW, "POST", TagResource, WRITES,                                                     \
	     op_tag_resource, N_("put tags on something that has an ARN"))                         \
	TAGS(ROW, "DELETE", UntagResource, WRITES,                                                 \
	     op_untag_resource, N_("take tags off something that has an ARN"))                     \
	TAGS(ROW, "GET", ListTagsForResource, READS,                                               \
	     op_list_tags, N_("show the tags of something that has an ARN"))                       \
	OPERATIONS_ONLY_AWS(ROW)                                                                   \
	LOGS(ROW, DescribeLogGroups, op_describe_log_groups, N_("list log groups"))                \
	LOGS(ROW, DescribeLogStreams, op_describe_log_streams, N_("list log streams"))             \
	LOGS(ROW, GetLogEvents, op_get_log_events, N_("read a log stream"))                        \
	LOGS(ROW, FilterLogEvents, op_filter_log_events, N_("search log streams"))                 \
	STS(ROW, GetCallerIdentity, op_caller_identity, N_("show whose credentials these are"))    \
	OURS(ROW, JobdeckStatus, "jobdeckstatus", READS,                                           \
	     op_jobdeck_status, N_("show the state of the server"))                                \
	OURS(ROW, JobdeckStop, "jobdeckstop", WRITES,                                              \
	     op_jobdeck_stop, N_("stop the server; jobs go on"))                                   \
	OURS(ROW, JobdeckListen, "jobdecklisten", WRITES,                                          \
	     op_jobdeck_listen, N_("take requests over TCP too"))                                  \
	OURS(ROW, JobdeckWatch, "jobdeckwatch", READS,                                             \
	     op_jobdeck_watch, N_("wait until something has changed"))                             \
	OURS(ROW, JobdeckOverview, "jobdeckoverview", READS,                                       \
	     op_jobdeck_overview, N_("show environments, queues and how many jobs they have"))     \
	OURS(ROW, JobdeckFindJobs, "jobdeckfindjobs", READS,                                       \
	     op_jobdeck_find_jobs, N_("find jobs by the beginning of their id or by name"))        \
	OURS(ROW, JobdeckEvents, "jobdeckevents", READS,                                           \
	     op_jobdeck_events, N_("read what happened, as the events that AWS would send"))        \
	OURS(ROW, JobdeckWhy, "jobdeckwhy", READS,                                                 \
	     op_jobdeck_why, N_("say what keeps a job from running, step by step"))                \
	OURS(ROW, JobdeckForecast, "jobdeckforecast", READS,                                       \
	     op_jobdeck_forecast, N_("say when the jobs that are there will run, and end"))        \
	OURS(ROW, JobdeckInstances, "jobdeckinstances", READS,                                     \
	     op_jobdeck_instances, N_("list the instances that live"))                             \
	OURS(ROW, JobdeckHold, "jobdeckhold", WRITES,                                              \
	     op_jobdeck_hold, N_("keep a waiting job from running"))                               \
	OURS(ROW, JobdeckRelease, "jobdeckrelease", WRITES,                                        \
	     op_jobdeck_release, N_("let a held job run"))                                         \
	OURS(ROW, JobdeckDrill, "jobdeckdrill", WRITES,                                            \
	     op_jobdeck_drill, N_("make trouble on purpose: reclaim, refuse capacity, block"))
/* clang-format on */

#endif
