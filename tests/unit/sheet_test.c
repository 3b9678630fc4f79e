/*
 * A file of rows, CSV or NDJSON: the same rows however its bytes come and whatever they are
 * encoded in, each line of it in one of them, and none lost to another.
 */
#include <iconv.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/sheet/fold.h"
#include "daemon/sheet/sheet.h"

static const struct sheet_limits limits = { .record_bytes = 4096, .columns = 8 };

/* Rows as "1:a|b" a line, "3+2:" of two lines, "4!quote" for one that is refused. */
static const char *read_in_steps(struct arena *a, enum sheet_kind kind, const char *charset,
    const char *bytes, size_t len, size_t step)
{
	struct sheet *s = sheet_new(kind, &limits, charset);
	struct buf out = { 0 };
	struct sheet_fault why;
	struct sheet_row row;
	enum sheet_step result;
	size_t at = 0;
	uint64_t lines = 0;

	assert_non_null(s);
	buf_puts(&out, "");
	while ((result = sheet_next(s, a, &row, &why)) != SHEET_END) {
		if (result == SHEET_MORE) {
			size_t room = len - at < step ? len - at : step;

			at += sheet_put(s, bytes + at, room, at + room == len);
			continue;
		}
		if (result == SHEET_BAD_FILE) {
			buf_printf(&out, "!!%s: %s, not %s", why.rule, why.found, why.expected);
			sheet_free(s);
			return buf_to_arena(a, &out);
		}
		lines += row.lines;
		buf_putu(&out, row.line);
		if (row.lines > 1)
			buf_printf(&out, "+%d", (int)row.lines);
		if (result == SHEET_BAD_ROW)
			buf_printf(&out, "!%s\n", why.rule);
		for (size_t i = 0; result == SHEET_ROW && i < row.n; i++)
			buf_printf(&out, "%c%s", i ? '|' : ':', row.cells[i].text);
		if (result == SHEET_ROW)
			buf_putc(&out, '\n');
	}
	assert_int_equal(lines, sheet_lines(s));
	sheet_free(s);
	return buf_to_arena(a, &out);
}

static void expect_bytes(enum sheet_kind kind, const char *charset, const char *bytes,
    size_t len, const char *wanted)
{
	for (size_t step = 1; step <= len + 1; step += 1 + step / 40) {
		struct arena *a = arena_new();

		assert_string_equal(read_in_steps(a, kind, charset, bytes, len, step), wanted);
		arena_free(a);
	}
}

static void expect(enum sheet_kind kind, const char *text, const char *wanted)
{
	expect_bytes(kind, NULL, text, strlen(text), wanted);
}

static void a_line_end_ends_a_record(void **state)
{
	(void)state;
	expect(SHEET_NDJSON, "{}\n\n{\"a\":\"\\\"\"}\r\n{}",
	    "1:{}\n2\n3:{\"a\":\"\\\"\"}\n4:{}\n");
	expect(SHEET_NDJSON, "", "");
	expect(SHEET_NDJSON, "\n \n", "1\n2\n");
	expect(SHEET_CSV, "a,b\rc,d\re,f", "1:a|b\n2:c|d\n3:e|f\n");
	expect(SHEET_CSV, "a,b\r\n\r\nc,d\n", "1:a|b\n2\n3:c|d\n");
	expect(SHEET_CSV, "a,b\n,\n\xe3\x80\x80, \n", "1:a|b\n2\n3\n");
}

static void quotes_hold_line_ends(void **state)
{
	(void)state;
	expect(SHEET_CSV, "a,b\n\"1\r\n2\",\"\"\"\n\"\n3,\"4,5\" \n",
	    "1:a|b\n2+3:1\n2|\"\n\n5:3|4,5\n");
}

static void a_quote_is_one_only_at_the_start_of_a_cell(void **state)
{
	(void)state;
	expect(SHEET_CSV, "a,b\n17\" screen,2\" \"\n \"x\",y\n",
	    "1:a|b\n2:17\" screen|2\" \"\n3: \"x\"|y\n");
}

static void a_quote_never_closed_costs_its_own_line(void **state)
{
	(void)state;
	expect(SHEET_CSV, "a,b,c\nA,\"x,3\nB,y,4\nC,z,5\n",
	    "1:a|b|c\n2!quote\n3:B|y|4\n4:C|z|5\n");
	expect(SHEET_CSV, "a,b\nA,\"x\nB,\"y\nC,\"z", "1:a|b\n2!quote\n3!quote\n4!quote\n");
	/* Another row's quote does not close it. */
	expect(SHEET_CSV, "a,b\nA,\"x\nB,\"y\"\n\"C\",z\n", "1:a|b\n2!quote\n3:B|y\n4:C|z\n");
	expect(SHEET_CSV, "a,b\nA,\"x\"y\nB,z\n", "1:a|b\n2!quote\n3:B|z\n");
}

static void it_ends_however_much_follows(void **state)
{
	struct arena *a = arena_new();
	struct buf text = { 0 }, wanted = { 0 };

	(void)state;
	buf_puts(&text, "a,b\nA,\"x\n");
	buf_puts(&wanted, "1:a|b\n2!quote\n");
	for (int n = 3; n < 3000; n++) {
		buf_printf(&text, "B%d,y\r\n", n);
		buf_printf(&wanted, "%d:B%d|y\n", n, n);
	}
	for (size_t step = 1; step < 100000; step = step * 7 + 1)
		assert_string_equal(read_in_steps(a, SHEET_CSV, NULL, text.data, text.len,
					step),
		    wanted.data);
	buf_free(&text);
	buf_free(&wanted);
	arena_free(a);
}

static void a_line_that_is_too_long_does_not_grow(void **state)
{
	static const char *const begins[] = { "", "\"", "\"a\"b" };
	size_t n = 40 * limits.record_bytes;
	char *text = malloc(n + 8);

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		memset(text, 'x', n);
		memcpy(text, begins[i], strlen(begins[i]));
		memcpy(text + n, "\r\ny,z", sizeof("\r\ny,z"));
		struct arena *a = arena_new();
		assert_string_equal(read_in_steps(a, SHEET_CSV, NULL, text, n + 5, 1000),
		    "1!too-long\n2:y|z\n");
		arena_free(a);
	}
	free(text);
}

static void a_row_can_be_taken_back(void **state)
{
	static const char text[] = "a,b\nA,\"x\nB,y\",3,4\nC,z\n";
	struct sheet *s = sheet_new(SHEET_CSV, &limits, NULL);
	struct arena *a = arena_new();
	struct sheet_fault why;
	struct sheet_row row;

	(void)state;
	sheet_put(s, text, sizeof(text) - 1, true);
	assert_int_equal(sheet_next(s, a, &row, &why), SHEET_ROW);
	assert_false(sheet_refuse_row(s, &row));
	assert_int_equal(sheet_next(s, a, &row, &why), SHEET_ROW);
	assert_int_equal(row.lines, 2);
	assert_int_equal(row.n, 4);
	assert_true(sheet_refuse_row(s, &row));
	assert_int_equal(row.lines, 1);
	assert_int_equal(sheet_next(s, a, &row, &why), SHEET_ROW);
	assert_int_equal(row.line, 3);
	assert_string_equal(row.cells[1].text, "y\"");
	assert_int_equal(sheet_next(s, a, &row, &why), SHEET_ROW);
	assert_int_equal(row.line, 4);
	assert_int_equal(sheet_next(s, a, &row, &why), SHEET_END);
	sheet_free(s);
	arena_free(a);
}

static void tabs_and_semicolons_divide_too(void **state)
{
	(void)state;
	expect(SHEET_CSV, "a\tb\n1,2\t3\n", "1:a|b\n2:1,2|3\n");
	expect(SHEET_CSV, "a;b\n1,2;3\n", "1:a|b\n2:1,2|3\n");
	expect(SHEET_CSV, "a,b\n1;2;3,4\n", "1:a|b\n2:1;2;3|4\n");
	expect(SHEET_CSV, "a\nb\n", "1:a\n2:b\n");
}

static size_t encode(const char *charset, const char *text, char *out, size_t room)
{
	iconv_t cd = iconv_open(charset, "UTF-8");
	char *from = (char *)text, *to = out;
	size_t left = strlen(text), had = room;

	assert_true(cd != (iconv_t)-1);
	assert_true(iconv(cd, &from, &left, &to, &room) != (size_t)-1);
	iconv_close(cd);
	return had - room;
}

static void bytes_say_their_charset(void **state)
{
	static const char text[] =
	    "编号,岗位名称\nA,保安员\nB,\"巡逻\n门岗\"\n\xf0\xa0\xae\xb7,一\n";
	static const char rows[] =
	    "1:编号|岗位名称\n2:A|保安员\n3+2:B|巡逻\n门岗\n5:\xf0\xa0\xae\xb7|一\n";
	static const char *const charsets[] = { "UTF-8", "GB18030", "UTF-16LE", "UTF-16BE" };
	static const char *const marks[] = { "\xef\xbb\xbf", "\x84\x31\x95\x33", "\xff\xfe",
		"\xfe\xff" };
	char bytes[512];

	(void)state;
	for (size_t i = 0; i < 4; i++)
		for (size_t marked = 0; marked < 2; marked++) {
			size_t n = marked ? strlen(marks[i]) : 0;

			memcpy(bytes, marks[i], n);
			n += encode(charsets[i], text, bytes + n, sizeof(bytes) - n);
			expect_bytes(SHEET_CSV, NULL, bytes, n, rows);
			expect_bytes(SHEET_CSV, charsets[i], bytes, n, rows);
			for (size_t k = 0; k < 4; k++) {
				struct arena *a = arena_new();
				const char *got =
				    read_in_steps(a, SHEET_CSV, charsets[k], bytes, n, 7);

				if (k == i || (k >= 2 && i >= 2))
					assert_string_equal(got, rows);
				else
					assert_memory_equal(got, "!!charset", 9);
				arena_free(a);
			}
		}
	expect_bytes(SHEET_CSV, "gbk", "\xe7\xbc\x96,a\n", 6,
	    "!!charset: UTF-8, by its bytes, not GB18030, as it is labelled");
	assert_null(sheet_new(SHEET_CSV, &limits, "big5"));
}

static void a_line_of_another_charset_is_that_line(void **state)
{
	(void)state;
	/* 保安 in GB18030 between two lines of UTF-8, and the other way about. */
	expect(SHEET_CSV, "编号,b\nA,\xb1\xa3\xb0\xb2\n保安,c\n",
	    "1:编号|b\n2!utf-8\n3:保安|c\n");
	expect(SHEET_CSV, "a,\xb1\xa3\xb0\xb2\nA,\xb1\xa3\xb0\xb2\nA,\xff\n",
	    "1:a|保安\n2:A|保安\n3!charset\n");
	/* Only the last of many thousand bytes say what they are. */
	struct arena *a = arena_new();
	struct buf text = { 0 };

	for (int i = 0; i < 20000; i++)
		buf_puts(&text, "a,b\n");
	buf_puts(&text, "\xb1\xa3\xb0\xb2,b\n");
	const char *got = read_in_steps(a, SHEET_CSV, NULL, text.data, text.len, 5000);
	assert_string_equal(strstr(got, "20001"), "20001:保安|b\n");
	buf_free(&text);
	arena_free(a);
}

static void nul_is_refused(void **state)
{
	(void)state;
	expect_bytes(SHEET_CSV, NULL, "a,b\nA,c\0d\ne,f\nghi,j\nk,l\n", 24,
	    "1:a|b\n2!nul\n3:e|f\n4:ghi|j\n5:k|l\n");
}

static void folds(const char *text, const char *all, const char *blanks)
{
	struct arena *a = arena_new();

	assert_string_equal(fold(a, text), all);
	assert_string_equal(fold_blanks(a, text), blanks);
	arena_free(a);
}

static void what_looks_alike_is_folded(void **state)
{
	(void)state;
	folds("N1", "N1", "N1");
	folds("Ｎ１ ", "N1", "Ｎ１");
	folds("\xe3\x80\x80３５００～４５００\xc2\xa0", "3500~4500", "３５００～４５００");
	folds("－— – − ‐", "-- - - -", "－— – − ‐");
	folds("养老；医疗、工伤，生育", "养老;医疗、工伤,生育", "养老；医疗、工伤，生育");
	folds("\xef\xbb\xbf保\xe2\x80\x8b安\xc2\xad员", "保安员", "保安员");
	folds("a \xe3\x80\x80 \t b", "a b", "a b");
	folds(" 一\n \n二 \n", "一 二", "一\n\n二");
	folds("２００７．４．１", "2007.4.1", "２００７．４．１");
	folds("  ", "", "");
	folds("\xff", "\xff", "\xff");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_end_ends_a_record),
		cmocka_unit_test(quotes_hold_line_ends),
		cmocka_unit_test(a_quote_is_one_only_at_the_start_of_a_cell),
		cmocka_unit_test(a_quote_never_closed_costs_its_own_line),
		cmocka_unit_test(it_ends_however_much_follows),
		cmocka_unit_test(a_line_that_is_too_long_does_not_grow),
		cmocka_unit_test(a_row_can_be_taken_back),
		cmocka_unit_test(tabs_and_semicolons_divide_too),
		cmocka_unit_test(bytes_say_their_charset),
		cmocka_unit_test(a_line_of_another_charset_is_that_line),
		cmocka_unit_test(nul_is_refused),
		cmocka_unit_test(what_looks_alike_is_folded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
