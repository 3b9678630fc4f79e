/*
 * Codes in a body, checked against the catalogue.
 *
 * A code that is malformed, one that exists nowhere, and one of another edition
 * are three different faults; an unknown one is answered with the nearest that
 * exist, because "unknown code" alone helps nobody.
 */
#include "daemon/codec/read_codes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/catalog/catalog.h"
#include "daemon/codec/path_ids.h"
#include "matcher/codes.h"

/* What the matcher packs is the place in the list, or its bit. */
_Static_assert(SHIFT_ROTATING == 1 << SHIFTS_ROTATING && SHIFT_NIGHT == 1 << SHIFTS_NIGHT &&
		   SHIFT_EVENING == 1 << SHIFTS_EVENING && FORM_PART == 1 << FORMS_PART,
    "choices.tsv has shifts and forms in the order of matcher/model.h");
_Static_assert((int)AREA_COMMUNITY == AREAS_COMMUNITY && (int)AREA_CITY == AREAS_CITY &&
		   (int)AREA_ADJACENT == AREAS_ADJACENT && (int)AREA_COUNTY == AREAS_COUNTY,
    "choices.tsv has areas in the order of matcher/model.h");

static void unknown(const struct field *s, const char *list, const char *text)
{
	char near[90] = "";

	catalog_nearest(s->codec->catalog, list, text, near, sizeof(near));
	field_fault(s, BROKEN_UNKNOWN_CODE, NULL, near[0] ? near : "a code of the catalogue");
}

/* A name where a code belongs ("保安员") is answered with its code. */
static void malformed(const struct field *s, const char *list, const char *text,
    const char *expected)
{
	char near[90] = "";

	catalog_nearest(s->codec->catalog, list, text, near, sizeof(near));
	field_fault(s, BROKEN_FORMAT, NULL, near[0] ? near : expected);
}

/* A minor group without details stands for itself; one with details is too wide for a post. */
static bool is_leaf(const struct codec *c, occupation_t o)
{
	if (o % 100 != 0)
		return true;
	for (occupation_t detail = o + 1; detail < o + 100; detail++) {
		if (catalog_occupation(c->catalog, detail))
			return false;
	}
	return true;
}

bool read_occupation(const struct field *s, bool of_a_post, occupation_t *out)
{
	const char *text;
	occupation_t o = 0;
	enum code_fault f;

	if (!read_raw(s, &text))
		return false;
	f = of_a_post ? occupation_parse_full(text, &o) : occupation_parse(text, &o);
	if (f != CODE_OK) {
		malformed(s, "occupations", text,
		    of_a_post ? "an occupation, as 4-07-05-01"
			      : "as 4-07-05-01, 4-07-05 or 4-07");
		return false;
	}
	if (!catalog_occupation(s->codec->catalog, o)) {
		unknown(s, "occupations", text);
		return false;
	}
	if (of_a_post && !is_leaf(s->codec, o)) {
		field_fault(s, BROKEN_TOO_WIDE, NULL, "a detailed occupation, as 4-07-05-01");
		return false;
	}
	*out = o;
	return true;
}

static int by_code(const void *x, const void *y)
{
	uint32_t a = *(const uint32_t *)x;
	uint32_t b = *(const uint32_t *)y;

	return (a > b) - (a < b);
}

bool is_area(const struct codec *c, place_t place)
{
	const struct areas *areas = catalog_areas(c->catalog);
	uint32_t county = (uint32_t)(place / 1000000);

	return bsearch(&county, areas->codes, areas->n, sizeof(county), by_code) != NULL;
}

static bool is_of_city(const struct codec *c, place_t place)
{
	return catalog_city(c->catalog) == (int)(place / 100000000);
}

/* A county entry of the city in earlier lists: right in a citizen number, wrong as a place. */
static bool is_retired(const struct codec *c, place_t place)
{
	return is_of_city(c, place) &&
	       !catalog_division(c->catalog, place / 1000000 * 1000000) && is_area(c, place);
}

/* What a place of another level, or a name, should have been: one of this level. */
static void misplaced(const struct field *s, const char *given, int digits)
{
	const struct catalog *catalog = s->codec->catalog;
	size_t len = strlen(given);
	char near[90] = "", expected[120];
	bool is_level = len == 4 || len == 6 || len == 9 || len == 12;

	if (!is_level || strspn(given, "0123456789") != len)
		catalog_nearest(catalog, "divisions", given, near, sizeof(near));
	else if (len >= 6)
		catalog_inside(catalog, given, digits, near, sizeof(near));
	if (strcspn(near, ",") != (size_t)digits)
		near[0] = '\0';
	snprintf(expected, sizeof(expected), "%d digits%s%s", digits, near[0] ? ", as " : "",
	    near);
	field_fault(s, BROKEN_FORMAT, NULL, expected);
}

bool read_place(const struct field *s, int digits, place_t *out, const char **text)
{
	const struct division *d;
	const char *given;
	place_t p = 0;

	if (!read_raw(s, &given))
		return false;
	if (place_parse(given, digits, &p) != CODE_OK) {
		misplaced(s, given, digits);
		return false;
	}
	d = catalog_division(s->codec->catalog, p);
	if (!d && is_retired(s->codec, p)) {
		char near[90] = "";

		catalog_nearest(s->codec->catalog, "divisions", given, near, sizeof(near));
		field_fault(s, BROKEN_RETIRED_CODE, NULL,
		    near[0] ? near : "a division in force");
		return false;
	}
	/* A street's own code with 000 behind it is padding, not a community. */
	if (!d || d->digits != digits) {
		unknown(s, "divisions", given);
		return false;
	}
	*out = p;
	*text = arena_strdup(s->codec->arena, given);
	return true;
}

/* rules/outside-city */
bool read_workplace(const struct field *s, day_t day, const char **text)
{
	static const char expected[] =
	    "12 digits of the city, or the 6 of a county outside it, as 110105";
	const struct catalog *catalog = s->codec->catalog;
	const char *given;
	place_t place = 0;
	int year, month, day_of_month;
	size_t len;

	if (!read_raw(s, &given))
		return false;
	len = strlen(given);
	if (place_parse(given, len == 6 ? 6 : 12, &place) != CODE_OK)
		return read_place(s, 12, &place, text);
	day_split(day, &year, &month, &day_of_month);
	switch (catalog_county_elsewhere(catalog, place, year * 100 + month)) {
	case CODE_OK:
		if (len == 6) {
			*text = arena_strdup(s->codec->arena, given);
			return true;
		}
		field_fault(s, BROKEN_FORMAT, NULL, expected);
		return false;
	case CODE_OTHER_EDITION:
		field_fault(s, BROKEN_RETIRED_CODE, NULL, "a county in force");
		return false;
	case CODE_AREA:
		if (!is_of_city(s->codec, place)) {
			field_fault(s, BROKEN_FORMAT, NULL, expected);
			return false;
		}
		return read_place(s, 12, &place, text);
	case CODE_UNKNOWN:
	case CODE_FORMAT:
	case CODE_DATE:
	case CODE_FUTURE:
	case CODE_CHECK:
	case CODE_SECTION:
		break;
	}
	field_fault(s, BROKEN_UNKNOWN_CODE, NULL, expected);
	return false;
}

bool read_education(const struct field *s, const char **code, education_t *rank)
{
	const char *text;
	education_t e = 0;

	if (!read_raw(s, &text))
		return false;
	switch (education_parse(text, &e)) {
	case CODE_OK:
		*code = arena_strdup(s->codec->arena, text);
		*rank = e;
		return true;
	case CODE_OTHER_EDITION:
		field_fault(s, BROKEN_RETIRED_CODE, NULL,
		    "GB/T 4658-2006, as 21, 31, 41, 61, 71");
		return false;
	case CODE_FORMAT:
		field_fault(s, BROKEN_FORMAT, NULL, "two digits, as 61");
		return false;
	case CODE_AREA:
	case CODE_DATE:
	case CODE_FUTURE:
	case CODE_CHECK:
	case CODE_SECTION:
	case CODE_UNKNOWN:
		break;
	}
	field_fault(s, BROKEN_UNKNOWN_CODE, NULL, "GB/T 4658-2006, as 21, 31, 41, 61, 71");
	return false;
}

bool read_terms(const struct field *s, const char *list, size_t max, uint8_t *ids, uint8_t *n)
{
	bool skills = strcmp(list, "skills") == 0;
	size_t entries;
	bool good = true;

	*n = 0;
	if (!read_list(s, 0, max, &entries))
		return false;
	for (size_t i = 0; i < entries; i++) {
		struct field entry = field_item(s, i);
		const struct term *t;
		const char *text;

		if (!read_raw(&entry, &text)) {
			good = false;
			continue;
		}
		t = skills ? catalog_skill(s->codec->catalog, text)
			   : catalog_licence(s->codec->catalog, text);
		if (!t) {
			unknown(&entry, list, text);
			good = false;
			continue;
		}
		if (memchr(ids, t->id, *n)) {
			field_fault(&entry, BROKEN_DUPLICATE, NULL, "each once");
			good = false;
			continue;
		}
		ids[(*n)++] = t->id;
	}
	return good;
}

static bool read_id(const struct field *s, bool (*is_one)(const char *, uint64_t *),
    const char *expected, const char **out)
{
	const char *text;
	uint64_t id;

	if (!read_raw(s, &text))
		return false;
	if (!is_one(text, &id)) {
		field_fault(s, BROKEN_FORMAT, NULL, expected);
		return false;
	}
	*out = arena_strdup(s->codec->arena, text);
	return true;
}

bool read_seeker_id(const struct field *s, const char **out)
{
	return read_id(s, codec_seeker_id, "a seeker's id, 16 hex digits", out);
}

bool read_decimal_id(const struct field *s, const char **out)
{
	return read_id(s, codec_decimal_id, "an id, a text of digits", out);
}

bool read_employer(const struct field *s, const char **out)
{
	const char *text;
	char code[20];

	if (!read_raw(s, &text))
		return false;
	if (codec_employer_code(text, code)) {
		*out = arena_strdup(s->codec->arena, code);
		return true;
	}
	field_fault(s,
	    code_normalise(text, true, code, sizeof(code)) && employer_check(code) == CODE_CHECK
		? BROKEN_CHECK_DIGIT
		: BROKEN_FORMAT,
	    NULL, "a credit code of 18 characters or an organisation code of 9");
	return false;
}
