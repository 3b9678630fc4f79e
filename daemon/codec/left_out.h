/*
 * What no record was made of, and what was out of the sender's sight: told with the totals of a
 * file, so that nothing is left out in silence.
 */
#ifndef DAEMON_CODEC_LEFT_OUT_H
#define DAEMON_CODEC_LEFT_OUT_H

#include "daemon/base/buf.h"
#include "daemon/codec/passed_over.h"

struct columns;
struct sheet;
struct sheet_row;

struct left_out {
	struct buf worksheets, columns, hidden; /* as JSON, between its brackets */
	struct buf rows[PASSED_KINDS];
};

void left_out_release(struct left_out *l);
/* A worksheet without headings, of which nothing was read. */
void left_out_worksheet(struct left_out *l, const char *name);
/* The headings of the worksheet of the row just given: those that are passed over, and those
 * that are hidden and read. */
void left_out_columns(struct left_out *l, const struct columns *columns, const struct sheet *s);
/* A row that is no record. */
void left_out_row(struct left_out *l, enum passed_over what, const struct sheet_row *row);
/* Members of the totals' "file", each only when there is something to tell; 28 KiB at most. */
void left_out_write(const struct left_out *l, const struct sheet *s, struct buf *out);

#endif
