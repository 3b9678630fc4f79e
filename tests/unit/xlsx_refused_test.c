/*
 * XLSX that nobody's spreadsheet makes: too much, damaged, endless.
 */
#include "tests/unit/xlsx_made.h"

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

static void put_little(char *to, uint64_t value, size_t n)
{
	for (; n; n--, value >>= 8)
		*to++ = (char)(value & 0xff);
}

/* Where its number may stand far from the end, it is looked up there. */
static void entries_are_counted_wherever_they_are_said(void **state)
{
	enum { RECORD = 100, LOCATOR = 80000, END = LOCATOR + 20, ALL = END + 22 };
	char *bytes = calloc(1, ALL);

	(void)state;
	put_little(bytes, 0x04034b50, 4);
	put_little(bytes + RECORD, 0x06064b50, 4);
	put_little(bytes + RECORD + 32, 1000000, 8);
	put_little(bytes + LOCATOR, 0x07064b50, 4);
	put_little(bytes + LOCATOR + 8, RECORD, 8);
	put_little(bytes + END, 0x06054b50, 4);
	put_little(bytes + END + 10, 0xffff, 2);
	assert_string_equal(read_bytes(bytes, ALL, &usual), "sheet-size: entries");
	free(bytes);
}

/* Bzip2 and its like are none of a spreadsheet. */
static void other_compressions_are_refused(void **state)
{
	struct part parts[] = { root_rels, book_rels, one_sheet, no_styles, no_strings,
		{ "xl/worksheets/sheet1.xml", "<worksheet/>" } };
	struct made made = make(parts, 6);

	(void)state;
	for (size_t at = 0; at + 12 < made.n; at++) {
		if (memcmp(made.bytes + at, "PK\3\4", 4) == 0)
			put_little(made.bytes + at + 8, ZIP_CM_BZIP2, 2);
		if (memcmp(made.bytes + at, "PK\1\2", 4) == 0)
			put_little(made.bytes + at + 10, ZIP_CM_BZIP2, 2);
	}
	assert_string_equal(read_bytes(made.bytes, made.n, &usual),
	    "sheet-broken: compression");
	free(made.bytes);
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
	struct part parts[] = { root_rels, { book_rels.path, NULL, (size_t)5 << 20 }, one_sheet,
		no_styles, no_strings,
		{ "xl/worksheets/sheet1.xml", "<worksheet><sheetData/></worksheet>" } };
	struct sheet_limits loose = usual;
	char *rels = malloc(parts[1].n);
	struct made made;

	(void)state;
	memset(rels, ' ', parts[1].n);
	memcpy(rels, book_rels.text, strlen(book_rels.text));
	parts[1].text = rels;
	made = make(parts, 6);
	loose.ratio = 100000;
	loose.inflated_bytes = (uint64_t)1 << 30;
	assert_string_equal(read_bytes(made.bytes, made.n, &loose),
	    "sheet-size: inflated bytes");
	free(made.bytes);
	free(rels);
}

/* How often the loop has its turn between the last byte and the end. */
static size_t turns_of(const struct made *made, const struct sheet_limits *limits)
{
	struct sheet *s = sheet_new(SHEET_XLSX, limits, NULL);
	struct arena *a = arena_new();
	struct sheet_fault why;
	struct sheet_row row;
	enum sheet_step step;
	size_t turns = 0;

	assert_int_equal(sheet_put(s, made->bytes, made->n, true), made->n);
	while ((step = sheet_next(s, a, &row, &why)) == SHEET_MORE)
		turns++;
	assert_int_equal(step, SHEET_END);
	sheet_free(s);
	arena_free(a);
	return turns;
}

static struct buf repeated(const char *before, const char *text, size_t n, const char *after)
{
	struct buf b = { 0 };

	buf_puts(&b, before);
	for (size_t i = 0; i < n; i++)
		buf_puts(&b, text);
	buf_puts(&b, after);
	return b;
}

/* Formats without end, and rows in which nothing stands: a piece at a time. */
static void what_is_long_is_read_in_pieces(void **state)
{
	struct buf styles = repeated("<styleSheet><cellXfs>", "<xf numFmtId=\"9\"/>", 60000,
		       "</cellXfs></styleSheet>"),
		   rows = repeated("<worksheet><sheetData>", "<row><c/></row>", 100000,
		       "</sheetData></worksheet>");
	struct part parts[] = { root_rels, book_rels, one_sheet,
		{ "xl/styles.xml", styles.data, styles.len }, no_strings,
		{ "xl/worksheets/sheet1.xml", rows.data, rows.len } };
	struct sheet_limits loose = usual;
	struct made made = make(parts, 6);

	(void)state;
	loose.ratio = 100000;
	assert_true(turns_of(&made, &loose) > (styles.len + 2 * rows.len) / 65536);
	free(made.bytes);
	buf_free(&styles);
	buf_free(&rows);
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
	assert_string_equal(read_bytes(made.bytes, 0, &usual), ".");
	for (size_t n = 1; n < made.n; n += 7)
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
		cmocka_unit_test(what_is_too_much_is_refused),
		cmocka_unit_test(entries_are_counted_wherever_they_are_said),
		cmocka_unit_test(other_compressions_are_refused),
		cmocka_unit_test(a_bomb_is_refused_before_its_first_row),
		cmocka_unit_test(a_part_that_is_read_at_once_is_small),
		cmocka_unit_test(what_is_long_is_read_in_pieces),
		cmocka_unit_test(entities_depth_and_endless_tags_are_refused),
		cmocka_unit_test(a_damaged_file_gives_no_row),
		cmocka_unit_test(parts_are_looked_for_inside_only_and_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
