/*
 * The catalogue: the shipped tables, every vector of the code tables, what is
 * offered in the place of a wrong code, and tables that must not be taken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static void assert_offers(const char *list, const char *wrong, const char *expected)
{
	char out[96];

	catalog_nearest(shipped, list, wrong, out, sizeof(out));
	assert_string_equal(out, expected);
}

static void the_nearest_codes_are_offered_for_a_wrong_one(void **state)
{
	(void)state;
	assert_offers("occupation", "4-09-08-77", "4-09-08-01, 4-09-08-02, 4-09-08-03");
	assert_offers("occupations", "4-07-50-01", "4-07-05-01, 4-07-01-01, 4-07-02-01");
	assert_offers("occupation", "保安员", "4-07-05-01");
	assert_offers("occupation", "会计专业人员", "2-06-03-00");
	assert_offers("occupation", "xyz", "");
	assert_offers("division", "410102001999", "410102001009, 410102001002, 410102001003");
	assert_offers("division", "如意湖街道", "410105560");
	assert_offers("division", "990000", "");
	assert_offers("skill", "k01", "K001, K010, K011");
	assert_offers("licence", "L3", "L03, L13, L23");
	assert_offers("nothing", "L3", "");
}

/* Whatever is written there, and whatever the room: whole codes that exist. */
static void an_offer_is_made_of_whole_codes_and_fits(void **state)
{
	static const char *const wrong[] = { "", "4", "4-09-08-77", "4-77", "410102001999",
		"4101020019999999999999999", "4-4-4-4-4-4-4-4-", "保安", "\xff\xfe", "K999",
		"----------------" };
	static const char *const lists[] = { "division", "occupation", "skill", "licence" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		for (size_t l = 0; l < 4; l++) {
			char whole[96];

			catalog_nearest(shipped, lists[l], wrong[i], whole, sizeof(whole));
			for (size_t n = 1; n < 48; n++) {
				char cut[96];
				size_t len;

				memset(cut, '#', sizeof(cut));
				catalog_nearest(shipped, lists[l], wrong[i], cut, n);
				len = strlen(cut);
				assert_true(len < n && cut[n] == '#');
				assert_memory_equal(cut, whole, len);
				assert_true(len == 0 || !whole[len] || whole[len] == ',');
			}
		}
	}
}

/* A directory of small right tables, one of which a test spoils. */
struct data_dir {
	char path[64];
};

static const struct {
	const char *name, *text;
} right[] = {
	{ "units_4101.tsv", "unit\tkind\tname_zh\tname_en\tgb_code\tprefixes\n"
			    "410105\tdistrict\t金水区\tJinshui\t410105\t410105\n"
			    "Z-ZD\tzone\t郑东新区\tZhengdong\t\t41010556,410105570\n" },
	{ "divisions_4101.tsv", "code\tlevel\tname\tparent\n410100\tcity\t郑州市\t\n"
				"410105\tcounty\t金水区\t410100\n"
				"410105560\tstreet\t如意湖街道\t410105\n"
				"410105001\tstreet\t经八路街道\t410105\n" },
	{ "areas_gb2260.tsv", "code\tname\tfirst_edition\tlast_edition\n410121\t\t\t\n"
			      "410105\t金水区\t200212\t201607\n" },
	{ "adjacency_4101.tsv", "county\tneighbour\n" },
	{ "occupations_csco2022.tsv", "code\tlevel\tname\tparent\n4-00-00-00\t1\tx\t\n"
				      "4-07-05-01\t4\t保安员\t4-07-05-00\n" },
	{ "skills.tsv", "id\tcode\tzh\ten\tgroup\n1\tK001\t普通话\tspeech\t\n"
			"2\tK002\t消防\tfire\t4-07-05\n" },
	{ "licences.tsv", "id\tcode\tzh\ten\tgroup\n" },
	{ "industries_gb4754.tsv", "edition\tsection\tcode\tsection_name\n2017\tA\t\t农业\n" },
	{ "choices.tsv", "list\tcode\tzh\ten\tparent\nforms\tfull\t全日制\tfull time\t\n" },
};

enum { FILES = sizeof(right) / sizeof(*right) };

static void write_file(const struct data_dir *d, const char *name, const char *text)
{
	char path[160];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", d->path, name);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static struct data_dir make_dir(void)
{
	struct data_dir d = { "/tmp/vacancyd-catalog-XXXXXX" };

	assert_non_null(mkdtemp(d.path));
	for (size_t i = 0; i < FILES; i++)
		write_file(&d, right[i].name, right[i].text);
	return d;
}

static void remove_dir(const struct data_dir *d)
{
	for (size_t i = 0; i < FILES; i++) {
		char path[160];

		snprintf(path, sizeof(path), "%s/%s", d->path, right[i].name);
		unlink(path);
	}
	assert_int_equal(rmdir(d->path), 0);
}

static void small_tables_are_read_and_the_longest_prefix_names_the_unit(void **state)
{
	struct data_dir d = make_dir();
	struct catalog *c = catalog_read(d.path, 4101);

	(void)state;
	assert_non_null(c);
	assert_string_equal(catalog_division(c, UINT64_C(410105560000))->unit, "Z-ZD");
	assert_string_equal(catalog_division(c, UINT64_C(410105001000))->unit, "410105");
	assert_int_equal(catalog_area(c, "410121", 200612), CODE_OTHER_EDITION);
	assert_int_equal(catalog_skill(c, "K002")->group, 4070500);
	assert_null(catalog_licence(c, "L01"));
	catalog_free(c);
	catalog_free(NULL);
	remove_dir(&d);
}

static void a_table_with_windows_line_ends_is_read(void **state)
{
	struct data_dir d = make_dir();
	struct catalog *c;

	(void)state;
	write_file(&d, "licences.tsv",
	    "id\tcode\tzh\ten\tgroup\r\n9\tL09\t证\tpaper\t4-07\r\n");
	c = catalog_read(d.path, 4101);
	assert_non_null(c);
	assert_int_equal(catalog_licence(c, "L09")->group, 4070000);
	catalog_free(c);
	remove_dir(&d);
}

static void a_spoilt_table_is_refused_as_a_whole(void **state)
{
	static const struct {
		const char *name, *text;
	} spoilt[] = {
		{ "skills.tsv", "" },
		{ "skills.tsv", "code\tid\tzh\ten\tgroup\n" },
		{ "skills.tsv", "id\tcode\tzh\ten\tgroup\n1\tK001\t普通话\tspeech\n" },
		{ "skills.tsv", "id\tcode\tzh\ten\tgroup\n1\tK001\ta\tb\t\tmore\tand\tmore\n" },
		{ "skills.tsv", "id\tcode\tzh\ten\tgroup\n0\tK001\ta\tb\t\n" },
		{ "skills.tsv", "id\tcode\tzh\ten\tgroup\n256\tK001\ta\tb\t\n" },
		{ "skills.tsv", "id\tcode\tzh\ten\tgroup\n1\tK1\ta\tb\t\n1\tK2\ta\tb\t\n" },
		{ "skills.tsv", "id\tcode\tzh\ten\tgroup\n1\tK1\ta\tb\t\n2\tK1\ta\tb\t\n" },
		{ "skills.tsv", "id\tcode\tzh\ten\tgroup\n1\tK1\ta\tb\t40705\n" },
		{ "divisions_4101.tsv", "code\tlevel\tname\tparent\n410105\tstreet\tx\t\n" },
		{ "divisions_4101.tsv", "code\tlevel\tname\tparent\n410105\tvillage\tx\t\n" },
		{ "divisions_4101.tsv", "code\tlevel\tname\tparent\n410205\tcounty\tx\t\n" },
		{ "divisions_4101.tsv", "code\tlevel\tname\tparent\n410102\tcounty\tx\t\n" },
		{ "divisions_4101.tsv", "code\tlevel\tname\tparent\n410105\tcounty\tx\t\n"
					"410105\tcounty\ty\t\n" },
		{ "units_4101.tsv", "unit\tkind\tname_zh\tname_en\tgb_code\tprefixes\n"
				    "410105\tdistrict\tx\tx\t410105\t4101\n" },
		{ "areas_gb2260.tsv",
		    "code\tname\tfirst_edition\tlast_edition\n41010\t\t\t\n" },
		{ "adjacency_4101.tsv", "county\tneighbour\n410105\t410102\n" },
		{ "occupations_csco2022.tsv", "code\tlevel\tname\tparent\n4-07-05\t3\tx\t\n" },
		{ "occupations_csco2022.tsv", "code\tlevel\tname\tparent\n4-07-05-01\t4\tx\t\n"
					      "4-07-05-01\t4\ty\t\n" },
		{ "industries_gb4754.tsv",
		    "edition\tsection\tcode\tsection_name\n2017\tU\t\tx\n" },
	};

	(void)state;
	print_message("(each refusal below is expected)\n");
	for (size_t i = 0; i < sizeof(spoilt) / sizeof(*spoilt); i++) {
		struct data_dir d = make_dir();

		write_file(&d, spoilt[i].name, spoilt[i].text);
		assert_null(catalog_read(d.path, 4101));
		remove_dir(&d);
	}
}

static void a_missing_table_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < FILES; i++) {
		struct data_dir d = make_dir();
		char path[160];

		snprintf(path, sizeof(path), "%s/%s", d.path, right[i].name);
		assert_int_equal(unlink(path), 0);
		assert_null(catalog_read(d.path, 4101));
		remove_dir(&d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vector_of_the_code_tables_holds),
		cmocka_unit_test(citizen_numbers_are_judged_by_the_areas_of_every_edition),
		cmocka_unit_test(a_division_knows_its_level_and_its_reporting_unit),
		cmocka_unit_test(touching_counties_touch_both_ways),
		cmocka_unit_test(an_occupation_is_found_at_every_level_by_its_code),
		cmocka_unit_test(skills_and_licences_are_found_by_code_and_by_id),
		cmocka_unit_test(the_nearest_codes_are_offered_for_a_wrong_one),
		cmocka_unit_test(an_offer_is_made_of_whole_codes_and_fits),
		cmocka_unit_test(small_tables_are_read_and_the_longest_prefix_names_the_unit),
		cmocka_unit_test(a_table_with_windows_line_ends_is_read),
		cmocka_unit_test(a_spoilt_table_is_refused_as_a_whole),
		cmocka_unit_test(a_missing_table_is_refused),
	};

	return cmocka_run_group_tests(tests, read_shipped, free_shipped);
}
