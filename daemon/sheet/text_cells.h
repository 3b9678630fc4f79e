/*
 * A row of a text file, cut into its cells; inside sheet only.
 */
#ifndef DAEMON_SHEET_TEXT_CELLS_H
#define DAEMON_SHEET_TEXT_CELLS_H

#include "daemon/sheet/sheet.h"

/* The `n` cells of a row whose quotes are in order; `divides` 0: it is one, quotes and all. */
void text_cells_cut(struct arena *a, const char *row, size_t len, char divides, size_t n,
    struct sheet_row *out);

#endif
