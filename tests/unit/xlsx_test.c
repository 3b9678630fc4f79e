/*
 * XLSX as rows: what spreadsheets make of a table, and what nobody's spreadsheet makes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zip.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/sheet/sheet.h"
#include "daemon/sheet/xlsx_numbers.h"

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

static struct made make(const struct part *parts, size_t n)
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
static const char *read_bytes(const char *bytes, size_t n, const struct sheet_limits *limits)
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

static const char *read_parts(const struct part *parts, size_t n)
{
	struct made made = make(parts, n);
	const char *text = read_bytes(made.bytes, made.n, &usual);

	free(made.bytes);
	return text;
}

/* One worksheet whose inside is `text`, after <worksheet>. */
static const char *read_sheet(const char *text)
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

static void cells_are_what_they_show(void **state)
{
	(void)state;
	assert_string_equal(
	    read_sheet(
		"<sheetData><row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>甲</t></is></c>"
		"<c r=\"C2\"><v>3500</v></c><c r=\"D2\"><v>0.10000000000000001</v></c>"
		"<c r=\"E2\" t=\"b\"><v>1</v></c><c r=\"F2\" t=\"e\"><v>#REF!</v></c>"
		"<c r=\"G2\" t=\"str\"><f>A1&amp;B1</f><v>乙 </v></c>"
		"<c r=\"H2\"><f>1+1</f><v></v></c><c r=\"I2\"><v>4.11123198001010E+17</v></c>"
		"<c r=\"J2\" t=\"d\"><v>2007-07-12T00:00:00</v></c><c r=\"K2\" s=\"1\"/>"
		"</row></sheetData>"),
	    "岗位!2: 甲||n:3500|n:0.1|f:TRUE|bad:#REF!|乙 |bad:a formula without its value|"
	    "n:411123198001010000|d:2007-07-12;\n.");
}

static void places_may_be_left_out_and_names_may_have_prefixes(void **state)
{
	(void)state;
	assert_string_equal(read_sheet(
				"<sheetData><row><c><v>1</v></c><c><v>2</v></c></row>"
				"<row/><row><c r=\"B3\"><v>3</v></c><c><v>4</v></c></row>"
				"</sheetData>"),
	    "岗位!1: n:1|n:2;\n岗位!3: |n:3|n:4;\n.");
	assert_string_equal(
	    read_sheet(
		"<x:sheetData xmlns:x=\"u\"><x:row r=\"1\"><x:c r=\"A1\"><x:v>1</x:v></x:c>"
		"</x:row></x:sheetData>"),
	    "岗位!1: n:1;\n.");
}

static void strings_are_put_together_of_their_runs(void **state)
{
	const struct part parts[] = { root_rels, book_rels, one_sheet, no_styles,
		{ "xl/sharedStrings.xml",
		    "<sst " MAIN
		    "><si><t> 普工 </t></si><si><r><t xml:space=\"preserve\">仓 </t></r>"
		    "<r><t>库</t></r><rPh sb=\"0\" eb=\"1\"><t>cang</t></rPh></si>"
		    "<si><t>一_x000D_\n二_x005F_x</t></si><si/></sst>" },
		{ "xl/worksheets/sheet1.xml",
		    "<worksheet " MAIN "><sheetData><row><c t=\"s\"><v>0</v></c>"
		    "<c t=\"s\"><v>1</v></c><c t=\"s\"><v>2</v></c><c t=\"s\"><v>3</v></c>"
		    "<c t=\"s\"><v>4</v></c></row></sheetData></worksheet>" } };

	(void)state;
	assert_string_equal(read_parts(parts, 6),
	    "岗位!1: 普工|仓 库|一\n二_x||bad:string 4;\n.");
}

static void days_are_told_by_the_format_that_shows_them(void **state)
{
	static const char sheet[] =
	    "<worksheet " MAIN "><sheetData><row><c s=\"1\"><v>39275</v></c>"
	    "<c s=\"2\"><v>39275.5</v></c><c s=\"3\"><v>39275</v></c>"
	    "<c s=\"0\"><v>39275</v></c><c s=\"4\"><v>0.5</v></c>"
	    "<c s=\"1\"><v>60</v></c><c s=\"1\"><v>59</v></c>"
	    "<c s=\"1\"><v>-3</v></c></row></sheetData></worksheet>";
	struct part parts[] = { root_rels, book_rels, one_sheet, no_strings,
		{ "xl/styles.xml",
		    "<styleSheet " MAIN "><numFmts><numFmt numFmtId=\"176\" "
		    "formatCode=\"[$-804]yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;;@\"/>"
		    "<numFmt numFmtId=\"177\" formatCode=\"0.00&quot;yuan/day&quot;\"/>"
		    "<numFmt numFmtId=\"178\" formatCode=\"h:mm\"/></numFmts>"
		    "<cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs>"
		    "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"176\"/>"
		    "<xf numFmtId=\"177\"/><xf numFmtId=\"178\"/></cellXfs></styleSheet>" },
		{ "xl/worksheets/sheet1.xml", sheet } };

	(void)state;
	assert_string_equal(read_parts(parts, 6),
	    "岗位!1: d:2007-07-12|d:2007-07-12|n:39275|n:39275|n:0.5|d:1900-02-29|"
	    "d:1900-02-28|n:-3;\n.");
	parts[2].text =
	    "<workbook " MAIN " xmlns:r=\"" REL
	    "\"><workbookPr date1904=\"1\"/><sheets><sheet name=\"岗位\" sheetId=\"1\" "
	    "r:id=\"r1\"/></sheets></workbook>";
	parts[5].text = "<worksheet " MAIN "><sheetData><row><c s=\"1\"><v>37813</v></c>"
			"</row></sheetData></worksheet>";
	assert_string_equal(read_parts(parts, 6), "岗位!1: d:2007-07-12;\n.");
}

static void codes_of_formats_speak_of_days_or_not(void **state)
{
	static const char *const days[] = { "yyyy-mm-dd", "m\"月\"", "d/m", "[$-804]yyyy",
		"mm-dd-yy hh:mm", "General;yyyy" };

	(void)state;
	for (size_t i = 0; i < 5; i++)
		assert_true(xlsx_code_is_day(days[i]));
	assert_false(xlsx_code_is_day(days[5]));
	assert_false(xlsx_code_is_day("[h]:mm:ss"));
	assert_false(xlsx_code_is_day("0.00_);[Red](0.00)"));
	assert_false(xlsx_code_is_day("\"day\"0"));
	assert_false(xlsx_code_is_day("\\d0"));
	assert_false(xlsx_code_is_day("\""));
	assert_false(xlsx_code_is_day("[h"));
	assert_false(xlsx_code_is_day("\\"));
}

static void merged_cells_have_one_value_and_a_title_is_one_cell(void **state)
{
	(void)state;
	assert_string_equal(
	    read_sheet("<sheetData><row r=\"1\"><c r=\"A1\"><v>7</v></c></row>"
		       "<row r=\"2\"><c r=\"A2\"><v>1</v></c><c r=\"B2\"><v>2</v></c></row>"
		       "<row r=\"3\"><c r=\"A3\"/><c r=\"B3\"><v>3</v></c></row>"
		       "<row r=\"4\"><c r=\"B4\"><v>4</v></c></row>"
		       "<row r=\"6\"><c r=\"A6\"><v>5</v></c><c r=\"C6\"><v>6</v></c></row>"
		       "</sheetData><mergeCells count=\"3\"><mergeCell ref=\"A1:C1\"/>"
		       "<mergeCell ref=\"A2:A3\"/><mergeCell ref=\"C6:D7\"/></mergeCells>"),
	    "岗位!1: n:7;\n岗位!2: n:1|n:2;\n岗位!3: n:1|n:3;\n岗位!4: |n:4;\n"
	    "岗位!6: n:5||n:6|n:6;\n.");
}

static void hidden_rows_are_read_and_hidden_worksheets_are_not(void **state)
{
	struct part parts[] = { root_rels, book_rels,
		{ "xl/workbook.xml",
		    "<workbook " MAIN " xmlns:r=\"" REL
		    "\"><sheets><sheet name=\"一\" sheetId=\"1\" state=\"hidden\" r:id=\"r1\"/>"
		    "<sheet name=\"图\" sheetId=\"3\" r:id=\"r9\"/>"
		    "<sheet name=\"二\" sheetId=\"2\" r:id=\"r2\"/></sheets></workbook>" },
		no_styles, no_strings,
		{ "xl/worksheets/sheet1.xml",
		    "<worksheet><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>" },
		{ "xl/worksheets/sheet2.xml",
		    "<worksheet><cols><col min=\"1\" max=\"1\" hidden=\"1\"/></cols><sheetData>"
		    "<row hidden=\"1\"><c><v>2</v></c></row></sheetData></worksheet>" } };

	(void)state;
	assert_string_equal(read_parts(parts, 7), "二!1: n:2;\n.");
}

static void what_is_too_much_is_refused(void **state)
{
	struct sheet_limits few = usual;
	struct buf text = { 0 };
	struct made made;
	struct part parts[] = { root_rels, book_rels, one_sheet, no_styles, no_strings,
		{ "xl/worksheets/sheet1.xml", NULL } };

	(void)state;
	assert_string_equal(read_sheet(
				"<sheetData><row r=\"1\"><c r=\"XFD1\"><v>1</v></c></row>"
				"<row r=\"2\"><c r=\"XFD2\" s=\"1\"/><c r=\"A2\"><v>2</v></c>"
				"</row></sheetData>"),
	    "岗位!1: sheet-size: columns;\n岗位!2: n:2;\n.");
	assert_string_equal(read_sheet("<sheetData><row><c r=\"XFE1\"><v>1</v></c></row>"
				       "</sheetData>"),
	    "sheet-broken: XFE1");
	assert_string_equal(read_sheet("<sheetData><row r=\"1048577\"/></sheetData>"),
	    "sheet-broken: rows out of order");

	buf_puts(&text, "<worksheet><sheetData><row><c t=\"inlineStr\"><is><t>");
	for (int i = 0; i < 40000; i++)
		buf_putc(&text, 'x');
	buf_puts(&text,
	    "</t></is></c></row><row><c><v>2</v></c></row></sheetData></worksheet>");
	parts[5].text = text.data;
	assert_string_equal(read_parts(parts, 6),
	    "岗位!1: sheet-size: bytes;\n岗位!2: n:2;\n.");

	made = make(parts, 6);
	few.rows = 1;
	assert_non_null(strstr(read_bytes(made.bytes, made.n, &few), "sheet-size: rows"));
	few = usual;
	few.entries = 5;
	assert_string_equal(read_bytes(made.bytes, made.n, &few), "sheet-size: entries");
	few = usual;
	few.inflated_bytes = 30000;
	assert_string_equal(read_bytes(made.bytes, made.n, &few), "sheet-size: inflated bytes");
	few = usual;
	few.file_bytes = 1000;
	assert_string_equal(read_bytes(made.bytes, made.n, &few), "sheet-size: bytes");
	free(made.bytes);
	buf_free(&text);
}

static void a_bomb_is_refused_before_its_first_row(void **state)
{
	struct part parts[] = { root_rels, book_rels, one_sheet, no_styles, no_strings,
		{ "xl/worksheets/sheet1.xml", NULL } };
	static const char head[] =
	    "<worksheet><sheetData><row><c><v>1</v></c></row></sheetData>";
	size_t n = (size_t)48 << 20;
	char *bomb = malloc(n);

	(void)state;
	memset(bomb, ' ', n);
	memcpy(bomb, head, sizeof(head) - 1);
	parts[5].text = bomb;
	parts[5].n = n;
	assert_string_equal(read_parts(parts, 6), "sheet-size: x inflated");
	free(bomb);
}

/* What is read in one piece holds up everybody for as long as it lasts. */
static void a_part_that_is_read_at_once_is_small(void **state)
{
	struct part parts[] = { root_rels, book_rels, one_sheet,
		{ "xl/styles.xml", NULL, (size_t)17 << 20 }, no_strings,
		{ "xl/worksheets/sheet1.xml", "<worksheet><sheetData/></worksheet>" } };
	struct sheet_limits loose = usual;
	char *styles = malloc(parts[3].n);
	struct made made;

	(void)state;
	memset(styles, ' ', parts[3].n);
	memcpy(styles, no_styles.text, strlen(no_styles.text));
	parts[3].text = styles;
	made = make(parts, 6);
	loose.ratio = 100000;
	loose.inflated_bytes = (uint64_t)1 << 30;
	assert_string_equal(read_bytes(made.bytes, made.n, &loose),
	    "sheet-size: inflated bytes");
	free(made.bytes);
	free(styles);
}

static void entities_depth_and_endless_tags_are_refused(void **state)
{
	struct part parts[] = {
		root_rels, book_rels, one_sheet, no_styles, no_strings,
		{ "xl/worksheets/sheet1.xml",
		    "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>"
		    "<worksheet><sheetData><row><c><v>&b;</v></c></row></sheetData></worksheet>" }
	};
	struct buf text = { 0 };

	(void)state;
	assert_string_equal(read_parts(parts, 6), "sheet-broken: <!DOCTYPE>");
	buf_puts(&text, "<worksheet><sheetData><row><c><is>");
	for (int i = 0; i < 100; i++)
		buf_puts(&text, "<t>");
	parts[5].text = text.data;
	assert_string_equal(read_parts(parts, 6), "sheet-broken: too deep");
	buf_clear(&text);
	buf_puts(&text, "<worksheet a=\"");
	for (int i = 0; i < 400000; i++)
		buf_printf(&text, "%d", i);
	parts[5].text = text.data;
	assert_string_equal(read_parts(parts, 6), "sheet-broken: a tag without end");
	buf_free(&text);
}

static void a_damaged_file_gives_no_row(void **state)
{
	struct part parts[] = {
		root_rels, book_rels, one_sheet, no_styles, no_strings,
		{ "xl/worksheets/sheet1.xml",
		    "<worksheet><sheetData><row><c><v>12345</v></c></row></sheetData></worksheet>" }
	};
	struct made made = make(parts, 6);
	char *bytes = malloc(made.n);
	size_t at;

	(void)state;
	for (size_t n = 0; n < made.n; n += 7)
		assert_non_null(strstr(read_bytes(made.bytes, n, &usual), "sheet-broken: "));
	/* Each byte turned: a row that is given is the right one. */
	for (at = 0; at < made.n; at++) {
		const char *text;

		memcpy(bytes, made.bytes, made.n);
		bytes[at] = (char)(bytes[at] ^ 0x20);
		text = read_bytes(bytes, made.n, &usual);
		if (strstr(text, "!1: "))
			assert_non_null(strstr(text, "!1: n:12345;"));
	}
	free(bytes);
	free(made.bytes);
	assert_string_equal(read_bytes("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8, &usual),
	    "sheet-kind: .xls, .et");
}

static void parts_are_looked_for_inside_only_and_once(void **state)
{
	struct part parts[] = {
		root_rels, book_rels, one_sheet, no_styles, no_strings,
		{ "XL/Worksheets/Sheet1.xml",
		    "<worksheet><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>" },
		{ "xl/worksheets/sheet1.XML",
		    "<worksheet><sheetData><row><c><v>2</v></c></row></sheetData></worksheet>" }
	};

	(void)state;
	assert_string_equal(read_parts(parts, 6), "岗位!1: n:1;\n.");
	assert_string_equal(read_parts(parts, 7), "sheet-broken: xl/worksheets/sheet1.xml");
	parts[1].text = "<Relationships><Relationship Id=\"r1\" Type=\"" REL
			"/worksheet\" Target=\"../../etc/passwd\"/></Relationships>";
	assert_string_equal(read_parts(parts, 6), "sheet-broken: 0 worksheets");
	parts[1].text = "<Relationships><Relationship Id=\"r1\" Type=\"" REL
			"/worksheet\" Target=\"file:///etc/passwd\" TargetMode=\"External\"/>"
			"</Relationships>";
	assert_string_equal(read_parts(parts, 6), "sheet-broken: 0 worksheets");
	assert_string_equal(read_parts(parts + 3, 1), "sheet-broken: _rels/.rels");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cells_are_what_they_show),
		cmocka_unit_test(places_may_be_left_out_and_names_may_have_prefixes),
		cmocka_unit_test(strings_are_put_together_of_their_runs),
		cmocka_unit_test(days_are_told_by_the_format_that_shows_them),
		cmocka_unit_test(codes_of_formats_speak_of_days_or_not),
		cmocka_unit_test(merged_cells_have_one_value_and_a_title_is_one_cell),
		cmocka_unit_test(hidden_rows_are_read_and_hidden_worksheets_are_not),
		cmocka_unit_test(what_is_too_much_is_refused),
		cmocka_unit_test(a_bomb_is_refused_before_its_first_row),
		cmocka_unit_test(a_part_that_is_read_at_once_is_small),
		cmocka_unit_test(entities_depth_and_endless_tags_are_refused),
		cmocka_unit_test(a_damaged_file_gives_no_row),
		cmocka_unit_test(parts_are_looked_for_inside_only_and_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
