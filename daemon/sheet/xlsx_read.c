/*
 * An XLSX file as rows: waits for its last byte, then goes through it in pieces.
 *
 * A zip file's index stands at its end, so the file waits in one without a name.  Before the
 * first row every worksheet is inflated once, for its check sum and its size: a file that is
 * damaged or a bomb gives no row at all.  Hidden worksheets are not read: they hold lists and
 * old drafts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/oom.h"
#include "daemon/sheet/kinds.h"
#include "daemon/sheet/paged.h"
#include "daemon/sheet/xlsx_book.h"
#include "daemon/sheet/xlsx_merges.h"
#include "daemon/sheet/xlsx_rows.h"
#include "daemon/sheet/xlsx_strings.h"
#include "daemon/sheet/xlsx_zip.h"

#define PIECE ((size_t)65536)

struct xlsx {
	struct sheet_limits limits;
	int fd;
	int64_t size;
	bool is_all, is_disk_full, is_open, is_over;
	struct xlsx_zip *zip;
	struct xlsx_book book;
	/* What is under way; one of them at a time. */
	struct xlsx_entry *checked;
	struct xlsx_strings *strings;
	struct xlsx_merging *merging;
	struct xlsx_rows *rows;
	bool has_styles, has_strings;
	size_t n_checked, n_read; /* worksheets */
	char piece[PIECE + 16];
	size_t kept;  /* bytes of the piece before, so that a word across both is found */
	bool *merges; /* of each worksheet: whether it may have merged cells */
	uint64_t n_rows, n_cells;
	uint64_t n_hidden; /* rows, of the worksheets before this one */
};

static void *open_xlsx(enum sheet_kind kind, const struct sheet_limits *limits,
    const char *charset)
{
	struct xlsx *x = must_alloc(sizeof(*x));

	(void)kind;
	(void)charset;
	x->limits = *limits;
	x->fd = nameless_open(limits->dir);
	x->is_disk_full = x->fd < 0;
	return x;
}

static void close_xlsx(void *state)
{
	struct xlsx *x = state;

	xlsx_entry_close(x->checked);
	xlsx_rows_free(x->rows);
	xlsx_merging_free(x->merging);
	xlsx_strings_free(x->strings);
	xlsx_book_release(&x->book);
	xlsx_zip_close(x->zip);
	if (x->fd >= 0)
		close(x->fd);
	free(x->merges);
	free(x);
}

static size_t put_bytes(void *state, const char *bytes, size_t n, bool is_last)
{
	struct xlsx *x = state;
	size_t done = 0;

	x->is_all = is_last;
	while (!x->is_disk_full && x->size <= x->limits.file_bytes && done < n) {
		ssize_t some = write(x->fd, bytes + done, n - done);

		x->is_disk_full = some <= 0;
		done += some > 0 ? (size_t)some : 0;
		x->size += some > 0 ? some : 0;
	}
	return n;
}

/* What is no zip file: the old kinds of spreadsheet, or text that was labelled as one. */
static bool is_another_kind(const struct xlsx *x, struct sheet_fault *why)
{
	char start[512];
	ssize_t n = pread(x->fd, start, sizeof(start), 0);

	if (n < 4 || memcmp(start, "PK\3\4", 4) == 0)
		return false;
	if (sheet_is_another(start, (size_t)n, why))
		return true;
	if (memchr(start, 0, (size_t)n))
		return false;
	sheet_fault_set(why, "sheet-label", "text, by its bytes",
	    "a name that ends in .csv or .ndjson");
	return true;
}

static bool open_book(struct xlsx *x, struct sheet_fault *why)
{
	char most[48];

	*why = (struct sheet_fault){ 0 }; /* without a rule: it is our disk */
	if (x->is_disk_full)
		return false;
	if (x->size > x->limits.file_bytes) {
		snprintf(most, sizeof(most), "<= %lld bytes", (long long)x->limits.file_bytes);
		sheet_fault_set(why, "sheet-size", "bytes", most);
		return false;
	}
	if (is_another_kind(x, why))
		return false;
	x->zip = xlsx_zip_open(x->fd, &x->limits, why);
	if (!x->zip || !xlsx_book_open(&x->book, x->zip, why))
		return false;
	x->merges = must_alloc(x->book.n_sheets * sizeof(*x->merges));
	x->is_open = true;
	return true;
}

/* The entry of a worksheet or of the strings. */
static struct xlsx_entry *entry_of(struct xlsx *x, const char *path, bool is_again,
    struct sheet_fault *why)
{
	struct xlsx_entry *e = xlsx_entry_open(x->zip, path, is_again, why);

	if (!e && !why->rule)
		sheet_fault_set(why, "sheet-broken", path, ".xlsx");
	return e;
}

/* A piece of a worksheet, whose rows come later; false: `why`. */
static bool check(struct xlsx *x, struct sheet_fault *why)
{
	static const char word[] = "mergeCell";
	const size_t end = sizeof(word) - 2;
	const char *path = x->book.sheets[x->n_checked].path;
	int n;

	if (x->book.sheets[x->n_checked].is_hidden) {
		x->n_checked++;
		return true;
	}
	if (!x->checked) {
		x->checked = entry_of(x, path, false, why);
		x->kept = 0;
		if (!x->checked)
			return false;
	}
	n = xlsx_entry_read(x->checked, x->piece + x->kept, PIECE, why);
	if (n < 0)
		return false;
	if (n == 0) {
		xlsx_entry_close(x->checked);
		x->checked = NULL;
		x->n_checked++;
		return true;
	}
	/* A NUL in XML is half of a character of UTF-16. */
	if (memmem(x->piece, x->kept + (size_t)n, word, sizeof(word) - 1) ||
	    memchr(x->piece, 0, x->kept + (size_t)n))
		x->merges[x->n_checked] = true;
	n += (int)x->kept;
	x->kept = (size_t)n < end ? (size_t)n : end;
	memmove(x->piece, x->piece + n - x->kept, x->kept);
	return true;
}

/* A piece of the formats; false: `why`. */
static bool read_styles(struct xlsx *x, struct sheet_fault *why)
{
	enum xlsx_step step = xlsx_book_styles(&x->book, x->zip, why);

	x->has_styles = step == XLSX_END;
	return step != XLSX_BROKEN;
}

/* A piece of the shared strings; false: `why`. */
static bool read_strings(struct xlsx *x, struct sheet_fault *why)
{
	struct xlsx_entry *e;
	enum xlsx_step step;

	if (!x->strings) {
		e = entry_of(x, x->book.strings_path, false, why);
		if (!e)
			return false;
		x->strings = xlsx_strings_new(e, &x->limits);
		if (!x->strings)
			return false;
	}
	step = xlsx_strings_read(x->strings, why);
	x->has_strings = step == XLSX_END;
	return step != XLSX_BROKEN;
}

/* Toward the rows of the next worksheet; false: `why`. */
static bool open_rows(struct xlsx *x, struct sheet_fault *why)
{
	const struct xlsx_worksheet *w = &x->book.sheets[x->n_read];
	struct xlsx_merges *merges = NULL;
	struct xlsx_entry *e;
	enum xlsx_step step = XLSX_END;

	if (w->is_hidden) {
		x->n_read++;
		return true;
	}
	if (x->merges[x->n_read]) {
		if (!x->merging) {
			e = entry_of(x, w->path, true, why);
			if (!e)
				return false;
			x->merging = xlsx_merging_new(e);
		}
		step = xlsx_merging_read(x->merging, why);
	}
	if (step != XLSX_END)
		return step != XLSX_BROKEN;
	e = entry_of(x, w->path, true, why);
	if (!e)
		return false;
	if (x->merging)
		merges = xlsx_merging_take(x->merging);
	xlsx_merging_free(x->merging);
	x->merging = NULL;
	x->rows = xlsx_rows_new(e, &x->book, x->strings, merges, &x->limits);
	return true;
}

static enum sheet_step end_of_sheet(struct xlsx *x)
{
	x->n_hidden += xlsx_rows_hidden(x->rows);
	xlsx_rows_free(x->rows);
	x->rows = NULL;
	x->n_read++;
	return SHEET_MORE;
}

static bool has_too_many(const struct xlsx *x, struct sheet_fault *why)
{
	bool rows = x->n_rows > x->limits.rows;
	char most[64];

	if (!rows && x->n_cells <= x->limits.cells)
		return false;
	snprintf(most, sizeof(most), "<= %zu %s", rows ? x->limits.rows : x->limits.cells,
	    rows ? "rows" : "cells");
	sheet_fault_set(why, "sheet-size", rows ? "rows" : "cells", most);
	return true;
}

static enum sheet_step next_row(struct xlsx *x, struct arena *a, struct sheet_row *row,
    struct sheet_fault *why)
{
	uint64_t cells = xlsx_rows_cells(x->rows);
	enum sheet_step step = xlsx_rows_next(x->rows, a, row, why);

	row->sheet = x->book.sheets[x->n_read].name;
	if (step == SHEET_END)
		return end_of_sheet(x);
	if (step != SHEET_ROW && step != SHEET_BAD_ROW)
		return step;
	x->n_rows++;
	x->n_cells += xlsx_rows_cells(x->rows) - cells;
	return has_too_many(x, why) ? SHEET_BAD_FILE : step;
}

static enum sheet_step go_on(struct xlsx *x, struct arena *a, struct sheet_row *row,
    struct sheet_fault *why)
{
	bool is_fine;

	if (!x->is_all)
		return SHEET_MORE;
	if (!x->is_open && !x->size && !x->is_disk_full)
		return SHEET_END; /* nothing was sent */
	if (!x->is_open)
		is_fine = open_book(x, why);
	else if (!x->has_styles)
		is_fine = read_styles(x, why);
	else if (x->n_checked < x->book.n_sheets)
		is_fine = check(x, why);
	else if (x->book.strings_path && !x->has_strings)
		is_fine = read_strings(x, why);
	else if (x->n_read == x->book.n_sheets)
		return SHEET_END;
	else if (x->rows)
		return next_row(x, a, row, why);
	else
		is_fine = open_rows(x, why);
	return is_fine ? SHEET_MORE : SHEET_BAD_FILE;
}

static enum sheet_step next(void *state, struct arena *a, struct sheet_row *row,
    struct sheet_fault *why)
{
	struct xlsx *x = state;
	enum sheet_step step;

	*row = (struct sheet_row){ 0 };
	if (x->is_over)
		return SHEET_END;
	step = go_on(x, a, row, why);
	x->is_over = step == SHEET_BAD_FILE || step == SHEET_END;
	return step;
}

static uint64_t lines(const void *state)
{
	const struct xlsx *x = state;

	return x->n_rows;
}

static const char *hidden_name(const void *state, size_t i)
{
	const struct xlsx *x = state;

	for (size_t k = 0; k < x->book.n_sheets; k++)
		if (x->book.sheets[k].is_hidden && i-- == 0)
			return x->book.sheets[k].name;
	return NULL;
}

static uint64_t hidden_rows(const void *state)
{
	const struct xlsx *x = state;

	return x->n_hidden + (x->rows ? xlsx_rows_hidden(x->rows) : 0);
}

static bool hides_column(const void *state, size_t column)
{
	const struct xlsx *x = state;

	return x->rows && xlsx_rows_hides(x->rows, column);
}

const struct sheet_reader xlsx_sheet = {
	.open = open_xlsx,
	.close = close_xlsx,
	.put = put_bytes,
	.next = next,
	.lines = lines,
	.hidden_name = hidden_name,
	.hidden_rows = hidden_rows,
	.hides_column = hides_column,
};
