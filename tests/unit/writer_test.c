/*
 * Sheets that are written, read again: the same cells, whatever they begin with.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/sheet/guard.h"
#include "daemon/sheet/writer.h"

static const char *const words[] = { "普工", "=1+1", "+86", "-5", "@SUM(A1)", "'=x", "''",
	"a,b", "say \"so\"", "一\n二", "\tx", " padded ", "-", "_x0041_", "1;2", "00123", "<&>",
	"41010519900307002X", "410105199003070021", "\xf0\x9f\x98\x80" };
enum { WORDS = sizeof(words) / sizeof(words[0]) };

static const struct sheet_limits usual = {
	.record_bytes = 65536,
	.columns = 64,
	.dir = "/tmp",
	.cells = 1000000,
	.rows = 200000,
	.cell_bytes = 32768,
	.entries = 100,
	.strings = 100000,
	.inflated_bytes = 64 << 20,
	.ratio = 1000,
	.file_bytes = 16 << 20,
};

static char *written(enum sheet_kind kind, void (*fill)(struct writer *w), size_t *n)
{
	struct writer *w = writer_new(kind, "/tmp", "名单");
	char *bytes;
	int fd;

	assert_non_null(w);
	fill(w);
	assert_true(writer_end(w));
	fd = writer_take(w, n);
	bytes = malloc(*n + 1);
	assert_int_equal(pread(fd, bytes, *n, 0), *n);
	bytes[*n] = '\0';
	close(fd);
	writer_free(w);
	return bytes;
}

static struct sheet *sheet_of(enum sheet_kind kind, const char *bytes, size_t n)
{
	struct sheet *s = sheet_new(kind, &usual, NULL);

	assert_non_null(s);
	assert_int_equal(sheet_put(s, bytes, n, true), n);
	return s;
}

static enum sheet_step next(struct sheet *s, struct arena *a, struct sheet_row *row)
{
	struct sheet_fault why;
	enum sheet_step step;

	do {
		step = sheet_next(s, a, row, &why);
	} while (step == SHEET_MORE);
	return step;
}

static void fill_words(struct writer *w)
{
	writer_head(w, "甲");
	writer_head(w, "乙");
	writer_row_end(w);
	for (size_t i = 0; i < WORDS; i++) {
		writer_text(w, words[i]);
		writer_text(w, words[WORDS - 1 - i]);
		writer_row_end(w);
	}
}

static void texts_come_back_as_they_were(void **state)
{
	static const enum sheet_kind kinds[] = { SHEET_CSV, SHEET_XLSX };

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct arena *a = arena_new();
		struct sheet_row row;
		size_t n;
		char *bytes = written(kinds[k], fill_words, &n);
		struct sheet *s = sheet_of(kinds[k], bytes, n);

		assert_int_equal(next(s, a, &row), SHEET_ROW);
		assert_string_equal(row.cells[1].text, "乙");
		for (size_t i = 0; i < WORDS; i++) {
			assert_int_equal(next(s, a, &row), SHEET_ROW);
			assert_int_equal(row.n, 2);
			assert_int_equal(row.cells[0].kind, CELL_TEXT);
			assert_string_equal(row.cells[0].text, words[i]);
			assert_string_equal(row.cells[1].text, words[WORDS - 1 - i]);
		}
		assert_int_equal(next(s, a, &row), SHEET_END);
		sheet_free(s);
		arena_free(a);
		free(bytes);
	}
}

static void formulas_are_guarded_and_plain_numbers_are_not(void **state)
{
	(void)state;
	assert_true(guard_is_needed("=cmd|' /C calc'!A0"));
	assert_true(guard_is_needed("-2+3"));
	assert_true(guard_is_needed("'''@x"));
	assert_false(guard_is_needed("-2"));
	assert_false(guard_is_needed("+8613800000000"));
	assert_false(guard_is_needed("-0.5"));
	assert_false(guard_is_needed("a=b"));
	assert_false(guard_is_needed(""));
	assert_string_equal(guard_taken_away("'=x"), "=x");
	assert_string_equal(guard_taken_away("'x"), "'x");
	assert_string_equal(guard_taken_away("'-5"), "'-5");
}

static void fill_kinds(struct writer *w)
{
	writer_number(w, "3500.5");
	writer_number(w, "410105199003070021"); /* more than a spreadsheet keeps */
	writer_number(w, "007");
	writer_day(w, "2007-07-12");
	writer_day(w, "2007Q2");
	writer_text(w, "2007-07-12");
	writer_text(w, NULL);
	writer_text(w, "x");
	writer_row_end(w);
}

static void numbers_and_days_are_typed(void **state)
{
	struct arena *a = arena_new();
	struct sheet_row row;
	size_t n;
	char *bytes = written(SHEET_XLSX, fill_kinds, &n);
	struct sheet *s = sheet_of(SHEET_XLSX, bytes, n);
	static const enum cell_kind kinds[] = { CELL_NUMBER, CELL_TEXT, CELL_TEXT, CELL_DAY,
		CELL_TEXT, CELL_TEXT, CELL_EMPTY, CELL_TEXT };
	static const char *const texts[] = { "3500.5", "410105199003070021", "007",
		"2007-07-12", "2007Q2", "2007-07-12", "", "x" };

	(void)state;
	assert_int_equal(next(s, a, &row), SHEET_ROW);
	assert_int_equal(row.n, 8);
	for (size_t i = 0; i < 8; i++) {
		assert_int_equal(row.cells[i].kind, kinds[i]);
		assert_string_equal(row.cells[i].text, texts[i]);
	}
	sheet_free(s);
	free(bytes);
	bytes = written(SHEET_CSV, fill_kinds, &n);
	assert_string_equal(bytes, "\xef\xbb\xbf"
				   "3500.5,410105199003070021,007,2007-07-12,2007Q2,"
				   "2007-07-12,,x\r\n");
	free(bytes);
	arena_free(a);
}

static void fill_template(struct writer *w)
{
	static const char *const choices[] = { "月", "小时", "计件", NULL };

	writer_column_is_text(w, 0);
	writer_column_choices(w, 1, choices);
	writer_column_note(w, 1, "计薪", "按月、小时或计件");
	writer_head(w, "编号");
	writer_head(w, "计薪");
	writer_row_end(w);
	writer_text(w, "1");
	writer_text(w, "月");
	writer_row_end(w);
	writer_sheet(w, "说明");
	writer_text(w, "编号");
	writer_row_end(w);
}

enum { MANY = 1500 };

static void fill_many(struct writer *w)
{
	char number[16];

	for (size_t i = 0; i < MANY; i++) {
		snprintf(number, sizeof(number), "%zu", i);
		writer_text(w, words[i % WORDS]);
		writer_number(w, number);
		writer_row_end(w);
	}
	writer_sheet(w, "二");
	writer_text(w, "完");
	writer_row_end(w);
}

/* Files of this process may be so long: then the disk is full. */
static void leave_bytes(rlim_t n)
{
	struct rlimit few;

	getrlimit(RLIMIT_FSIZE, &few);
	few.rlim_cur = n;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &few), 0);
}

static size_t rows_in(int fd, size_t n)
{
	struct arena *a = arena_new();
	char *bytes = malloc(n);
	struct sheet_row row;
	struct sheet *s;
	size_t rows = 0;

	assert_int_equal(pread(fd, bytes, n, 0), n);
	s = sheet_of(SHEET_XLSX, bytes, n);
	while (next(s, a, &row) == SHEET_ROW)
		rows++;
	sheet_free(s);
	free(bytes);
	arena_free(a);
	return rows;
}

static void with_a_full_disk_it_has_all_rows_or_says_that_it_has_not(void **state)
{
	size_t whole = 0, cut = 0, n;
	struct rlimit usually;

	(void)state;
	getrlimit(RLIMIT_FSIZE, &usually);
	signal(SIGXFSZ, SIG_IGN);
	for (rlim_t most = 0; most < 200000; most += most < 140000 ? 9973 : 509) {
		struct writer *w;
		bool is_whole = false;

		leave_bytes(most);
		w = writer_new(SHEET_XLSX, "/tmp", "名单");
		if (w) {
			fill_many(w);
			is_whole = writer_end(w);
		}
		setrlimit(RLIMIT_FSIZE, &usually);
		whole += is_whole;
		cut += !is_whole;
		if (is_whole) {
			int fd = writer_take(w, &n);

			assert_int_equal(rows_in(fd, n), MANY + 1);
			close(fd);
		}
		writer_free(w);
	}
	assert_true(whole && cut);
}

static void a_templates_lists_are_no_rows(void **state)
{
	struct arena *a = arena_new();
	struct sheet_row row;
	size_t n;
	char *bytes = written(SHEET_XLSX, fill_template, &n);
	struct sheet *s = sheet_of(SHEET_XLSX, bytes, n);

	(void)state;
	assert_int_equal(next(s, a, &row), SHEET_ROW);
	assert_int_equal(next(s, a, &row), SHEET_ROW);
	assert_string_equal(row.cells[1].text, "月");
	assert_int_equal(next(s, a, &row), SHEET_ROW);
	assert_string_equal(row.sheet, "说明");
	assert_int_equal(next(s, a, &row), SHEET_END);
	sheet_free(s);
	arena_free(a);
	free(bytes);
}

/* The next that is opened, and so many before it, are the last. */
static void leave_descriptors(rlim_t n)
{
	struct rlimit few;
	int next = dup(0);

	close(next);
	getrlimit(RLIMIT_NOFILE, &few);
	few.rlim_cur = (rlim_t)next + n;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
}

static void without_descriptors_a_sheet_is_not_begun_or_not_whole(void **state)
{
	struct rlimit usually;
	struct writer *w;
	bool is_begun = false, is_cut = false;

	(void)state;
	getrlimit(RLIMIT_NOFILE, &usually);
	for (rlim_t n = 0; n < 8; n++) {
		leave_descriptors(n);
		w = writer_new(SHEET_XLSX, "/tmp", "名单");
		if (w) {
			is_begun = true;
			fill_template(w);
			is_cut |= !writer_end(w);
		}
		writer_free(w);
		setrlimit(RLIMIT_NOFILE, &usually);
	}
	assert_true(is_begun && is_cut);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_come_back_as_they_were),
		cmocka_unit_test(formulas_are_guarded_and_plain_numbers_are_not),
		cmocka_unit_test(numbers_and_days_are_typed),
		cmocka_unit_test(a_templates_lists_are_no_rows),
		cmocka_unit_test(with_a_full_disk_it_has_all_rows_or_says_that_it_has_not),
		cmocka_unit_test(without_descriptors_a_sheet_is_not_begun_or_not_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
