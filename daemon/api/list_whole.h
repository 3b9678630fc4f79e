/*
 * ?columns=import: the rows of a list as the whole records that an import takes, in its
 * columns.
 */
#ifndef DAEMON_API_LIST_WHOLE_H
#define DAEMON_API_LIST_WHOLE_H

#include <stdbool.h>

#include "daemon/flow/flow.h"

struct arena;
struct ask;
struct listing;
struct writer;

/* Reads the parameter, which the caller names in ask_parameters() among his own.  `kind`: what
 * the ledger calls what the list is of. */
void list_takes_whole(struct flow *f, struct listing *l, const char *kind);

/* Asks for the whole records of a page, in that memory; false: it has none. */
bool ask_whole(struct flow *f, const struct listing *l, struct ask *ask, struct arena *memory);
/* Writes them, when they have come.  `written`: how many there are already, whose number goes
 * on. False: the reply is not what it must be. */
bool write_whole(struct flow *f, const struct ask *ask, struct arena *memory, struct writer *w,
    size_t *written);
/* The headings over them. */
void write_whole_headings(struct flow *f, struct arena *memory, struct writer *w);

#endif
