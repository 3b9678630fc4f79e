/*
 * Whether the cells of a row are a record under the headings of its file.
 *
 * What is a record in form may still break every rule; that is for its reader.
 */
#include "daemon/codec/row_fits.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/count.h"
#include "daemon/codec/codec.h"
#include "daemon/codec/columns.h"
#include "daemon/codec/rules.h"
#include "daemon/sheet/sheet.h"

void row_fault(const struct codec *c, const char *where, const char *name, const char *found,
    const char *expected)
{
	enum broken b = 0;

	while (b < BROKEN_RULES - 1 && strcmp(broken_rule(b)->name, name) != 0)
		b++;
	fault_add(c->faults, where, name, found, expected, broken_rule(b)->en,
	    broken_rule(b)->zh);
}

enum rows_step row_no_headings(const struct codec *c, const char *kind)
{
	char expected[96] = "two of:";
	size_t len = strlen(expected);
	const struct column_row *row;

	for (size_t i = 0; (row = columns_row(kind, i)) && i < 6; i++) {
		size_t n = strcspn(row->headers, "|");

		if (columns_pass_over(row->as) || len + n + 2 > sizeof(expected))
			continue;
		len += (size_t)snprintf(expected + len, sizeof(expected) - len, " %.*s", (int)n,
		    row->headers);
	}
	row_fault(c, "/header", "headings", "", expected);
	return ROWS_BAD_FILE;
}

/* Cells beyond the headings, or under none. */
bool row_fits(const struct codec *c, const struct columns *columns, const struct sheet_row *row)
{
	char where[32], found[48], expected[64];

	for (size_t i = 0; i < row->n; i++) {
		if (row->cells[i].kind == CELL_EMPTY || (i < columns->n && columns->at[i].row))
			continue;
		if (i >= columns->n)
			break;
		snprintf(where, sizeof(where), "/cell/%zu", i + 1);
		/* Whose column it is, nobody knows: it may be a sealed one. */
		row_fault(c, where, "no-heading", NOT_SHOWN, "a heading above it, or nothing");
		return false;
	}
	/* A row of a spreadsheet ends with its last cell; one of CSV with its last comma. */
	if (row->n == columns->n || (row->n < columns->n && row->sheet))
		return true;
	for (size_t i = columns->n; i < row->n; i++)
		if (row->cells[i].kind != CELL_EMPTY) {
			i = row->n;
		} else if (i + 1 == row->n) {
			return true;
		}
	snprintf(found, sizeof(found), "%zu cells", row->n);
	snprintf(expected, sizeof(expected), "%zu cells, as in the header", columns->n);
	row_fault(c, "", "count", found, expected);
	return false;
}

/* Dividers of a text, line by line, are those of the rest of a row, of whole rows, and of the
 * beginning of one. */
static bool holds_rows(const char *text, char divides, size_t at, size_t columns)
{
	size_t n = 0, lines = 1;

	for (; *text; text++) {
		n += *text == divides;
		if (*text != '\n')
			continue;
		if (n != columns - 1 - (lines == 1 ? at : 0))
			return false;
		n = 0;
		lines++;
	}
	return lines > 1 && n == at;
}

/* A quote that was never closed, and another row's that closes it: what is between them is no
 * text of one cell. */
bool row_has_eaten(const struct codec *c, const struct columns *columns,
    const struct sheet_row *row)
{
	static const char dividers[] = { ',', '\t', ';' };

	for (size_t i = 0; row->lines > 1 && i < row->n; i++)
		for (size_t k = 0; k < COUNT(dividers); k++)
			if (holds_rows(row->cells[i].text, dividers[k], i, columns->n)) {
				char found[32];

				snprintf(found, sizeof(found), "cell %zu", i + 1);
				row_fault(c, "", "quote", found,
				    "a quote at both ends of the cell, each inside it twice");
				return true;
			}
	return false;
}

bool row_says_nothing(const struct columns *columns, const struct sheet_row *row)
{
	for (size_t i = 0; i < row->n; i++)
		if (row->cells[i].kind != CELL_EMPTY &&
		    (i >= columns->n || !columns->at[i].row ||
			!columns_pass_over(columns->at[i].row->as)))
			return false;
	return true;
}
