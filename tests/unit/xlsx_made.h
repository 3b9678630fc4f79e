/*
 * XLSX files made part by part, and what is read of them as one text.
 */
#ifndef TESTS_UNIT_XLSX_MADE_H
#define TESTS_UNIT_XLSX_MADE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zip.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/sheet/sheet.h"

#define MAIN "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\""
#define REL  "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

struct part {
	const char *path, *text;
	size_t n; /* 0: strlen */
};

struct made {
	char *bytes;
	size_t n;
};

static const struct part root_rels = { "_rels/.rels",
	"<Relationships><Relationship Id=\"a\" Type=\"" REL
	"/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>" };
static const struct part book_rels = { "xl/_rels/workbook.xml.rels",
	"<Relationships><Relationship Id=\"r1\" Type=\"" REL
	"/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"r2\" Type=\"" REL
	"/worksheet\" Target=\"/xl/worksheets/sheet2.xml\"/><Relationship Id=\"s\" Type=\"" REL
	"/sharedStrings\" Target=\"sharedStrings.xml\"/><Relationship Id=\"t\" Type=\"" REL
	"/styles\" Target=\"./styles.xml\"/></Relationships>" };
static const struct part one_sheet = { "xl/workbook.xml",
	"<workbook " MAIN " xmlns:r=\"" REL
	"\"><sheets><sheet name=\"岗位\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>" };
static const struct part no_styles = { "xl/styles.xml", "<styleSheet " MAIN "/>" };
static const struct part no_strings = { "xl/sharedStrings.xml", "<sst " MAIN "/>" };

static inline struct made make(const struct part *parts, size_t n)
{
	zip_source_t *to = zip_source_buffer_create(NULL, 0, 0, NULL);
	zip_t *z = zip_open_from_source(to, ZIP_TRUNCATE, NULL);
	struct made made;
	zip_stat_t st;

	zip_source_keep(to);
	for (size_t i = 0; i < n; i++) {
		zip_source_t *from = zip_source_buffer(z, parts[i].text,
		    parts[i].n ? parts[i].n : strlen(parts[i].text), 0);

		assert_true(zip_file_add(z, parts[i].path, from, ZIP_FL_ENC_UTF_8) >= 0);
	}
	assert_int_equal(zip_close(z), 0);
	zip_source_stat(to, &st);
	made.n = (size_t)st.size;
	made.bytes = malloc(made.n);
	zip_source_open(to);
	assert_int_equal(zip_source_read(to, made.bytes, made.n), made.n);
	zip_source_close(to);
	zip_source_free(to);
	return made;
}

static const struct sheet_limits usual = {
	.record_bytes = 65536,
	.columns = 64,
	.dir = "/tmp",
	.cells = 1000000,
	.rows = 100000,
	.cell_bytes = 32768,
	.entries = 100,
	.strings = 100000,
	.inflated_bytes = 64 << 20,
	.ratio = 200,
	.file_bytes = 16 << 20,
};

/* The rows as "岗位!2: a|n:3500|d:2007-07-12;" and the end as "." or "rule: found". */
static inline const char *read_bytes(const char *bytes, size_t n,
    const struct sheet_limits *limits)
{
	static const char *const marks[] = { "", "", "n:", "d:", "f:", "bad:" };
	static struct buf out;
	struct sheet *s = sheet_new(SHEET_XLSX, limits, NULL);
	struct arena *a = arena_new();
	struct sheet_fault why;
	struct sheet_row row;
	enum sheet_step step;

	buf_clear(&out);
	buf_puts(&out, "");
	for (size_t at = 0; at < n; at += 1000)
		sheet_put(s, bytes + at, n - at < 1000 ? n - at : 1000, false);
	sheet_put(s, bytes, 0, true);
	do {
		step = sheet_next(s, a, &row, &why);
		if (step == SHEET_ROW || step == SHEET_BAD_ROW)
			buf_printf(&out, "%s!%d: ", row.sheet, (int)row.line);
		for (size_t i = 0; step == SHEET_ROW && i < row.n; i++)
			buf_printf(&out, "%s%s%s", i ? "|" : "", marks[row.cells[i].kind],
			    row.cells[i].text);
		if (step == SHEET_BAD_ROW || step == SHEET_BAD_FILE)
			buf_printf(&out, "%s: %s", why.rule, why.found);
		if (step == SHEET_ROW || step == SHEET_BAD_ROW)
			buf_puts(&out, ";\n");
	} while (step != SHEET_END && step != SHEET_BAD_FILE);
	if (step == SHEET_END)
		buf_putc(&out, '.');
	sheet_free(s);
	arena_free(a);
	return out.data;
}

static inline const char *read_parts(const struct part *parts, size_t n)
{
	struct made made = make(parts, n);
	const char *text = read_bytes(made.bytes, made.n, &usual);

	free(made.bytes);
	return text;
}

/* One worksheet whose inside is `text`, after <worksheet>. */
static inline const char *read_sheet(const char *text)
{
	struct buf whole = { 0 };
	const char *out;

	buf_printf(&whole, "<worksheet " MAIN ">%s</worksheet>", text);

	const struct part parts[] = { root_rels, book_rels, one_sheet, no_styles, no_strings,
		{ "xl/worksheets/sheet1.xml", whole.data, whole.len } };

	out = read_parts(parts, 6);
	buf_free(&whole);
	return out;
}

#endif
