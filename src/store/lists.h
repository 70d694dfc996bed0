#ifndef STORE_LISTS_H
#define STORE_LISTS_H
#include "internal.h"

/* Lists in one column. list_print_... gives the column's text (NULL: empty; caller frees),
 * list_take_... takes the next column: -1 when it holds no such list. */
char *list_print_names(char *const *names, int count);
int list_take_names(struct query *q, char **names, int max, int *count, struct err *err);
int list_take_all_names(struct query *q, char ***names, int *count, struct err *err);
char *list_print_rules(const struct retry_strategy *r);
int list_take_rules(struct query *q, struct retry_strategy *r, struct err *err);
char *list_print_depends(const struct job *job);
int list_take_depends(struct query *q, struct job *job, struct err *err);
char *list_print_consume(const struct job *job);
int list_take_consume(struct query *q, struct job *job, struct err *err);
char *list_print_needs(const struct job *job);
int list_take_needs(struct query *q, struct job *job, struct err *err);
char *list_print_limits(const struct queue *queue);
int list_take_limits(struct query *q, struct queue *queue, struct err *err);
char *list_print_shares(const struct policy *p);
int list_take_shares(struct query *q, struct policy *p, struct err *err);

#endif
