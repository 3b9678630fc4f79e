/*
 * One record over several rows, as a household of a row a person: rows below each other that
 * say the same in the column that groups them (columns.tsv: group), or nothing there.
 *
 * What is of the whole stands in its first row, and in the others the same or nothing.  How
 * many rows there must be stands in the column `size`, so that a row that was cut off, or
 * sorted elsewhere, is noticed.
 */
#ifndef DAEMON_CODEC_ROW_GROUP_H
#define DAEMON_CODEC_ROW_GROUP_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "daemon/base/buf.h"
#include "daemon/codec/cells.h"
#include "daemon/codec/rows.h"

/* What one row says, or several. */
struct row_record {
	json_t *tree;
	struct cell_notes notes;
	const struct columns *columns;
};

#define DIFFERENCES_MAX 4
struct row_group {
	struct row_record record;
	struct row_place place;
	char sheet[128]; /* what place.sheet points at */
	struct buf said; /* by its rows */
	size_t n, n_things;
	bool is_given;       /* it was a record, and is none any more */
	json_t *home, *size; /* as its rows have them */
	const struct column_row *differ[DIFFERENCES_MAX];
	size_t n_differ;
};

/* Whether rows of that kind are grouped. */
bool row_group_is_of(const char *kind);
void row_group_empty(struct row_group *g);
void row_group_free(struct row_group *g);
/* Whether the row, which the file has at that place, is of the group; of an empty one any is.
 */
bool row_group_has(const struct row_group *g, const json_t *tree,
    const struct row_place *place);
/* Its tree is the group's then. */
void row_group_add(struct row_group *g, struct row_record *row, const struct row_place *place);
/* What is wrong with the rows together. */
void row_group_explain(const struct row_group *g, const struct codec *c);

#endif
