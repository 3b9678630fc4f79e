/*
 * config/data/choices.tsv as rows: every code word with its names, what it means
 * and the other spellings met in spreadsheets.
 *
 * For programs that print from it.  The daemon has the same rows compiled in
 * (choices.h).  A table with a wrong row is refused whole: file, line, what is
 * wrong and how to mend it go to stderr.
 */
#ifndef DAEMON_TABLES_CHOICE_ROWS_H
#define DAEMON_TABLES_CHOICE_ROWS_H

#include "daemon/tables/tsv.h"

struct choice_row {
	const char *list, *code, *zh, *en;
	const char *parent; /* a code of the same list; "" at the top */
	const char *definition_zh, *definition_en;
	const char *spellings; /* "全职|全日"; "" for none */
	size_t line;
};

struct choice_rows {
	char *text;              /* the fields point into it */
	struct choice_row *rows; /* in the file's order; a list's stand together */
	size_t n;
};

MUST_CHECK bool choice_rows_read(struct choice_rows *out, const char *data_dir);
void choice_rows_free(struct choice_rows *c);
/* The first row of a list, or NULL when there is no such list; *n: how many it has. */
const struct choice_row *choice_rows_list(const struct choice_rows *c, const char *list,
    size_t *n);
/* The row of a code, or NULL. */
const struct choice_row *choice_rows_find(const struct choice_rows *c, const char *list,
    const char *code);

#endif
