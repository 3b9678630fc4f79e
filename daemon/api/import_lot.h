/*
 * A lot of an import: records of a file on their way to the ledger, and what
 * each of them is answered.
 */
#ifndef DAEMON_API_IMPORT_LOT_H
#define DAEMON_API_IMPORT_LOT_H

#include "daemon/api/common.h"

struct lot;

struct lot *lot_new(void);
void lot_free(struct lot *b); /* NULL is fine */
void lot_empty(struct lot *b);
size_t lot_records(const struct lot *b);
bool lot_is_full(const struct lot *b);
/* Where what is read for it lives. */
struct arena *lot_memory(const struct lot *b);

/* The record as a line, or as a refusal; false: it must wait for the next lot, because the
 * ledger takes each vacancy once, and counts the posts of one approval at a time. */
bool lot_take(struct flow *f, struct lot *b, struct records *record, const struct codec *codec,
    const char *employer);
/* One call; `done` when it is over. */
void lot_send(struct flow *f, struct lot *b, const char *run, struct done done);
/* After that: its receipts, a line each; and the position of what it wrote, or "".  STEP_DONE:
 * the ledger refused it, and that is answered. */
enum next lot_settle(struct flow *f, struct lot *b, struct buf *receipts,
    const char **position);

#endif
