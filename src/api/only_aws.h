#ifndef JOBDECK_SRC_API_ONLY_AWS_H
#define JOBDECK_SRC_API_ONLY_AWS_H

/* The operations that only AWS can carry out, as rows of the table in operations.h: SageMaker's
 * service jobs and their environments, and quota shares, which only their queues have.
 * Nothing of the kind can exist here, so lists are empty, what is named does not exist, and
 * what would make one is refused. */

#define WHY_SAGEMAKER N_("needs SageMaker AI, which only AWS has")

/* clang-format off */
#define OPERATIONS_ONLY_AWS(ROW)                                                                   \
	ONLY_AWS(ROW, CreateServiceEnvironment, "createserviceenvironment", WRITES,                \
		 op_refuse, API_REFUSED, N_("create a service environment"),                       \
		 WHY_SAGEMAKER)                                                                    \
	ONLY_AWS(ROW, DescribeServiceEnvironments, "describeserviceenvironments", READS,           \
		 op_no_service_environments, API_EMPTY, N_("show service environments"),           \
		 WHY_SAGEMAKER)                                                                    \
	ONLY_AWS(ROW, UpdateServiceEnvironment, "updateserviceenvironment", WRITES,                \
		 op_no_service_environment, API_EMPTY, N_("change a service environment"),         \
		 WHY_SAGEMAKER)                                                                    \
	ONLY_AWS(ROW, DeleteServiceEnvironment, "deleteserviceenvironment", WRITES,                \
		 op_no_service_environment, API_EMPTY, N_("delete a service environment"),         \
		 WHY_SAGEMAKER)                                                                    \
	ONLY_AWS(ROW, SubmitServiceJob, "submitservicejob", WRITES,                                \
		 op_refuse, API_REFUSED, N_("submit a service job"), WHY_SAGEMAKER)                \
	ONLY_AWS(ROW, DescribeServiceJob, "describeservicejob", READS,                             \
		 op_no_service_job, API_EMPTY, N_("show a service job"), WHY_SAGEMAKER)            \
	ONLY_AWS(ROW, ListServiceJobs, "listservicejobs", READS,                                   \
		 op_no_service_jobs, API_EMPTY, N_("list service jobs"), WHY_SAGEMAKER)            \
	ONLY_AWS(ROW, UpdateServiceJob, "updateservicejob", WRITES,                                \
		 op_no_service_job, API_EMPTY, N_("change a service job's priority"),              \
		 WHY_SAGEMAKER)                                                                    \
	ONLY_AWS(ROW, TerminateServiceJob, "terminateservicejob", WRITES,                          \
		 op_end_no_service_job, API_EMPTY, N_("stop a service job"), WHY_SAGEMAKER)        \
	ONLY_AWS(ROW, TerminateServiceJobs, "terminateservicejobs", WRITES,                        \
		 op_end_no_service_jobs, API_EMPTY, N_("stop up to 50 service jobs"),              \
		 WHY_SAGEMAKER)                                                                    \
	ONLY_AWS(ROW, CreateQuotaShare, "createquotashare", WRITES,                                \
		 op_refuse, API_REFUSED, N_("create a quota share"), WHY_SAGEMAKER)                \
	ONLY_AWS(ROW, DescribeQuotaShare, "describequotashare", READS,                             \
		 op_no_quota_share, API_EMPTY, N_("show a quota share"), WHY_SAGEMAKER)            \
	ONLY_AWS(ROW, UpdateQuotaShare, "updatequotashare", WRITES,                                \
		 op_no_quota_share, API_EMPTY, N_("change a quota share"), WHY_SAGEMAKER)          \
	ONLY_AWS(ROW, DeleteQuotaShare, "deletequotashare", WRITES,                                \
		 op_no_quota_share, API_EMPTY, N_("delete a quota share"), WHY_SAGEMAKER)          \
	ONLY_AWS(ROW, ListQuotaShares, "listquotashares", READS,                                   \
		 op_no_quota_shares, API_EMPTY, N_("list the quota shares of a queue"),            \
		 WHY_SAGEMAKER)
/* clang-format on */

#endif
