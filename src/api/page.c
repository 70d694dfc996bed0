/* Lists in pages. A token is, as hex, a hash of the operation, of what was asked for and of
 * the position, and the position itself: one that was changed, or is used with another
 * request, is refused; nothing in it is secret, and every position it can carry is checked
 * by who reads it. */
#include "config.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "internal.h"

enum { HASH_DIGITS = 16 };

/* FNV-1a. */
static uint64_t mix(uint64_t h, const char *text)
{
	do {
		h ^= (unsigned char)*text;
		h *= UINT64_C(0x100000001b3);
	} while (*text++);
	return h;
}

static void hash(const struct api_call *c, const char *asked, const char *position,
		 char out[HASH_DIGITS + 1])
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	h = mix(mix(mix(h, c->op->name), asked), position);
	snprintf(out, HASH_DIGITS + 1, "%016" PRIx64, h);
}

void page_add_token(struct api_call *c, const char *member, const char *asked, const char *position)
{
	char sum[HASH_DIGITS + 1];
	struct buf b cleanup_buf;

	hash(c, asked, position, sum);
	buf_init(&b, HASH_DIGITS + 2 * PAGE_POSITION_SIZE);
	buf_adds(&b, sum);
	for (const char *p = position; *p; p++)
		buf_addf(&b, "%02x", (unsigned char)*p);
	json_add_str(c->out, member, buf_str(&b));
}

static int hex_digit(char ch)
{
	static const char digits[] = "0123456789abcdef";
	const char *p = ch ? strchr(digits, ch) : NULL;

	return p ? (int)(p - digits) : -1;
}

/* -1 when it is not what page_add_token wrote. */
static int decode(const char *hex, char out[PAGE_POSITION_SIZE])
{
	size_t n = strlen(hex);

	if (!n || n % 2 || n / 2 >= PAGE_POSITION_SIZE)
		return -1;
	for (size_t i = 0; i < n / 2; i++) {
		int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);

		if (high < 0 || low < 0 || !(high | low))
			return -1;
		out[i] = (char)(high << 4 | low);
	}
	out[n / 2] = '\0';
	return 0;
}

int page_position(const struct api_call *c, const char *asked, char out[PAGE_POSITION_SIZE],
		  struct err *err)
{
	const char *token = json_str_or(c->in, "nextToken", "");
	char sum[HASH_DIGITS + 1], position[PAGE_POSITION_SIZE];

	if (!*token) {
		out[0] = '\0';
		return 0;
	}
	if (strlen(token) > HASH_DIGITS && decode(token + HASH_DIGITS, position) == 0) {
		hash(c, asked, position, sum);
		if (strncmp(sum, token, HASH_DIGITS) == 0) {
			memcpy(out, position, sizeof position);
			return 0;
		}
	}
	return err_set(err, ERR_INVALID, "nextToken is not valid for this request");
}

int page_size(const struct api_call *c, const char *member, int most, int *size, struct err *err)
{
	int64_t n = json_int(c->in, member, most);

	if (n < 1)
		return err_set(err, ERR_INVALID, "%s must be at least 1", member);
	*size = n < most ? (int)n : most;
	return 0;
}
