/*
 * A table of config/data: tab-separated UTF-8 lines under one header line,
 * nothing quoted, nothing escaped.
 *
 * The text is read whole and cut in place; whoever opened it owns `text`, and
 * the fields point into it.
 */
#ifndef DAEMON_TABLES_TSV_H
#define DAEMON_TABLES_TSV_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/base/status.h"

#define TSV_FIELDS 12

struct tsv {
	char path[512];
	char *text;
	size_t lines; /* at most so many rows */
	const char *field[TSV_FIELDS];
	/* where it stands */
	char *next;
	size_t line;
	int columns;
	bool is_broken;
};

/* `header`: the header line that the file must have.  False, text NULL: the reason went to
 * stderr. */
MUST_CHECK bool tsv_open(struct tsv *t, const char *dir, const char *name, const char *header);
/* The next row into `field`; false at the end, or at a bad line: then is_broken. */
bool tsv_next(struct tsv *t);
/* Says what is wrong with the current row; always false. */
bool tsv_refuse(struct tsv *t, const char *what, const char *value);
/* Says what is wrong with the table as a whole; always false. */
bool tsv_refuse_table(const struct tsv *t, const char *what, const char *value);
/* Whether one of the words that | divides is this one; letters of ASCII are alike. */
bool tsv_has_word(const char *words, const char *word, size_t n);

#endif
