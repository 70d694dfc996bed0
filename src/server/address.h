#ifndef SERVER_ADDRESS_H
#define SERVER_ADDRESS_H
#include <stdbool.h>
#include <sys/socket.h>
#include "jobdeck/base/err.h"

/* Where to listen: "127.0.0.1:4566", "[::1]:4566", "localhost:0"; port 0 is any that is free. */
struct address {
	struct sockaddr_storage at;
	socklen_t len;
};
enum { ADDRESS_URL_SIZE = 80 };

/* Refuses what other machines could reach, unless `anywhere`. */
int address_parse(const char *text, bool anywhere, struct address *out, struct err *err);
/* "http://127.0.0.1:4566". Returns out. */
char *address_url(const struct address *a, char out[ADDRESS_URL_SIZE]);

#endif
