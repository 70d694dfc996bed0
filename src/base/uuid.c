#include "config.h"
#include "jobdeck/base/uuid.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static void fill_random(unsigned char *bytes, size_t n)
{
	if (getrandom(bytes, n, 0) != (ssize_t)n)
		abort(); /* cannot happen for up to 256 bytes after boot */
}

static void format(const unsigned char b[16], char out[UUID_SIZE])
{
	static const char hex[] = "0123456789abcdef";
	char *p = out;

	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		*p++ = hex[b[i] >> 4];
		*p++ = hex[b[i] & 15];
	}
	*p = '\0';
}

/* Time in the first 48 bits; then a 12-bit and a 14-bit counter that starts at a random
 * low value every millisecond and carries into the time when it overflows. */
void uuid_v7(jd_time now, char out[UUID_SIZE])
{
	static jd_time last;
	static unsigned counter;
	unsigned char b[16];

	fill_random(b, sizeof b);
	if (now > last) {
		last = now;
		counter = ((unsigned)b[0] << 8 | b[1]) & 0x3fff;
	} else if (++counter >= 1u << 26) {
		last++;
		counter = 0;
	}
	for (int i = 0; i < 6; i++)
		b[i] = (unsigned char)((uint64_t)last >> (8 * (5 - i)));
	b[6] = (unsigned char)(0x70 | (counter >> 22 & 0x0f));
	b[7] = (unsigned char)(counter >> 14);
	b[8] = (unsigned char)(0x80 | (counter >> 8 & 0x3f));
	b[9] = (unsigned char)counter;
	format(b, out);
}

void uuid_v4(char out[UUID_SIZE])
{
	unsigned char b[16];

	fill_random(b, sizeof b);
	b[6] = (unsigned char)(0x40 | (b[6] & 0x0f));
	b[8] = (unsigned char)(0x80 | (b[8] & 0x3f));
	format(b, out);
}

bool uuid_is(const char *text)
{
	if (strlen(text) != UUID_SIZE - 1)
		return false;
	for (int i = 0; i < UUID_SIZE - 1; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' : !strchr("0123456789abcdef", text[i]))
			return false;
	}
	return true;
}

jd_time uuid_time(const char *text)
{
	char hex[13];

	if (!uuid_is(text) || text[14] != '7')
		return -1;
	memcpy(hex, text, 8);
	memcpy(hex + 8, text + 9, 4);
	hex[12] = '\0';
	return (jd_time)strtoll(hex, NULL, 16);
}
