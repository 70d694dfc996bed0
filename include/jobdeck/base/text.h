#ifndef JOBDECK_BASE_TEXT_H
#define JOBDECK_BASE_TEXT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Text from outside, made safe for a terminal. Safe text is UTF-8 without C0 and C1
 * control characters, DEL, bidirectional overrides or invalid sequences; those become
 * visible: "^[", "^M", "<9b>", "<202e>". Tabs become spaces to the next multiple of 8. */

/* Appends the safe form of `len` bytes to out (NUL-terminated, at most size - 1 bytes, cut
 * at a character). Returns the length it would have had. */
size_t text_safe(char *out, size_t size, const char *in, size_t len);
/* As text_safe into fresh memory. Caller frees. */
char *text_safe_dup(const char *in, size_t len);
/* Drops escape sequences (CSI, OSC and the like) as a whole instead of showing them, then
 * as text_safe. For log text, where colours would only be noise. */
size_t text_plain(char *out, size_t size, const char *in, size_t len);

/* A copy as valid UTF-8, for JSON: bytes that are no character, and NULs, become U+FFFD; all
 * else, control characters too, stays. Caller frees. */
char *text_utf8_dup(const char *in, size_t len);

/* Cells that safe text takes on the screen. */
int text_width(const char *safe);
/* The next character of safe text, and *p behind it; 0 at the end, where *p stays. A byte
 * that begins no character reads as U+FFFD. */
uint32_t text_next(const char **p);
int text_cells(uint32_t c); /* cells of one character: 0 (it joins the one before), 1 or 2 */
/* Copies safe text so that it takes at most `cells` cells; what is cut off is told by a
 * final '+' . Returns the cells used. */
int text_fit(char *out, size_t size, const char *safe, int cells);
/* True when the locale's character set is UTF-8. */
bool text_utf8_locale(void);

/* True when `name` follows AWS Batch's rule for names: 1..128 letters, digits, '-', '_'
 * and, when `first_alnum`, beginning with a letter or digit (ID-4). */
bool text_is_name(const char *name, bool first_alnum);

#endif
