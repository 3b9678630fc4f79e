/*
 * A text of a workbook, put together of its runs: what <si> and <is> hold.
 *
 * What a reader sees is kept, the phonetic guide of a name is not.  Blanks at the ends of a run
 * count only where the file says so.
 */
#ifndef DAEMON_SHEET_XLSX_TEXT_H
#define DAEMON_SHEET_XLSX_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/base/buf.h"

struct xlsx_text {
	struct buf text;
	size_t most;     /* bytes; of a longer text the beginning is kept, one byte too long */
	size_t from;     /* where the run at hand begins */
	int passed_over; /* depth of an element that is none of the text, or 0 */
	bool is_run, keeps_blanks;
};

void xlsx_text_begin(struct xlsx_text *t);
/* The handlers of an element inside. */
void xlsx_text_start(struct xlsx_text *t, int depth, const char *name, const char **attributes);
void xlsx_text_end(struct xlsx_text *t, int depth, const char *name);
void xlsx_text_put(struct xlsx_text *t, const char *bytes, size_t n);
/* It is whole: its escapes are undone. */
void xlsx_text_finish(struct xlsx_text *t);

#endif
