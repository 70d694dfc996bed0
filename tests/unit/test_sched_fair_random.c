#include "config.h"
#include "sched_fair.h"

/* Fair share held against an oracle that works everything out the slow and obvious way, from a
 * list of all attempts that ever were: who is active, what counts of their use, who is next,
 * and what is kept for newcomers. Seeded; each round is a thousand random steps. */

enum { JOBS = 1500, STEPS = 1000, MAX_VCPUS = 12, SLOT_COUNT = 64 };

static char share_names[][8] = { "a", "b", "team1", "team2", "team3", "x", "y9", "zz" };
enum { SHARES = sizeof share_names / sizeof *share_names };

struct oracle_job {
	int share, vcpus, priority;
	enum { WAITS, RUNS, IS_OVER } state;
	jd_time placed, ended; /* ended 0: never ran */
};

struct oracle {
	struct world *w;
	struct oracle_job job[JOBS + 1]; /* by key */
	int count, used;
	int64_t decay_s;
	int reservation, solo, team; /* weights of "a" and "team*", in ten-thousandths */
	uint64_t random;
};

static unsigned draw(struct oracle *o, unsigned below)
{
	o->random = o->random * UINT64_C(6364136223846793005) + 1442695040888963407U;
	return (unsigned)(o->random >> 33) % below;
}

static int64_t slot_ms(const struct oracle *o)
{
	return (o->decay_s > 600 ? o->decay_s : 600) * 1000 / SLOT_COUNT;
}

static int64_t overlap(jd_time a, jd_time b, jd_time c, jd_time d)
{
	jd_time from = a > c ? a : c, to = b < d ? b : d;

	return to > from ? to - from : 0;
}

/* Of one share, in one slot: vCPU thousandths times ms. */
static int64_t used_in(const struct oracle *o, int share, int64_t slot)
{
	int64_t sum = 0, ms = slot_ms(o);

	for (int i = 1; i <= o->count; i++) {
		const struct oracle_job *job = &o->job[i];
		jd_time end = job->state == RUNS ? o->w->now : job->ended;

		if (job->share == share && job->state != WAITS && job->placed)
			sum += job->vcpus * 1000 *
			       overlap(job->placed, end, slot * ms, (slot + 1) * ms);
	}
	return sum;
}

/* FS-7. An attempt that took no time leaves nothing. */
static bool is_active(const struct oracle *o, int share)
{
	int64_t ms = slot_ms(o), slot = o->w->now / ms;

	for (int i = 1; i <= o->count; i++) {
		const struct oracle_job *job = &o->job[i];

		if (job->share != share)
			continue;
		if (job->state != IS_OVER)
			return true;
		if (job->ended > job->placed && (job->ended - 1) / ms > slot - SLOT_COUNT)
			return true;
	}
	return false;
}

static int active_count(const struct oracle *o, const char *prefix)
{
	int n = 0;

	for (int i = 0; i < SHARES; i++)
		n += strncmp(share_names[i], prefix, strlen(prefix)) == 0 && is_active(o, i);
	return n;
}

static double weight_of(const struct oracle *o, int share)
{
	if (strcmp(share_names[share], "a") == 0)
		return o->solo / 10000.0;
	if (strncmp(share_names[share], "team", 4) == 0)
		return o->team / 10000.0 * active_count(o, "team");
	return 1;
}

static double score_of(const struct oracle *o, int share)
{
	int64_t slot = o->w->now / slot_ms(o), running = 0;
	double past = 0;

	for (int64_t n = slot - SLOT_COUNT + 1; n < slot; n++)
		past += (double)(2 * (SLOT_COUNT - (slot - n)) + 1) * (double)used_in(o, share, n);
	for (int i = 1; i <= o->count; i++)
		running += o->job[i].share == share && o->job[i].state == RUNS ? o->job[i].vcpus : 0;
	return (past / (2 * SLOT_COUNT) + (double)(running * 1000) * 60000) * weight_of(o, share);
}

static int first_waiting(const struct oracle *o, int share)
{
	int best = 0;

	for (int i = 1; i <= o->count; i++) {
		if (o->job[i].share == share && o->job[i].state == WAITS &&
		    (!best || o->job[i].priority > o->job[best].priority))
			best = i;
	}
	return best;
}

/* The job at the front of the queue, or 0. */
static int front(const struct oracle *o)
{
	int best = -1;
	double best_score = 0;

	for (int i = 0; i < SHARES; i++) {
		double score;

		if (!first_waiting(o, i))
			continue;
		score = score_of(o, i);
		if (best >= 0 && (score > best_score ||
				  (score == best_score &&
				   strcmp(share_names[i], share_names[best]) > 0)))
			continue;
		best = i;
		best_score = score;
	}
	return best < 0 ? 0 : first_waiting(o, best);
}

/* The job that ought to be placed now, or 0. */
static int expected(const struct oracle *o)
{
	int key = front(o);
	double kept = o->reservation ? 1 : 0;

	for (int i = active_count(o, ""); o->reservation && i > 0; i--)
		kept *= o->reservation / 100.0;
	if (!key || o->used + o->job[key].vcpus > MAX_VCPUS)
		return 0;
	return o->used + o->job[key].vcpus > MAX_VCPUS * (1 - kept) + 0.0005 ? 0 : key;
}

static void set_policy(struct oracle *o)
{
	struct weights list[] = { { "a", o->solo }, { "team*", o->team } };

	put_policy(o->w, o->decay_s, o->reservation, list, 2);
}

static void submit_one(struct oracle *o)
{
	struct oracle_job *job = &o->job[++o->count];

	*job = (struct oracle_job){ .share = (int)draw(o, SHARES),
				    .vcpus = 1 + (int)draw(o, 4),
				    .priority = (int)draw(o, 3) };
	submit_share(o->w, o->count, share_names[job->share], job->vcpus, job->priority);
}

/* Some job of that state, or 0. */
static int any(struct oracle *o, int state)
{
	int start = o->count ? (int)draw(o, (unsigned)o->count) : 0;

	for (int i = 0; i < o->count; i++) {
		int key = 1 + (start + i) % o->count;

		if ((int)o->job[key].state == state)
			return key;
	}
	return 0;
}

static void end_one(struct oracle *o)
{
	int key = any(o, RUNS);

	if (!key)
		return;
	run(o->w, key, 1, 0);
	o->job[key].state = IS_OVER;
	o->job[key].ended = o->w->now;
	o->used -= o->job[key].vcpus;
}

static void cancel_one(struct oracle *o)
{
	int key = any(o, WAITS);

	if (!key)
		return;
	assert_int_equal(tell(o->w, FACT_CANCELLED, key, "not wanted"), 0);
	o->job[key].state = IS_OVER;
}

static void change_policy(struct oracle *o)
{
	o->solo = 2500 * (1 + (int)draw(o, 8));
	o->team = 2500 * (1 + (int)draw(o, 8));
	o->reservation = draw(o, 2) ? 0 : 10 * (int)draw(o, 7);
	set_policy(o);
}

static void step(struct oracle *o)
{
	static void (*const steps[])(struct oracle *) = { submit_one, submit_one, submit_one, end_one,
							  end_one,    end_one,	  cancel_one };
	unsigned n = draw(o, 100);

	if (n == 0)
		change_policy(o);
	else if (n < 30)
		o->w->now += draw(o, n < 4 ? 900000 : 12000);
	else
		steps[n % 7](o);
}

/* Decides all there is, and knows each placement before it comes. */
static void settle(struct oracle *o)
{
	struct fact fact;

	while (sched_decide(o->w->s, o->w->now, &fact)) {
		if (fact.kind == FACT_PLACED) {
			assert_int_equal(fact.job, expected(o));
			o->job[fact.job].state = RUNS;
			o->job[fact.job].placed = o->w->now;
			o->used += o->job[fact.job].vcpus;
		}
		assert_int_equal(apply(o->w, &fact), 0);
	}
	assert_int_equal(expected(o), 0);
}

/* Nothing becomes possible before the wakeup: looked at in the middle of every slot. */
static void look_ahead(struct oracle *o)
{
	jd_time now = o->w->now, wakeup = sched_wakeup(o->w->s, now), at = now;

	for (int i = 0; i < 3 * SLOT_COUNT && at < wakeup; i++, at += slot_ms(o) / 2) {
		o->w->now = at;
		assert_int_equal(expected(o), 0);
	}
	o->w->now = now;
}

static void look_at_front(struct oracle *o)
{
	struct sched_place place;
	int key = front(o);

	assert_int_equal(sched_front(o->w->s, name_fair, o->w->now, &place, 1), key != 0);
	if (key)
		assert_int_equal(place.key, key);
}

/* What a server does that begins: the past, then the jobs that live, then their attempts. */
static struct sched *restart(struct oracle *o)
{
	struct world new = { .s = sched_new(), .now = o->w->now }, *old = o->w;
	struct environment b = env_named(name_b, MAX_VCPUS);
	struct queue q = fair_queue();

	o->w = &new;
	put_pool(&new, 1000, 1000000, 0);
	put_env(&new, &b);
	set_policy(o);
	assert_int_equal(put_queue(&new, &q), 0);
	for (int i = 1; i <= o->count; i++) {
		if (o->job[i].state == IS_OVER && o->job[i].placed)
			sched_usage(new.s, name_fair, share_names[o->job[i].share],
				    o->job[i].vcpus * 1000, o->job[i].placed, o->job[i].ended);
	}
	for (int i = 1; i <= o->count; i++) {
		const struct oracle_job *had = &o->job[i];
		struct job job = job_of(i, name_fair, had->vcpus);
		struct fact fact = { .kind = FACT_PLACED, .at = had->placed, .job = i, .attempt = 1 };

		if (had->state == IS_OVER)
			continue;
		job.share = share_names[had->share];
		job.priority = had->priority;
		job.status = had->state == RUNS ? JOB_STARTING : JOB_RUNNABLE;
		job.attempt = had->state == RUNS;
		assert_int_equal(submit_job(&new, &job), 0);
		fact.placed.env = name_b;
		if (had->state == RUNS)
			assert_int_equal(apply(&new, &fact), 0);
	}
	o->w = old;
	return new.s;
}

/* From here on a copy, or what a restart makes, goes on instead. */
static void change_over(struct oracle *o)
{
	struct sched *other = draw(o, 2) ? sched_clone(o->w->s) : restart(o);
	struct sched_share_view mine[SHARES], its[SHARES];
	int n = sched_shares(o->w->s, name_fair, o->w->now, mine, SHARES);

	assert_true(sched_hash(other) == sched_hash(o->w->s));
	assert_int_equal(sched_shares(other, name_fair, o->w->now, its, SHARES), n);
	assert_int_equal(n, active_count(o, ""));
	for (int i = 0; i < n; i++) {
		assert_true(mine[i].usage == its[i].usage);
		assert_int_equal(mine[i].runnable, its[i].runnable);
	}
	sched_free(o->w->s);
	o->w->s = other;
}

static void play(struct world *w, uint64_t seed)
{
	cleanup_free struct oracle *o = xcalloc(1, sizeof *o);
	struct environment b = env_named(name_b, MAX_VCPUS);

	*o = (struct oracle){ .w = w, .random = seed, .solo = 5000, .team = 10000 };
	o->decay_s = (int64_t)draw(o, 4) * 500;
	put_pool(w, 1000, 1000000, 0);
	put_env(w, &b);
	set_fair(w, o->decay_s, 0, NULL, 0);
	set_policy(o);
	for (int i = 0; i < STEPS; i++) {
		step(o);
		settle(o);
		if (i % 20 == 0) {
			look_ahead(o);
			look_at_front(o);
		}
		if (i % 50 == 0)
			change_over(o);
	}
}

static void FS_against_the_oracle(void **state)
{
	struct world *w = *state;

	for (uint64_t seed = 1; seed <= 6; seed++) {
		sched_free(w->s);
		*w = (struct world){ .s = sched_new(), .now = 1000000 };
		play(w, seed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(FS_against_the_oracle) };

	return cmocka_run_group_tests_name("sched fair random", tests, NULL, NULL);
}
