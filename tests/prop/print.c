#include "config.h"
#include "workload.h"
#include <stdio.h>

/* A workload as a person reads it, in TAP comments. */

static void print_instances(const struct env_setting *env)
{
	printf(" %s min %d", cr_strategy_name(env->strategy), env->min);
	if (env->desired)
		printf(" desired %d", env->desired);
	if (env->delay_ms)
		printf(" delay %lld", (long long)env->delay_ms);
	for (int i = 0; i < env->type_count; i++)
		printf(" %s", workload_types[env->type[i]]);
	if (env->updating)
		printf(" UPDATING until %lld", (long long)env->deadline);
}

static void print_env(const struct env_setting *env)
{
	static const char *const form[] = { "optimal", "INSTANCES", "FARGATE", "UNMANAGED" };

	printf("%s%s max %d%s%s", env->spot ? "SPOT " : "", form[env->form], env->max,
	       env->disabled ? " DISABLED" : "", env->invalid ? " INVALID" : "");
	if (env->spot && env->bid != 100)
		printf(" bid %d", env->bid);
	if (env->refuse_until)
		printf(" refuses until %lld", (long long)env->refuse_until);
	if (env->form == ENV_INSTANCES)
		print_instances(env);
}

static void print_queue(const struct queue_setting *q)
{
	printf("priority %d%s%s on", q->priority, q->disabled ? " DISABLED" : "",
	       q->backfill ? " backfill" : "");
	for (int i = 0; i < q->env_count; i++)
		printf(" e%d", q->env[i]);
}

static void print_resources(const struct resources *r)
{
	printf("%lldm vCPU %lld MiB %d GPU", (long long)r->vcpu_milli, (long long)r->memory_mib,
	       (int)r->gpus);
}

static void print_submit(const struct item *item)
{
	printf("submit %lld to q%d, ", (long long)item->job, item->which);
	if (item->submit.size)
		printf("%d times%s ", item->submit.size,
		       item->submit.sequential ? " in turn" : "");
	print_resources(&item->submit.need);
	printf(", attempts %d rule %d timeout %d", item->submit.attempts, item->submit.rule,
	       item->submit.timeout_s);
	if (item->submit.start_after_ms)
		printf(", not for %lld ms", (long long)item->submit.start_after_ms);
	for (int i = 0; i < item->submit.depends_count; i++)
		printf("%s%lld%s", i ? " " : ", after ", (long long)item->submit.depends[i].job,
		       item->submit.depends[i].type == DEPENDENCY_ANY	   ? " (any)" :
		       item->submit.depends[i].type == DEPENDENCY_N_TO_N ? " (each)" :
									   "");
}

static void print_item(const struct item *item)
{
	static const char *const verb[] = { [ITEM_CANCEL] = "cancel",
					    [ITEM_TERMINATE] = "terminate",
					    [ITEM_HOLD] = "hold",
					    [ITEM_RELEASE] = "release" };

	printf("# %lld ms: ", (long long)item->at);
	switch (item->kind) {
	case ITEM_SUBMIT:
		print_submit(item);
		break;
	case ITEM_ENV:
		printf("e%d ", item->which);
		print_env(&item->env);
		break;
	case ITEM_QUEUE:
		printf("q%d ", item->which);
		print_queue(&item->queue);
		break;
	case ITEM_POOL:
		printf("pool ");
		print_resources(&item->pool);
		break;
	case ITEM_RECLAIM:
		printf("reclaim the %d-th", item->which);
		break;
	default:
		printf("%s %lld", verb[item->kind], (long long)item->job);
	}
	putchar('\n');
}

void workload_print(const struct workload *w)
{
	printf("# pool ");
	print_resources(&w->pool);
	printf("; start %lld ms, stop %lld ms%s; idle %lld launch %lld failing %d%%\n",
	       (long long)w->start_ms, (long long)w->stop_ms, w->nosy ? ", nosy" : "",
	       (long long)w->settings.idle_ms, (long long)w->settings.launch_ms,
	       w->settings.launch_failure_percent);
	for (int i = 0; i < w->env_count; i++) {
		printf("# e%d ", i);
		print_env(&w->env[i]);
		putchar('\n');
	}
	for (int i = 0; i < w->queue_count; i++) {
		printf("# q%d ", i);
		print_queue(&w->queue[i]);
		putchar('\n');
	}
	for (int i = 0; i < w->item_count; i++) {
		if (!w->items[i].left_out)
			print_item(&w->items[i]);
	}
}
