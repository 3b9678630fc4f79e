/*
 * A sheet of whatever kind: the one place that knows which file reads which.
 */
#include "daemon/sheet/sheet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/oom.h"
#include "daemon/base/utf8.h"
#include "daemon/sheet/kinds.h"

struct sheet {
	const struct sheet_reader *reader;
	void *state;
};

static const struct sheet_reader *const readers[] = {
	[SHEET_NDJSON] = &text_sheet,
	[SHEET_CSV] = &text_sheet,
	[SHEET_XLSX] = &xlsx_sheet,
};

struct sheet *sheet_new(enum sheet_kind kind, const struct sheet_limits *limits,
    const char *charset)
{
	const struct sheet_reader *reader = readers[kind];
	void *state = reader ? reader->open(kind, limits, charset) : NULL;
	struct sheet *s;

	if (!state)
		return NULL;
	s = must_alloc(sizeof(*s));
	s->reader = reader;
	s->state = state;
	return s;
}

void sheet_free(struct sheet *s)
{
	if (!s)
		return;
	s->reader->close(s->state);
	free(s);
}

size_t sheet_put(struct sheet *s, const char *bytes, size_t n, bool is_last)
{
	return s->reader->put(s->state, bytes, n, is_last);
}

enum sheet_step sheet_next(struct sheet *s, struct arena *a, struct sheet_row *row,
    struct sheet_fault *why)
{
	return s->reader->next(s->state, a, row, why);
}

bool sheet_refuse_row(struct sheet *s, struct sheet_row *row)
{
	return s->reader->refuse_row && s->reader->refuse_row(s->state, row);
}

uint64_t sheet_lines(const struct sheet *s)
{
	return s->reader->lines(s->state);
}

const char *sheet_hidden_name(const struct sheet *s, size_t i)
{
	return s->reader->hidden_name ? s->reader->hidden_name(s->state, i) : NULL;
}

uint64_t sheet_hidden_rows(const struct sheet *s)
{
	return s->reader->hidden_rows ? s->reader->hidden_rows(s->state) : 0;
}

bool sheet_hides_column(const struct sheet *s, size_t column)
{
	return s->reader->hides_column && s->reader->hides_column(s->state, column);
}

/* What many systems give out as .xls: no table of text and no record begins so. */
static bool is_page(const char *bytes, size_t n)
{
	size_t at = n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	while (at < n && (bytes[at] == ' ' || bytes[at] == '\r' || bytes[at] == '\n' ||
			     bytes[at] == '\t'))
		at++;
	return at < n && bytes[at] == '<';
}

bool sheet_is_another(const char *bytes, size_t n, struct sheet_fault *why)
{
	if (n >= 8 && memcmp(bytes, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8) == 0)
		sheet_fault_set(why, "sheet-kind", ".xls, .et", ".xlsx");
	else if (n >= 4 && memcmp(bytes, "PK\3\4", 4) == 0)
		sheet_fault_set(why, "sheet-label", ".xlsx, by its bytes",
		    "a name that ends in .xlsx");
	else if (is_page(bytes, n))
		sheet_fault_set(why, "sheet-page", "HTML, by its bytes", ".xlsx");
	else
		return false;
	return true;
}

void sheet_fault_set(struct sheet_fault *f, const char *rule, const char *found,
    const char *expected)
{
	f->rule = rule;
	utf8_cut(f->found, sizeof(f->found), found);
	utf8_cut(f->expected, sizeof(f->expected), expected);
}
