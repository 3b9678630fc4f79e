/*
 * Rows that are no record, whatever stands there: the example of a form of ours, the headings
 * once more, a row of sums, what stands below a table for whoever signs it.
 */
#ifndef DAEMON_CODEC_PASSED_OVER_H
#define DAEMON_CODEC_PASSED_OVER_H

#include <stdbool.h>

struct arena;
struct columns;
struct sheet_row;

enum passed_over { PASSED_EXAMPLE, PASSED_HEADINGS, PASSED_SUMS, PASSED_FOOTER, PASSED_KINDS };

/* What the example of a form says, so that it is told from a record; in which form, is one. */
const char *passed_over_example(bool is_zh);
/* Whether a cell is that, alone or behind what it is an example of. */
bool passed_over_is_example(struct arena *scratch, const char *cell);
/* False: it may be a record. */
bool passed_over(struct arena *scratch, const struct columns *columns,
    const struct sheet_row *row, enum passed_over *what);

#endif
