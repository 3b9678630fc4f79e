/*
 * A batch of an import: records of a file on their way to the ledger, and what
 * each of them is answered.
 */
#ifndef DAEMON_API_IMPORT_BATCH_H
#define DAEMON_API_IMPORT_BATCH_H

#include "daemon/api/common.h"

struct batch;

struct batch *batch_new(void);
void batch_free(struct batch *b); /* NULL is fine */
void batch_empty(struct batch *b);
size_t batch_records(const struct batch *b);
bool batch_is_full(const struct batch *b);
/* Where what is read for it lives. */
struct arena *batch_memory(const struct batch *b);

/* The record as a line, or as a refusal; false: it must wait for the next batch, because the
 * ledger takes each vacancy once, and counts the posts of one approval at a time. */
bool batch_take(struct flow *f, struct batch *b, struct records *record,
    const struct codec *codec, const char *employer);
/* One call; `done` when it is over. */
void batch_send(struct flow *f, struct batch *b, const char *run, struct done done);
/* After that: its receipts, a line each; and the position of what it wrote, or "".  STEP_DONE:
 * the ledger refused it, and that is answered. */
enum next batch_settle(struct flow *f, struct batch *b, struct buf *receipts,
    const char **position);

#endif
