/* What may stand in a container: names of variables, and what each platform has no use for
 * (RES-4). That Fargate wants an executionRoleArn is not asked for here: no role is ever
 * taken on. */
#include "config.h"
#include <ctype.h>
#include <string.h>
#include "jobdeck/model/limits.h"
#include "internal.h"

enum { IMAGE_MAX = 255 };

enum platform platform_of(const cJSON *doc)
{
	const cJSON *first = cJSON_GetArrayItem(json_get(doc, "platformCapabilities"), 0);

	return cJSON_IsString(first) && strcmp(first->valuestring, "FARGATE") == 0 ?
		       PLATFORM_FARGATE :
		       PLATFORM_EC2;
}

int check_environment_names(const cJSON *list, struct err *err)
{
	static const char reserved[] = "AWS_BATCH";
	const cJSON *pair;

	cJSON_ArrayForEach(pair, list) {
		const char *name = json_str_or(pair, "name", "");

		if (!*name)
			return err_set(err, ERR_INVALID, "environment: a variable has no name");
		if (strchr(name, '='))
			return err_set(err, ERR_INVALID,
				       "environment: the name %.100s has a '=' in it", name);
		if (strncmp(name, reserved, sizeof reserved - 1) == 0)
			return err_set(err, ERR_INVALID,
				       "environment: the name %.100s is reserved: names must not "
				       "start with %s",
				       name, reserved);
	}
	return 0;
}

int check_command(const cJSON *command, struct err *err)
{
	const cJSON *word;

	cJSON_ArrayForEach(word, command) {
		if (!*word->valuestring)
			return err_set(err, ERR_INVALID, "Command cannot be empty");
	}
	return 0;
}

/* Letters, digits and - _ : . / #; and '@', which every digest has though the text of the
 * API leaves it out. */
static int check_image(const cJSON *container, struct err *err)
{
	const char *image = json_str(container, "image");

	if (!image || !*image)
		return err_set(err, ERR_INVALID, "Container image is required.");
	if (strlen(image) > IMAGE_MAX)
		return err_set(err, ERR_INVALID, "Container image must be at most %d characters",
			       IMAGE_MAX);
	for (const char *p = image; *p; p++)
		if ((unsigned char)*p >= 128 ||
		    (!isalnum((unsigned char)*p) && !strchr("-_:./#@", *p)))
			return err_set(err, ERR_INVALID,
				       "Container image %.100s contains restricted characters.",
				       image);
	return 0;
}

/* Does the container say anything about `path` ("linuxParameters.tmpfs")? False and empty
 * lists say nothing. */
static bool says(const cJSON *container, const char *path)
{
	const char *dot = strchr(path, '.');
	char head[64];

	if (dot) {
		memcpy(head, path, (size_t)(dot - path));
		head[dot - path] = '\0';
		return says(json_get(container, head), dot + 1);
	}
	container = json_get(container, path);
	if (cJSON_IsArray(container))
		return cJSON_GetArraySize(container) > 0;
	return container && !cJSON_IsFalse(container);
}

static int check_fargate_volumes(const cJSON *container, struct err *err)
{
	const cJSON *volume;

	cJSON_ArrayForEach(volume, json_get(container, "volumes")) {
		if (json_str(json_get(volume, "host"), "sourcePath"))
			return err_set(err, ERR_INVALID,
				       "host.sourcePath should not be set for volumes in Fargate.");
	}
	return 0;
}

/* RES-4. No driver is the default one, awslogs. */
static int check_fargate_log(const cJSON *container, struct err *err)
{
	static const char *const drivers[] = { "awslogs", "splunk", "awsfirelens" };
	const char *its =
		json_str_or(json_get(container, "logConfiguration"), "logDriver", drivers[0]);

	for (size_t i = 0; i < ARRAY_LEN(drivers); i++)
		if (strcmp(its, drivers[i]) == 0)
			return 0;
	return err_set(err, ERR_INVALID,
		       "Log driver %s is not applicable for Fargate: it has awslogs, splunk and "
		       "awsfirelens.",
		       its);
}

static int check_fargate(const cJSON *container, struct err *err)
{
	static const char *const not_there[] = {
		"privileged",
		"ulimits",
		"instanceType",
		"linuxParameters.devices",
		"linuxParameters.tmpfs",
		"linuxParameters.sharedMemorySize",
		"linuxParameters.maxSwap",
		"linuxParameters.swappiness",
	};
	int64_t disk = json_int(json_get(container, "ephemeralStorage"), "sizeInGiB", 21);

	for (size_t i = 0; i < ARRAY_LEN(not_there); i++)
		if (says(container, not_there[i]))
			return err_set(err, ERR_INVALID, "%s is not applicable for Fargate.",
				       not_there[i]);
	if (disk < 21 || disk > 200)
		return err_set(err, ERR_INVALID,
			       "ephemeralStorage.sizeInGiB must be between 21 and 200");
	if (check_fargate_log(container, err) < 0)
		return -1;
	return check_fargate_volumes(container, err);
}

static int check_ec2(const cJSON *container, struct err *err)
{
	static const char *const not_there[] = { "networkConfiguration",
						 "fargatePlatformConfiguration",
						 "runtimePlatform" };

	for (size_t i = 0; i < ARRAY_LEN(not_there); i++)
		if (says(container, not_there[i]))
			return err_set(err, ERR_INVALID, "%s not applicable for EC2.",
				       not_there[i]);
	return 0;
}

int check_container(const cJSON *container, enum platform p, struct err *err)
{
	if (check_image(container, err) < 0 ||
	    check_command(json_get(container, "command"), err) < 0 ||
	    check_environment_names(json_get(container, "environment"), err) < 0)
		return -1;
	return p == PLATFORM_FARGATE ? check_fargate(container, err) : check_ec2(container, err);
}
