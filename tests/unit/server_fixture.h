#ifndef TEST_SERVER_FIXTURE_H
#define TEST_SERVER_FIXTURE_H
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include "jobdeck/base/buf.h"
#include "jobdeck/base/mem.h"
#include "jobdeck/base/time.h"
#include "../../src/server/http.h"
#include "stub_api.h"

/* The server's HTTP against a stub of the API, and clients that may do anything. All run in one
 * thread; nothing sleeps, everything is waited for with a deadline. */
enum { DEADLINE_MS = 10000 };

struct fixture {
	char dir[64];
	char *sock, *keys;
	struct loop *loop;
	struct api *api;
	struct http *http;
};

int server_up_quiet(void **state); /* does not serve yet */
int server_up(void **state);
int server_down(void **state);
/* 0: as usual. */
void serve(struct fixture *f, int max_connections, int idle_s, int request_s);

struct peer {
	int fd;
	struct buf in;
	bool closed;
};

/* -1 when nobody lets us in. */
int connect_to(const char *sock);
int connect_tcp(const char *url);
void peer_open(struct peer *p, struct fixture *f);
void peer_open_tcp(struct peer *p, struct fixture *f); /* at the first address */
void peer_close(struct peer *p);
void peer_read(struct peer *p);
void say(struct peer *p, const char *text, size_t len);
/* How many whole answers have come. */
int answers(struct peer *p);

void request(struct buf *b, const char *path, const char *headers, const char *body);
void ask(struct peer *p, const char *path, const char *headers, const char *body);
void expect(struct peer *p, const char *text);
/* Asks on a fresh connection and checks what the answer begins with. */
void check_serves(struct fixture *f);

/* Turns the loop until the condition holds. */
#define UNTIL(f, condition)                                                  \
	do {                                                                 \
		int64_t end_ = time_mono() + DEADLINE_MS;                    \
		while (!(condition)) {                                       \
			loop_turn((f)->loop, 5);                             \
			if (time_mono() > end_)                              \
				fail_msg("not within 10 s: %s", #condition); \
		}                                                            \
	} while (0)

#endif
