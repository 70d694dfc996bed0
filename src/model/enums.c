#include "config.h"
#include "jobdeck/model/enums.h"
#include <string.h>
#include "jobdeck/base/mem.h"

#define TEXT(v) #v,
#define ENUM_DEFINE(tag, TABLE)                                                                    \
	static const char *const tag##_texts[] = { TABLE(TEXT) };                                  \
	const char *tag##_name(enum tag value)                                                     \
	{                                                                                          \
		return (size_t)value < ARRAY_LEN(tag##_texts) ? tag##_texts[value] : "?";          \
	}                                                                                          \
	bool tag##_parse(const char *text, enum tag *value)                                        \
	{                                                                                          \
		for (size_t i = 0; i < ARRAY_LEN(tag##_texts); i++) {                              \
			if (strcmp(text, tag##_texts[i]) == 0) {                                   \
				*value = (enum tag)i;                                              \
				return true;                                                       \
			}                                                                          \
		}                                                                                  \
		return false;                                                                      \
	}

ENUM_DEFINE(job_status, JOB_STATUS_TABLE)
ENUM_DEFINE(state, STATE_TABLE)
ENUM_DEFINE(ce_type, CE_TYPE_TABLE)
ENUM_DEFINE(cr_type, CR_TYPE_TABLE)
ENUM_DEFINE(status, STATUS_TABLE)
ENUM_DEFINE(jd_type, JD_TYPE_TABLE)
ENUM_DEFINE(jd_status, JD_STATUS_TABLE)
ENUM_DEFINE(cr_strategy, CR_STRATEGY_TABLE)
ENUM_DEFINE(consumable_type, CONSUMABLE_TYPE_TABLE)
ENUM_DEFINE(job_kind, JOB_KIND_TABLE)
ENUM_DEFINE(dependency_type, DEPENDENCY_TYPE_TABLE)
ENUM_DEFINE(platform, PLATFORM_TABLE)
ENUM_DEFINE(instance_status, INSTANCE_STATUS_TABLE)
ENUM_DEFINE(blocked, BLOCKED_TABLE)
ENUM_DEFINE(arch, ARCH_TABLE)

bool job_status_is_final(enum job_status s)
{
	return s == JOB_SUCCEEDED || s == JOB_FAILED;
}

bool job_status_may_follow(enum job_status from, enum job_status to)
{
#define BIT(s) (1u << JOB_##s)
	static const unsigned follows[JOB_COUNT] = {
		[JOB_SUBMITTED] = BIT(PENDING) | BIT(RUNNABLE) | BIT(FAILED),
		[JOB_PENDING] = BIT(RUNNABLE) | BIT(SUCCEEDED) | BIT(FAILED), /* array parents end here */
		[JOB_RUNNABLE] = BIT(STARTING) | BIT(FAILED),
		[JOB_STARTING] = BIT(RUNNING) | BIT(RUNNABLE) | BIT(FAILED),
		[JOB_RUNNING] = BIT(SUCCEEDED) | BIT(RUNNABLE) | BIT(FAILED),
	};
#undef BIT
	return from < JOB_COUNT && to < JOB_COUNT && (follows[from] >> to & 1);
}
