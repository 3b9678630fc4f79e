/*
 * The record: what is packed is unpacked, and nothing else is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "matcher/model.h"

/* A record being written, as the ledger writes it. */
struct record {
	uint8_t bytes[256];
	size_t n;
};

static void put(struct record *r, size_t width, int64_t value)
{
	for (size_t i = 0; i < width; i++)
		r->bytes[r->n++] = (uint8_t)((uint64_t)value >> (8 * (width - 1 - i)));
}

static void put_list(struct record *r, const char *bytes, size_t n)
{
	put(r, 2, (int64_t)n);
	memcpy(r->bytes + r->n, bytes, n);
	r->n += n;
}

static const struct field {
	const char *name;
	size_t width;
	int64_t value, below, above; /* the nearest values out of bounds; equal: none */
} vacancy_fields[] = {
	{ "format", 1, 1, 0, 2 },
	{ "kind", 1, 'v', 's', 'V' },
	{ "id", 8, 77, 0, -1 },
	{ "version", 8, 5, -1, INT64_MIN },
	{ "state", 2, 1, -1, 2 },
	{ "occupation", 4, 4070501, 999999, 9000000 },
	{ "place", 8, INT64_C(410105003001), INT64_C(99999999999), INT64_C(1000000000000) },
	{ "open_posts", 4, 3, -1, INT32_MIN },
	{ "pay_min_month", 4, 90000, -1, INT32_MIN },
	{ "pay_max_month", 4, 120000, -1, INT32_MIN },
	{ "education_rank", 2, 4, -1, 8 },
	{ "experience_months", 2, 12, -1, INT16_MIN },
	{ "shift", 2, SHIFT_NIGHT, 3, 16 },
	{ "form", 2, FORM_PART, -1, 3 },
	{ "reserved", 2, 1, -1, 2 },
	{ "posted_on", 4, 2700, -36525, INT32_MIN },
	{ "valid_until", 4, 2900, -36525, INT32_MIN },
	{ "released_on", 4, DAY_NEVER, -36525, INT32_MIN },
	{ "employer_id", 8, 9, -1, INT64_MIN },
}, seeker_fields[] = {
	{ "format", 1, 1, 0, 2 },
	{ "kind", 1, 's', 'v', 'S' },
	{ "id", 8, INT64_C(0x123456789abcdef), 0, -1 },
	{ "version", 8, 6, -1, INT64_MIN },
	{ "state", 2, 1, -1, 3 },
	{ "place", 8, INT64_C(410102001002), INT64_C(99999999999), INT64_C(1000000000000) },
	{ "rank", 2, 2, 0, 7 },
	{ "age_class", 2, 3, 0, 6 },
	{ "class_until", 4, 3000, -36525, INT32_MIN },
	{ "waiting_since", 4, -365, -36525, INT32_MIN },
	{ "pay_wish", 4, 80000, -1, INT32_MIN },
	{ "farthest", 2, 3, -1, 5 },
	{ "shifts", 2, 15, -1, 16 },
	{ "forms", 2, 3, -1, 4 },
	{ "education_rank", 2, 7, -1, 8 },
	{ "wish 1", 4, 4070501, 1, 9000000 },
	{ "wish 2", 4, 4070000, 999999, -1 },
	{ "wish 3", 4, 0, 999999, -1 },
	{ "wish 4", 4, 0, 4070501, -1 },
	{ "wish 5", 4, 0, 4070501, -1 },
};

#define N_VACANCY (sizeof(vacancy_fields) / sizeof(*vacancy_fields))
#define N_SEEKER  (sizeof(seeker_fields) / sizeof(*seeker_fields))

/* The record with one field changed; changed may be past the last: none is. */
static struct record vacancy_record(size_t changed, int64_t value)
{
	struct record r = { .n = 0 };

	for (size_t i = 0; i < N_VACANCY; i++)
		put(&r, vacancy_fields[i].width,
		    i == changed ? value : vacancy_fields[i].value);
	put_list(&r, "\x01\x02\xff", 3);
	put_list(&r, "", 0);
	put_list(&r, "\x07", 1);
	return r;
}

static struct record seeker_record(size_t changed, int64_t value)
{
	struct record r = { .n = 0 };

	for (size_t i = 0; i < N_SEEKER; i++)
		put(&r, seeker_fields[i].width, i == changed ? value : seeker_fields[i].value);
	put_list(&r, "\x01\x02\x03", 3);
	put_list(&r, "\x09", 1);
	put(&r, 2, 12);
	put(&r, 4, 4070501);
	put(&r, 2, 30);
	put(&r, 4, 6180204);
	put(&r, 2, 7);
	return r;
}

static void a_vacancy_record_unpacks_to_what_was_packed(void **state)
{
	struct record r = vacancy_record(SIZE_MAX, 0);
	struct vacancy v;

	(void)state;
	assert_true(vacancy_unpack(r.bytes, r.n, &v));
	assert_true(v.id == 77 && v.version == 5 && v.open && v.occupation == 4070501);
	assert_true(v.place == UINT64_C(410105003001) && v.open_posts == 3);
	assert_true(v.pay_min == 90000 && v.pay_max == 120000 && v.education_min == 4);
	assert_true(v.experience_months == 12 && v.shift == SHIFT_NIGHT && v.form == FORM_PART);
	assert_true(v.reserved && v.posted_on == 2700 && v.valid_until == 2900);
	assert_true(v.released_on == DAY_NEVER && v.employer == 9);
	assert_true(v.n_required == 3 && v.required[2] == 255 && v.n_wished == 0);
	assert_true(v.n_licences == 1 && v.licences[0] == 7);
}

static void a_seeker_record_unpacks_to_what_was_packed(void **state)
{
	struct record r = seeker_record(SIZE_MAX, 0);
	struct seeker s;

	(void)state;
	assert_true(seeker_unpack(r.bytes, r.n, &s));
	assert_true(
	    s.id == UINT64_C(0x123456789abcdef) && s.version == 6 && s.active && !s.busy);
	assert_true(s.place == UINT64_C(410102001002) && s.rank == RANK_P2);
	assert_true(s.age_class == AGE_WORKING && s.class_until == 3000);
	assert_true(s.waiting_since == -365 && s.pay_wish == 80000);
	assert_true(s.farthest == AREA_ADJACENT && s.shifts == 15 && s.forms == 3);
	assert_true(s.education == 7 && s.n_wishes == 2 && s.wishes[1] == 4070000);
	assert_true(s.n_skills == 3 && s.skills[2] == 3 && s.n_licences == 1);
	assert_true(s.n_experience == 2 && s.experience[1].occupation == 6180204);
	assert_true(s.experience[1].months == 7);
}

static void who_is_busy_is_not_active(void **state)
{
	size_t at = 4; /* of seeker_fields: "state" */
	struct record r = seeker_record(at, 2);
	struct seeker s;

	(void)state;
	assert_true(seeker_unpack(r.bytes, r.n, &s));
	assert_true(!s.active && s.busy);
}

/* Copied to its exact size, so that a sanitizer sees any read past the end. */
static bool unpacks(bool vacancy, const uint8_t *bytes, size_t n)
{
	uint8_t *exact = malloc(n ? n : 1);
	struct vacancy v;
	struct seeker s;
	bool ok;

	assert_non_null(exact);
	memcpy(exact, bytes, n);
	ok = vacancy ? vacancy_unpack(exact, n, &v) : seeker_unpack(exact, n, &s);
	free(exact);
	return ok;
}

static void a_record_of_any_other_length_does_not_unpack(void **state)
{
	struct record v = vacancy_record(SIZE_MAX, 0);
	struct record s = seeker_record(SIZE_MAX, 0);

	(void)state;
	assert_true(unpacks(true, v.bytes, v.n) && unpacks(false, s.bytes, s.n));
	for (size_t n = 0; n < v.n; n++)
		assert_false(unpacks(true, v.bytes, n));
	for (size_t n = 0; n < s.n; n++)
		assert_false(unpacks(false, s.bytes, n));
	assert_false(unpacks(true, v.bytes, v.n + 1));
	assert_false(unpacks(false, s.bytes, s.n + 1));
}

static void a_value_out_of_its_bounds_does_not_unpack(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_VACANCY; i++) {
		struct record low = vacancy_record(i, vacancy_fields[i].below);
		struct record high = vacancy_record(i, vacancy_fields[i].above);

		if (unpacks(true, low.bytes, low.n) || unpacks(true, high.bytes, high.n))
			fail_msg("vacancy: %s", vacancy_fields[i].name);
	}
	for (size_t i = 0; i < N_SEEKER; i++) {
		struct record low = seeker_record(i, seeker_fields[i].below);
		struct record high = seeker_record(i, seeker_fields[i].above);

		if (unpacks(false, low.bytes, low.n) || unpacks(false, high.bytes, high.n))
			fail_msg("seeker: %s", seeker_fields[i].name);
	}
}

static void a_list_too_long_or_with_a_zero_does_not_unpack(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
	} lists[] = { { "\1\2\3\4\5\6\7\10\11", 9 }, { "\1\0\2", 3 } };
	const size_t head = vacancy_record(SIZE_MAX, 0).n - (2 + 3) - 2 - (2 + 1);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct record r = vacancy_record(SIZE_MAX, 0);

		r.n = head;
		put_list(&r, lists[i].bytes, lists[i].n);
		put_list(&r, "", 0);
		put_list(&r, "", 0);
		assert_false(unpacks(true, r.bytes, r.n));
	}
}

static void noise_never_reads_past_its_end(void **state)
{
	unsigned seed = 20070712;

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (int i = 0; i < 20000; i++) {
		struct record r =
		    i % 2 ? vacancy_record(SIZE_MAX, 0) : seeker_record(SIZE_MAX, 0);

		for (int j = 0; j < 3; j++)
			r.bytes[2 + (size_t)rand() % (r.n - 2)] = (uint8_t)rand();
		unpacks(i % 2, r.bytes, (size_t)rand() % (r.n + 1));
		unpacks(i % 2, r.bytes, r.n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_vacancy_record_unpacks_to_what_was_packed),
		cmocka_unit_test(a_seeker_record_unpacks_to_what_was_packed),
		cmocka_unit_test(who_is_busy_is_not_active),
		cmocka_unit_test(a_record_of_any_other_length_does_not_unpack),
		cmocka_unit_test(a_value_out_of_its_bounds_does_not_unpack),
		cmocka_unit_test(a_list_too_long_or_with_a_zero_does_not_unpack),
		cmocka_unit_test(noise_never_reads_past_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
