/*
 * Values out of binary rows.
 *
 * rows_are() is asked first; after it every value has the length of its type.
 * A NULL reads as 0, false, "" or no bytes.
 */
#ifndef DAEMON_LEDGER_ROWS_H
#define DAEMON_LEDGER_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include <libpq-fe.h>

#include "daemon/base/change.h"
#include "daemon/base/status.h"

struct arena;

/* One letter a column: q bigint, i int, c "char", o boolean, t text, b bytea. */
MUST_CHECK bool rows_are(const PGresult *rows, const char *types);
bool row_has(const PGresult *rows, int row, int column); /* not NULL */
int64_t row_i64(const PGresult *rows, int row, int column);
int row_i32(const PGresult *rows, int row, int column);
char row_char(const PGresult *rows, int row, int column);
bool row_bool(const PGresult *rows, int row, int column);
/* The row's own, until it is cleared. */
const char *row_text(const PGresult *rows, int row, int column);
/* Copied into the arena. */
struct blob row_blob(const PGresult *rows, int row, int column, struct arena *a);

#endif
