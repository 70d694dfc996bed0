#ifndef AWS_INTERNAL_H
#define AWS_INTERNAL_H
#include "jobdeck/aws/sigv4.h"

/* Between the files of this folder. */

void sha256_hex(const void *data, size_t len, char out[SIGV4_HEX_SIZE]);
/* The signature of a request by a key, in hex. -1: as sigv4_canonical. */
int sigv4_signature(const struct sigv4_request *r, const char *signed_headers, size_t signed_len,
		    const char *date, const struct sigv4_scope *s,
		    const unsigned char key[SIGV4_KEY_SIZE], char out[SIGV4_HEX_SIZE],
		    struct err *err);

#endif
