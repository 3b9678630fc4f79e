/*
 * A file of one kind of record, as trees: its rows (sheet) read by its headings (columns,
 * cells), several together where one record has several (row_group); a record of NDJSON is one
 * already.  What becomes of every line is counted.
 */
#ifndef DAEMON_CODEC_ROWS_H
#define DAEMON_CODEC_ROWS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon/codec/codec.h"
#include "daemon/sheet/sheet.h"

struct buf;
struct codec;
struct columns;
struct rows;

#define ROW_BYTES_MAX ((size_t)65536)
#define ROW_CELLS_MAX ((size_t)256)

enum rows_step {
	ROWS_RECORD,
	ROWS_REFUSED, /* a row that is no record: the faults say why; the next may be one */
	ROWS_MORE,    /* as SHEET_MORE */
	ROWS_END,
	ROWS_BAD_FILE /* the faults say why, or it is ours: none; nothing more comes of it */
};

/* Where a record stands. */
struct row_place {
	uint64_t line, lines;
	const char *sheet; /* NULL: the file has but one; until the next is asked for */
};
/* Lines of the file, told apart: each is in one of them, or in a record or a refusal. */
struct row_counts {
	uint64_t lines, blank, header; /* header: what stands above the headings too */
};

/* `kind` is one of columns.tsv; `charset` as in sheet_new.  NULL: there is no such charset. */
struct rows *rows_new(enum sheet_kind form, const char *kind, const struct sheet_limits *limits,
    const char *charset);
void rows_free(struct rows *r); /* NULL is fine */

size_t rows_put(struct rows *r, const char *bytes, size_t n, bool is_last);
/* c->faults is emptied first; `place` is what it was set to by the call before. */
enum rows_step rows_next(struct rows *r, const struct codec *c, struct row_place *place);
/* The record that was given last, as a tree that the caller owns and may change; as often as it
 * is asked for. */
json_t *rows_record(const struct rows *r);
/* Its columns, until the next worksheet but one begins. */
const struct columns *rows_columns(const struct rows *r);
/* After that was read with that result: what its faults say, said by the columns of the file.
 * The result, or READ_INVALID if the sheet has spoiled a text that was taken. */
enum read_result rows_explain(const struct rows *r, const struct codec *c,
    enum read_result result);
struct row_counts rows_counts(const struct rows *r);
/* Members of an object that is open: what was passed over, and what was hidden in the file. */
void rows_put_left_out(const struct rows *r, struct buf *out);
/* What the record says that was given last: of each of its rows ROW_SAID; then its cells, each
 * as its heading, which decides how it is read and its unit, '\n', the digit of its kind, its
 * text, '\0'; or '\n' and why it could not be read. */
#define ROW_SAID '\x1e'
void rows_said(const struct rows *r, struct buf *out);
/* Whether that was a row of several lines, of which only the first was refused. */
bool rows_are_misread(const struct rows *r);

#endif
