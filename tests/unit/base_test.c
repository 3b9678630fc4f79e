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
#include "daemon/base/base64.h"
#include "daemon/base/buf.h"
#include "daemon/base/endpoint.h"
#include "daemon/base/network.h"
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

static void base64_is_read_whole_or_not_at_all(void **state)
{
	/* RFC 4648, section 10, and a line end. */
	static const char *const good[][2] = { { "", "" }, { "Zg==", "f" }, { "Zm8=", "fo" },
		{ "Zm9v", "foo" }, { "Zm9v\r\nYg==", "foob" }, { "Zm9vYmE=", "fooba" },
		{ "Zm9vYmFy", "foobar" } };
	static const char *const bad[] = { "Z", "Zg", "Zg=", "Zm8", "Zg===", "=",
		"====", "Zg=v", "Zm9v=", "Zm-v", "Zm9 v", "Zm9v\t" };
	char out[BASE64_ROOM(16)];
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_true(base64_read(good[i][0], strlen(good[i][0]), out, &n));
		assert_int_equal(n, strlen(good[i][1]));
		assert_memory_equal(out, good[i][1], n);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(base64_read(bad[i], strlen(bad[i]), out, &n));
	assert_false(base64_read("Zm\0v", 4, out, &n));
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

static struct piece all_of(const char *text)
{
	return (struct piece){ text, strlen(text) };
}

static void a_network_has_the_addresses_that_begin_like_it(void **state)
{
	static const struct {
		const char *network, *address;
		bool has;
	} cases[] = {
		{ "10.0.0.0/8", "10.255.0.1", true },
		{ "10.0.0.0/8", "11.0.0.0", false },
		{ "192.0.2.128/25", "192.0.2.128", true },
		{ "192.0.2.128/25", "192.0.2.127", false },
		{ "192.0.2.1", "192.0.2.1", true },
		{ "192.0.2.1", "192.0.2.0", false },
		{ "0.0.0.0/0", "255.1.1.1", true },
		{ "0.0.0.0/0", "2001:db8::1", false },
		{ "0.0.0.0/0", "::192.0.2.1", false },
		{ "0.0.0.0/0", "64:ff9b::192.0.2.1", false },
		{ "::/0", "192.0.2.1", false },
		{ "::/0", "::ffff:192.0.2.1", false },
		{ "::/0", "2001:db8::1", true },
		{ "::/80", "192.0.2.1", false },
		{ "::ffff:0:0/96", "192.0.2.1", true },
		{ "2001:db8::/32", "2001:db8:ffff::", true },
		{ "2001:db8::/32", "2001:db9::", false },
		{ "10.0.0.0/8", "::ffff:10.0.0.1", true },
		{ "::1/128", "::1", true },
		{ "10.0.0.0/8", "10.0.0.0/7", false },
		{ "10.0.0.0/8", "10.0.0.0/9", true },
	};
	static const char *const bad[] = { "", "/", "10.0.0.0/", "/8", "10.0.0.0/33",
		"10.0.0.1/8", "10.0.0.0/08", "10.0.0.0/-1", "10.0.0.0/8/8", "::/129", "::1/64",
		"10.0.0", "unix", "10.0.0.0/8 ", "[::1]" };
	struct network n, a;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_true(network_read(all_of(cases[i].network), &n));
		if (!network_read(all_of(cases[i].address), &a))
			a = (struct network){ .bits = 0 };
		if (network_has(&n, &a) != cases[i].has)
			fail_msg("%s, %s", cases[i].network, cases[i].address);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (network_read(all_of(bad[i]), &n))
			fail_msg("%s is read", bad[i]);
}

/* Whatever the width, what is cut to it holds what it was cut from, and reads as it prints. */
static void what_is_around_an_address_has_it(void **state)
{
	static const char *const addresses[] = { "192.0.2.131", "2001:db8:1:2:3:4:5:6" };
	char text[NETWORK_TEXT];
	struct network address, around, back;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_true(network_read(all_of(addresses[i]), &address));
		for (int bits = 0; bits <= 128; bits++) {
			around = network_around(&address, bits > 32 ? 32 : bits, bits);
			assert_true(network_has(&around, &address));
			network_print(&around, text);
			if (!network_read(all_of(text), &back) ||
			    memcmp(&back, &around, sizeof(back)) != 0)
				fail_msg("%s", text);
		}
	}
}

/* 108 bytes, one more than there is room for. */
#define TEN       "/234567890"
#define LONG_PATH "unix:" TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "/2345678"

static void an_endpoint_is_a_path_or_a_host_and_a_port(void **state)
{
	static const struct {
		const char *text, *path, *host;
		int port;
	} good[] = {
		{ "127.0.0.1:8080", "", "127.0.0.1", 8080 },
		{ "[::1]:0", "", "::1", 0 },
		{ "cache.example:65535", "", "cache.example", 65535 },
		{ "unix:/run/a:1", "/run/a:1", "", 0 },
	};
	static const char *const bad[] = { "", ":", ":80", "80", "a", "a:", "a:x", "a:8x",
		"a:65536", "a:000080", "::1:80", "[::1]", "[::1]80", "[::1:80", "[]:80",
		"unix:", LONG_PATH };
	struct endpoint e;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_true(endpoint_read(all_of(good[i].text), &e));
		assert_string_equal(e.path, good[i].path);
		assert_string_equal(e.host, good[i].host);
		assert_int_equal(e.port, good[i].port);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (endpoint_read(all_of(bad[i]), &e))
			fail_msg("%s is read", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena_memory_is_zeroed_aligned_and_apart),
		cmocka_unit_test(base64_is_read_whole_or_not_at_all),
		cmocka_unit_test(json_text_is_escaped_and_chinese_is_kept),
		cmocka_unit_test(what_json_cannot_hold_is_escaped_at_every_place),
		cmocka_unit_test(commas_stand_where_json_wants_them),
		cmocka_unit_test(what_is_no_scope_holds_nothing_and_lies_in_nothing),
		cmocka_unit_test(of_two_scopes_the_smaller_is_left),
		cmocka_unit_test(a_network_has_the_addresses_that_begin_like_it),
		cmocka_unit_test(what_is_around_an_address_has_it),
		cmocka_unit_test(an_endpoint_is_a_path_or_a_host_and_a_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
