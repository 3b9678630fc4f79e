/*
 * The merged cells of one worksheet: what stands in the first of them stands in all.
 */
#ifndef DAEMON_SHEET_XLSX_MERGES_H
#define DAEMON_SHEET_XLSX_MERGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/sheet/sheet.h"
#include "daemon/sheet/xlsx_xml.h"

struct xlsx_entry;
struct xlsx_merges;
struct xlsx_merging;

/* Reads a whole worksheet for them, a piece at a time: they stand at its end.  Takes the entry;
 * afterwards gives what was found, sorted. */
struct xlsx_merging *xlsx_merging_new(struct xlsx_entry *entry);
enum xlsx_step xlsx_merging_read(struct xlsx_merging *g, struct sheet_fault *why);
struct xlsx_merges *xlsx_merging_take(struct xlsx_merging *g);
void xlsx_merging_free(struct xlsx_merging *g); /* NULL is fine */

struct xlsx_merges *xlsx_merges_new(void);
void xlsx_merges_free(struct xlsx_merges *m); /* NULL is fine */
/* "B2:C5"; false: it is no range, or they are too many. */
bool xlsx_merges_add(struct xlsx_merges *m, const char *range)
    __attribute__((warn_unused_result));
/* All are added. */
void xlsx_merges_sort(struct xlsx_merges *m);
/* The cells of the next row (rows come in order), with `n` of them set and room for `room`:
 * fills those that are merged with one above or beside them.  Returns the new `n`.  A title,
 * the only cell of its row, stays one cell.  Texts live until the row after. */
size_t xlsx_merges_fill(struct xlsx_merges *m, uint64_t row, struct cell *cells, size_t n,
    size_t room);

/* "AB12": column and row from 1; false: it is no cell. */
bool xlsx_cell_name(const char *name, uint64_t *column, uint64_t *row, const char **end)
    __attribute__((warn_unused_result));

#endif
