/*
 * A file of lines is cut into the same records however its bytes come.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/codec/file_records.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_feed_ends_a_record),
		cmocka_unit_test(not_inside_quotes_of_csv),
		cmocka_unit_test(a_record_that_is_too_long_does_not_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
