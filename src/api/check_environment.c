/* What may be in a compute environment (CE-5, CE-7, CE-9, SC-3, SP-1, IT-1, section 11.3). */
#include "config.h"
#include <string.h>
#include "jobdeck/catalog/catalog.h"
#include "internal.h"

enum { DELAY_LEAST_MIN = 20, DELAY_MOST_MIN = 10080 }; /* SC-3 */

/* CE-5: nothing else has a meaning on Fargate. */
static int check_fargate(const cJSON *resources, struct err *err)
{
	static const char *const allowed[] = { "type", "maxvCpus", "subnets", "securityGroupIds" };
	const cJSON *item;

	cJSON_ArrayForEach(item, resources) {
		bool ok = cJSON_IsArray(item) && !cJSON_GetArraySize(item);

		for (size_t i = 0; i < ARRAY_LEN(allowed); i++)
			ok |= strcmp(item->string, allowed[i]) == 0;
		if (!ok)
			return err_set(err, ERR_INVALID, "%s is not applicable for Fargate.",
				       item->string);
	}
	return 0;
}

/* Which strategy is for what (section 11.3); ordered ones know the place of each type. */
static const struct strategy_rule {
	enum cr_strategy strategy;
	bool ec2, spot, ordered;
} strategy_rules[] = {
	{ STRATEGY_BEST_FIT, true, true, false },
	{ STRATEGY_BEST_FIT_PROGRESSIVE, true, true, false },
	{ STRATEGY_BEST_FIT_PROGRESSIVE_ORDERED, true, false, true },
	{ STRATEGY_SPOT_CAPACITY_OPTIMIZED, false, true, false },
	{ STRATEGY_SPOT_PRICE_CAPACITY_OPTIMIZED, false, true, false },
	{ STRATEGY_SPOT_CAPACITY_OPTIMIZED_PRIORITIZED, false, true, true },
};

static const struct strategy_rule *rule_of(enum cr_strategy s)
{
	for (size_t i = 0; i < ARRAY_LEN(strategy_rules); i++)
		if (strategy_rules[i].strategy == s)
			return &strategy_rules[i];
	return &strategy_rules[0];
}

/* No types at all is "optimal", a bundle. */
static bool has_bundle(const struct environment *e)
{
	for (int i = 0; i < e->instance_type_count; i++)
		if (catalog_is_bundle(e->instance_types[i]))
			return true;
	return e->instance_type_count == 0;
}

static int check_strategy(const struct environment *e, struct err *err)
{
	const struct strategy_rule *rule = rule_of(e->strategy);
	const char *name = cr_strategy_name(e->strategy);

	if (!(e->cr_type == CR_SPOT ? rule->spot : rule->ec2))
		return err_set(err, ERR_INVALID,
			       "Allocation strategy %s is not applicable for %s compute "
			       "environments.",
			       name, cr_type_name(e->cr_type));
	if (rule->ordered && has_bundle(e))
		return err_set(err, ERR_INVALID,
			       "Instance type bundles (e.g. optimal, default_x86_64) are not "
			       "allowed for %s allocation strategy. Name instance families or "
			       "sizes in the order in which they are to be tried.",
			       name);
	return 0;
}

int environment_arch(const struct environment *e, enum arch *arch, struct err *err)
{
	uint16_t types[CATALOG_MAX];
	int n = catalog_expand((const char *const *)e->instance_types, e->instance_type_count,
			       types, CATALOG_MAX, err);

	if (n < 0)
		return -1;
	*arch = catalog_at(n ? types[0] : CATALOG_LOCAL_HOST)->arch;
	return 0;
}

/* SP-1. */
static int check_bid(const struct environment *e, const cJSON *resources, struct err *err)
{
	int64_t bid = json_int(resources, "bidPercentage", 100);

	if (e->cr_type == CR_SPOT && (bid < 1 || bid > 100))
		return err_set(err, ERR_INVALID, "bidPercentage should be between 1 and 100.");
	return 0;
}

/* CE-7. desiredvCpus is looked at only where it is said. */
static int check_vcpus(const struct environment *e, const cJSON *resources, struct err *err)
{
	int64_t desired = json_int(resources, "desiredvCpus", e->min_vcpus);

	if (e->max_vcpus < 1)
		return err_set(err, ERR_INVALID, "maxvCpus should be at least 1.");
	if (e->min_vcpus < 0 || e->min_vcpus > e->max_vcpus)
		return err_set(err, ERR_INVALID, "minvCpus should be between 0 and maxvCpus.");
	if (desired < e->min_vcpus || desired > e->max_vcpus)
		return err_set(err, ERR_INVALID,
			       "desiredvCpus should be between minvCpus and maxvCpus.");
	return 0;
}

static int check_delay(const cJSON *resources, struct err *err)
{
	int64_t minutes =
		json_int(json_get(resources, "scalingPolicy"), "minScaleDownDelayMinutes", 0);

	if (minutes == 0 || (minutes >= DELAY_LEAST_MIN && minutes <= DELAY_MOST_MIN))
		return 0;
	return err_set(err, ERR_INVALID, "minScaleDownDelayMinutes should be between %d and %d.",
		       DELAY_LEAST_MIN, DELAY_MOST_MIN);
}

static int check_ec2(const struct environment *e, const cJSON *resources, struct err *err)
{
	enum arch ignored;

	if (check_bid(e, resources, err) < 0 || check_delay(resources, err) < 0 ||
	    check_strategy(e, err) < 0)
		return -1;
	return environment_arch(e, &ignored, err);
}

static int check_unmanaged(const struct environment *e, const cJSON *doc, struct err *err)
{
	if (json_get(doc, "computeResources"))
		return err_set(err, ERR_INVALID,
			       "computeResources must not be specified for an UNMANAGED compute "
			       "environment.");
	if (e->max_vcpus < 0)
		return err_set(err, ERR_INVALID, "unmanagedvCpus should be at least 0.");
	if (!json_str(doc, "serviceRole"))
		return err_set(err, ERR_INVALID, "ServiceRole is required.");
	return 0;
}

int environment_check(const struct environment *e, const cJSON *doc, struct err *err)
{
	const cJSON *resources = json_get(doc, "computeResources");

	if (e->type == CE_UNMANAGED)
		return check_unmanaged(e, doc, err);
	if (json_get(doc, "unmanagedvCpus"))
		return err_set(
			err, ERR_INVALID,
			"unmanagedvCpus is only applicable for UNMANAGED compute environments.");
	if (!resources)
		return err_set(err, ERR_INVALID, "ComputeResources is required.");
	if (check_vcpus(e, resources, err) < 0)
		return -1;
	return environment_is_fargate(e) ? check_fargate(resources, err) :
					   check_ec2(e, resources, err);
}
