/*
 * The key cache against a pool that answers when the test says so: another
 * object behind pool.h, linked instead of the real one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libpq-fe.h>

#include "daemon/base/clock.h"
#include "daemon/ledger/key_cache.h"
#include "daemon/ledger/pool.h"

/* The fake pool: one call may wait for its answer. */
static struct {
	call_done *done;
	void *arg;
	int calls;
} fake;

void pool_call_urgent(struct pool *p, int number, const struct ledger_arg *params, size_t n,
    call_done *done, void *arg)
{
	(void)p;
	(void)params;
	assert_int_equal(number, STATEMENT_KEYS);
	assert_int_equal(n, 1);
	assert_null(fake.done);
	fake.done = done;
	fake.arg = arg;
	fake.calls++;
}

static void answered(enum status st, const PGresult *rows)
{
	call_done *done = fake.done;

	assert_non_null(done);
	fake.done = NULL;
	done(fake.arg, st, rows);
}

static void hash_first_letter(const char *secret, uint8_t out[32])
{
	memset(out, secret[0], 32);
}

static void put(PGresult *r, int row, int column, const void *bytes, int n)
{
	char copy[64];

	memcpy(copy, bytes, (size_t)n);
	assert_true(PQsetvalue(r, row, column, copy, n));
}

static void put_number(PGresult *r, int row, int column, uint64_t v, int n)
{
	unsigned char bytes[8];

	for (int i = 0; i < n; i++)
		bytes[i] = (unsigned char)(v >> (8 * (n - 1 - i)));
	put(r, row, column, bytes, n);
}

/* A bureau's key ('k') or officer ('o') whose secret begins with `letter`, valid from 1000
 * to 2000. */
static void put_one(PGresult *r, int row, char kind, const char *id, char letter)
{
	uint8_t hash[32];

	memset(hash, letter, sizeof(hash));
	put(r, row, 0, &kind, 1);
	put(r, row, 1, id, (int)strlen(id));
	put(r, row, 2, hash, sizeof(hash));
	put_number(r, row, 3, ROLE_BUREAU, 4);
	put(r, row, 4, "digest", 6);
	put(r, row, 5, "", 0);
	put(r, row, 6, "4101", 4);
	put_number(r, row, 7, 0, 1);
	put_number(r, row, 8, 1000, 8);
	put_number(r, row, 9, 2000, 8);
	put_number(r, row, 10, 50, 4);
	put_number(r, row, 11, 100, 4);
}

static void put_key(PGresult *r, int row, const char *kid, char letter)
{
	put_one(r, row, 'k', kid, letter);
}

static PGresult *no_keys(void)
{
	static const Oid types[] = { 18, 25, 17, 23, 25, 25, 25, 16, 20, 20, 23, 23 };
	PGresult *r = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
	PGresAttDesc columns[12] = { { 0 } };
	char name[] = "c";

	for (int i = 0; i < 12; i++)
		columns[i] = (PGresAttDesc){ .name = name,
			.format = 1,
			.typid = types[i],
			.typlen = -1 };
	assert_true(PQsetResultAttrs(r, 12, columns));
	return r;
}

static void answered_with(const char *first, const char *second)
{
	PGresult *r = no_keys();
	int n = 0;

	if (first)
		put_key(r, n++, first, 'a');
	if (second)
		put_key(r, n, second, 'b');
	answered(OK, r);
	PQclear(r);
}

static int set_up(void **state)
{
	memset(&fake, 0, sizeof(fake));
	*state = keys_new(NULL, 4101, hash_first_letter);
	return 0;
}

static int tear_down(void **state)
{
	keys_free(*state);
	return 0;
}

static void a_key_is_found_by_its_id_and_secret_while_it_is_valid(void **state)
{
	struct keys *k = *state;

	keys_follow(k, 1);
	assert_false(keys_are_known(k));
	answered_with("bb", "aa"); /* in no order */
	assert_true(keys_are_known(k));
	assert_string_equal(keys_find(k, "bb", "a secret", 1000)->scope, "4101");
	assert_string_equal(keys_find(k, "aa", "b secret", 1999)->kid, "aa");
	assert_null(keys_find(k, "aa", "a secret", 1000)); /* another's */
	assert_null(keys_find(k, "cc", "a secret", 1000));
	assert_null(keys_find(k, "aa", "b secret", 999));
	assert_null(keys_find(k, "aa", "b secret", 2000));
}

static void a_revoked_key_is_gone_once_the_list_was_read_again(void **state)
{
	struct keys *k = *state;

	keys_follow(k, 1);
	answered_with("aa", "bb");
	keys_follow(k, 1); /* nothing new: nothing is read */
	assert_int_equal(fake.calls, 1);
	keys_follow(k, 2);
	answered_with("aa", NULL);
	assert_null(keys_find(k, "bb", "b secret", 1000));
	assert_non_null(keys_find(k, "aa", "a secret", 1000));
	keys_follow(k, 3);
	answered_with(NULL, NULL);
	assert_null(keys_find(k, "aa", "a secret", 1000));
}

static void a_change_during_a_reading_is_read_after_it(void **state)
{
	struct keys *k = *state;

	keys_follow(k, 1);
	keys_follow(k, 2);
	assert_int_equal(fake.calls, 1);
	answered_with("aa", "bb"); /* perhaps from before the second change */
	assert_int_equal(fake.calls, 2);
	answered_with("aa", NULL);
	assert_null(keys_find(k, "bb", "b secret", 1000));
	assert_int_equal(fake.calls, 2);
}

static void a_reading_that_failed_is_repeated_at_the_next_beat(void **state)
{
	struct keys *k = *state;

	keys_follow(k, 1);
	answered_with("aa", NULL);
	keys_follow(k, 2);
	answered(E_UNAVAILABLE, NULL);
	assert_non_null(keys_find(k, "aa", "a secret", 1000));
	keys_follow(k, 2);
	assert_int_equal(fake.calls, 3);
	answered_with(NULL, NULL);
	assert_null(keys_find(k, "aa", "a secret", 1000));
}

/* The fastest of an organisation's keys says what all of them may together. */
static void keys_of_one_organisation_share_the_rate_of_the_fastest(void **state)
{
	struct keys *k = *state;
	PGresult *r = no_keys();

	put_key(r, 0, "aa", 'a');
	put_key(r, 1, "bb", 'b');
	put_number(r, 1, 10, 70, 4);
	put_number(r, 1, 11, 90, 4);
	put_key(r, 2, "cc", 'c');
	put(r, 2, 4, "another", 7);
	put_number(r, 2, 10, 7, 4);
	put_one(r, 3, 'o', "dd", 'd');
	put_number(r, 3, 10, 1000, 4);
	keys_follow(k, 1);
	answered(OK, r);
	PQclear(r);
	assert_int_equal(keys_find(k, "aa", "a secret", 1000)->rate, 50);
	assert_int_equal(keys_find(k, "aa", "a secret", 1000)->organisation_rate, 70);
	assert_int_equal(keys_find(k, "aa", "a secret", 1000)->organisation_burst, 90);
	assert_int_equal(keys_find(k, "bb", "b secret", 1000)->organisation_rate, 70);
	assert_int_equal(keys_find(k, "cc", "c secret", 1000)->organisation_rate, 7);
}

/* Time is short: a little of it is given for reading, then nobody is vouched for. */
static void a_change_that_cannot_be_read_leaves_nobody_vouched_for(void **state)
{
	struct keys *k = *state;
	int64_t begin;

	assert_false(keys_are_current(k));
	keys_follow(k, 1);
	answered_with("aa", NULL);
	assert_true(keys_are_current(k));
	keys_follow(k, 2);
	assert_true(keys_are_current(k)); /* it is being read */
	answered(E_UNAVAILABLE, NULL);
	begin = clock_ms();
	while (keys_are_current(k))
		assert_true(clock_ms() - begin < 1000);
	keys_follow(k, 2);
	answered_with("aa", NULL);
	assert_true(keys_are_current(k));
}

static void an_officer_is_not_a_key_of_the_same_id(void **state)
{
	struct keys *k = *state;
	PGresult *r = no_keys();

	keys_follow(k, 1);
	put_one(r, 0, 'o', "aa", 'a');
	put_one(r, 1, 'k', "aa", 'b');
	answered(OK, r);
	PQclear(r);
	assert_null(keys_find(k, "aa", "a secret", 1000));
	assert_string_equal(keys_find(k, "aa", "b secret", 1000)->organisation, "digest");
	assert_string_equal(keys_find_officer(k, "aa", "a secret", 1000)->kid, "aa");
	assert_null(keys_find_officer(k, "aa", "b secret", 1000));
	assert_null(keys_find_officer(k, "aa", "a secret", 2000));
}

static void a_key_that_cannot_be_kept_is_left_out_and_spoils_no_other(void **state)
{
	static const char longer[] = "0123456789abcdef0123456789abcdef";
	struct keys *k = *state;

	keys_follow(k, 1);
	answered_with(longer, "bb");
	assert_null(keys_find(k, longer, "a secret", 1000));
	assert_non_null(keys_find(k, "bb", "b secret", 1000));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_key_is_found_by_its_id_and_secret_while_it_is_valid),
		TEST(a_revoked_key_is_gone_once_the_list_was_read_again),
		TEST(a_change_during_a_reading_is_read_after_it),
		TEST(keys_of_one_organisation_share_the_rate_of_the_fastest),
		TEST(a_reading_that_failed_is_repeated_at_the_next_beat),
		TEST(a_change_that_cannot_be_read_leaves_nobody_vouched_for),
		TEST(an_officer_is_not_a_key_of_the_same_id),
		TEST(a_key_that_cannot_be_kept_is_left_out_and_spoils_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
