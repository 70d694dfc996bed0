/* Workload files, read line by line as a forecast asks for its next job. */
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include "jobdeck/base/i18n.h"
#include "workload.h"

enum { LINE_MAX_BYTES = 1 << 20, CODES_MAX = 10 };

/* Jobs that were given out, by key: where they come from. */
struct arrival {
	int64_t key;
	uint32_t entry;
	uint32_t copy; /* of a repeated line: which, from 0 */
};

/* A line that repeats: it comes again at `at`. */
struct repeat {
	jd_time at;
	int64_t left, every_ms;
	uint32_t entry, copy;
	struct job *job;
};

struct workload {
	struct workload_reader reader;
	const char *text; /* the file, or what was read of standard input */
	int64_t size, offset, line;
	bool mapped;
	struct buf input;
	jd_time start, last;
	struct workload_entry *entry;
	size_t entry_count, entry_cap;
	struct arrival *arrival;
	size_t arrival_count, arrival_cap;
	struct repeat *repeat; /* a heap, the next to come first */
	size_t repeat_count, repeat_cap;
	struct repeat ahead; /* the line that was read but has not come yet; job NULL: none */
	cJSON *ahead_json;
	bool at_end;
	struct job *given;  /* what was given out last, */
	bool given_is_last; /* and is ours to free */
};

/* ---- the file */

static int map_file(struct workload *w, const char *path, struct err *err)
{
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *text;

	if (fd < 0 || fstat(fd, &st))
		return err_sys(err, "cannot read %s", path);
	w->size = st.st_size;
	if (!w->size)
		return 0;
	text = mmap(NULL, (size_t)w->size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (text == MAP_FAILED)
		return err_sys(err, "cannot read %s", path);
	w->text = text;
	w->mapped = true;
	return 0;
}

static int read_input(struct workload *w, struct err *err)
{
	char part[1 << 16];
	ssize_t n;

	while ((n = read(STDIN_FILENO, part, sizeof part)) > 0)
		buf_add(&w->input, part, (size_t)n);
	if (n < 0)
		return err_sys(err, "cannot read standard input");
	w->text = buf_str(&w->input);
	w->size = (int64_t)w->input.len;
	return 0;
}

/* The next line that says something: where it begins and how long it is. False at the end. */
static bool next_line(struct workload *w, int64_t *at, int64_t *len)
{
	while (w->offset < w->size) {
		const char *from = w->text + w->offset;
		const char *end = memchr(from, '\n', (size_t)(w->size - w->offset));

		*at = w->offset;
		*len = end ? end - from : w->size - w->offset;
		w->offset += *len + 1;
		w->line++;
		while (*len && (from[*len - 1] == '\r' || from[*len - 1] == ' '))
			--*len;
		if (*len && *from != '#')
			return true;
	}
	return false;
}

/* ---- what a line says besides the job */

/* Seconds since the beginning, or a moment. */
static int read_arrival(const struct workload *w, const cJSON *line, jd_time *at, struct err *err)
{
	const cJSON *said = json_get(line, "arrivalTime");

	*at = w->last;
	if (!said)
		said = json_get(line, "at");
	if (cJSON_IsNumber(said) && said->valuedouble >= 0 && said->valuedouble < 1e11)
		*at = w->start + (jd_time)llround(said->valuedouble * 1000);
	else if (cJSON_IsString(said) && time_read(said->valuestring) >= 0)
		*at = time_read(said->valuestring);
	else if (said)
		return err_set(err, ERR_INVALID,
			       "arrivalTime must be seconds since the beginning, or a moment such "
			       "as \"2026-11-22T14:03:00Z\"");
	if (*at < w->last)
		return err_set(err, ERR_INVALID,
			       "it arrives before the line above; sort the file by arrivalTime");
	return 0;
}

static int read_count(const cJSON *line, const char *member, double least, double most, double def,
		      double *out, struct err *err)
{
	const cJSON *said = json_get(line, member);

	*out = def;
	if (!said)
		return 0;
	if (!cJSON_IsNumber(said) || said->valuedouble < least || said->valuedouble > most)
		return err_set(err, ERR_INVALID, "%s must be a number from %g to %g", member,
			       least, most);
	*out = said->valuedouble;
	return 0;
}

static int bad_codes(struct err *err)
{
	return err_set(err, ERR_INVALID,
		       "exitCode must be a number from 0 to 255, or a list of at most %d",
		       CODES_MAX);
}

static int read_codes(const cJSON *line, struct workload_entry *e, struct err *err)
{
	const cJSON *said = json_get(line, "exitCode"), *item;
	int n = cJSON_IsArray(said) ? cJSON_GetArraySize(said) : 1;

	if (!said)
		return 0;
	if (n < 1 || n > CODES_MAX)
		return bad_codes(err);
	e->code = xcalloc((size_t)n, sizeof *e->code);
	for (item = cJSON_IsArray(said) ? said->child : said; e->code_count < n;
	     item = item->next) {
		if (!cJSON_IsNumber(item) || item->valuedouble < 0 || item->valuedouble > 255)
			return bad_codes(err);
		e->code[e->code_count++] = (int)item->valuedouble;
	}
	return 0;
}

static int read_duration(const struct workload *w, const cJSON *line, struct workload_entry *e,
			 struct err *err)
{
	double seconds;

	if (read_count(line, "durationSeconds", 0, 1e9, -1, &seconds, err) < 0)
		return -1;
	e->duration_ms = seconds >= 0 ? llround(seconds * 1000) :
					w->reader.source.duration(w->reader.source.arg, line, err);
	return e->duration_ms < 0 ? -1 : 0;
}

static int read_repeat(const cJSON *line, struct repeat *r, struct err *err)
{
	double count, every;

	if (read_count(line, "count", 1, 1e9, 1, &count, err) < 0 ||
	    read_count(line, "everySeconds", 0, 1e9, 0, &every, err) < 0)
		return -1;
	if (count > 1 && json_get(line, "jobId"))
		return err_set(err, ERR_INVALID,
			       "a jobId can name only one job: leave count or jobId out");
	r->left = llround(count);
	r->every_ms = llround(every * 1000);
	return 0;
}

static int read_line(struct workload *w, const cJSON *line, struct workload_entry *e,
		     struct err *err)
{
	struct repeat *r = &w->ahead;

	if (!cJSON_IsObject(line))
		return err_set(err, ERR_INVALID, "a job is an object: {\"jobQueue\": ...}");
	if (read_arrival(w, line, &r->at, err) < 0 || read_repeat(line, r, err) < 0 ||
	    read_codes(line, e, err) < 0 || read_duration(w, line, e, err) < 0)
		return -1;
	r->job = workload_job(&w->reader, line, err);
	return r->job ? 0 : -1;
}

/* Reads the next line into w->ahead; nothing at the end. */
static int read_ahead(struct workload *w, struct err *err)
{
	struct workload_entry e = { 0 };
	struct err why = { 0 };
	int64_t at, len;

	if (w->ahead.job || w->at_end)
		return 0;
	if (!next_line(w, &at, &len)) {
		w->at_end = true;
		return 0;
	}
	e = (struct workload_entry){ .line = w->line, .offset = at, .len = len };
	cJSON_Delete(w->ahead_json);
	w->ahead_json = len > LINE_MAX_BYTES ? NULL : json_parse(w->text + at, (size_t)len, &why);
	w->ahead = (struct repeat){ .entry = (uint32_t)w->entry_count };
	if (!w->ahead_json || read_line(w, w->ahead_json, &e, &why) < 0) {
		free(e.code);
		return err_set(err, why.kind ? why.kind : ERR_INVALID, "line %lld: %s",
			       (long long)w->line,
			       why.kind ? why.text : "it is longer than a megabyte");
	}
	ARRAY_ROOM(w->entry, w->entry_count, w->entry_cap);
	w->entry[w->entry_count++] = e;
	w->last = w->ahead.at;
	return 0;
}

/* ---- the heap of what repeats */

static bool comes_before(const struct repeat *a, const struct repeat *b)
{
	return a->at != b->at ? a->at < b->at : a->entry < b->entry;
}

static void sift_down(struct workload *w, size_t i)
{
	for (;;) {
		size_t least = i;
		struct repeat swap;

		for (size_t k = 2 * i + 1; k <= 2 * i + 2 && k < w->repeat_count; k++) {
			if (comes_before(&w->repeat[k], &w->repeat[least]))
				least = k;
		}
		if (least == i)
			return;
		swap = w->repeat[i];
		w->repeat[i] = w->repeat[least];
		w->repeat[least] = swap;
		i = least;
	}
}

static void heap_add(struct workload *w, const struct repeat *r)
{
	size_t i = w->repeat_count;

	ARRAY_ROOM(w->repeat, w->repeat_count, w->repeat_cap);
	w->repeat[w->repeat_count++] = *r;
	while (i && comes_before(&w->repeat[i], &w->repeat[(i - 1) / 2])) {
		struct repeat swap = w->repeat[i];

		w->repeat[i] = w->repeat[(i - 1) / 2];
		w->repeat[(i - 1) / 2] = swap;
		i = (i - 1) / 2;
	}
}

/* ---- jobs */

static void give(struct workload *w, const struct repeat *r, int64_t key,
		 struct forecast_arrival *out)
{
	w->given = r->job;
	w->given_is_last = r->left == 1;
	r->job->key = key;
	ARRAY_ROOM(w->arrival, w->arrival_count, w->arrival_cap);
	w->arrival[w->arrival_count++] = (struct arrival){ key, r->entry, r->copy };
	*out = (struct forecast_arrival){ .at = r->at, .job = r->job };
}

static void give_repeated(struct workload *w, int64_t key, struct forecast_arrival *out)
{
	struct repeat *r = &w->repeat[0];

	give(w, r, key, out);
	r->copy++;
	r->at += r->every_ms;
	if (--r->left == 0)
		*r = w->repeat[--w->repeat_count];
	sift_down(w, 0);
}

static void give_ahead(struct workload *w, int64_t key, struct forecast_arrival *out)
{
	struct repeat r = w->ahead;

	w->ahead.job = NULL;
	give(w, &r, key, out);
	workload_know(&w->reader, w->ahead_json, r.job);
	if (--r.left == 0)
		return;
	r.copy++;
	r.at += r.every_ms;
	heap_add(w, &r);
}

static void drop_given(struct workload *w)
{
	if (w->given_is_last)
		job_free(w->given);
	w->given = NULL;
}

int workload_next(void *workload, int64_t key, struct forecast_arrival *out, struct err *err)
{
	struct workload *w = workload;

	drop_given(w);
	if (read_ahead(w, err) < 0)
		return -1;
	if (!w->ahead.job && !w->repeat_count)
		return 0;
	if (w->repeat_count && (!w->ahead.job || comes_before(&w->repeat[0], &w->ahead)))
		give_repeated(w, key, out);
	else
		give_ahead(w, key, out);
	return 1;
}

/* Children and nodes have the keys behind their parent's. */
static const struct arrival *arrival_of(const struct workload *w, int64_t key)
{
	size_t low = 0, high = w->arrival_count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (w->arrival[middle].key <= key)
			low = middle;
		else
			high = middle;
	}
	return &w->arrival[low];
}

bool workload_settle(void *workload, const struct job *job)
{
	struct workload *w = workload;
	struct workload_entry *e = &w->entry[arrival_of(w, job->key)->entry];

	e->fails |= workload_look_back(&w->reader, w->given); /* `job` is what was given out last */
	return e->fails;
}

int64_t workload_duration(void *workload, int64_t key, int attempt)
{
	const struct workload *w = workload;

	(void)attempt;
	return w->entry[arrival_of(w, key)->entry].duration_ms;
}

int workload_exit_code(void *workload, int64_t key, int attempt)
{
	const struct workload *w = workload;
	const struct workload_entry *e = &w->entry[arrival_of(w, key)->entry];

	if (!e->code_count)
		return 0;
	return e->code[attempt <= e->code_count ? attempt - 1 : e->code_count - 1];
}

void workload_describe(void *workload, int64_t key, cJSON *into)
{
	const struct workload *w = workload;
	const struct arrival *a = arrival_of(w, key);
	const struct workload_entry *e = &w->entry[a->entry];
	cJSON *line cleanup_json = json_parse(w->text + e->offset, (size_t)e->len, NULL);

	json_add_int(into, "line", e->line);
	json_add_str(into, "jobName", json_str(line, "jobName"));
	json_add_str(into, "jobId", json_str(line, "jobId"));
	if (json_get(line, "count"))
		json_add_int(into, "copy", a->copy);
	if (key > a->key)
		json_add_int(into, "index", key - a->key - 1);
}

void workload_ended(void *workload, const struct forecast_job *job)
{
	struct workload *w = workload;

	workload_note_end(&w->reader, job);
}

int64_t workload_position(const struct workload *w)
{
	return w->offset < w->size ? w->offset : w->size;
}

int64_t workload_size(const struct workload *w)
{
	return w->size;
}

jd_time workload_start(const struct workload *w)
{
	return w->start;
}

/* The first line decides when it begins. */
static int find_start(struct workload *w, jd_time now, struct err *err)
{
	int64_t at, len;
	cJSON *line cleanup_json = NULL;
	const cJSON *said;

	w->start = w->last = now;
	if (!next_line(w, &at, &len))
		return err_set(err, ERR_INVALID, "there is no job in the file");
	line = len > LINE_MAX_BYTES ? NULL : json_parse(w->text + at, (size_t)len, NULL);
	said = json_get(line, "arrivalTime");
	said = said ? said : json_get(line, "at");
	if (cJSON_IsString(said) && time_read(said->valuestring) >= 0)
		w->start = w->last = time_read(said->valuestring);
	w->offset = w->line = 0;
	return 0;
}

struct workload *workload_open(const char *path, jd_time now, const struct workload_source *source,
			       struct err *err)
{
	struct workload *w = xcalloc(1, sizeof *w);

	w->reader.source = *source;
	buf_init(&w->input, SIZE_MAX / 2);
	if ((strcmp(path, "-") == 0 ? read_input(w, err) : map_file(w, path, err)) ||
	    find_start(w, now, err)) {
		workload_close(w);
		return NULL;
	}
	return w;
}

void workload_close(struct workload *w)
{
	union {
		const char *in;
		char *out;
	} text;

	if (!w)
		return;
	text.in = w->text;
	if (w->mapped)
		munmap(text.out, (size_t)w->size);
	buf_fini(&w->input);
	for (size_t i = 0; i < w->entry_count; i++)
		free(w->entry[i].code);
	for (size_t i = 0; i < w->repeat_count; i++)
		job_free(w->repeat[i].job);
	drop_given(w);
	job_free(w->ahead.job);
	cJSON_Delete(w->ahead_json);
	workload_forget_all(&w->reader);
	free(w->entry);
	free(w->arrival);
	free(w->repeat);
	free(w);
}
