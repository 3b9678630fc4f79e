/*
 * The two long jobs of the outbox, each an object that frees itself when it has
 * called `done`.  They borrow ledger and board, which complete their calls.
 */
#ifndef DAEMON_OUTBOX_OUTBOX_WORK_H
#define DAEMON_OUTBOX_OUTBOX_WORK_H

#include "daemon/outbox/outbox.h"

enum { PAGE = 1000 }; /* rows read, and changes applied, at a time */

struct outbox_batch;

/*
 * The changes of a batch with their transactions, in the batch's own memory
 * (`changes` and `xids` have room for out->n).  Returns how many to apply: a
 * transaction that the page cut in two is left for the next page, unless it is
 * all there is.
 */
size_t outbox_whole_transactions(const struct outbox_batch *b, size_t limit,
    struct change *changes, uint64_t *xids);

/* `done` may be called before this returns: then what is returned is already gone. */
struct rebuild;
struct rebuild *rebuild_start(struct ledger *l, struct board *b, int city,
    struct rebuild_report *out, struct done done);
/* E_UNAVAILABLE as soon as nothing is outstanding, perhaps now: ledger and board may go. */
void rebuild_give_up(struct rebuild *r);
struct verify;
struct verify *verify_start(struct event_base *base, struct ledger *l, struct board *b,
    int city, struct verify_report *out, struct done done);
/* E_UNAVAILABLE as soon as nothing is outstanding, perhaps now: no further attempt. */
void verify_give_up(struct verify *v);

#endif
