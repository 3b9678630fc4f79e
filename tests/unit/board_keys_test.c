/*
 * The board's names and bytes: what a person with redis-cli, or another
 * program, may rely on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/board/record_keys.h"
#include "daemon/board/redis_keys.h"
#include "daemon/board/redis_replies.h"

static void keys_carry_the_citys_hash_tag_and_the_generation(void **state)
{
	(void)state;
	assert_string_equal(keys_current(4101).text, "{4101}gen");
	assert_string_equal(keys_of(4101, 7, "stream").text, "{4101}g7:stream");
	assert_string_equal(keys_where(4101, 7, 5).text, "{4101}g7:where:5");
	assert_string_equal(keys_seekers(4101, 7, 5).text, "{4101}g7:s:005");
	assert_string_equal(keys_cell(4101, UINT64_MAX, "4-07-05-01:410105003").text,
	    "{4101}g18446744073709551615:v:4-07-05-01:410105003");
	assert_int_equal(keys_gone_bucket(UINT64_MAX), 63);
	assert_int_equal(keys_seeker_bucket(256), 0);
}

static void a_cell_is_the_detailed_occupation_and_the_street(void **state)
{
	char name[CELL_NAME_SIZE];

	(void)state;
	assert_true(keys_cell_name(4070501, UINT64_C(410105003001), name));
	assert_string_equal(name, "4-07-05-01:410105003");
	assert_true(keys_cell_name(9999999, UINT64_C(999999999999), name));
	assert_string_equal(name, "9-99-99-99:999999999");
	assert_false(keys_cell_name(470501, UINT64_C(410105003001), name));
	assert_false(keys_cell_name(4070501, UINT64_C(410105003), name));
}

static void a_value_comes_back_as_it_went_in(void **state)
{
	uint8_t record[300];
	struct change in = { .record = { record, sizeof(record) },
		.label = "保安\x1f某厂\x1f" };
	struct change out = { 0 };
	struct buf b = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(record); i++)
		record[i] = (uint8_t)i;
	keys_put_value(&b, &in);
	assert_int_equal(b.len, 2 + sizeof(record) + strlen(in.label));
	assert_true(keys_read_value(b.data, b.len, &out));
	assert_int_equal(out.record.len, sizeof(record));
	assert_memory_equal(out.record.data, record, sizeof(record));
	assert_string_equal(out.label, in.label);
	assert_false(keys_read_value(b.data, 1 + sizeof(record), &out));
	assert_false(keys_read_value(b.data, 1, &out));
	buf_free(&b);
}

static void the_name_of_a_change_is_read_strictly(void **state)
{
	static const char *const bad[] = { "", "v", "v:", "v:1", "v:1:", "v:1:x", "v:1:2 ",
		"x:1:2", "v:-1:2", "v:1:-2", "v 1:2", "v:18446744073709551616:1" };
	struct change c = { 0 };

	(void)state;
	assert_true(keys_read_name("s:18446744073709551615:9007199254740991", &c));
	assert_int_equal(c.entity, 's');
	assert_true(c.id == UINT64_MAX);
	assert_true(c.version == UINT64_C(9007199254740991));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(keys_read_name(bad[i], &c));
}

/* Format 1 up to the posts: id 7, version 9, open, 4-07-05-01, a community, three posts. */
static const uint8_t open_vacancy[] = { 1, 'v', 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 9,
	0, 1, 0x00, 0x3e, 0x1c, 0x65, 0x00, 0x00, 0x00, 0x5f, 0x7c, 0x29, 0xbb, 0xf9, 0, 0, 0,
	3 };

static void a_record_tells_its_place_and_whether_it_is_shown(void **state)
{
	uint8_t r[sizeof(open_vacancy)];
	struct change c = { .entity = 'v', .id = 7, .version = 9, .record = { r, sizeof(r) } };
	struct record_keys keys;

	(void)state;
	memcpy(r, open_vacancy, sizeof(r));
	assert_true(record_keys_read(&c, &keys));
	assert_true(keys.open);
	assert_int_equal(keys.occupation, 4070501);
	assert_true(keys.place == UINT64_C(410105003001));

	r[35] = 0; /* no post is left */
	assert_true(record_keys_read(&c, &keys));
	assert_false(keys.open);
	r[35] = 3;
	r[19] = 0; /* closed */
	assert_true(record_keys_read(&c, &keys));
	assert_false(keys.open);
}

static void a_record_that_contradicts_its_change_is_refused(void **state)
{
	struct change good = { .entity = 'v',
		.id = 7,
		.version = 9,
		.record = { open_vacancy, sizeof(open_vacancy) } };
	struct change c;
	struct record_keys keys;

	(void)state;
	c = good;
	c.id = 8;
	assert_false(record_keys_read(&c, &keys));
	c = good;
	c.version = 8;
	assert_false(record_keys_read(&c, &keys));
	c = good;
	c.entity = 's';
	assert_false(record_keys_read(&c, &keys));
	c = good;
	c.record.len--;
	assert_false(record_keys_read(&c, &keys));
	c.record.len = 0;
	assert_false(record_keys_read(&c, &keys));
}

static void every_refusal_of_redis_has_a_meaning(void **state)
{
	static const struct {
		const char *text;
		enum status status;
		bool reconnect;
	} cases[] = {
		{ "LOADING Redis is loading the dataset in memory", E_UNAVAILABLE, false },
		{ "BUSY Redis is busy running a script.", E_UNAVAILABLE, false },
		{ "MISCONF Redis is configured to save RDB snapshots", E_UNAVAILABLE, false },
		{ "OOM command not allowed when used memory > 'maxmemory'.", E_UNAVAILABLE,
		    false },
		{ "NOSCRIPT No matching script.", E_UNAVAILABLE, false },
		{ "TRYAGAIN Multiple keys request during rehashing", E_UNAVAILABLE, false },
		{ "CLUSTERDOWN The cluster is down", E_UNAVAILABLE, false },
		{ "READONLY You can't write against a read only replica.", E_UNAVAILABLE,
		    true },
		{ "MASTERDOWN Link with MASTER is down", E_UNAVAILABLE, true },
		{ "MOVED 3999 127.0.0.1:6381", E_UNAVAILABLE, true },
		{ "ASK 3999 127.0.0.1:6381", E_UNAVAILABLE, true },
		{ "UNBLOCKED force unblock from blocking operation", E_UNAVAILABLE, true },
		{ "NOAUTH Authentication required.", E_UNAVAILABLE, true },
		{ "NOPERM this user has no permissions", E_INTERNAL, false },
		{ "WRONGTYPE Operation against a key", E_INTERNAL, false },
		{ "ERR user_script:1: Script attempted to access", E_INTERNAL, false },
		{ "LOADINGX", E_INTERNAL, false },
		{ "", E_INTERNAL, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct error_reply *e = error_reply_find(cases[i].text);

		assert_int_equal(e->status, cases[i].status);
		assert_int_equal(e->reconnect, cases[i].reconnect);
		assert_non_null(e->meaning);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_carry_the_citys_hash_tag_and_the_generation),
		cmocka_unit_test(a_cell_is_the_detailed_occupation_and_the_street),
		cmocka_unit_test(a_value_comes_back_as_it_went_in),
		cmocka_unit_test(the_name_of_a_change_is_read_strictly),
		cmocka_unit_test(a_record_tells_its_place_and_whether_it_is_shown),
		cmocka_unit_test(a_record_that_contradicts_its_change_is_refused),
		cmocka_unit_test(every_refusal_of_redis_has_a_meaning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
