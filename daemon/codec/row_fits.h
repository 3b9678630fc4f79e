/*
 * Rows of a sheet that are no record: empty ones, quotes that were never closed, cells
 * under no heading; inside codec only.
 */
#ifndef DAEMON_CODEC_ROW_FITS_H
#define DAEMON_CODEC_ROW_FITS_H

#include <stdbool.h>

#include "daemon/codec/rows.h"

struct codec;
struct columns;
struct sheet_row;

/* Adds a fault by the rule's name. */
void row_fault(const struct codec *c, const char *where, const char *name, const char *found,
    const char *expected);

/* ROWS_BAD_FILE, and why: no row has headings. */
enum rows_step row_no_headings(const struct codec *c, const char *kind);

/* Nothing, or only what is passed over: running numbers wait for rows in many a form. */
bool row_says_nothing(const struct columns *columns, const struct sheet_row *row);

/* Each with a fault that says so; the arena is of the row. */
bool row_has_eaten(const struct codec *c, const struct columns *columns,
    const struct sheet_row *row); /* others, behind a quote */
/* False: it has cells beyond the headings, or under none; with a fault. */
bool row_fits(const struct codec *c, const struct columns *columns,
    const struct sheet_row *row);

#endif
