/*
 * A batch of an import: records of a file on their way to the ledger, and what
 * each of them is answered.
 */
#ifndef DAEMON_API_IMPORT_BATCH_H
#define DAEMON_API_IMPORT_BATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/flow/flow.h"

struct arena;
struct buf;
struct codec;
struct import_batch;
struct records;

struct import_batch *import_batch_new(void);
void import_batch_free(struct import_batch *b); /* NULL is fine */
void import_batch_empty(struct import_batch *b);
size_t import_batch_records(const struct import_batch *b);
bool import_batch_is_full(const struct import_batch *b);
/* Where what is read for it lives. */
/* Of its records, those refused here, and after it is settled by the ledger too. */
size_t import_batch_refused(const struct import_batch *b);
struct arena *import_batch_memory(const struct import_batch *b);

/* The record as a line, or as a refusal; false: it must wait for the next batch, because the
 * ledger takes each vacancy once, and counts the posts of one approval at a time. */
bool import_batch_take(struct flow *f, struct import_batch *b, struct records *record,
    const struct codec *codec, const char *employer);
/* One call; `done` when it is over. */
void import_batch_send(struct flow *f, struct import_batch *b, const char *run,
    struct done done);
/* After that: its receipts, a line each; and the position of what it wrote, or "".  STEP_DONE:
 * the ledger refused it, and that is answered. */
enum next import_batch_settle(struct flow *f, struct import_batch *b, struct buf *receipts,
    const char **position);

#endif
