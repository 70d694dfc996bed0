#include "config.h"
#include "agenda.h"
#ifndef __unused
#define __unused __attribute__((unused)) /* tree.h wants it and does not bring it */
#endif
#include <bsd/sys/tree.h>
#include "jobdeck/base/mem.h"

/* The events to come, in a tree whose spent nodes are used again. */

struct node {
	struct event event;
	int64_t number;
	RB_ENTRY(node) link;
	struct node *next; /* among the spent ones */
};

RB_HEAD(events, node);

struct agenda {
	struct events events;
	struct node *spent;
	int64_t added;
};

static int compare(const struct node *a, const struct node *b)
{
	if (a->event.at != b->event.at)
		return a->event.at < b->event.at ? -1 : 1;
	if (a->event.job != b->event.job)
		return a->event.job < b->event.job ? -1 : 1;
	return (a->number > b->number) - (a->number < b->number);
}

/* cppcheck-suppress unknownMacro */
RB_GENERATE_STATIC(events, node, link, compare)

struct agenda *agenda_new(void)
{
	return xcalloc(1, sizeof(struct agenda));
}

void agenda_free(struct agenda *agenda)
{
	struct node *node;

	while ((node = RB_ROOT(&agenda->events))) {
		RB_REMOVE(events, &agenda->events, node);
		free(node);
	}
	while ((node = agenda->spent)) {
		agenda->spent = node->next;
		free(node);
	}
	free(agenda);
}

void agenda_add(struct agenda *agenda, const struct event *event)
{
	struct node *node = agenda->spent;

	if (node)
		agenda->spent = node->next;
	else
		node = xmalloc(sizeof *node);
	node->event = *event;
	node->number = agenda->added++;
	RB_INSERT(events, &agenda->events, node);
}

static struct node *first(const struct agenda *agenda)
{
	struct events events = agenda->events;

	return RB_MIN(events, &events);
}

jd_time agenda_next(const struct agenda *agenda)
{
	const struct node *node = first(agenda);

	return node ? node->event.at : JD_NEVER;
}

bool agenda_take(struct agenda *agenda, jd_time now, struct event *out)
{
	struct node *node = first(agenda);

	if (!node || node->event.at > now)
		return false;
	*out = node->event;
	RB_REMOVE(events, &agenda->events, node);
	node->next = agenda->spent;
	agenda->spent = node;
	return true;
}
