/*
 * The lines of a return in a file: the member `file` of its body, a sheet in base64.
 *
 * Its rows are read as those of an import are, and become the members `lines` and `closed`;
 * what is wrong with one is told by its row and column.  Nothing of the file is taken unless
 * all of it is.
 */
#ifndef DAEMON_CODEC_RETURN_ROWS_H
#define DAEMON_CODEC_RETURN_ROWS_H

#include <jansson.h>

#include "daemon/codec/return.h"

struct field;

/* Where the lines stand in the file, inside codec and to be passed back. */
struct return_rows;

/* With a member `file`, whose place `lines` and `closed` take in the tree: reads the lines into
 * `out`, and sets rows there.  Without one it does nothing. */
void return_rows_read(const struct field *top, const struct return_path *path, const char *dir,
    json_t *tree, struct filed_return *out);

/* Faults of /lines/3 and /closed/0 get the row and the column that they are of. */
void return_rows_explain(const struct return_rows *rows, struct faults *faults);
/* The same in the members of a problem, as the ledger wrote them. */
const char *return_rows_tell(struct arena *a, const struct return_rows *rows,
    const char *members);

#endif
