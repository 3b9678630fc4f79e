/*
 * Cursors: what was printed is read again; what was cut, mistyped, forged or
 * made for another question is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/api/cursor.h"
#include "daemon/base/arena.h"
#include "daemon/vault/vault.h"

#define STAMP UINT64_C(0x1234567890abcdef)

#define ABOUT                                                                                  \
	"4\x1f"                                                                                \
	"410105\x1f/v1/seekers"

static struct arena *arena;
static struct vault *vault;

static int begin(void **state)
{
	char dir[] = "/tmp/cursor_test.XXXXXX", path[64];
	const char *why;

	(void)state;
	arena = arena_new();
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/key", dir);
	if (!vault_create_file(path))
		return -1;
	vault = vault_open_file(path, &why);
	unlink(path);
	rmdir(dir);
	return vault ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	vault_free(vault);
	arena_free(arena);
	return 0;
}

static enum cursor_verdict read_back(const char *keys, const char *kinds, const char **out)
{
	return cursor_read(vault, arena, ABOUT, cursor_print(vault, arena, ABOUT, STAMP, keys),
	    STAMP, kinds, out);
}

static void what_was_printed_is_read(void **state)
{
	const char *keys[CURSOR_KEYS_MAX] = { NULL };

	(void)state;
	assert_int_equal(read_back("\x1f"
				   "2007-07-12\x1f"
				   "17",
			     "dn", keys),
	    CURSOR_FINE);
	assert_string_equal(keys[0], "2007-07-12");
	assert_string_equal(keys[1], "17");
	assert_int_equal(read_back("\x1f保安 'x'\x1finfinity\x1f-3", "tdn", keys), CURSOR_FINE);
	assert_string_equal(keys[0], "保安 'x'");
	assert_string_equal(keys[1], "infinity");
	assert_string_equal(keys[2], "-3");
	assert_int_equal(read_back("\x1f", "t", keys), CURSOR_FINE);
	assert_string_equal(keys[0], "");
}

static void garbage_is_malformed(void **state)
{
	static const char *const texts[] = { "", "0", "null", "0123456789abcdef",
		"0123456789ABCDEF1f3100000000", "保安", "../../etc/passwd",
		"0123456789abcdef1f31zzzzzzzz", "0123456789abcdef1f3100000000" };
	const char *keys[CURSOR_KEYS_MAX];
	char *huge = arena_alloc(arena, 8001);

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_int_equal(cursor_read(vault, arena, ABOUT, texts[i], STAMP, "n", keys),
		    CURSOR_MALFORMED);
	memset(huge, 'a', 8000);
	assert_int_equal(cursor_read(vault, arena, ABOUT, huge, STAMP, "n", keys),
	    CURSOR_MALFORMED);
}

static void every_cut_and_every_changed_digit_is_noticed(void **state)
{
	const char *whole = cursor_print(vault, arena, ABOUT, STAMP,
	    "\x1f"
	    "2007-07-12\x1f"
	    "123456");
	const char *keys[CURSOR_KEYS_MAX];
	size_t n = strlen(whole);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		char *changed = arena_strdup(arena, whole);

		assert_int_equal(cursor_read(vault, arena, ABOUT,
				     arena_strndup(arena, whole, i), STAMP, "dn", keys),
		    CURSOR_MALFORMED);
		changed[i] = changed[i] == 'A' ? 'B' : 'A';
		assert_int_equal(cursor_read(vault, arena, ABOUT, changed, STAMP, "dn", keys),
		    CURSOR_MALFORMED);
	}
}

static void another_question_is_stale(void **state)
{
	const char *cursor = cursor_print(vault, arena, ABOUT, STAMP + 1,
	    "\x1f"
	    "5");
	const char *keys[CURSOR_KEYS_MAX];

	(void)state;
	assert_int_equal(cursor_read(vault, arena, ABOUT, cursor, STAMP, "n", keys),
	    CURSOR_STALE);
}

static void another_caller_or_list_is_none(void **state)
{
	static const char *const others[] = { "",
		"4\x1f"
		"410102\x1f/v1/seekers",
		"4\x1f"
		"410105\x1f/v1/households",
		"8\x1f"
		"410105\x1f/v1/seekers" };
	const char *cursor = cursor_print(vault, arena, ABOUT, STAMP,
	    "\x1f"
	    "5");
	const char *keys[CURSOR_KEYS_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		assert_int_equal(cursor_read(vault, arena, others[i], cursor, STAMP, "n", keys),
		    CURSOR_MALFORMED);
	assert_int_equal(cursor_read(vault, arena, ABOUT, cursor, STAMP, "n", keys),
	    CURSOR_FINE);
}

/* Neither by its digits nor, within a step, by how many there are. */
static void a_cursor_does_not_tell_its_keys(void **state)
{
	const char *one = cursor_print(vault, arena, ABOUT, STAMP,
	    "\x1f"
	    "2007-07-12\x1f"
	    "17");
	const char *same = cursor_print(vault, arena, ABOUT, STAMP,
	    "\x1f"
	    "2007-07-12\x1f"
	    "17");
	const char *other = cursor_print(vault, arena, ABOUT, STAMP,
	    "\x1f"
	    "9");

	(void)state;
	assert_string_not_equal(one, same);
	assert_int_equal(strlen(one), strlen(other));
}

/* What we sealed ourselves is of the right kinds, or it is no cursor. */
static void forged_keys_are_malformed(void **state)
{
	const char *keys[CURSOR_KEYS_MAX];

	(void)state;
	assert_int_equal(read_back("\x1f"
				   "2007-02-30",
			     "d", keys),
	    CURSOR_MALFORMED);
	assert_int_equal(read_back("\x1f"
				   "5; DROP",
			     "n", keys),
	    CURSOR_MALFORMED);
	assert_int_equal(read_back("\x1f"
				   "-",
			     "n", keys),
	    CURSOR_MALFORMED);
	assert_int_equal(read_back("\x1f"
				   "99999999999999999999",
			     "n", keys),
	    CURSOR_MALFORMED);
	assert_int_equal(read_back("\x1f"
				   "5\x1f"
				   "6",
			     "n", keys),
	    CURSOR_MALFORMED);
	assert_int_equal(read_back("\x1f"
				   "5",
			     "nn", keys),
	    CURSOR_MALFORMED);
	assert_int_equal(read_back("\x1f\xff", "t", keys), CURSOR_MALFORMED);
	assert_int_equal(read_back("5", "n", keys), CURSOR_MALFORMED);
	assert_int_equal(read_back("", "n", keys), CURSOR_MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_printed_is_read),
		cmocka_unit_test(garbage_is_malformed),
		cmocka_unit_test(every_cut_and_every_changed_digit_is_noticed),
		cmocka_unit_test(another_question_is_stale),
		cmocka_unit_test(another_caller_or_list_is_none),
		cmocka_unit_test(a_cursor_does_not_tell_its_keys),
		cmocka_unit_test(forged_keys_are_malformed),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
