/*
 * Several calls of one statement as one call.
 *
 * What comes back is dealt out again, so that nobody who asked can tell.  The pool
 * decides who goes together, and what becomes of them when the one fails.
 */
#ifndef DAEMON_LEDGER_CALL_BATCH_H
#define DAEMON_LEDGER_CALL_BATCH_H

#include "daemon/ledger/call.h"

enum { BATCH_MAX = 128 };

/* Both may travel in one transaction: the same statement, which has a form for many, and
 * the same city. */
bool batch_may_join(const struct call *a, const struct call *b);
/* Takes the 1 to BATCH_MAX calls of the list, which is empty afterwards. */
struct call *batch_new(struct call_list *members);
bool call_is_batch(const struct call *c);
/* The next of its calls, no longer in it; NULL when none is left. */
struct call *batch_take(struct call *batch);
/* Gives each call its own rows.  false: the rows are no answer to a batch. */
MUST_CHECK bool batch_deal(struct call *batch);

#endif
