/*
 * Rows of a file as records: above the headings stands what does not count, below them each
 * row is one.
 *
 * The headings are the first of ten rows in which two cells are known ones; when the row below
 * has some too, it is the finer one (最低, 最高 under 薪酬) and fills what it leaves empty.  A
 * row of many lines that has not the cells of the headings is probably a quote that was never
 * closed: its first line is refused, and the others are read again.
 */
#include "daemon/codec/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/oom.h"
#include "daemon/codec/cells.h"
#include "daemon/codec/codec.h"
#include "daemon/codec/json.h"
#include "daemon/codec/left_out.h"
#include "daemon/codec/passed_over.h"
#include "daemon/codec/row_fits.h"
#include "daemon/codec/row_group.h"

#define HEADING_ROWS 10 /* looked at for headings */
#define SCRATCH_ROWS 64 /* as many rows share their memory */

struct rows {
	struct sheet *sheet;
	const char *kind;
	enum sheet_kind form;
	struct arena *memory;  /* of the headings */
	struct arena *scratch; /* of the row */
	size_t in_scratch;
	struct sheet_row headings; /* n 0: none yet; the row below can still be one */
	/* Those of this worksheet, and of the one before: n 0: not read yet */
	struct columns both[2];
	struct columns *columns;
	char worksheet[128]; /* whose headings they are */
	size_t looked_at;
	bool has_begun; /* some headings were found */
	bool has_records;
	struct row_counts counts;
	struct left_out left_out;
	struct sheet_row given;    /* n 0: it could not be read */
	bool is_misread;           /* its cells are not those of its line */
	struct sheet_fault unread; /* why not; rule NULL: it could */
	struct row_record row;
	struct row_record *record; /* the one that was given: the row, or the group */
	struct row_group *group;   /* NULL: each row is a record */
	/* Read already, and not of the group. */
	bool has_ahead;
	enum rows_step ahead;
	struct row_place ahead_place;
	struct faults *ahead_faults;
};

struct rows *rows_new(enum sheet_kind form, const char *kind, const struct sheet_limits *limits,
    const char *charset)
{
	struct sheet *sheet = sheet_new(form, limits, charset);
	struct rows *r;

	if (!sheet)
		return NULL;
	r = must_alloc(sizeof(*r));
	r->sheet = sheet;
	r->form = form;
	r->kind = kind;
	r->memory = arena_new();
	r->scratch = arena_new();
	r->columns = &r->both[0];
	r->record = &r->row;
	if (form != SHEET_NDJSON && row_group_is_of(kind)) {
		r->group = must_alloc(sizeof(*r->group));
		r->ahead_faults = must_alloc(sizeof(*r->ahead_faults));
	}
	return r;
}

void rows_free(struct rows *r)
{
	if (!r)
		return;
	json_decref(r->row.tree);
	if (r->group)
		row_group_free(r->group);
	free(r->group);
	free(r->ahead_faults);
	left_out_release(&r->left_out);
	sheet_free(r->sheet);
	arena_free(r->memory);
	arena_free(r->scratch);
	free(r);
}

size_t rows_put(struct rows *r, const char *bytes, size_t n, bool is_last)
{
	return sheet_put(r->sheet, bytes, n, is_last);
}

struct row_counts rows_counts(const struct rows *r)
{
	struct row_counts counts = r->counts;

	counts.lines = sheet_lines(r->sheet);
	return counts;
}

void rows_put_left_out(const struct rows *r, struct buf *out)
{
	left_out_write(&r->left_out, r->sheet, out);
}

static enum rows_step read_record(struct rows *r, const struct codec *c, struct sheet_row *row)
{
	enum passed_over what;

	if (r->form == SHEET_NDJSON) {
		const char *text = row->cells[0].text;

		r->row.notes.n = 0;
		r->row.tree = json_read(c, text, strlen(text), ROW_BYTES_MAX);
		return r->row.tree ? ROWS_RECORD : ROWS_REFUSED;
	}
	if (row_says_nothing(r->columns, row)) {
		r->counts.blank += row->lines;
		return ROWS_MORE;
	}
	if (passed_over(r->scratch, r->columns, row, &what)) {
		left_out_row(&r->left_out, what, row);
		r->counts.passed_over += row->lines;
		return ROWS_MORE;
	}
	if (row_has_eaten(c, r->columns, row) || !row_fits(c, r->columns, row)) {
		r->is_misread = sheet_refuse_row(r->sheet, row);
		return ROWS_REFUSED;
	}
	r->row.columns = r->columns;
	r->row.tree = cells_read(c, r->columns, row, &r->row.notes);
	return ROWS_RECORD;
}

static void keep_headings(struct rows *r, const struct sheet_row *row)
{
	const struct sheet_row above = r->headings;
	size_t n = row->n > above.n ? row->n : above.n;
	struct cell *cells = arena_alloc(r->memory, n * sizeof(*cells));

	for (size_t i = 0; i < n; i++) {
		const struct cell *from = i < row->n && row->cells[i].kind != CELL_EMPTY
					      ? &row->cells[i]
					  : i < above.n ? &above.cells[i]
							: &row->cells[i];

		cells[i] = (struct cell){ from->kind, arena_strdup(r->memory, from->text) };
	}
	r->headings = *row;
	r->headings.cells = cells;
	r->headings.n = n;
	r->has_begun = true;
}

static bool read_headings(struct rows *r, const struct codec *c)
{
	if (r->columns->n)
		return true;
	if (!columns_read(c, r->kind, r->memory, &r->headings, r->columns))
		return false;
	left_out_columns(&r->left_out, r->columns, r->sheet);
	return true;
}

/* A row above the records: headings, or something that does not count; or the first of them. */
static enum rows_step read_above(struct rows *r, const struct codec *c, struct sheet_row *row)
{
	if (columns_known(r->kind, r->scratch, row) >= 2) {
		keep_headings(r, row);
	} else if (r->headings.n) {
		return read_headings(r, c) ? read_record(r, c, row) : ROWS_BAD_FILE;
	} else if (++r->looked_at == HEADING_ROWS && !row->sheet) {
		/* One more worksheet may be something else: a page of explanations. */
		return row_no_headings(c, r->kind);
	}
	r->counts.header += row->lines;
	return ROWS_MORE;
}

static void end_worksheet(struct rows *r)
{
	if (r->worksheet[0] && !r->headings.n)
		left_out_worksheet(&r->left_out, r->worksheet);
}

static void begin_worksheet(struct rows *r, const char *name)
{
	if (!name || strncmp(r->worksheet, name, sizeof(r->worksheet) - 1) == 0)
		return;
	end_worksheet(r);
	snprintf(r->worksheet, sizeof(r->worksheet), "%s", name);
	/* What is together on the sheet before still has its columns. */
	r->columns = r->columns == &r->both[0] ? &r->both[1] : &r->both[0];
	r->columns->n = r->headings.n = 0;
	r->looked_at = 0;
}

static enum rows_step read_row(struct rows *r, const struct codec *c, struct sheet_row *row)
{
	begin_worksheet(r, row->sheet);
	if (!row->n) {
		r->counts.blank += row->lines;
		return ROWS_MORE;
	}
	if (r->form == SHEET_NDJSON || r->columns->n)
		return read_record(r, c, row);
	return read_above(r, c, row);
}

/* Above the headings of a worksheet nothing counts. */
static enum rows_step read_bad_row(struct rows *r, const struct codec *c,
    const struct sheet_row *row, const struct sheet_fault *why)
{
	begin_worksheet(r, row->sheet);
	if (row->sheet && !r->headings.n) {
		r->counts.header += row->lines;
		return ROWS_MORE;
	}
	row_fault(c, "", why->rule, why->found, why->expected);
	return ROWS_REFUSED;
}

static void forget_row(struct rows *r)
{
	json_decref(r->row.tree);
	r->row.tree = NULL;
	if (++r->in_scratch < SCRATCH_ROWS)
		return;
	arena_free(r->scratch);
	r->scratch = arena_new();
	r->in_scratch = 0;
}

static enum rows_step end_file(struct rows *r, const struct codec *c)
{
	end_worksheet(r);
	if (r->form != SHEET_NDJSON && !r->has_begun && r->counts.header)
		return row_no_headings(c, r->kind);
	if (r->headings.n && !read_headings(r, c))
		return ROWS_BAD_FILE;
	if (r->has_records)
		return ROWS_END;
	row_fault(c, "", "no-record", "", "");
	return ROWS_BAD_FILE;
}

static enum rows_step next_row(struct rows *r, const struct codec *c, struct row_place *place)
{
	struct codec own = *c;
	enum rows_step step = ROWS_MORE;

	while (step == ROWS_MORE) {
		struct sheet_row row;
		struct sheet_fault why;

		forget_row(r);
		r->given.n = 0;
		r->unread.rule = NULL;
		r->is_misread = false;
		own.arena = r->scratch;
		c->faults->n = 0;
		switch (sheet_next(r->sheet, r->scratch, &row, &why)) {
		case SHEET_MORE:
			return ROWS_MORE;
		case SHEET_END:
			return end_file(r, &own);
		case SHEET_BAD_FILE:
			if (why.rule)
				row_fault(c, "", why.rule, why.found, why.expected);
			*place = (struct row_place){ place->line + place->lines, 1, NULL };
			return ROWS_BAD_FILE;
		case SHEET_BAD_ROW:
			step = read_bad_row(r, c, &row, &why);
			r->unread = why;
			break;
		case SHEET_ROW:
			step = read_row(r, &own, &row);
			r->given = row;
			break;
		}
		*place = (struct row_place){ row.line, row.lines, row.sheet };
	}
	r->has_records = true;
	return step;
}

/* Which of two faults a line has that is too long can depend on how its bytes came. */
static void say_unread(const struct sheet_fault *why, struct buf *out)
{
	bool is_sure = strcmp(why->rule, "quote") != 0 && strcmp(why->rule, "too-long") != 0;

	buf_putc(out, '\n');
	buf_puts(out, is_sure ? why->rule : "unread");
	buf_putc(out, '\0');
	buf_puts(out, is_sure ? why->found : "");
}

/* Columns behind the last cell of a row are said too: they may be what is to be mended. */
static void say_row(const struct rows *r, struct buf *out)
{
	size_t n = r->given.n && r->given.n < r->columns->n ? r->columns->n : r->given.n;

	buf_putc(out, ROW_SAID);
	if (r->unread.rule)
		say_unread(&r->unread, out);
	for (size_t i = 0; i < n; i++) {
		struct cell c = { CELL_EMPTY, "" };

		if (i < r->given.n)
			c = r->given.cells[i];
		if (i < r->columns->n && r->columns->at[i].row)
			buf_puts(out, r->columns->at[i].heading);
		buf_putc(out, '\n');
		buf_putc(out, (char)('0' + c.kind));
		buf_puts(out, c.text);
		buf_putc(out, '\0');
	}
}

/* Rows are read until one is not of the group; that one waits until the group was given. */
static enum rows_step next_group(struct rows *r, const struct codec *c, struct row_place *place)
{
	struct row_group *g = r->group;
	bool is_whole = false;

	if (g->is_given)
		row_group_empty(g);
	while (!is_whole) {
		if (!r->has_ahead) {
			r->ahead = next_row(r, c, &r->ahead_place);
			if (r->ahead == ROWS_MORE)
				return ROWS_MORE;
			*r->ahead_faults = *c->faults;
			r->has_ahead = true;
		}
		is_whole =
		    r->ahead != ROWS_RECORD || !row_group_has(g, r->row.tree, &r->ahead_place);
		if (is_whole)
			break;
		say_row(r, &g->said);
		row_group_add(g, &r->row, &r->ahead_place);
		r->has_ahead = false;
	}
	g->is_given = g->n > 0;
	r->record = g->is_given ? &g->record : &r->row;
	*place = g->is_given ? g->place : r->ahead_place;
	*c->faults = g->is_given ? (struct faults){ 0 } : *r->ahead_faults;
	r->has_ahead = g->is_given;
	return g->is_given ? ROWS_RECORD : r->ahead;
}

enum rows_step rows_next(struct rows *r, const struct codec *c, struct row_place *place)
{
	return r->group ? next_group(r, c, place) : next_row(r, c, place);
}

json_t *rows_record(const struct rows *r)
{
	return json_copy(r->record->tree);
}

const struct columns *rows_columns(const struct rows *r)
{
	return r->record->columns ? r->record->columns : r->columns;
}

enum read_result rows_explain(const struct rows *r, const struct codec *c,
    enum read_result result)
{
	const struct row_record *said = r->record;

	if (r->group && said == &r->group->record)
		row_group_explain(r->group, c);
	cells_explain(rows_columns(r), &said->notes, said->tree, c->faults);
	return result == READ_OK && c->faults->n ? READ_INVALID : result;
}

void rows_said(const struct rows *r, struct buf *out)
{
	if (r->group && r->record == &r->group->record)
		buf_put(out, r->group->said.data, r->group->said.len);
	else
		say_row(r, out);
}

bool rows_are_misread(const struct rows *r)
{
	return r->is_misread && r->record == &r->row;
}
