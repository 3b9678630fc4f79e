/*
 * The rows of one worksheet, one at a time.
 */
#ifndef DAEMON_SHEET_XLSX_ROWS_H
#define DAEMON_SHEET_XLSX_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/sheet/sheet.h"
#include "daemon/sheet/xlsx_xml.h"

struct xlsx_book;
struct xlsx_entry;
struct xlsx_merges;
struct xlsx_rows;
struct xlsx_strings;

/* Takes the entry and the merges; `strings` may be NULL. */
struct xlsx_rows *xlsx_rows_new(struct xlsx_entry *entry, const struct xlsx_book *book,
    struct xlsx_strings *strings, struct xlsx_merges *merges,
    const struct sheet_limits *limits);
void xlsx_rows_free(struct xlsx_rows *r); /* NULL is fine */
/* SHEET_ROW, SHEET_BAD_ROW, SHEET_MORE, SHEET_END or SHEET_BAD_FILE; rows in which nothing
 * stands are passed over. */
enum sheet_step xlsx_rows_next(struct xlsx_rows *r, struct arena *a, struct sheet_row *row,
    struct sheet_fault *why);
/* Cells that had a value, of the rows given so far. */
uint64_t xlsx_rows_cells(const struct xlsx_rows *r);
uint64_t xlsx_rows_hidden(const struct xlsx_rows *r); /* rows among them that are not shown */
bool xlsx_rows_hides(const struct xlsx_rows *r, size_t column); /* from 0 */

#endif
