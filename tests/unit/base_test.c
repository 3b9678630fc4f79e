/*
 * Arenas and buffers, the memory and the text that everything else is made of; and scopes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/scope.h"

static void arena_memory_is_zeroed_aligned_and_apart(void **state)
{
	struct arena *a = arena_new();
	unsigned char *last = NULL;

	(void)state;
	for (size_t n = 1; n < 40000; n = n * 3 + 1) {
		unsigned char *p = arena_alloc(a, n);

		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, n);
		assert_ptr_not_equal(p, last);
		last = p;
	}
	assert_string_equal(arena_printf(a, "%d-%s", 7, "x"), "7-x");
	assert_string_equal(arena_strndup(a, "abcdef", 3), "abc");
	arena_free(a);
}

static void json_text_is_escaped_and_chinese_is_kept(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_json(&b, "a\"b\\c\n\x01保安");
	assert_string_equal(b.data, "\"a\\\"b\\\\c\\n\\u0001保安\"");
	buf_free(&b);
}

/* Wherever in the eight bytes that are looked at together it stands. */
static void what_json_cannot_hold_is_escaped_at_every_place(void **state)
{
	struct buf b = { 0 };
	char text[32], back[8];

	(void)state;
	for (unsigned c = 1; c < 256; c++) {
		bool is_plain = c >= 0x20 && c != '"' && c != '\\' && c != 0x7f;

		for (size_t n = 1; n <= 17; n++) {
			for (size_t at = 0; at < n; at++) {
				memset(text, 'a', n);
				text[at] = (char)c;
				text[n] = '\0';
				buf_clear(&b);
				buf_json(&b, text);
				snprintf(back, sizeof(back),
				    is_plain                ? "%c"
				    : c == '"' || c == '\\' ? "\\%c"
				    : c == '\n'             ? "\\n"
							    : "\\u%04x",
				    c);
				assert_int_equal(b.len, n + 1 + strlen(back));
				assert_memory_equal(b.data + 1 + at, back, strlen(back));
				assert_int_equal(b.data[b.len - 1], '"');
			}
		}
	}
	buf_free(&b);
}

static void commas_stand_where_json_wants_them(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_putc(&b, '{');
	buf_key(&b, "a");
	buf_putd(&b, INT64_MIN);
	buf_key(&b, "b");
	buf_putc(&b, '[');
	buf_comma(&b);
	buf_putu(&b, 0);
	buf_comma(&b);
	buf_putu(&b, UINT64_MAX);
	buf_puts(&b, "]}");
	assert_string_equal(b.data,
	    "{\"a\":-9223372036854775808,\"b\":[0,18446744073709551615]}");
	buf_free(&b);
}

/* rules/granting */
static void what_is_no_scope_holds_nothing_and_lies_in_nothing(void **state)
{
	static const char *const none[] = { NULL, "", "-", "4", "410" };

	(void)state;
	assert_true(scope_within("4101", "410105"));
	assert_true(scope_within("4101", "4101"));
	assert_false(scope_within("410105", "4101"));
	assert_false(scope_within("410105", "410103"));
	assert_true(scope_has_place("410105003", 410105003001));
	assert_false(scope_has_place("410105004", 410105003001));
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		char scope[SCOPE_SIZE] = "4101";

		assert_false(scope_within(none[i], "410105"));
		assert_false(scope_within(none[i], none[i]));
		assert_false(scope_within("4101", none[i]));
		assert_false(scope_has_place(none[i], 410105003001));
		scope_narrow(scope, none[i]);
		assert_string_equal(scope, "-");
		snprintf(scope, sizeof(scope), "%s", none[i] ? none[i] : "");
		scope_narrow(scope, "4101");
		assert_string_equal(scope, "-");
	}
}

static void of_two_scopes_the_smaller_is_left(void **state)
{
	static const struct {
		const char *a, *b, *left;
	} cases[] = {
		{ "4101", "410105", "410105" },
		{ "410105", "4101", "410105" },
		{ "410105", "410103", "-" },
		{ "4101", "410105003001", "410105003001" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char scope[SCOPE_SIZE];

		snprintf(scope, sizeof(scope), "%s", cases[i].a);
		scope_narrow(scope, cases[i].b);
		assert_string_equal(scope, cases[i].left);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena_memory_is_zeroed_aligned_and_apart),
		cmocka_unit_test(json_text_is_escaped_and_chinese_is_kept),
		cmocka_unit_test(what_json_cannot_hold_is_escaped_at_every_place),
		cmocka_unit_test(commas_stand_where_json_wants_them),
		cmocka_unit_test(what_is_no_scope_holds_nothing_and_lies_in_nothing),
		cmocka_unit_test(of_two_scopes_the_smaller_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
