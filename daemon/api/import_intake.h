/*
 * The intake of an import: bytes of the body become rows, rows become records or
 * refusals, records become batches, and what the ledger answers a batch becomes
 * receipts.
 *
 * It knows nothing of how an import is opened and closed, nor of its totals.
 */
#ifndef DAEMON_API_IMPORT_INTAKE_H
#define DAEMON_API_IMPORT_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/api/import_batch.h"
#include "daemon/api/import_known.h"
#include "daemon/codec/codec.h"
#include "daemon/codec/rows.h"
#include "daemon/flow/flow.h"

struct import_kind;
struct receipts;
struct refused_rows;

/* All zeroes, and then what stands above the line is its owner's to set; intake_release gives
 * all of it back. */
struct intake {
	const struct import_kind *kind;
	const char *run;      /* NULL: it is only tried */
	const char *employer; /* whose a line is that does not say so, or NULL */
	struct rows *rows;
	struct import_batch *gathering, *sent;
	struct import_known known;
	struct receipts *receipts;
	struct refused_rows *refused; /* beside them; NULL: nobody can ask for them */
	size_t from;                  /* behind how many records the next batch begins */
	size_t n_refused;             /* of batches that are settled, and of earlier runs */
	int64_t until_ms;
	struct codec codec;   /* its faults are these */
	struct faults faults; /* of one record, or of the file */
	const char *refusal;  /* the problem that ends it before its end; NULL: none */
	/* ---- */
	struct row_place record; /* the one given last */
	bool holds_record;       /* it did not fit into the last batch */
	bool has_rows;           /* each has a receipt, refused or not */
	bool is_unreadable;      /* from its beginning */
	bool is_all;             /* its last byte was put */
	bool is_read;            /* to its end */
	bool is_stopped;         /* by a limit: no more lines are taken */
	bool is_away;            /* `sent` is */
	uint64_t n_in_records;   /* lines of the file that are in one, or in a refusal */
	char chunk[65536];
	size_t chunk_at, chunk_len;
	enum status fate;          /* of what was away */
	struct done waits;         /* the flow, for bytes or for the batch */
	struct buf said;           /* what the record says */
	uint8_t taken[32];         /* the digest of all up to the last that is in a batch */
	struct import_tally tally; /* of this run's */
	struct buf page, rows_page;
	char position[48]; /* of what was written last, or "" */
};

void intake_release(struct intake *in);

/* A step that is taken again.  STEP_NEXT: the body has ended, was cut, or nothing more is taken
 * of it, every batch has come back, and `refusal` says whether it ends so; STEP_DONE: the
 * ledger did not take a batch, and that is answered. */
enum next intake_take(struct flow *f, struct intake *in);

/* The disk of receipts and files is full (errno says how): that is the refusal, and the same
 * file is sent again when there is room. */
void intake_without_room(struct flow *f, struct intake *in, const char *slug);

/* Answers the refusal. */
enum next intake_refuse(struct flow *f, const struct intake *in);

#endif
