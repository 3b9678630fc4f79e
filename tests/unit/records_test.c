/*
 * A file of lines is cut into the same records however its bytes come; and a cell of
 * CSV says the same in a code, its names or another spelling.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/base/arena.h"
#include "daemon/catalog/catalog.h"
#include "daemon/codec/file_records.h"
#include "daemon/codec/single_line.h"
#include "daemon/flow/problem.h"
#include "daemon/tables/choices.h"

#define MOST 16

/* Feeds `step` bytes at a time; the lines at which whole records begin. */
static size_t cut(const char *text, bool is_csv, size_t step, uint64_t lines[MOST])
{
	struct records *r = records_new(is_csv, CHARSET_UTF8);
	size_t len = strlen(text), n = 0;
	bool whole = true;

	for (size_t at = 0; at < len || whole;) {
		size_t room = len - at < step ? len - at : step;

		at += records_take(r, text + at, room, at + room == len, &whole);
		if (whole && !records_is_blank(r)) {
			assert_true(n < MOST);
			lines[n++] = records_line(r);
		}
	}
	records_free(r);
	return n;
}

static void expect(const char *text, bool is_csv, const uint64_t *wanted, size_t n)
{
	for (size_t step = 1; step <= strlen(text) + 1; step++) {
		uint64_t lines[MOST];

		assert_int_equal(cut(text, is_csv, step, lines), n);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(lines[i], wanted[i]);
	}
}

static void a_line_feed_ends_a_record(void **state)
{
	(void)state;
	expect("{}\n\n{\"a\":\"\\\"\"}\r\n{}", false, (const uint64_t[]){ 1, 3, 4 }, 3);
	expect("", false, NULL, 0);
	expect("\n \n", false, NULL, 0);
}

static void not_inside_quotes_of_csv(void **state)
{
	(void)state;
	expect("a,b\n\"1\n2\",\"\"\"\n\"\n3,4\n\"5", true, (const uint64_t[]){ 1, 2, 5, 6 }, 4);
}

static void a_record_that_is_too_long_does_not_grow(void **state)
{
	size_t n = 3 * CODEC_RECORD_MAX;
	char *text = malloc(n + 3);
	uint64_t lines[MOST] = { 0 };

	(void)state;
	memset(text, 'x', n);
	memcpy(text + n, "\ny", 3);
	assert_int_equal(cut(text, true, 1000, lines), 2);
	assert_int_equal(lines[1], 2);
	free(text);
}

/* The next record of a text that has them all. */
static void take(struct records *r, const char **text)
{
	bool whole = false;

	*text += records_take(r, *text, strlen(*text), true, &whole);
	assert_true(whole);
}

/* What a line of a file is read as whose last cell, under `header`, is `word`. */
static const char *members_of(struct arena *a, const struct catalog *catalog,
    const char *header, const char *word)
{
	static const char columns[] =
	    "employer,quarter,ref,occupation,title,duties,posts,place,pay_max_fen,weekly_hours";
	static const char cells[] =
	    "123456788,2007Q2,A-1,4-07-05-01,guard,watch,1,410105003001,120000,40";
	bool is_period = strcmp(header, "pay_period") == 0;
	struct codec c = { a, catalog, arena_alloc(a, sizeof(struct faults)),
		day_of(2007, 7, 12) };
	const char *text = is_period
			       ? arena_printf(a, "%s,%s\n%s,%s\n", columns, header, cells, word)
			       : arena_printf(a, "%s,pay_period,%s\n%s,month,%s\n", columns,
				     header, cells, word);
	struct records *r = records_new(true, CHARSET_UTF8);
	struct single_line line;

	*c.faults = (struct faults){ 0 };
	take(r, &text);
	assert_true(records_read_header(r, &c));
	take(r, &text);
	if (records_read_line(r, &c, NULL, &line) != READ_OK)
		fail_msg("%s: \"%s\" is refused", header, word);
	records_free(r);
	return line.line.members;
}

static void a_cell_says_the_same_by_code_name_or_spelling(void **state)
{
	static const struct {
		const char *header;
		enum code_list list;
	} columns[] = { { "pay_period", LIST_PAY_PERIODS }, { "insurance", LIST_INSURANCES },
		{ "restrictions", LIST_RESTRICTIONS }, { "shift", LIST_SHIFTS },
		{ "form", LIST_FORMS }, { "education_min", LIST_EDUCATION },
		{ "closed", LIST_CLOSING_REASONS } };
	struct catalog *catalog = catalog_read(SOURCE_DIR "/config/data", 4101);
	struct arena *a = arena_new();

	(void)state;
	assert_non_null(catalog);
	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++) {
		const struct choice_list *l = &choice_lists[columns[i].list];

		for (size_t k = 0; k < l->n; k++) {
			const struct choice *row = &l->rows[k];
			const char *wanted =
			    members_of(a, catalog, columns[i].header, row->code);
			char *rest = arena_printf(a, "%s|\"%s\"|%s", row->zh, row->en,
				 row->spellings),
			     *word;

			while ((word = strsep(&rest, "|")) && *word)
				assert_string_equal(members_of(a, catalog, columns[i].header,
							word),
				    wanted);
		}
	}
	arena_free(a);
	catalog_free(catalog);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_feed_ends_a_record),
		cmocka_unit_test(not_inside_quotes_of_csv),
		cmocka_unit_test(a_record_that_is_too_long_does_not_grow),
		cmocka_unit_test(a_cell_says_the_same_by_code_name_or_spelling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
