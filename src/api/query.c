/* Forms in, XML out. */
#include "config.h"
#include "query.h"
#include <string.h>
#include <strings.h>
#include "jobdeck/base/buf.h"
#include "jobdeck/base/json.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/uri.h"

#define NAMESPACE "https://sts.amazonaws.com/doc/" STS_VERSION "/"

enum { PARAMETERS_MAX = 100, XML_MAX = 64 * 1024 };

bool query_is_form(const char *content_type)
{
	static const char form[] = "application/x-www-form-urlencoded";
	size_t n = strlen(form);

	return content_type && strncasecmp(content_type, form, n) == 0 &&
	       strchr("; \t", content_type[n]); /* the terminator too */
}

static int take(void *arg, const char *name, const char *value)
{
	cJSON *out = arg;

	if (cJSON_GetArraySize(out) == PARAMETERS_MAX || json_get(out, name))
		return 1;
	json_add_str(out, name, value);
	return 0;
}

cJSON *query_parse(const char *body, size_t len, struct err *err)
{
	cleanup_free char *text = xstrndup(body, len);
	cJSON *out = cJSON_CreateObject();

	if (strlen(text) == len && uri_query_each(text, take, out) == 0)
		return out;
	cJSON_Delete(out);
	err_set(err, ERR_INVALID, "the request is no form of at most %d different parameters",
		PARAMETERS_MAX);
	return NULL;
}

/* Control characters, which XML cannot carry, become '?'. */
static void add_text(struct buf *b, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '<')
			buf_adds(b, "&lt;");
		else if (c == '>')
			buf_adds(b, "&gt;");
		else if (c == '&')
			buf_adds(b, "&amp;");
		else
			buf_addc(b, c < ' ' && c != '\n' && c != '\t' ? '?' : *text);
	}
}

static void add_element(struct buf *b, const char *name, const char *text)
{
	buf_addf(b, "<%s>", name);
	add_text(b, text);
	buf_addf(b, "</%s>", name);
}

char *query_answer(const char *operation, const cJSON *out, const char *request_id)
{
	const cJSON *member;
	struct buf b;

	buf_init(&b, XML_MAX);
	buf_addf(&b, "<%sResponse xmlns=\"" NAMESPACE "\"><%sResult>", operation, operation);
	cJSON_ArrayForEach(member, out) {
		cleanup_free char *number = cJSON_IsString(member) ? NULL : json_print(member);

		add_element(&b, member->string, number ? number : member->valuestring);
	}
	buf_addf(&b, "</%sResult><ResponseMetadata>", operation);
	add_element(&b, "RequestId", request_id);
	buf_addf(&b, "</ResponseMetadata></%sResponse>", operation);
	return buf_steal(&b);
}

char *query_error(const char *code, bool at_fault, const char *text, const char *request_id)
{
	struct buf b;

	buf_init(&b, XML_MAX);
	buf_adds(&b, "<ErrorResponse xmlns=\"" NAMESPACE "\"><Error>");
	add_element(&b, "Type", at_fault ? "Sender" : "Receiver");
	add_element(&b, "Code", code);
	add_element(&b, "Message", text);
	buf_adds(&b, "</Error>");
	add_element(&b, "RequestId", request_id);
	buf_adds(&b, "</ErrorResponse>");
	return buf_steal(&b);
}
