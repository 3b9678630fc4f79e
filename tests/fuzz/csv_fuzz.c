/*
 * The reader of CSV and NDJSON: whatever the bytes, they give the same rows in one piece and in
 * small ones, every line is in exactly one of them, and every cell is text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/utf8.h"
#include "daemon/sheet/fold.h"
#include "daemon/sheet/sheet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds, const char *what)
{
	if (!holds) {
		fprintf(stderr, "not so: %s\n", what);
		abort();
	}
}

static void check_cells(struct arena *a, const struct sheet_row *row, struct buf *out)
{
	for (size_t i = 0; i < row->n; i++) {
		const char *text = row->cells[i].text;

		check(utf8_valid(text, strlen(text)) == strlen(text), "a cell is UTF-8");
		buf_printf(out, "|%s", text);
		text = fold(a, text);
		check(strcmp(fold(a, text), text) == 0, "what is folded stays as it is");
	}
}

/* All rows as a text; in pieces of so many bytes. */
static void read_all(enum sheet_kind kind, const char *charset, const uint8_t *data,
    size_t size, size_t piece, struct buf *out)
{
	static const struct sheet_limits limits = { .record_bytes = 300, .columns = 6 };
	struct sheet *s = sheet_new(kind, &limits, charset);
	uint64_t lines = 0;
	enum sheet_step step;
	size_t at = 0;

	buf_puts(out, "");
	do {
		struct arena *a = arena_new();
		struct sheet_fault why;
		struct sheet_row row;

		step = sheet_next(s, a, &row, &why);
		if (step == SHEET_MORE) {
			size_t n = size - at < piece ? size - at : piece;

			at += sheet_put(s, (const char *)data + at, n, at + n == size);
		}
		if (step == SHEET_ROW || step == SHEET_BAD_ROW) {
			check(row.line == lines + 1 && row.lines >= 1, "lines are counted");
			lines += row.lines;
			buf_printf(out, "\n%llu", (unsigned long long)row.line);
		}
		if (step == SHEET_ROW)
			check_cells(a, &row, out);
		if (step == SHEET_BAD_ROW || step == SHEET_BAD_FILE)
			buf_printf(out, "!%s", why.rule);
		arena_free(a);
	} while (step != SHEET_END && step != SHEET_BAD_FILE);
	check(step == SHEET_BAD_FILE || lines == sheet_lines(s), "each line is in one row");
	sheet_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const charsets[] = { NULL, "utf-8", "gb18030", "utf-16" };
	struct buf whole = { 0 }, pieces = { 0 };
	enum sheet_kind kind;

	if (size < 2)
		return 0;
	kind = data[0] & 1 ? SHEET_CSV : SHEET_NDJSON;
	read_all(kind, charsets[data[0] >> 1 & 3], data + 2, size - 2, size, &whole);
	read_all(kind, charsets[data[0] >> 1 & 3], data + 2, size - 2, data[1] % 40 + 1,
	    &pieces);
	check(strcmp(whole.data, pieces.data) == 0, "pieces make no difference");
	buf_free(&whole);
	buf_free(&pieces);
	return 0;
}
