/*
 * What the columns of a form say of themselves, inside codec only.
 */
#ifndef DAEMON_CODEC_FORM_EXAMPLES_H
#define DAEMON_CODEC_FORM_EXAMPLES_H

#include <stdbool.h>

#include "daemon/codec/columns.h"
#include "daemon/codec/form.h"

struct arena;

/* Whether a row without it is refused. */
bool form_needs(const struct column_row *row);
/* How a cell is filled in. */
const char *form_explanation(struct arena *a, const struct column_row *row, bool is_zh);
/* What stands there in the row of examples, a code as itself; NULL: nothing. */
const char *form_example_of(struct arena *a, const struct column_row *row, bool is_zh,
    const struct form_example *example);

#endif
