/*
 * Identifiers and the grammar of codes: every published vector, and what the
 * vectors do not say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "matcher/codes.h"
#include "tests/unit/vectors.h"

static const uint32_t area_codes[] = { 110105, 360426, 410102, 410105, 410106, 410108, 410121,
	440524 };
static const struct areas areas = { sizeof(area_codes) / sizeof(*area_codes), area_codes };

/* What a check found, in the words of the vector files. */
static void describe(const struct vector *v, char *out, size_t n)
{
	const char *standard = v->field[0];
	const char *value = v->field[1];
	char canonical[19];
	char dehyphened[64];
	enum code_fault fault;
	bool inner = true;

	if (strncmp(standard, "GB11643", 7) == 0) {
		fault = citizen_check(value, &areas, day_of(2007, 12, 31), canonical);
		if (fault == CODE_OK && strcmp(standard, "GB11643-15") == 0) {
			snprintf(out, n, "ok -> %s", canonical);
			return;
		}
		assert_int_equal(canonical[0] != '\0', fault == CODE_OK);
	} else if (strcmp(standard, "GB32100") == 0) {
		fault = uscc_check(value, &inner);
		assert_int_equal(employer_check(value), fault);
	} else {
		assert_string_equal(standard, "GB11714");
		/* The hyphen goes, and nothing else: folding would mend what is to be refused.
		 */
		snprintf(dehyphened, sizeof(dehyphened), "%s", value);
		if (strchr(value, '-'))
			assert_true(
			    code_normalise(value, true, dehyphened, sizeof(dehyphened)));
		fault = organisation_check(dehyphened);
	}
	if (fault == CODE_OK && !inner)
		snprintf(out, n, "ok(outer) inner-org-check-bad");
	else
		snprintf(out, n, "%s", code_fault_name(fault));
}

static void check_identifier(const struct vector *v, void *arg)
{
	char found[64];

	(void)arg;
	describe(v, found, sizeof(found));
	if (strcmp(found, v->field[3]) != 0)
		print_error("%s %s: %s\n", v->field[0], v->field[1], v->field[5]);
	assert_string_equal(found, v->field[3]);
}

static void every_identifier_vector_holds(void **state)
{
	(void)state;
	assert_int_equal(each_vector("vectors_identifiers.tsv", check_identifier, NULL), 57);
}

static void a_birth_after_today_is_in_the_future(void **state)
{
	char out[19];

	(void)state;
	assert_int_equal(citizen_check("410102195712319990", &areas, day_of(1957, 12, 30), out),
	    CODE_FUTURE);
	assert_int_equal(citizen_check("410102195712319990", &areas, day_of(1957, 12, 31), out),
	    CODE_OK);
}

/* An old number carries no century; the sequences 996 to 999 were kept for centenarians. */
static void an_old_number_of_a_centenarian_is_of_the_nineteenth_century(void **state)
{
	char out[19];

	(void)state;
	assert_int_equal(citizen_check("410102991231996", &areas, day_of(2007, 7, 12), out),
	    CODE_OK);
	assert_memory_equal(out, "41010218991231996", 17);
	assert_int_equal(citizen_birth(out), day_of(1899, 12, 31));
	assert_int_equal(citizen_check("410102571231995", &areas, day_of(2007, 7, 12), out),
	    CODE_OK);
	assert_memory_equal(out, "41010219571231995", 17);
}

static void a_citizen_number_tells_birth_and_sex(void **state)
{
	(void)state;
	assert_int_equal(citizen_birth("410102195712319990"), day_of(1957, 12, 31));
	assert_int_equal(citizen_sex("410102195712319990"), 1);
	assert_int_equal(citizen_sex("410105196712319986"), 2);
}

/* ISO 7064 MOD 11-2 finds every wrong digit and every swap of neighbours. */
static void no_single_wrong_digit_of_a_citizen_number_passes(void **state)
{
	const char *right = "410102195712319990";
	char out[19];

	(void)state;
	for (int i = 0; i < 18; i++) {
		for (int c = '0'; c <= '9'; c++) {
			char wrong[19];

			memcpy(wrong, right, 19);
			wrong[i] = (char)c;
			if (c != right[i])
				assert_int_not_equal(citizen_check(wrong, &areas,
							 day_of(2007, 7, 12), out),
				    CODE_OK);
		}
	}
}

static void a_citizen_number_in_a_text_is_seen(void **state)
{
	static const char *const told[] = { "410102195712319990", "ID 410102195712319990.",
		"410102 19571231 9990", "4101 0219 5712 3199 90", "410102-19571231-9990",
		"seen 2007-07-12 410102195712319990", "12 410102195712319990",
		"410102195712319990-1",
		"41010219571231999043" /* a disability certificate's */ };
	static const char *const quiet[] = { "", "410102195712319991", "410102571231999",
		"41010219571331999X", "1410102195712319990", "4101021957123199901",
		"41010219571231999099", "410102195712319990123", "91410105MA40T7E54Y",
		"410102 and 195712319990", "4101    02195712319990" };

	(void)state;
	for (size_t i = 0; i < sizeof(told) / sizeof(*told); i++)
		if (!citizen_stands_in(told[i]))
			fail_msg("not seen in \"%s\"", told[i]);
	for (size_t i = 0; i < sizeof(quiet) / sizeof(*quiet); i++)
		if (citizen_stands_in(quiet[i]))
			fail_msg("seen in \"%s\"", quiet[i]);
}

static void an_employer_is_known_by_either_code(void **state)
{
	(void)state;
	assert_int_equal(employer_check("91410100123456788Y"), CODE_OK);
	assert_int_equal(employer_check("123456788"), CODE_OK);
	assert_int_equal(employer_check("123456789"), CODE_CHECK);
	assert_int_equal(employer_check("12345678"), CODE_FORMAT);
	assert_int_equal(employer_check(""), CODE_FORMAT);
	assert_int_equal(employer_check("91410100123456788Y0"), CODE_FORMAT);
	assert_int_equal(uscc_check("91410100123456788Y", NULL), CODE_OK);
}

static void check_normal(const char *in, bool hyphen, const char *expected)
{
	char out[32];

	assert_true(code_normalise(in, hyphen, out, sizeof(out)));
	assert_string_equal(out, expected);
}

static void codes_are_normalised_before_they_are_checked(void **state)
{
	(void)state;
	check_normal("91410100123456788y", false, "91410100123456788Y");
	check_normal("1234567８8", true, "123456788");
	check_normal("  D2143569-X \r\n", true, "D2143569X");
	check_normal("Ｄ２１４３５６９－ｘ", true, "D2143569X");
	check_normal("　4101　", false, "4101");
	check_normal("D2143569-X", false, "D2143569-X");
	check_normal("D21-43569-X", true, "D21-43569X");
	check_normal("a b", false, "A B");
	check_normal("保安", false, "保安");
	check_normal("", true, "");
	check_normal("-", true, "-");
	check_normal("ＡＺａｚ０９～！", false, "AZAZ09~!");
}

static void what_does_not_fit_is_not_cut(void **state)
{
	char out[4];

	(void)state;
	assert_true(code_normalise("abc   ", false, out, sizeof(out)));
	assert_string_equal(out, "ABC");
	assert_false(code_normalise("abcd", false, out, sizeof(out)));
	assert_false(code_normalise("a  b", false, out, sizeof(out)));
	assert_false(code_normalise("", false, out, 0));
}

static void occupations_are_read_and_printed_at_every_level(void **state)
{
	static const struct {
		const char *text;
		occupation_t code;
	} cases[] = { { "4-07-05-01", 4070501 }, { "4-07-05", 4070500 }, { "4-07", 4070000 },
		{ "1-01-00-01", 1010001 }, { "8-00", 8000000 } };
	occupation_t o;
	char out[12];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(occupation_parse(cases[i].text, &o), CODE_OK);
		assert_int_equal(o, cases[i].code);
		occupation_print(o, out);
		assert_string_equal(out, cases[i].text);
	}
	assert_int_equal(occupation_parse_full("2-06-03-00", &o), CODE_OK);
	assert_int_equal(o, 2060300);
}

static void an_occupation_that_is_not_one_is_a_format_fault(void **state)
{
	static const char *const wrong[] = { "", "4", "0-07", "9-07", "4-7", "4-07-", "4-07-5",
		"4-07-05-1", "4-07-05-01-", "4-07-05-01-01", "4_07", "4-0a", "40705", " 4-07" };
	occupation_t o;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_int_equal(occupation_parse(wrong[i], &o), CODE_FORMAT);
		assert_int_equal(occupation_parse_full(wrong[i], &o), CODE_FORMAT);
	}
	assert_int_equal(occupation_parse_full("4-07", &o), CODE_FORMAT);
	assert_int_equal(occupation_parse_full("4-07-05", &o), CODE_FORMAT);
}

static void a_place_has_exactly_its_digits(void **state)
{
	place_t p;

	(void)state;
	assert_int_equal(place_parse("410105", 6, &p), CODE_OK);
	assert_true(p == UINT64_C(410105000000));
	assert_int_equal(place_parse("410105003001", 12, &p), CODE_OK);
	assert_true(p == UINT64_C(410105003001));
	assert_int_equal(place_parse("41010", 6, &p), CODE_FORMAT);
	assert_int_equal(place_parse("4101050", 6, &p), CODE_FORMAT);
	assert_int_equal(place_parse("010105", 6, &p), CODE_FORMAT);
	assert_int_equal(place_parse("41010O", 6, &p), CODE_FORMAT);
	assert_int_equal(place_parse("", 6, &p), CODE_FORMAT);
}

/* 1x > 2x > 3x > 4x = 6x > 7x > 8x > 90. */
static void education_is_an_order(void **state)
{
	static const char *const in_order[] = { "90", "81", "71", "61", "31", "21", "14" };
	education_t e;
	education_t vocational;

	(void)state;
	for (size_t i = 0; i < sizeof(in_order) / sizeof(*in_order); i++) {
		assert_int_equal(education_parse(in_order[i], &e), CODE_OK);
		assert_int_equal(e, i + 1);
	}
	assert_int_equal(education_parse("47", &vocational), CODE_OK);
	assert_int_equal(education_parse("61", &e), CODE_OK);
	assert_int_equal(vocational, e);
}

static void a_quarter_is_a_year_and_a_number_to_four(void **state)
{
	static const char *const wrong[] = { "", "2007", "2007Q", "2007Q0", "2007Q5", "2007q2",
		"2007Q22", "207Q2", "Q22007" };
	int year;
	int quarter;

	(void)state;
	assert_int_equal(quarter_parse("2007Q2", &year, &quarter), CODE_OK);
	assert_int_equal(year, 2007);
	assert_int_equal(quarter, 2);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(quarter_parse(wrong[i], &year, &quarter), CODE_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_identifier_vector_holds),
		cmocka_unit_test(a_birth_after_today_is_in_the_future),
		cmocka_unit_test(an_old_number_of_a_centenarian_is_of_the_nineteenth_century),
		cmocka_unit_test(a_citizen_number_tells_birth_and_sex),
		cmocka_unit_test(no_single_wrong_digit_of_a_citizen_number_passes),
		cmocka_unit_test(a_citizen_number_in_a_text_is_seen),
		cmocka_unit_test(an_employer_is_known_by_either_code),
		cmocka_unit_test(codes_are_normalised_before_they_are_checked),
		cmocka_unit_test(what_does_not_fit_is_not_cut),
		cmocka_unit_test(occupations_are_read_and_printed_at_every_level),
		cmocka_unit_test(an_occupation_that_is_not_one_is_a_format_fault),
		cmocka_unit_test(a_place_has_exactly_its_digits),
		cmocka_unit_test(education_is_an_order),
		cmocka_unit_test(a_quarter_is_a_year_and_a_number_to_four),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
