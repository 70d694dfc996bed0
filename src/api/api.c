/* From a request to its answer. A request is routed, parsed, checked against its shape and
 * run at once; the answer waits until what was done is on disk. Errors wait too: what they
 * are based on might not be on disk yet either. */
#include "config.h"
#include "jobdeck/api/api.h"
#include <string.h>
#include "jobdeck/base/log.h"
#include "internal.h"
#include "query.h"
#include "event.h"
#include "stream.h"

struct api_pending {
	struct api_call call; /* first: a call is turned back into its pending */
	struct err err;	      /* what the operation failed with, kind ERR_NONE if it did not */
	api_done *done;	      /* NULL: dropped, or answered */
	void *arg;
	bool inside;   /* api_handle is still at work on it */
	bool finished; /* nothing more will happen to it */
	struct api_pending *next, **link;
};

struct api *api_new(const struct api_options *o)
{
	struct api *a = xcalloc(1, sizeof *a);
	size_t n = 0;

	a->checks_answers = getenv("JOBDECK_CHECK_ANSWERS") != NULL;
	a->engine = o->engine;
	a->o = *o;
	a->started = engine_now(o->engine);
	while (api_ops[n].name)
		n++;
	a->shapes = xcalloc(n, sizeof *a->shapes);
	for (size_t i = 0; i < n; i++)
		a->shapes[i] = schema_find(api_rows[i].shape);
	reap_start(a, NULL);
	a->hooks = hooks_start(a);
	return a;
}

static struct api_pending *pending_new(struct api *a, api_done *done, void *arg)
{
	struct api_pending *p = xcalloc(1, sizeof *p);

	p->done = done;
	p->arg = arg;
	p->call.api = a;
	p->call.engine = a->engine;
	p->call.store = engine_store(a->engine);
	uuid_v4(p->call.request_id);
	p->next = a->pending;
	if (p->next)
		p->next->link = &p->next;
	p->link = &a->pending;
	a->pending = p;
	return p;
}

static void pending_unlink(struct api_pending *p)
{
	if (!p->link)
		return;
	*p->link = p->next;
	if (p->next)
		p->next->link = p->link;
	p->link = NULL;
	p->next = NULL;
}

static void pending_free(struct api_pending *p)
{
	pending_unlink(p);
	cJSON_Delete(p->call.in);
	cJSON_Delete(p->call.out);
	cJSON_Delete(p->call.warnings);
	free(p);
}

/* Sends what was made; whoever called frees the request. */
static void finish(struct api_pending *p, const struct reply *r)
{
	api_done *done = p->done;

	p->finished = true;
	p->done = NULL;
	if (done)
		done(p->arg, &r->reply);
}

/* For tests: an answer that is not what its shape says becomes an error. Ours need none. */
static int check_answer(const struct api_call *c, struct err *err)
{
	cleanup_free char *name = NULL;
	const struct schema *shape;

	if (!c->api || !c->api->checks_answers)
		return 0;
	name = xasprintf("%sResponse", c->op->name);
	shape = schema_find(name);
	if (!shape && c->op->protocol == API_JOBDECK)
		return 0;
	if (!shape)
		return err_set(err, ERR_CORRUPT, "there is no shape %s", name);
	return schema_check_answer(shape, c->out, err);
}

void call_answer(struct api_call *c, const struct err *err)
{
	struct api_pending *p = (struct api_pending *)c;
	struct api *a = c->stop ? c->api : NULL;
	struct err wrong = { 0 };
	struct reply r;

	if (!err && check_answer(c, &wrong) < 0) {
		log_error("%s", wrong.text);
		err = &wrong;
	}
	if (err && c->refusal)
		reply_refusal(&r, c, c->refusal);
	else
		reply_make(&r, c, err);
	finish(p, &r);
	reply_fini(&r);
	if (!p->inside)
		pending_free(p);
	if (a && a->o.stop)
		a->o.stop(a->o.arg);
}

static void on_committed(void *arg, const struct err *failure)
{
	struct api_pending *p = arg;

	if (failure || p->err.kind)
		p->call.stop = false;
	call_answer(&p->call, failure ? failure : p->err.kind ? &p->err : NULL);
}

static void protocol_error(struct api_pending *p, enum reply_protocol what, const char *text)
{
	struct reply r;

	reply_protocol_error(&r, &p->call, what, text);
	finish(p, &r);
	reply_fini(&r);
}

static int check_body_size(const struct api_row *row, const struct api_request *r, struct err *err)
{
	if (!row->body_max || r->len <= row->body_max)
		return 0;
	return err_set(err, ERR_INVALID, "Request payload must be at most %zu bytes",
		       row->body_max); /* JD-5 */
}

/* The action as in AWS's policies: "batch:SubmitJob". */
static int check_allowed(const struct api_call *c, struct err *err)
{
	const char *service = c->protocol == API_JOBDECK ? "jobdeck" : api_service(c->protocol);
	cleanup_free char *arn = NULL;

	if (!c->caller || !c->caller->read_only || !c->op->writes)
		return 0;
	arn = caller_arn(c);
	return err_set(err, ERR_DENIED,
		       "User: %s is not authorized to perform: %s:%s because no identity-based "
		       "policy allows the %s:%s action",
		       arn, service, c->op->name, service, c->op->name);
}

static int run(struct api_pending *p, const struct api_request *r, struct err *err)
{
	struct api_call *c = &p->call;
	size_t i = (size_t)(c->op - api_ops);

	if (engine_failed(c->engine, err))
		return -1;
	if (check_allowed(c, err) < 0 || check_body_size(&api_rows[i], r, err) < 0 ||
	    op_bind(c->op, c->api->shapes[i], r->path, r->query, c->in, err) < 0 ||
	    schema_check(c->api->shapes[i], c->in, err) < 0 ||
	    check_refused(c->op, c->in, err) < 0 || check_quotas(c, err) < 0 ||
	    api_rows[i].run(c, err) < 0)
		return -1;
	call_add_warnings(c);
	return 0;
}

static const struct api_op *find_operation(const struct api_call *c, const struct api_request *r)
{
	const char *action = json_str(c->in, "Action");

	if (!c->xml)
		return op_route(r->method, r->path, r->target);
	return action && strcmp(r->method, "POST") == 0 ? op_named(API_STS, action) : NULL;
}

static void read_body(struct api_call *c, const struct api_request *r, struct err *err)
{
	if (c->xml)
		c->in = query_parse(r->body, r->len, err);
	else
		c->in = r->len ? json_parse(r->body, r->len, err) : cJSON_CreateObject();
}

static void handle(struct api_pending *p, const struct api_request *r)
{
	struct api_call *c = &p->call;
	struct err err = { 0 };

	c->protocol = api_protocol_of(r);
	c->xml = c->protocol == API_STS && query_is_form(r->content_type);
	read_body(c, r, &err);
	c->op = find_operation(c, r);
	if (!c->op && !(c->xml && err.kind)) {
		protocol_error(p, REPLY_UNKNOWN_OPERATION, "Unknown operation");
		return;
	}
	if (!cJSON_IsObject(c->in)) {
		protocol_error(p, REPLY_SERIALIZATION,
			       err.kind ? err.text : "the request is no JSON object");
		return;
	}
	c->out = cJSON_CreateObject();
	c->caller = r->caller;
	run(p, r, &p->err);
	c->caller = NULL;
	if (!c->later || p->err.kind)
		engine_after_commit(c->engine, on_committed, p);
}

void api_refuse(const struct api_request *r, const struct api_error *e, api_done *done, void *arg)
{
	struct api_call c = { .protocol = api_protocol_of(r) };
	struct reply reply;

	c.xml = c.protocol == API_STS && query_is_form(r->content_type);
	uuid_v4(c.request_id);
	reply_refusal(&reply, &c, e);
	done(arg, &reply.reply);
	reply_fini(&reply);
}

struct api_pending *api_handle(struct api *a, const struct api_request *r, api_done *done,
			       void *arg)
{
	struct api_pending *p = pending_new(a, done, arg);

	p->inside = true;
	handle(p, r);
	p->inside = false;
	if (!p->finished)
		return p;
	pending_free(p);
	return NULL;
}

void api_drop(struct api_pending *p)
{
	p->done = NULL;
	if (!p->call.forget)
		return; /* the engine still holds it: it goes with the commit */
	p->call.forget(&p->call);
	pending_free(p);
}

/* What waits for something of ours goes now; what waits for a commit is left to the engine,
 * which calls back once more, and then nobody is told. */
void api_free(struct api *a)
{
	struct api_pending *p, *next;

	if (!a)
		return;
	hooks_stop(a->hooks);
	reap_stop(a);
	for (p = a->pending; p; p = next) {
		next = p->next;
		p->done = NULL;
		if (p->call.forget) {
			p->call.forget(&p->call);
			pending_free(p);
		} else {
			pending_unlink(p);
			p->call.api = NULL;
		}
	}
	forecast_stop_all(a);
	stream_forget(a);
	free(a->shapes);
	cJSON_Delete(a->last_doc);
	free(a->last_text);
	free(a);
}
