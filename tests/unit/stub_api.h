#ifndef TEST_STUB_API_H
#define TEST_STUB_API_H
#include "jobdeck/api/api.h"

/* An API without an engine, for tests of what is around it. By path:
 *	/echo		answers at once with the request's body
 *	/commit		answers in stub_commit, like a change that has to be on disk first
 *	/wait		answers in stub_answer_waiting, like JobdeckWatch
 *	/big		answers at once with STUB_BIG bytes
 *	/jobdeck/jobdeckstop	as /echo
 * Anything else: 404. */
enum { STUB_BIG = 8 * 1024 * 1024 };

struct api *stub_api_new(void);
void stub_api_free(struct api *a);
void stub_commit(struct api *a);
void stub_answer_waiting(struct api *a);
int stub_waiting(const struct api *a); /* not answered, not dropped */
int stub_handled(const struct api *a);
int stub_dropped(const struct api *a);

#endif
