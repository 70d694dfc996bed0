/* Fair-share scheduling policies: what their document means to the scheduler, what may be in it
 * (FS-1, FS-2), and how the API shows them. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "internal.h"

enum { DECAY_MAX_S = 604800, RESERVATION_MAX = 99, IDENTIFIER_MAX = 255 };
#define WEIGHT_MIN 0.0001
#define WEIGHT_MAX 999.9999

/* Letters and digits, perhaps with a '*' behind. */
static bool is_identifier(const char *text)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	size_t n = strspn(text, plain);

	return n >= 1 && n <= IDENTIFIER_MAX && (!text[n] || strcmp(text + n, "*") == 0);
}

/* Does everything that `a` names fall under the prefix entry `b`? */
static bool falls_under(const char *a, const char *b)
{
	size_t n = strlen(b) - 1;

	return b[n] == '*' && strncmp(a, b, n) == 0;
}

static int check_share(const cJSON *share, struct err *err)
{
	const char *name = json_str(share, "shareIdentifier");
	double weight = json_num(share, "weightFactor", 1);

	if (!is_identifier(name))
		return err_set(err, ERR_INVALID,
			       "ShareIdentifier name should match a valid pattern.");
	if (!(weight >= WEIGHT_MIN && weight <= WEIGHT_MAX))
		return err_set(err, ERR_INVALID,
			       "Weight factor should be between 0.0001 and 999.9999.");
	for (const cJSON *other = share->prev; other->next; other = other->prev) {
		const char *its = json_str(other, "shareIdentifier");

		if (strcmp(name, its) == 0)
			return err_set(err, ERR_INVALID,
				       "Cannot have two or more identical shareIdentifiers.");
		if (falls_under(name, its) || falls_under(its, name))
			return err_set(err, ERR_INVALID,
				       "Share identifier %.120s matches another share identifier "
				       "%.120s",
				       name, its);
	}
	return 0;
}

static int check_number(const cJSON *fair, const char *member, int most, struct err *err)
{
	int64_t n = json_int(fair, member, 0);

	if (n >= 0 && n <= most)
		return 0;
	return err_set(err, ERR_INVALID, "%s should be between 0 and %d.", member, most);
}

static int check_fairshare(const cJSON *fair, struct err *err)
{
	const cJSON *share;

	if (check_number(fair, "shareDecaySeconds", DECAY_MAX_S, err) < 0 ||
	    check_number(fair, "computeReservation", RESERVATION_MAX, err) < 0)
		return -1;
	if (json_count(fair, "shareDistribution") > LIMIT_SHARES)
		return err_set(err, ERR_INVALID,
			       "ShareDistribution size cannot be greater than %d.", LIMIT_SHARES);
	cJSON_ArrayForEach(share, json_get(fair, "shareDistribution")) {
		if (check_share(share, err) < 0)
			return -1;
	}
	return 0;
}

static void read_shares(struct policy *p, const cJSON *list)
{
	const cJSON *share;
	int n = cJSON_GetArraySize(list);

	for (int i = 0; i < p->share_count; i++)
		free(p->share[i].identifier);
	free(p->share);
	p->share_count = 0;
	p->share = NULL;
	if (!n)
		return;
	p->share = xcalloc((size_t)n, sizeof *p->share);
	cJSON_ArrayForEach(share, list) {
		struct share_weight *s = &p->share[p->share_count++];

		s->identifier = xstrdup(json_str(share, "shareIdentifier"));
		s->weight = (int32_t)lround(json_num(share, "weightFactor", 1) * SHARE_WEIGHT_ONE);
	}
}

int policy_read(struct policy *p, const cJSON *fair, struct err *err)
{
	if (check_fairshare(fair, err) < 0)
		return -1;
	p->decay_s = json_int(fair, "shareDecaySeconds", 0);
	p->reservation = (int)json_int(fair, "computeReservation", 0);
	read_shares(p, json_get(fair, "shareDistribution"));
	return 0;
}

cJSON *show_policy(const struct api_call *c, const struct policy *p)
{
	cJSON *doc cleanup_json = doc_parse(p->doc), *out = cJSON_CreateObject();

	json_add_str(out, "name", p->name);
	add_arn(c, out, "arn", "scheduling-policy", p->name);
	json_add_copy(out, "fairsharePolicy", json_get(doc, "fairsharePolicy"));
	json_add(out, "tags", merge_map(json_get(doc, "tags"), NULL));
	return out;
}
