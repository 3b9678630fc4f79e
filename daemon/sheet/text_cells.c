/*
 * The cells of one row of text, out of their quotes.
 */
#include "daemon/sheet/text_cells.h"

#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/utf8.h"
#include "daemon/sheet/guard.h"

static char *cell_text(struct arena *a, const char *from, size_t n)
{
	char *out = arena_alloc(a, n + 1), *to = out;

	for (size_t i = 0; i < n; i++)
		if (from[i] == '\r') {
			*to++ = '\n';
			i += i + 1 < n && from[i + 1] == '\n';
		} else {
			*to++ = from[i];
		}
	*to = '\0';
	return out;
}

/* A cell's text out of its quotes; *at: behind it and its divider. */
static char *cut_cell(struct arena *a, const char *row, size_t len, char divides, size_t *at)
{
	const char *from = row + *at, *end = row + len, *stop;
	char *text, *to;

	if (from == end || *from != '"') {
		stop = memchr(from, divides, (size_t)(end - from));
		stop = stop ? stop : end;
		*at = (size_t)(stop - row) + 1;
		return cell_text(a, from, (size_t)(stop - from));
	}
	for (stop = from + 1;
	     stop < end && (*stop != '"' || (stop + 1 < end && stop[1] == '"'));)
		stop += *stop == '"' ? 2 : 1;
	text = to = cell_text(a, from + 1, (size_t)(stop - from - 1));
	for (const char *c = text; *c; c++) {
		*to++ = *c;
		c += *c == '"';
	}
	*to = '\0';
	stop = memchr(stop, divides, (size_t)(end - stop));
	*at = (size_t)((stop ? stop : end) - row) + 1;
	return text;
}

static struct cell cell_of(const char *text)
{
	bool is_empty = utf8_blank(text);

	return (struct cell){ is_empty ? CELL_EMPTY : CELL_TEXT,
		is_empty ? "" : guard_taken_away(text) };
}

void text_cells_cut(struct arena *a, const char *row, size_t len, char divides, size_t n,
    struct sheet_row *out)
{
	struct cell *cells = arena_alloc(a, n * sizeof(*cells));
	bool is_blank = true;

	for (size_t i = 0, at = 0; i < n; i++) {
		cells[i] = cell_of(
		    divides ? cut_cell(a, row, len, divides, &at) : cell_text(a, row, len));
		is_blank &= cells[i].kind == CELL_EMPTY;
	}
	out->cells = cells;
	out->n = is_blank ? 0 : n;
}
