/*
 * Advice is tried: whatever stands in the place of a code, what is proposed there is taken
 * there.  Wrong values come of right ones by slips, of names, of other levels and editions, and
 * of nothing at all.
 */
#include "daemon/codec/read_codes.h"
#include "matcher/codes.h"
#include "tests/unit/codec_bench.h"

enum { SLIPS = 300 };

typedef bool reader(const struct field *s);

static bool is_post(const struct field *s)
{
	occupation_t o;

	return read_occupation(s, true, &o);
}

static bool is_wish(const struct field *s)
{
	occupation_t o;

	return read_occupation(s, false, &o);
}

static bool is_place_of(const struct field *s, int digits)
{
	const char *text;
	place_t place;

	return read_place(s, digits, &place, &text);
}

static bool is_community(const struct field *s)
{
	return is_place_of(s, 12);
}

static bool is_street(const struct field *s)
{
	return is_place_of(s, 9);
}

static bool is_district(const struct field *s)
{
	return is_place_of(s, 6);
}

static bool is_workplace(const struct field *s)
{
	const char *text;

	return read_workplace(s, s->codec->today, &text);
}

static bool is_hukou(const struct field *s)
{
	const char *text;

	return read_area(s, &text);
}

static bool is_education(const struct field *s)
{
	education_t rank;
	const char *code;

	return read_education(s, &code, &rank);
}

static bool is_pay_period(const struct field *s)
{
	int place;

	return read_choice(s, LIST_PAY_PERIODS, &place);
}

/* One entry of a list. */
static bool is_term_of(const struct field *s, const char *list)
{
	json_t *entries = json_pack("[O]", s->value);
	struct field whole = { .codec = s->codec,
		.in = s->in,
		.key = s->key,
		.value = entries };
	uint8_t ids[SKILLS_MAX], n;
	bool is = read_terms(&whole, list, SKILLS_MAX, ids, &n);

	json_decref(entries);
	return is;
}

static bool is_skill(const struct field *s)
{
	return is_term_of(s, "skills");
}

static bool is_licence(const struct field *s)
{
	return is_term_of(s, "licences");
}

static bool is_taken(reader *read, const char *value)
{
	json_t *text = json_string(value);
	struct field top = { .codec = &codec };
	struct field s = { .codec = &codec, .in = &top, .key = "x", .value = text };
	bool is;

	faults.n = 0;
	is = text && read(&s);
	json_decref(text);
	return is;
}

/* The codes that the advice names: what stands behind "as", or all of it when it is words with
 * commas between. */
static size_t proposals(const char *expected, char out[24][48])
{
	char text[sizeof(faults.at[0].expected)];
	const char *as = strstr(expected, ", as ");
	char *rest = text, *piece;
	size_t n = 0;

	snprintf(text, sizeof(text), "%s", as ? as + strlen(", as ") : expected);
	while ((piece = strsep(&rest, ",")) && n < 24) {
		piece += *piece == ' ';
		if (!as && strchr(piece, ' '))
			return 0;
		if (*piece && strcmp(piece, "…") != 0)
			snprintf(out[n++], 32, "%s", piece);
	}
	return n;
}

static size_t n_proposed;

static void assert_advice_holds(reader *read, const char *value)
{
	char expected[sizeof(faults.at[0].expected)];
	char codes[24][48];
	size_t n;

	if (is_taken(read, value) || !faults.n)
		return;
	snprintf(expected, sizeof(expected), "%s", faults.at[0].expected);
	assert_true(*expected);
	n = proposals(expected, codes);
	for (size_t i = 0; i < n; i++) {
		n_proposed++;
		if (!is_taken(read, codes[i]))
			fail_msg("for \"%s\": \"%s\", of which \"%s\" is refused", value,
			    expected, codes[i]);
		assert_string_not_equal(codes[i], value);
	}
}

/* The same on every run. */
static unsigned next(unsigned n)
{
	static unsigned long state = 20070712;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(state >> 33) % n;
}

static void slip(const char *right, char out[48])
{
	size_t n = strlen(right), at = next((unsigned)n);
	unsigned kind = next(5);

	snprintf(out, 32, "%s", right);
	if (kind == 0)
		out[at] = (char)('0' + next(10));
	else if (kind == 1 && at + 1 < n)
		out[at] = right[at + 1], out[at + 1] = right[at];
	else if (kind == 2)
		memmove(out + at, out + at + 1, n - at);
	else if (kind == 3)
		out[at] = "-XO a"[next(5)];
	else
		snprintf(out + n, 32 - n, "%s", &"0000"[next(4)]);
}

struct codes {
	char (*text)[48];
	const char **name;
	size_t n;
};

static void take_code(void *arg, const struct code *c)
{
	struct codes *codes = arg;

	if (codes->n == 6000)
		return;
	snprintf(codes->text[codes->n], sizeof(codes->text[0]), "%s", c->text);
	codes->name[codes->n++] = c->zh ? c->zh : "";
}

static const struct {
	const char *list;
	reader *read;
} places_of_codes[] = { { "occupations", is_post }, { "occupations", is_wish },
	{ "divisions", is_community }, { "divisions", is_street }, { "divisions", is_district },
	{ "divisions", is_workplace }, { "divisions", is_hukou }, { "education", is_education },
	{ "skills", is_skill }, { "licences", is_licence }, { "pay-periods", is_pay_period } };

static void what_is_proposed_is_taken_in_that_place(void **state)
{
	static const char *const others[] = { "", "1", "4101", "410121", "410121001001",
		"410107", "410126000000", "110221", "310119", "441900001", "990000",
		"410105001999", "高中", "初中", "金水", "郑州市金水区", "文化路", "保安",
		"叉车", "月", "每月", "元/月", "4-07", "8", "４", "99", "month ", "MONTH",
		"not a code at all" };
	struct codes codes = { calloc(6000, 32), calloc(6000, sizeof(char *)), 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(places_of_codes) / sizeof(*places_of_codes); i++) {
		reader *read = places_of_codes[i].read;

		codes.n = 0;
		n_proposed = 0;
		assert_true(catalog_list(catalog, places_of_codes[i].list, take_code, &codes));
		for (size_t n = 0; n < SLIPS; n++) {
			char wrong[48];

			slip(codes.text[next((unsigned)codes.n)], wrong);
			assert_advice_holds(read, wrong);
		}
		for (size_t n = 0; n < codes.n; n += 1 + codes.n / SLIPS) {
			assert_advice_holds(read, codes.text[n]);
			assert_advice_holds(read, codes.name[n]);
		}
		for (size_t n = 0; n < sizeof(others) / sizeof(*others); n++)
			assert_advice_holds(read, others[n]);
		assert_true(n_proposed > 20);
		arena_free(arena);
		arena = codec.arena = arena_new();
	}
	free(codes.text);
	free(codes.name);
}

static void assert_advice(reader *read, const char *value, const char *expected)
{
	assert_false(is_taken(read, value));
	assert_string_equal(faults.at[0].expected, expected);
}

static void each_kind_of_wrong_place_gets_what_was_meant(void **state)
{
	(void)state;
	assert_advice(is_community, "410105001",
	    "12 digits, as 410105001003, 410105001006, 410105001007");
	assert_advice(is_community, "410105001000",
	    "12 digits, as 410105001003, 410105001006, 410105001007");
	assert_advice(is_district, "410105001001", "6 digits, as 410105");
	assert_advice(is_district, "410121", "6 digits, as 410182"); /* and not 410122 */
	assert_advice(is_district, "410107", "6 digits, as 410183"); /* by way of 410126 */
	assert_advice(is_district, "410112", "6 digits");            /* divided among several */
	assert_advice(is_district, "金水区", "6 digits, as 410105");
	assert_advice(is_district, "郑州市金水区", "6 digits, as 410105");
	assert_advice(is_workplace, "110105001001", "110105");
	assert_advice(is_education, "高中", "61");
	assert_advice(is_pay_period, "月", "month");
	assert_advice(is_post, "保安员", "4-07-05-01");
	assert_advice(is_post, "保安", "4-07-05-01");
}

static void zeros_behind_a_division_mean_itself(void **state)
{
	(void)state;
	assert_true(
	    is_taken(is_district, "410105000000") && is_taken(is_district, "410105000"));
	assert_true(is_taken(is_street, "410105001000"));
	assert_true(
	    is_taken(is_hukou, "410105000000") && is_taken(is_workplace, "110105000000"));
	assert_false(is_taken(is_community, "410105001000"));
	assert_false(
	    is_taken(is_district, "410105001000") || is_taken(is_district, "4101050000"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_proposed_is_taken_in_that_place),
		TEST(each_kind_of_wrong_place_gets_what_was_meant),
		TEST(zeros_behind_a_division_mean_itself),
	};

	return cmocka_run_group_tests(tests, read_catalogue, free_catalogue);
}
