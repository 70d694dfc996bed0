#ifndef TUI_REQUEST_H
#define TUI_REQUEST_H
#include <cjson/cJSON.h>
#include <stdint.h>

/* Requests as the wizard and the submit form make them. All are the caller's to delete. */
cJSON *request_environment(const char *name, int64_t max_vcpus);
cJSON *request_queue(const char *name, int64_t priority, const char *env);
cJSON *request_definition(const char *name, const cJSON *command, int64_t vcpus, int64_t memory);
/* A SubmitJob that runs in the directory we are in. `depends` (an id) may be NULL. */
cJSON *request_submit(const char *name, const char *queue, const char *definition,
		      const char *depends);
/* [{type: VCPU ...}, {type: MEMORY ...}] */
cJSON *request_resources(int64_t vcpus, int64_t memory);
/* A name the API takes, made from any text: "host-" and "/usr/bin/env x" -> "host-env". */
void request_name(char *out, size_t size, const char *prefix, const char *text);

/* JSON for people: two blanks for each level. Caller frees. */
char *request_text(const cJSON *json);

#endif
