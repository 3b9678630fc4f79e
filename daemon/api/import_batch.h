/*
 * A batch of an import: records of a file on their way to the ledger, and what
 * each of them is answered.
 */
#ifndef DAEMON_API_IMPORT_BATCH_H
#define DAEMON_API_IMPORT_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/flow/flow.h"

struct arena;
struct buf;
struct faults;
struct import_batch;
struct import_kind;
struct import_reading;
struct row_place;
struct rows;

struct import_batch *import_batch_new(const struct import_kind *kind, enum lang lang);
void import_batch_free(struct import_batch *b); /* NULL is fine */
void import_batch_empty(struct import_batch *b);
/* An empty one becomes one that was sent before: it is as long as it was then, whatever is in
 * it, and its refusals have been counted. */
void import_batch_repeat(struct import_batch *b);
size_t import_batch_records(const struct import_batch *b);
bool import_batch_is_full(const struct import_batch *b);
/* Of its records, those refused here, and after it is settled by the ledger too. */
size_t import_batch_refused(const struct import_batch *b);
/* After that: what became of the others is added to the tally. */
struct import_tally {
	size_t added, changed, unchanged;
};
void import_batch_tally(const struct import_batch *b, struct import_tally *to);
/* Where what is read for it lives. */
struct arena *import_batch_memory(const struct import_batch *b);

/* The record as what it is, or as a refusal; `said` is what its rows say, kept for a sheet to
 * mend them in, or NULL.  False: it must wait for the next batch, because it
 * is about what another of this one is about. */
bool import_batch_take(struct import_batch *b, const struct rows *rows,
    const struct row_place *place, const struct buf *said,
    const struct import_reading *reading);
/* A row that is no record: the codec's faults say why. */
void import_batch_refuse(struct import_batch *b, const struct row_place *place,
    const struct buf *said, const struct faults *why);
/* One call; `done` when it is over.  It begins behind `from` records of the file, and `digest`
 * is that of the file with it; no `run`: it is only tried. */
void import_batch_send(struct flow *f, struct import_batch *b, const char *run, size_t from,
    const uint8_t digest[static 32], struct done done);
/* After that: its receipts, a line each; the rows of what was refused (refused_rows.h); and the
 * position of what it wrote, or "".  STEP_DONE: the ledger refused it, and that is answered. */
enum next import_batch_settle(struct flow *f, struct import_batch *b, struct buf *receipts,
    struct buf *refused, const char **position);

#endif
