/*
 * CSV and NDJSON: bytes as rows.
 *
 * A quote is a quote only where a cell begins.  What a row needs stays in memory
 * until the next one is asked for, so that a quote that is never closed costs its own
 * line and no other.  Own code, because libcsv neither stops after a row nor says
 * where one began, so nothing could be read again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/buf.h"
#include "daemon/base/count.h"
#include "daemon/base/oom.h"
#include "daemon/base/utf8.h"
#include "daemon/sheet/kinds.h"
#include "daemon/sheet/text_bytes.h"
#include "daemon/sheet/text_cells.h"

#define KEPT      32768 /* bytes behind us that are not worth a move */
#define DIVIDED   10    /* lines by which it is decided what divides cells */
#define CELLS_MAX 1024

/* Where in a cell we are. */
enum place { AT_START, PLAIN, QUOTED, AFTER_QUOTE, AFTER_CELL };

struct text_sheet {
	bool is_csv;
	size_t record_bytes, columns;
	struct text_bytes *bytes;
	struct buf text; /* of them, from before the row on */
	char divides;    /* cells; 0: not decided */

	size_t row_at, at; /* where the row begins, how far it is known */
	uint64_t line;
	enum place place;
	size_t cell; /* of the row, from 1 */
	size_t thrown_away;
	size_t given_at, given_lines; /* the row that was given last; lines 0: none */
};

static void *text_open(enum sheet_kind kind, const struct sheet_limits *limits,
    const char *charset)
{
	struct text_bytes *bytes = text_bytes_new(charset);
	struct text_sheet *t;

	if (!bytes)
		return NULL;
	t = must_alloc(sizeof(*t));
	t->bytes = bytes;
	t->is_csv = kind == SHEET_CSV;
	t->record_bytes = limits->record_bytes;
	t->columns = limits->columns < CELLS_MAX ? limits->columns : CELLS_MAX;
	t->line = t->cell = 1;
	return t;
}

static void text_close(void *state)
{
	struct text_sheet *t = state;

	text_bytes_free(t->bytes);
	buf_free(&t->text);
	free(t);
}

static size_t text_put(void *state, const char *bytes, size_t n, bool is_last)
{
	struct text_sheet *t = state;

	return text_bytes_put(t->bytes, bytes, n, is_last);
}

static uint64_t text_lines(const void *state)
{
	const struct text_sheet *t = state;

	return text_bytes_lines(t->bytes);
}

/* Commas, tabs or semicolons: what stands in the most of the first lines. */
static void decide_divider(struct text_sheet *t)
{
	static const char dividers[] = { ',', '\t', ';' };
	size_t lines[COUNT(dividers)] = { 0 }, best = 0;
	const char *at = t->text.data + t->row_at;
	const char *end = t->text.data + t->text.len;

	for (size_t n = 0; n < DIVIDED && at < end; n++) {
		size_t len = 0;

		while (at + len < end && at[len] != '\n' && at[len] != '\r')
			len++;
		for (size_t i = 0; i < COUNT(dividers); i++)
			lines[i] += memchr(at, dividers[i], len) != NULL;
		at += len + 1;
	}
	for (size_t i = 1; i < COUNT(dividers); i++)
		if (lines[i] > lines[best])
			best = i;
	t->divides = dividers[best];
}

static bool knows_divider(struct text_sheet *t, bool all)
{
	size_t ends = 0;

	if (t->divides || !t->is_csv)
		return true;
	for (size_t i = t->row_at; i < t->text.len && ends < DIVIDED; i++)
		ends += t->text.data[i] == '\n' || t->text.data[i] == '\r';
	if (ends < DIVIDED && !all && t->text.len - t->row_at < t->record_bytes)
		return false;
	decide_divider(t);
	return true;
}

/* One byte of a row of CSV; false: a quote stands where none can. */
static bool step(struct text_sheet *t, char c)
{
	bool divides = c == t->divides;

	switch (t->place) {
	case QUOTED:
		if (c == '"')
			t->place = AFTER_QUOTE;
		return true;
	case AFTER_QUOTE:
		if (c == '"') {
			t->place = QUOTED;
			return true;
		}
		t->place = AFTER_CELL;
		break;
	case AT_START:
		if (c == '"') {
			t->place = QUOTED;
			return true;
		}
		t->place = PLAIN;
		break;
	case PLAIN:
	case AFTER_CELL:
		break;
	}
	if (divides) {
		t->place = AT_START;
		t->cell++;
		return true;
	}
	return t->place == PLAIN || c == ' ' || c == '\t';
}

enum found { WHOLE, PART, BROKEN, TOO_LONG };

/* Goes on to the end of the row, past its line end; *len: without it. */
static enum found find_end(struct text_sheet *t, bool all, size_t *len)
{
	while (t->at < t->text.len) {
		char c = t->text.data[t->at];

		if (t->place != QUOTED && (c == '\n' || c == '\r')) {
			if (c == '\r' && t->at + 1 == t->text.len && !all)
				return PART;
			*len = t->at - t->row_at;
			t->at += c == '\r' && t->at + 1 < t->text.len &&
					 t->text.data[t->at + 1] == '\n'
				     ? 2
				     : 1;
			return WHOLE;
		}
		if (t->at - t->row_at >= t->record_bytes)
			return TOO_LONG;
		if (!(t->is_csv ? step(t, c) : true))
			return BROKEN;
		t->at++;
	}
	if (!all)
		return PART;
	*len = t->at - t->row_at;
	return t->place == QUOTED ? BROKEN : WHOLE;
}

static void begin_row(struct text_sheet *t, size_t at, uint64_t lines)
{
	t->row_at = t->at = at;
	t->line += lines;
	t->place = AT_START;
	t->cell = 1;
}

/* Line ends inside n bytes. */
static uint64_t ends_in(const char *text, size_t n)
{
	uint64_t ends = 0;

	for (size_t i = 0; i < n; i++)
		ends += text[i] == '\r' || (text[i] == '\n' && (!i || text[i - 1] != '\r'));
	return ends;
}

/* The row is given up: its first line is spent.  False: that has no end here yet. */
static bool spend_line(struct text_sheet *t, bool all)
{
	const char *text = t->text.data;
	size_t at = t->row_at;

	while (at < t->text.len && text[at] != '\n' && text[at] != '\r')
		at++;
	if (at == t->text.len || (text[at] == '\r' && at + 1 == t->text.len)) {
		if (!all)
			return false;
		begin_row(t, t->text.len, 1);
		return true;
	}
	begin_row(t, at + (text[at] == '\r' && text[at + 1] == '\n' ? 2 : 1), 1);
	return true;
}

/* Whether the row's bytes are text, and no more cells than there may be. */
static bool is_text(const struct text_sheet *t, const char *row, size_t len,
    struct sheet_fault *why)
{
	bool as_sent = text_bytes_are_utf8(t->bytes);
	size_t valid = utf8_valid(row, len);
	char found[48], expected[48];

	if (valid < len) {
		size_t at = valid;

		for (size_t i = 0; i < valid && !as_sent; i++)
			at -= ((unsigned char)row[i] & 0xc0u) == 0x80u;
		snprintf(found, sizeof(found), "%s %zu of the line",
		    as_sent ? "byte" : "character", at + 1);
		sheet_fault_set(why, as_sent ? "utf-8" : "charset", found,
		    as_sent ? "UTF-8" : text_bytes_charset(t->bytes));
		return false;
	}
	if (memchr(row, 0, len)) {
		snprintf(found, sizeof(found), "byte %zu",
		    (size_t)((const char *)memchr(row, 0, len) - row) + 1);
		sheet_fault_set(why, "nul", found, "");
		return false;
	}
	if (t->is_csv && t->cell > t->columns) {
		snprintf(found, sizeof(found), "%zu cells", t->cell);
		snprintf(expected, sizeof(expected), "at most %zu", t->columns);
		sheet_fault_set(why, "count", found, expected);
		return false;
	}
	return true;
}

/* A line that is longer than a row may be: thrown away while it comes. */
static enum sheet_step throw_away(struct text_sheet *t, bool all, struct sheet_row *row,
    struct sheet_fault *why)
{
	size_t began = t->row_at;
	char found[48], expected[48];

	row->line = t->line;
	row->lines = 1;
	if (!spend_line(t, all)) {
		size_t kept = t->text.len && t->text.data[t->text.len - 1] == '\r';

		t->thrown_away += t->text.len - kept - t->row_at;
		t->row_at = t->at = t->text.len - kept;
		return SHEET_MORE;
	}
	snprintf(found, sizeof(found), "%zu bytes", t->thrown_away + t->row_at - began);
	snprintf(expected, sizeof(expected), "a line of at most %zu bytes", t->record_bytes);
	sheet_fault_set(why, "too-long", found, expected);
	t->thrown_away = 0;
	return SHEET_BAD_ROW;
}

static enum sheet_step refuse_quote(struct text_sheet *t, bool all, struct sheet_row *row,
    struct sheet_fault *why)
{
	char found[48];

	snprintf(found, sizeof(found), "cell %zu", t->cell);
	sheet_fault_set(why, "quote", found,
	    "a quote at both ends of the cell, each inside it twice");
	row->line = t->line;
	row->lines = 1;
	return spend_line(t, all) ? SHEET_BAD_ROW : SHEET_MORE;
}

static bool text_refuse_row(void *state, struct sheet_row *row)
{
	struct text_sheet *t = state;

	if (t->given_lines < 2)
		return false;
	t->line -= t->given_lines;
	t->row_at = t->given_at;
	spend_line(t, false);
	row->lines = t->given_lines = 1;
	return true;
}

static enum sheet_step give(struct text_sheet *t, struct arena *a, size_t len,
    struct sheet_row *row, struct sheet_fault *why)
{
	const char *text = t->text.data + t->row_at;
	bool fine = is_text(t, text, len, why);

	row->line = t->line;
	row->lines = 1 + ends_in(text, len);
	if (fine)
		text_cells_cut(a, text, len, t->divides, t->cell, row);
	t->given_at = t->row_at;
	t->given_lines = row->lines;
	begin_row(t, t->at, row->lines);
	if (fine)
		return SHEET_ROW;
	text_refuse_row(t, row);
	return SHEET_BAD_ROW;
}

/* What is behind us is kept only until there is much of it. */
static void drop_text(struct text_sheet *t)
{
	if (t->row_at < KEPT && t->row_at < t->text.len)
		return;
	memmove(t->text.data, t->text.data + t->row_at, t->text.len - t->row_at);
	t->text.len -= t->row_at;
	t->at -= t->row_at;
	t->row_at = 0;
}

static enum sheet_step text_next(void *state, struct arena *a, struct sheet_row *row,
    struct sheet_fault *why)
{
	struct text_sheet *t = state;
	enum sheet_step filled = SHEET_ROW;

	*row = (struct sheet_row){ 0 };
	t->given_lines = 0;
	if (t->text.len)
		drop_text(t);
	while (filled == SHEET_ROW) {
		bool all = text_bytes_are_all(t->bytes);
		enum sheet_step result = SHEET_MORE;
		enum found found = PART;
		size_t len = 0;

		if (all && t->row_at == t->text.len && !t->thrown_away)
			return SHEET_END;
		if (t->thrown_away)
			result = throw_away(t, all, row, why);
		else if (t->text.len && knows_divider(t, all))
			found = find_end(t, all, &len);
		if (found == WHOLE)
			return give(t, a, len, row, why);
		if (found == BROKEN || (found == TOO_LONG && t->place == QUOTED))
			result = refuse_quote(t, all, row, why);
		if (found >= BROKEN && result == SHEET_MORE &&
		    t->text.len - t->row_at >= t->record_bytes)
			result = throw_away(t, all, row, why);
		if (result != SHEET_MORE)
			return result;
		if (t->thrown_away)
			drop_text(t);
		filled = text_bytes_take(t->bytes, &t->text, why);
		if (filled == SHEET_END)
			filled = SHEET_ROW;
	}
	return filled;
}

const struct sheet_reader text_sheet = {
	.open = text_open,
	.close = text_close,
	.put = text_put,
	.next = text_next,
	.refuse_row = text_refuse_row,
	.lines = text_lines,
};
