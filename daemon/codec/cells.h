/*
 * Cells of a file as the members that they would be in JSON.
 */
#ifndef DAEMON_CODEC_CELLS_H
#define DAEMON_CODEC_CELLS_H

#include <jansson.h>

#include "daemon/codec/columns.h"
#include "daemon/codec/rules.h"

struct faults;

/*
 * A column of each thing of a list (experience.months) has the things one below the other in
 * its cell, or with semicolons between; the first of each such column are of one thing, the
 * second of another, and "-" is nothing.
 */

/* What a cell that cannot be read is answered, in the place of what its member's reader says.
 */
struct cell_note {
	const struct column *column; /* NULL: nothing is to be said */
	int item;         /* of a list that the column is of each thing of; else -1 */
	enum broken rule; /* BROKEN_RULES: its own, but of what was found */
	char found[64];
	char expected[172]; /* "": what is expected of the member */
};
struct cell_notes {
	size_t n;
	struct cell_note at[COLUMNS_MAX];
};

/*
 * The row as one object.  A cell that its column cannot read stays a text, so that the reader
 * of records refuses it; empty cells, and stated absences (面议, 不限) where there may be none,
 * are no members.  The caller owns the tree.
 */
json_t *cells_read(const struct codec *c, const struct columns *columns,
    const struct sheet_row *row, struct cell_notes *notes);
/* Faults of a record that was read from such a tree, told by the columns it has: each names its
 * heading, and says what the note does.  A note of a member that its reader took, a text that
 * the sheet has spoiled, is a fault of its own. */
void cells_explain(const struct columns *columns, const struct cell_notes *notes,
    const json_t *tree, struct faults *faults);

/* The heading of the column that a pointer into such a tree is of; NULL: none. */
const char *cells_heading(const struct columns *columns, const char *pointer);

#endif
