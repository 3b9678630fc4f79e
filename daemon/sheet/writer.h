/*
 * A sheet on its way out: cells in order, row by row, into a file without a name.
 *
 * CSV is UTF-8 with its mark, so that every spreadsheet reads it, and ends its lines with CRLF.
 * Nothing of what is written is taken for a formula.  Memory does not grow with the rows.
 */
#ifndef DAEMON_SHEET_WRITER_H
#define DAEMON_SHEET_WRITER_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/sheet/sheet.h"

struct writer;

/* CSV or XLSX, in that directory; `name` is the worksheet's.  NULL: no file can be made. */
struct writer *writer_new(enum sheet_kind kind, const char *dir, const char *name);
void writer_free(struct writer *w); /* NULL is fine */

/* The next cell of the row.  NULL or "" is an empty one; what is no number or day after all is
 * written as text. */
void writer_text(struct writer *w, const char *text);
void writer_head(struct writer *w, const char *text); /* a heading */
void writer_number(struct writer *w, const char *decimal);
void writer_day(struct writer *w, const char *day); /* YYYY-MM-DD */
void writer_row_end(struct writer *w);
size_t writer_rows(const struct writer *w);

/* What a template has beside its cells; CSV has nothing of it.  Columns count from 0. */
void writer_column_is_text(struct writer *w, size_t column); /* before its first cell */
/* The words that may stand in a column, below its first row: NULL-terminated, to stay until
 * writer_end, as the notes. */
void writer_column_choices(struct writer *w, size_t column, const char *const *words);
void writer_column_note(struct writer *w, size_t column, const char *title, const char *text);
/* What follows stands on another worksheet; false: there is but one, and nothing may follow. */
bool writer_sheet(struct writer *w, const char *name);

/* How many rows there can be: a spreadsheet has a last one. */
size_t writer_rows_max(enum sheet_kind kind);
/* Finishes the file: long for XLSX, which is packed now; of one writer it may run in a thread
 * of its own.  False: the disk is full, was full, or there were no descriptors. */
bool writer_end(struct writer *w) __attribute__((warn_unused_result));
/* After writer_end: the file, to be closed by who takes it, and its length. */
int writer_take(struct writer *w, size_t *len);

#endif
