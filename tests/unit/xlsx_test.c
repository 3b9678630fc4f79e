/*
 * XLSX as rows: what spreadsheets make of a table.
 */
#include "daemon/sheet/xlsx_numbers.h"
#include "tests/unit/xlsx_made.h"

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
	    "岗位!2: 甲||n:3500|n:0.1|f:TRUE|bad:#REF!|乙 |bad:#FORMULA!|"
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
