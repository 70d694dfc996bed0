#ifndef TUI_KEY_H
#define TUI_KEY_H
#include <stddef.h>

/* Keys as the console knows them: a character's code point, or one of these. Enter, Tab,
 * Escape and Backspace never appear as the control characters they are on the wire. */
enum {
	KEY_NOTHING = 0,
	KEY_SPECIAL = 0x110000, /* above every code point */
	K_UP,
	K_DOWN,
	K_LEFT,
	K_RIGHT,
	K_HOME,
	K_END,
	K_PGUP,
	K_PGDN,
	K_DELETE,
	K_BACKSPACE,
	K_ENTER,
	K_ESC,
	K_TAB,
	K_BACKTAB,
	K_PASTE_BEGIN, /* what comes until K_PASTE_END was pasted, not typed */
	K_PASTE_END,
	K_F1,
	K_F12 = K_F1 + 11,
};
#define KEY_CTRL(letter) ((letter)&0x1f)

/* "j", "G", "Space", "C-d" (Ctrl), "PgDn", "F5", "S-Tab". KEY_NOTHING when unknown. */
int key_parse(const char *name, size_t len);
/* The name for people: "Ctrl-D", "Enter", "j". Returns buf. */
char *key_text(int key, char *buf, size_t size);

#endif
