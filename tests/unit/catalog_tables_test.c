/*
 * Tables that the catalogue takes, and tables that it must not take.
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
	{ "area_successors.tsv", "code\tname\tsuccessor\n" },
	{ "areas_gb2260.tsv", "code\tname\tfirst_edition\tlast_edition\n410121\t\t\t\n"
			      "410105\t金水区\t200212\t201607\n" },
	{ "adjacency_4101.tsv", "county\tneighbour\n" },
	{ "occupations_csco2022.tsv", "code\tlevel\tname\tparent\n4-00-00-00\t1\tx\t\n"
				      "4-07-05-01\t4\t保安员\t4-07-05-00\n"
				      "4-07-05-02\t4\t安检员\t4-07-05-00\n" },
	{ "occupation_names.tsv", "code\ten\tspellings\tsource\n"
				  "4-07-05-01\tguard\t保安|门卫\ttrade\n" },
	{ "skills.tsv", "id\tcode\tzh\ten\tgroup\n1\tK001\t普通话\tspeech\t\n"
			"2\tK002\t消防\tfire\t4-07-05\n" },
	{ "licences.tsv", "id\tcode\tzh\ten\tgroup\n" },
	{ "industries_gb4754.tsv", "edition\tsection\tcode\tsection_name\n2017\tA\t\t农业\n" },
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
		{ "area_successors.tsv", "code\tname\tsuccessor\n41012\tx\t410182\n" },
		{ "area_successors.tsv", "code\tname\tsuccessor\n410182\tx\t410182\n" },
		{ "adjacency_4101.tsv", "county\tneighbour\n410105\t410102\n" },
		{ "occupations_csco2022.tsv", "code\tlevel\tname\tparent\n4-07-05\t3\tx\t\n" },
		{ "occupations_csco2022.tsv", "code\tlevel\tname\tparent\n4-07-05-01\t4\tx\t\n"
					      "4-07-05-01\t4\ty\t\n" },
		{ "occupation_names.tsv",
		    "code\ten\tspellings\tsource\n4-07-09-01\tx\ty\ttrade\n" },
		{ "occupation_names.tsv",
		    "code\ten\tspellings\tsource\n4-00-00-00\tx\ty\ttrade\n" },
		{ "occupation_names.tsv", "code\ten\tspellings\tsource\n"
					  "4-07-05-01\tx\ty|z\ttrade\n"
					  "4-07-05-02\tx\tw|z\ttrade\n" },
		{ "occupation_names.tsv", "code\ten\tspellings\tsource\n"
					  "4-07-05-02\tx\t保安员\ttrade\n" },
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
		cmocka_unit_test(small_tables_are_read_and_the_longest_prefix_names_the_unit),
		cmocka_unit_test(a_table_with_windows_line_ends_is_read),
		cmocka_unit_test(a_spoilt_table_is_refused_as_a_whole),
		cmocka_unit_test(a_missing_table_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
