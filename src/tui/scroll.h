#ifndef TUI_SCROLL_H
#define TUI_SCROLL_H
#include <stdbool.h>
#include "actions.h"

/* Moves a top row by the actions that mean movement. `page`: rows shown, `total`: rows
 * there are. False when the action is not one of them. */
bool scroll_act(int *top, enum action a, int page, int total);

#endif
