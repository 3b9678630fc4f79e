/*
 * The rows of one worksheet.
 *
 * A cell's place is what the file says, or the next one where it says nothing.  A formula is
 * what it came to when it was last reckoned; one that never was is an error, as #REF! is.  What
 * is hidden is read: a filter hides rows, and whoever sends the file means all of it.
 */
#include "daemon/sheet/xlsx_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/oom.h"
#include "daemon/sheet/kinds.h"
#include "daemon/sheet/xlsx_book.h"
#include "daemon/sheet/xlsx_merges.h"
#include "daemon/sheet/xlsx_numbers.h"
#include "daemon/sheet/xlsx_strings.h"
#include "daemon/sheet/xlsx_text.h"

enum { WORKSHEET = 1, SHEET_DATA, ROW, CELL, VALUE };

struct xlsx_rows {
	struct xlsx_xml *xml;
	const struct xlsx_book *book;
	struct xlsx_strings *strings;
	struct xlsx_merges *merges;
	const struct sheet_limits *limits;
	bool in_data, in_columns, is_whole; /* the row is */
	bool *hides;                        /* each of `columns` */
	/* The row. */
	uint64_t row, column; /* from 1; the last that was read */
	size_t n, n_set;
	struct cell *cells; /* of `columns`; text: where it begins in `texts` */
	size_t *begins;
	struct buf texts;
	const char *too_much; /* what there is too much of, or NULL */
	size_t most;
	bool is_hidden;
	/* The cell. */
	char type[12];
	size_t style;
	bool has_value, has_formula, in_value;
	struct xlsx_text text;
	uint64_t n_cells, n_hidden;
};

static void refuse(struct xlsx_rows *r, const char *found)
{
	xlsx_xml_refuse(r->xml, "sheet-broken", found, ".xlsx");
}

static bool is_hidden(const char **attributes)
{
	const char *hidden = xlsx_attribute(attributes, "hidden");

	return hidden && (*hidden == '1' || *hidden == 't');
}

/* Columns side by side, from 1. */
static void note_columns(struct xlsx_rows *r, const char **attributes)
{
	const char *from = xlsx_attribute(attributes, "min");
	const char *to = xlsx_attribute(attributes, "max");
	uint64_t last = to ? strtoull(to, NULL, 10) : 0;

	if (!from || !is_hidden(attributes))
		return;
	for (uint64_t i = strtoull(from, NULL, 10); i && i <= last && i <= r->limits->columns;
	     i++)
		r->hides[i - 1] = true;
}

static void begin_row(struct xlsx_rows *r, const char **attributes)
{
	const char *at = xlsx_attribute(attributes, "r");
	uint64_t row = at ? strtoull(at, NULL, 10) : r->row + 1;

	if (row <= r->row || row > 1048576) {
		refuse(r, "rows out of order");
		return;
	}
	r->row = row;
	r->column = 0;
	r->n = r->n_set = 0;
	r->too_much = NULL;
	r->is_hidden = is_hidden(attributes);
	buf_clear(&r->texts);
}

static void begin_cell(struct xlsx_rows *r, const char **attributes)
{
	const char *at = NULL, *type = "n", *style = "0", *end;
	uint64_t row;

	for (; *attributes; attributes += 2) {
		if (strcmp(attributes[0], "r") == 0)
			at = attributes[1];
		else if (strcmp(attributes[0], "t") == 0)
			type = attributes[1];
		else if (strcmp(attributes[0], "s") == 0)
			style = attributes[1];
	}
	if (!at)
		r->column++;
	else if (!xlsx_cell_name(at, &r->column, &row, &end) || row != r->row || *end)
		refuse(r, at);
	snprintf(r->type, sizeof(r->type), "%s", type);
	r->style = strtoull(style, NULL, 10);
	r->has_value = r->has_formula = r->in_value = false;
	xlsx_text_begin(&r->text);
}

static void on_start(void *arg, int depth, const char *name, const char **attributes)
{
	struct xlsx_rows *r = arg;

	if (depth == SHEET_DATA) {
		r->in_data = strcmp(name, "sheetData") == 0;
		r->in_columns = strcmp(name, "cols") == 0;
	} else if (r->in_columns) {
		note_columns(r, attributes);
	}
	if (!r->in_data || depth <= SHEET_DATA)
		return;
	if (depth == ROW) {
		begin_row(r, attributes);
	} else if (depth == CELL) {
		begin_cell(r, attributes);
	} else if (depth > VALUE) {
		xlsx_text_start(&r->text, depth, name, attributes);
	} else if (*name == 'v') {
		r->in_value = r->text.is_run = true;
		r->text.keeps_blanks = true;
		r->has_value = true;
	} else {
		r->has_value = r->has_value || strcmp(name, "is") == 0;
		r->has_formula = r->has_formula || strcmp(name, "f") == 0;
	}
}

static void on_text(void *arg, int depth, const char *bytes, size_t n)
{
	struct xlsx_rows *r = arg;

	if (r->in_data && depth >= VALUE)
		xlsx_text_put(&r->text, bytes, n);
}

/* What there is of the cell goes to the end of `texts`. */
static enum cell_kind read_value(struct xlsx_rows *r)
{
	const struct buf *text = &r->text.text;
	const char *value = text->len ? text->data : "";
	struct buf *out = &r->texts;
	uint64_t number;
	char *end;

	if (!r->has_value ||
	    (!text->len && (strcmp(r->type, "s") == 0 || strcmp(r->type, "n") == 0))) {
		if (!r->has_formula)
			return CELL_EMPTY;
		buf_puts(out, CELL_NEVER);
		return CELL_BAD;
	}
	if (strcmp(r->type, "s") == 0) {
		number = strtoull(value, &end, 10);
		if (*end || !r->strings || !xlsx_strings_get(r->strings, number, out)) {
			buf_printf(out, "string %.20s", value);
			return CELL_BAD;
		}
		return CELL_TEXT;
	}
	if (strcmp(r->type, "n") == 0) {
		bool is_day = r->style < r->book->n_formats && r->book->is_day[r->style];

		if (is_day && xlsx_put_day(out, value, r->book->is_1904))
			return CELL_DAY;
		if (xlsx_put_number(out, value))
			return CELL_NUMBER;
		buf_put(out, value, text->len);
		return CELL_BAD;
	}
	if (strcmp(r->type, "b") == 0) {
		buf_puts(out, *value == '1' || *value == 't' ? "TRUE" : "FALSE");
		return CELL_FLAG;
	}
	xlsx_text_finish(&r->text);
	buf_put(out, value, text->len);
	if (strcmp(r->type, "e") == 0)
		return CELL_BAD;
	if (strcmp(r->type, "d") == 0 && text->len >= 10) {
		buf_upto(out, out->data + out->len - text->len + 10);
		return CELL_DAY;
	}
	return CELL_TEXT;
}

static void end_cell(struct xlsx_rows *r)
{
	size_t begin = r->texts.len, len, column = (size_t)r->column - 1;
	enum cell_kind kind;

	if (r->too_much)
		return;
	kind = read_value(r);
	len = r->texts.len - begin;
	if (kind == CELL_TEXT && len == 0)
		kind = CELL_EMPTY;
	if (kind == CELL_EMPTY)
		return;
	buf_putc(&r->texts, '\0');
	if (len > r->limits->cell_bytes || r->texts.len > r->limits->record_bytes) {
		r->too_much = "bytes";
		r->most = len > r->limits->cell_bytes ? r->limits->cell_bytes
						      : r->limits->record_bytes;
		return;
	}
	if (column >= r->limits->columns) {
		r->too_much = "columns";
		r->most = r->limits->columns;
		return;
	}
	for (; r->n <= column; r->n++)
		r->cells[r->n] = (struct cell){ CELL_EMPTY, "" };
	if (r->cells[column].kind != CELL_EMPTY) {
		refuse(r, "a cell twice");
		return;
	}
	r->cells[column].kind = kind;
	r->begins[column] = begin;
	r->n_set++;
}

static void on_end(void *arg, int depth, const char *name)
{
	struct xlsx_rows *r = arg;

	if (!r->in_data)
		return;
	if (depth > VALUE) {
		xlsx_text_end(&r->text, depth, name);
	} else if (depth == VALUE) {
		r->text.is_run = false;
	} else if (depth == CELL) {
		end_cell(r);
	} else if (depth == ROW && (r->n_set || r->too_much)) {
		r->is_whole = true;
		xlsx_xml_hold(r->xml);
	}
}

struct xlsx_rows *xlsx_rows_new(struct xlsx_entry *entry, const struct xlsx_book *book,
    struct xlsx_strings *strings, struct xlsx_merges *merges, const struct sheet_limits *limits)
{
	static const struct xlsx_handlers handlers = { on_start, on_end, on_text };
	struct xlsx_rows *r = must_alloc(sizeof(*r));

	r->xml = xlsx_xml_new(entry, &handlers, r);
	r->book = book;
	r->strings = strings;
	r->merges = merges;
	r->limits = limits;
	r->text.most = limits->cell_bytes;
	r->cells = must_alloc(limits->columns * sizeof(*r->cells));
	r->begins = must_alloc(limits->columns * sizeof(*r->begins));
	r->hides = must_alloc(limits->columns * sizeof(*r->hides));
	return r;
}

void xlsx_rows_free(struct xlsx_rows *r)
{
	if (!r)
		return;
	xlsx_xml_free(r->xml);
	xlsx_merges_free(r->merges);
	buf_free(&r->texts);
	buf_free(&r->text.text);
	free(r->cells);
	free(r->begins);
	free(r->hides);
	free(r);
}

static enum sheet_step give(struct xlsx_rows *r, struct arena *a, struct sheet_row *row,
    struct sheet_fault *why)
{
	size_t bytes = 0;
	struct cell *cells;
	char found[48], most[48];

	row->line = r->row;
	row->lines = 1;
	row->n = 0;
	r->n_hidden += r->is_hidden;
	if (r->too_much) {
		snprintf(found, sizeof(found), "%s", r->too_much);
		snprintf(most, sizeof(most), "<= %zu %s", r->most, r->too_much);
		sheet_fault_set(why, "sheet-size", found, most);
		return SHEET_BAD_ROW;
	}
	for (size_t i = 0; i < r->n; i++)
		if (r->cells[i].kind != CELL_EMPTY)
			r->cells[i].text = r->texts.data + r->begins[i];
	r->n_cells += r->n_set;
	if (r->merges)
		r->n = xlsx_merges_fill(r->merges, r->row, r->cells, r->n, r->limits->columns);
	for (size_t i = 0; i < r->n; i++)
		bytes += strlen(r->cells[i].text) + 1;
	if (bytes > r->limits->record_bytes + r->n) {
		snprintf(most, sizeof(most), "<= %zu bytes", r->limits->record_bytes);
		sheet_fault_set(why, "sheet-size", "bytes", most);
		return SHEET_BAD_ROW;
	}
	cells = arena_memdup(a, r->cells, r->n * sizeof(*cells));
	for (size_t i = 0; i < r->n; i++)
		if (cells[i].kind != CELL_EMPTY)
			cells[i].text = arena_strdup(a, cells[i].text);
	row->n = r->n;
	row->cells = cells;
	return SHEET_ROW;
}

enum sheet_step xlsx_rows_next(struct xlsx_rows *r, struct arena *a, struct sheet_row *row,
    struct sheet_fault *why)
{
	r->is_whole = false;
	switch (xlsx_xml_read(r->xml, why)) {
	case XLSX_HELD:
		return give(r, a, row, why);
	case XLSX_MORE:
		return SHEET_MORE;
	case XLSX_END:
		return SHEET_END;
	case XLSX_BROKEN:
		break;
	}
	return SHEET_BAD_FILE;
}

uint64_t xlsx_rows_cells(const struct xlsx_rows *r)
{
	return r->n_cells;
}

uint64_t xlsx_rows_hidden(const struct xlsx_rows *r)
{
	return r->n_hidden;
}

bool xlsx_rows_hides(const struct xlsx_rows *r, size_t column)
{
	return column < r->limits->columns && r->hides[column];
}
