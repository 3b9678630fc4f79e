/*
 * The catalogue: the shipped tables, every vector of the code tables, and what
 * is offered in the place of a wrong code.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/catalog/catalog.h"
#include "tests/unit/vectors.h"

static struct catalog *shipped;

static int read_shipped(void **state)
{
	(void)state;
	shipped = catalog_read(SOURCE_DIR "/config/data", 4101);
	return shipped ? 0 : -1;
}

static int free_shipped(void **state)
{
	(void)state;
	catalog_free(shipped);
	return 0;
}

/* A place of exactly this level: what stands padded in the table is not one. */
static enum code_fault check_place(const char *text, int digits)
{
	const struct division *d;
	place_t place;

	if (place_parse(text, digits, &place) != CODE_OK)
		return CODE_FORMAT;
	d = catalog_division(shipped, place);
	return d && d->digits == digits ? CODE_OK : CODE_UNKNOWN;
}

static enum code_fault check_occupation(const char *text)
{
	occupation_t o;

	if (occupation_parse_full(text, &o) != CODE_OK)
		return CODE_FORMAT;
	return catalog_occupation(shipped, o) ? CODE_OK : CODE_UNKNOWN;
}

static enum code_fault check_code(const char *table, const char *value)
{
	education_t rank;
	int sex;

	if (strcmp(table, "GB2260@2006-12") == 0)
		return catalog_area(shipped, value, 200612);
	if (strcmp(table, "street9@2023") == 0)
		return check_place(value, 9);
	if (strcmp(table, "community12@2023") == 0)
		return check_place(value, 12);
	if (strcmp(table, "CSCO-2022") == 0)
		return check_occupation(value);
	if (strcmp(table, "GB4754-2017") == 0)
		return catalog_industry(shipped, 2017, value);
	if (strcmp(table, "GB4754-2002") == 0)
		return catalog_industry(shipped, 2002, value);
	if (strcmp(table, "GB2261.1") == 0)
		return sex_parse(value, &sex);
	assert_string_equal(table, "GB4658-2006");
	return education_parse(value, &rank);
}

static void check_vector(const struct vector *v, void *arg)
{
	const char *found = code_fault_name(check_code(v->field[0], v->field[1]));

	(void)arg;
	if (strcmp(found, v->field[2]) != 0)
		print_error("%s %s\n", v->field[0], v->field[1]);
	assert_string_equal(found, v->field[2]);
}

static void every_vector_of_the_code_tables_holds(void **state)
{
	(void)state;
	assert_int_equal(each_vector("vectors_tables.tsv", check_vector, NULL), 93);
}

static void check_identifier(const struct vector *v, void *arg)
{
	char canonical[19];
	size_t *n = arg;

	if (strncmp(v->field[0], "GB11643", 7) != 0)
		return;
	assert_int_equal(citizen_check(v->field[1], catalog_areas(shipped), day_of(2007, 7, 12),
			     canonical) == CODE_OK,
	    strncmp(v->field[3], "ok", 2) == 0);
	++*n;
}

static void citizen_numbers_are_judged_by_the_areas_of_every_edition(void **state)
{
	size_t n = 0;

	(void)state;
	each_vector("vectors_identifiers.tsv", check_identifier, &n);
	assert_int_equal(n, 28);
}

static void a_division_knows_its_level_and_its_reporting_unit(void **state)
{
	static const struct {
		place_t code;
		int digits;
		const char *name, *unit;
	} cases[] = {
		{ UINT64_C(410100000000), 4, "郑州市", "" },
		{ UINT64_C(410105000000), 6, "金水区", "410105" },
		{ UINT64_C(410171000000), 6, NULL, "Z-ET" },
		{ UINT64_C(410102001000), 9, "林山寨街道", "410102" },
		{ UINT64_C(410105560000), 9, "如意湖街道", "Z-ZD" },
		{ UINT64_C(410102001002), 12, "碧沙岗社区居委会", "410102" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct division *d = catalog_division(shipped, cases[i].code);

		assert_non_null(d);
		assert_int_equal(d->digits, cases[i].digits);
		assert_string_equal(d->unit, cases[i].unit);
		if (cases[i].name)
			assert_string_equal(d->name, cases[i].name);
	}
	assert_null(catalog_division(shipped, UINT64_C(410107000000)));
	assert_null(catalog_division(shipped, 0));
}

static void touching_counties_touch_both_ways(void **state)
{
	const struct adjacency *near = catalog_adjacency(shipped);

	(void)state;
	assert_true(near->n > 0);
	for (size_t i = 0; i < near->n; i++) {
		place_t a = (place_t)near->pairs[i][0] * 1000000;
		place_t b = (place_t)near->pairs[i][1] * 1000000;

		assert_int_equal(area_level(a, b, near), AREA_ADJACENT);
		assert_int_equal(area_level(b, a, near), AREA_ADJACENT);
	}
	assert_int_equal(area_level(UINT64_C(410106000000), UINT64_C(410184000000), near),
	    AREA_CITY);
}

static void an_occupation_is_found_at_every_level_by_its_code(void **state)
{
	(void)state;
	assert_string_equal(catalog_occupation(shipped, 4070501)->name, "保安员");
	assert_string_equal(catalog_occupation(shipped, 4070500)->name, "安全保护服务人员");
	assert_non_null(catalog_occupation(shipped, 4070000));
	assert_non_null(catalog_occupation(shipped, 1010001));
	assert_null(catalog_occupation(shipped, 4070599));
}

static void skills_and_licences_are_found_by_code_and_by_id(void **state)
{
	const struct term *k = catalog_skill(shipped, "K001");
	const struct term *l = catalog_licence(shipped, "L03");
	size_t n = 0;

	(void)state;
	assert_non_null(k);
	assert_ptr_equal(k, catalog_skill_by_id(shipped, k->id));
	assert_non_null(l);
	assert_ptr_equal(l, catalog_licence_by_id(shipped, l->id));
	assert_int_equal(l->group, 6180200);
	assert_null(catalog_skill(shipped, "L03"));
	assert_null(catalog_skill(shipped, ""));
	assert_null(catalog_skill_by_id(shipped, 0));
	for (int id = 1; id < 256; id++) {
		const struct term *t = catalog_skill_by_id(shipped, (uint8_t)id);

		if (!t)
			continue;
		n++;
		assert_ptr_equal(catalog_skill(shipped, t->code), t);
		assert_true(*t->zh && *t->en);
		assert_true(!t->group || catalog_occupation(shipped, t->group));
	}
	assert_in_range(n, 150, 255);
}

/* What is wanted is as long as what was written, when that is a length of divisions. */
static bool is_as_long(const void *arg, const char *code)
{
	size_t n = strlen(arg);

	return (n != 6 && n != 9 && n != 12) || strlen(code) == n;
}

static void assert_offers(const char *list, const char *wrong, const char *expected)
{
	struct offers o = { .wrong = wrong, .arg = wrong };
	char out[OFFERS_TEXT];

	if (strncmp(list, "division", 8) == 0)
		o.is_taken = is_as_long;
	catalog_nearest(shipped, list, &o);
	offers_print(&o, out);
	assert_string_equal(out, expected);
}

static void the_nearest_codes_are_offered_for_a_wrong_one(void **state)
{
	(void)state;
	assert_offers("occupation", "4-09-08-77", "4-09-08-01, 4-09-08-02, 4-09-08-03");
	assert_offers("occupations", "4-07-50-01", "4-07-05-01, 4-07-01-01, 4-07-02-01");
	assert_offers("occupation", "保安员", "4-07-05-01");
	assert_offers("occupation", "会计专业人员", "2-06-03-00");
	assert_offers("occupation", "保安", "4-07-05-01");
	assert_offers("occupation", "xyz", "");
	assert_offers("division", "410102001999", "410102001009, 410102001002, 410102001003");
	assert_offers("division", "如意湖街道", "410105560");
	assert_offers("division", "990000", "");
	assert_offers("skill", "k01", "K001, K010, K011");
	assert_offers("licence", "L3", "L03, L13, L23");
	assert_offers("nothing", "L3", "");
}

static bool is_odd(const void *arg, const char *code)
{
	(void)arg;
	return (code[strlen(code) - 1] - '0') % 2;
}

static void only_what_is_taken_is_offered_and_never_what_was_wrong(void **state)
{
	static const char *const wrong[] = { "", "4", "4-09-08-77", "4-77", "410102001999",
		"410105001001", "4-07-05-01", "4101020019999999999999999", "4-4-4-4-4-4-4-4-",
		"保安", "\xff\xfe", "K999", "----------------" };
	static const char *const lists[] = { "division", "occupation", "skill", "licence" };
	size_t offered = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		for (size_t l = 0; l < 4; l++) {
			struct offers o = { .wrong = wrong[i], .is_taken = is_odd };

			catalog_nearest(shipped, lists[l], &o);
			offered += o.n;
			for (size_t n = 0; n < o.n; n++) {
				assert_true(is_odd(NULL, o.text[n]));
				assert_string_not_equal(o.text[n], wrong[i]);
			}
		}
	}
	assert_true(offered > 20);
}

static void an_occupation_is_found_by_what_people_call_it(void **state)
{
	static const struct {
		const char *said, *code;
	} names[] = { { "保安员", "4-07-05-01" }, { "门卫", "4-07-05-01" },
		{ "Security Guard", "4-07-05-01" }, { "库管", "4-02-06-01" },
		{ "叉车司机", "6-30-05-01" } };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		occupation_t wanted;

		assert_int_equal(occupation_parse_full(names[i].code, &wanted), CODE_OK);
		assert_int_equal(catalog_occupation_named(shipped, names[i].said), wanted);
	}
	assert_int_equal(catalog_occupation_named(shipped, "司机"), 0);
	assert_int_equal(catalog_occupation_named(shipped, ""), 0);
	assert_int_equal(catalog_occupation_named(shipped, "保安|门卫"), 0);
}

static void a_title_is_near_what_shares_its_parts(void **state)
{
	const struct code guard = { .zh = "保安员",
		.en = "security guard",
		.spellings = "保安|门卫" };
	const struct code none = { .zh = "焊工" };

	(void)state;
	assert_int_equal(catalog_nearness(&guard, "保安员"), 1000);
	assert_int_equal(catalog_nearness(&guard, "SECURITY GUARD"), 1000);
	assert_int_equal(catalog_nearness(&guard, "门卫"), 1000);
	assert_true(
	    catalog_nearness(&guard, "夜班保安员") > catalog_nearness(&guard, "夜班保安"));
	assert_int_equal(catalog_nearness(&guard, "员"), 0);
	assert_int_equal(catalog_nearness(&guard, ""), 0);
	assert_int_equal(catalog_nearness(&guard, "\xff\xfe"), 0);
	assert_int_equal(catalog_nearness(&none, "夜班保安员"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vector_of_the_code_tables_holds),
		cmocka_unit_test(citizen_numbers_are_judged_by_the_areas_of_every_edition),
		cmocka_unit_test(a_division_knows_its_level_and_its_reporting_unit),
		cmocka_unit_test(touching_counties_touch_both_ways),
		cmocka_unit_test(an_occupation_is_found_at_every_level_by_its_code),
		cmocka_unit_test(an_occupation_is_found_by_what_people_call_it),
		cmocka_unit_test(a_title_is_near_what_shares_its_parts),
		cmocka_unit_test(skills_and_licences_are_found_by_code_and_by_id),
		cmocka_unit_test(the_nearest_codes_are_offered_for_a_wrong_one),
		cmocka_unit_test(only_what_is_taken_is_offered_and_never_what_was_wrong),
	};

	return cmocka_run_group_tests(tests, read_shipped, free_shipped);
}
