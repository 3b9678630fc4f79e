/*
 * The receipts of an import, joined with what its refused rows said.
 *
 * Columns of several worksheets become those of one, by their headings.  What a spreadsheet has
 * spoiled is left empty, with the reason beside it: a number that lost its last digits would be
 * taken for another when it came again as text.
 */
#include "daemon/api/refused_sheet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "daemon/api/import_receipts.h"
#include "daemon/api/refusal_text.h"
#include "daemon/api/refused_rows.h"
#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/oom.h"
#include "daemon/codec/columns.h"
#include "daemon/codec/rows.h"
#include "daemon/sheet/writer.h"

#define WIDEST     256
#define DIGITS_MAX 15 /* that a spreadsheet keeps of a number */

struct kept_row {
	size_t order;
	struct refused_row row;
};

struct refused_sheet {
	const struct vault *vault;
	const char *dir, *import;
	enum sheet_kind kind;
	bool is_zh, is_whole;
	struct arena *memory;
	struct writer *writer;
	struct kept_row *rows; /* by sheet, line, order */
	size_t n, room;
	const char *headings[WIDEST];
	size_t n_headings;
};

struct refused_sheet *refused_sheet_new(const struct vault *v, const char *dir,
    const char *import, enum sheet_kind kind, bool is_zh)
{
	struct refused_sheet *s = must_alloc(sizeof(*s));

	*s = (struct refused_sheet){ .vault = v,
		.dir = dir,
		.import = import,
		.kind = kind,
		.is_zh = is_zh,
		.memory = arena_new() };
	return s;
}

void refused_sheet_free(struct refused_sheet *s)
{
	if (!s)
		return;
	writer_free(s->writer);
	arena_free(s->memory);
	free(s->rows);
	free(s);
}

static void keep_row(void *arg, const struct refused_row *row)
{
	struct refused_sheet *s = arg;

	if (s->n == s->room) {
		s->room = s->room ? 2 * s->room : 64;
		s->rows = must_realloc(s->rows, s->room * sizeof(*s->rows));
	}
	s->rows[s->n] =
	    (struct kept_row){ s->n, { row->line, arena_strdup(s->memory, row->sheet),
					 arena_memdup(s->memory, row->said, row->n), row->n } };
	s->n++;
}

static int by_place(const void *a, const void *b)
{
	const struct kept_row *x = a, *y = b;
	int sheets = strcmp(x->row.sheet, y->row.sheet);

	if (sheets)
		return sheets;
	if (x->row.line != y->row.line)
		return x->row.line < y->row.line ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

/* The last that was kept of the line; NULL: none. */
static const struct refused_row *find(const struct refused_sheet *s, const char *sheet,
    uint64_t line)
{
	const struct kept_row wanted = { SIZE_MAX, { line, sheet, NULL, 0 } };
	size_t from = 0, to = s->n;

	while (from < to) {
		size_t middle = (from + to) / 2;

		if (by_place(&s->rows[middle], &wanted) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	if (!from || s->rows[from - 1].row.line != line ||
	    strcmp(s->rows[from - 1].row.sheet, sheet) != 0)
		return NULL;
	return &s->rows[from - 1].row;
}

/* A cell of what a row said, and where the next one is. */
struct said_cell {
	const char *heading;
	size_t heading_length;
	enum cell_kind kind;
	const char *text;
};

/* False: there is none; *at is at the next row, or at the end. */
static bool next_cell(const char **at, const char *end, struct said_cell *out)
{
	const char *name = *at, *line_end = name;

	if (name == end || *name == ROW_SAID)
		return false;
	/* A heading can have line ends. */
	do {
		line_end = memchr(line_end, '\n', (size_t)(end - line_end));
		if (!line_end || ++line_end == end) {
			*at = end;
			return false;
		}
	} while (*line_end < '0' || *line_end > '0' + (int)CELL_BAD);
	*out = (struct said_cell){ name, (size_t)(line_end - 1 - name),
		(enum cell_kind)(*line_end - '0'), line_end + 1 };
	*at = memchr(line_end, 0, (size_t)(end - line_end));
	*at = *at ? *at + 1 : end;
	return *at != end || end[-1] == '\0';
}

/* The column of a cell: that of its heading, or the next one of that heading if the row had it
 * before.  `taken` says which it had. */
static size_t column_of(struct refused_sheet *s, const struct said_cell *cell, bool *taken)
{
	for (size_t i = 0; i < s->n_headings; i++)
		if (!taken[i] && strlen(s->headings[i]) == cell->heading_length &&
		    memcmp(s->headings[i], cell->heading, cell->heading_length) == 0) {
			taken[i] = true;
			return i;
		}
	if (s->n_headings == WIDEST)
		return WIDEST;
	s->headings[s->n_headings] =
	    arena_strndup(s->memory, cell->heading, cell->heading_length);
	taken[s->n_headings] = true;
	return s->n_headings++;
}

/* The cells of a row, by their columns; what a row of ours said of an earlier refusal is not.
 * NULL: there is no row more. */
static const char *read_row(struct refused_sheet *s, const char *at, const char *end,
    struct said_cell cells[WIDEST])
{
	bool taken[WIDEST] = { false };
	struct said_cell cell;
	size_t column;

	if (!at || at == end || *at++ != ROW_SAID)
		return NULL;
	memset(cells, 0, WIDEST * sizeof(*cells));
	while (next_cell(&at, end, &cell)) {
		char heading[128];

		snprintf(heading, sizeof(heading), "%.*s", (int)cell.heading_length,
		    cell.heading);
		if (columns_is_refusal(heading) || (!*heading && cell.kind == CELL_EMPTY))
			continue;
		column = column_of(s, &cell, taken);
		if (column < WIDEST)
			cells[column] = cell;
	}
	return at;
}

static void note_headings(struct refused_sheet *s)
{
	struct said_cell cells[WIDEST];

	for (size_t i = 0; i < s->n; i++) {
		const char *at = s->rows[i].row.said, *end = at + s->rows[i].row.n;

		while ((at = read_row(s, at, end, cells)))
			continue;
	}
}

static void write_headings(struct refused_sheet *s)
{
	for (size_t i = 0; i < s->n_headings; i++)
		writer_column_is_text(s->writer, i);
	for (size_t i = 0; i < s->n_headings; i++)
		writer_head(s->writer, s->headings[i]);
	writer_head(s->writer, columns_refusal(s->is_zh));
	writer_row_end(s->writer);
}

static bool has_lost_digits(const char *number)
{
	size_t digits = 0;

	for (; *number; number++)
		digits += *number >= '0' && *number <= '9';
	return digits > DIGITS_MAX;
}

static void write_cell(struct writer *w, const struct said_cell *cell)
{
	switch (cell->text ? cell->kind : CELL_EMPTY) {
	case CELL_NUMBER:
		writer_number(w, has_lost_digits(cell->text) ? NULL : cell->text);
		break;
	case CELL_DAY:
		writer_day(w, cell->text);
		break;
	case CELL_TEXT:
	case CELL_FLAG:
		writer_text(w, cell->text);
		break;
	case CELL_EMPTY:
	case CELL_BAD:
		writer_text(w, NULL);
		break;
	}
}

static void write_row(struct refused_sheet *s, const struct said_cell *cells,
    const char *reason)
{
	for (size_t i = 0; i < s->n_headings; i++)
		write_cell(s->writer, &cells[i]);
	writer_text(s->writer, reason);
	writer_row_end(s->writer);
}

/* A record: its rows, with the reason in the first of them; without rows, the reason alone. */
static void write_refusal(struct refused_sheet *s, const json_t *receipt)
{
	const char *sheet = json_string_value(json_object_get(receipt, "sheet"));
	const struct refused_row *row = find(s, sheet ? sheet : "",
	    (uint64_t)json_integer_value(json_object_get(receipt, "line")));
	const char *at = row ? row->said : NULL, *end = row ? at + row->n : NULL;
	struct said_cell cells[WIDEST] = { 0 };
	struct buf reason = { 0 };
	bool is_first = true;

	refusal_put(&reason, receipt, s->is_zh);
	while ((at = read_row(s, at, end, cells)) || is_first) {
		write_row(s, cells, is_first ? reason.data : NULL);
		is_first = false;
	}
	buf_free(&reason);
}

static bool write_refusals(struct refused_sheet *s)
{
	size_t len, room = 0;
	int fd = receipts_read(s->dir, s->import, &len);
	FILE *in = fd < 0 ? NULL : fdopen(fd, "r");
	char *line = NULL;

	if (!in) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	while (getline(&line, &room, in) > 0) {
		json_t *receipt =
		    strstr(line, "\"result\":\"refused\"") ? json_loads(line, 0, NULL) : NULL;

		if (receipt && writer_rows(s->writer) < writer_rows_max(s->kind))
			write_refusal(s, receipt);
		json_decref(receipt);
	}
	free(line);
	fclose(in);
	return true;
}

void refused_sheet_make(void *sheet)
{
	struct refused_sheet *s = sheet;

	s->writer = writer_new(s->kind, s->dir, "refused");
	if (!s->writer)
		return;
	refused_rows_read(s->vault, s->dir, s->import, keep_row, s);
	if (s->n)
		qsort(s->rows, s->n, sizeof(*s->rows), by_place);
	note_headings(s);
	write_headings(s);
	s->is_whole = write_refusals(s) && writer_end(s->writer);
}

int refused_sheet_take(struct refused_sheet *s, size_t *len)
{
	return s->is_whole ? writer_take(s->writer, len) : -1;
}
