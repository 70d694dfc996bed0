noinst_LIBRARIES += libapi.a
libapi_a_SOURCES = %D%/api.c %D%/check.c %D%/check_container.c %D%/check_definition.c \
	%D%/check_environment.c %D%/check_nodes.c %D%/check_queue.c %D%/check_resources.c %D%/check_retry.c \
	%D%/consumables.c %D%/ecs.c %D%/environment.c %D%/internal.h %D%/log_page.c %D%/log_page.h %D%/merge.c %D%/name.c %D%/op.c \
	%D%/op_caller_identity.c %D%/op_definition.c %D%/op_describe_jobs.c %D%/op_describe_log_streams.c %D%/op_drill.c %D%/op_environment.c \
	%D%/op_get_log_events.c %D%/op_hold.c %D%/op_instances.c %D%/op_jobdeck.c %D%/op_list_jobs.c %D%/op_overview.c %D%/op_queue.c \
	%D%/op_stop_job.c %D%/op_submit_job.c %D%/op_update_environment.c %D%/op_watch.c %D%/op_why.c %D%/operations.h %D%/page.c \
	%D%/query.c %D%/query.h %D%/queue.c %D%/reap.c %D%/reply.c %D%/schema.c %D%/schema_batch.c %D%/schema_jobdeck.c \
	%D%/schema_logs.c %D%/schema_sts.c %D%/show_family.c %D%/show_job.c %D%/stream.c %D%/submit.h %D%/submit_depends.c %D%/submit_merge.c \
	%D%/submit_nodes.c %D%/submit_preflight.c %D%/submit_terms.c %D%/tags.c %D%/tags.h \
	%D%/schema_declare.h %D%/schema_define.h %D%/schema_list.h %D%/schema_shapes.h %D%/schema_undef.h \
	%D%/schema_batch.def %D%/schema_batch_common.def %D%/schema_batch_container.def \
	%D%/schema_batch_definition.def %D%/schema_batch_eks.def %D%/schema_batch_environment.def \
	%D%/schema_batch_job.def %D%/schema_batch_queue.def %D%/schema_batch_service.def \
	%D%/schema_jobdeck.def %D%/schema_logs.def %D%/schema_sts.def \
	include/jobdeck/api/api.h include/jobdeck/api/op.h include/jobdeck/api/schema.h
libapi_a_SOURCES += %D%/schema_answer.c %D%/schema_batch_answer_definition.def \
	%D%/schema_batch_answer_environment.def %D%/schema_batch_answer_job.def \
	%D%/schema_batch_answer_queue.def %D%/schema_batch_answer_service.def
libapi_a_SOURCES += %D%/only_aws.h %D%/op_only_aws.c %D%/op_tags.c %D%/refused.c %D%/route.c
libapi_a_SOURCES += %D%/log_merge.c %D%/log_merge.h %D%/log_pattern.c %D%/log_pattern.h \
	%D%/op_filter_log_events.c %D%/stream.h %D%/stream_list.c
libapi_a_SOURCES += %D%/name_filter.c %D%/name_filter.h %D%/op_consumable.c %D%/op_list_consumers.c \
	%D%/op_policy.c %D%/op_queue_snapshot.c %D%/policy.c %D%/token.c
libapi_a_SOURCES += %D%/quota.c
libapi_a_SOURCES += %D%/event.c %D%/event.h %D%/hooks.c %D%/op_events.c
libapi_a_SOURCES += %D%/whatif.c %D%/whatif.h %D%/whatif_read.c %D%/workload.c %D%/workload.h %D%/workload_job.c %D%/workload_known.c \
	include/jobdeck/api/whatif.h include/jobdeck/api/workload.h
libapi_a_SOURCES += %D%/guess.c %D%/guess.h %D%/op_forecast.c
