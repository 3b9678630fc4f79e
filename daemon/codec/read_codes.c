/*
 * Codes in a body, checked against the catalogue.
 *
 * A code that is malformed, one that exists nowhere, and one of another edition
 * are three different faults.  Each kind is judged by one function, which the
 * advice asks again (advice.h): what is offered is what is taken.
 */
#include "daemon/codec/read_codes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/catalog/catalog.h"
#include "daemon/codec/advice.h"
#include "daemon/codec/path_ids.h"
#include "matcher/codes.h"

/* What the matcher packs is the place in the list, or its bit. */
_Static_assert(SHIFT_ROTATING == 1 << SHIFTS_ROTATING && SHIFT_NIGHT == 1 << SHIFTS_NIGHT &&
		   SHIFT_EVENING == 1 << SHIFTS_EVENING && FORM_PART == 1 << FORMS_PART,
    "choices.tsv has shifts and forms in the order of matcher/model.h");
_Static_assert((int)AREA_COMMUNITY == AREAS_COMMUNITY && (int)AREA_CITY == AREAS_CITY &&
		   (int)AREA_ADJACENT == AREAS_ADJACENT && (int)AREA_COUNTY == AREAS_COUNTY,
    "choices.tsv has areas in the order of matcher/model.h");

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

enum broken judge_occupation(const struct codec *c, bool of_a_post, const char *text,
    occupation_t *out)
{
	if ((of_a_post ? occupation_parse_full(text, out) : occupation_parse(text, out)) !=
	    CODE_OK)
		return BROKEN_FORMAT;
	if (!catalog_occupation(c->catalog, *out))
		return BROKEN_UNKNOWN_CODE;
	return of_a_post && !is_leaf(c, *out) ? BROKEN_TOO_WIDE : BROKEN_RULES;
}

bool read_occupation(const struct field *s, bool of_a_post, occupation_t *out)
{
	const char *text;
	enum broken b;

	if (!read_raw(s, &text))
		return false;
	*out = 0;
	b = judge_occupation(s->codec, of_a_post, text, out);
	if (b == BROKEN_RULES)
		return true;
	*out = 0;
	advise_occupation(s, b, of_a_post, text);
	return false;
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

/* How many of its twelve digits say something: 4, 6, 9 or 12. */
static int place_digits(place_t place)
{
	if (place % 1000)
		return 12;
	if (place / 1000 % 1000)
		return 9;
	return place / 1000000 % 100 ? 6 : 4;
}

static bool is_of_city(const struct codec *c, place_t place)
{
	return catalog_city(c->catalog) == (int)(place / 100000000);
}

bool is_retired(const struct codec *c, place_t place)
{
	return is_of_city(c, place) &&
	       !catalog_division(c->catalog, place / 1000000 * 1000000) && is_area(c, place);
}

/* Any of the forms that mean this division: 410105, 410105000, 410105000000. */
static const struct division *division_of(const struct codec *c, const char *text,
    place_t *place)
{
	size_t len = strlen(text);

	if ((len != 4 && len != 6 && len != 9 && len != 12) ||
	    place_parse(text, (int)len, place) != CODE_OK)
		return NULL;
	return catalog_division(c->catalog, *place);
}

const char *scope_written(const struct codec *c, const char *text)
{
	place_t place = 0;
	const struct division *d = division_of(c, text, &place);
	char canonical[13];

	if (!d)
		return text;
	place_print(place, d->digits, canonical);
	return arena_strdup(c->arena, canonical);
}

enum broken judge_place(const struct codec *c, int digits, const char *text, place_t *out)
{
	place_t place = 0;
	const struct division *d = division_of(c, text, &place);

	if (d && d->digits == digits) {
		*out = d->code;
		return BROKEN_RULES;
	}
	if (!place)
		return BROKEN_FORMAT;
	if (d)
		return BROKEN_LEVEL;
	if (is_retired(c, place))
		return BROKEN_RETIRED_CODE;
	return place_digits(place) == digits ? BROKEN_UNKNOWN_CODE : BROKEN_FORMAT;
}

bool read_place(const struct field *s, int digits, place_t *out, const char **text)
{
	const char *given;
	char canonical[13];
	place_t place = 0;
	enum broken b;

	if (!read_raw(s, &given))
		return false;
	b = judge_place(s->codec, digits, given, &place);
	if (b != BROKEN_RULES) {
		advise_place(s, b, digits, given);
		return false;
	}
	place_print(place, digits, canonical);
	*out = place;
	*text = arena_strdup(s->codec->arena, canonical);
	return true;
}

/* rules/outside-city */
enum broken judge_workplace(const struct codec *c, day_t day, const char *text, place_t *out,
    int *digits)
{
	size_t len = strlen(text);
	place_t place = 0;
	int year, month, day_of_month;

	*digits = 12;
	if ((len != 6 && len != 9 && len != 12) ||
	    place_parse(text, (int)len, &place) != CODE_OK || is_of_city(c, place))
		return judge_place(c, 12, text, out);
	day_split(day, &year, &month, &day_of_month);
	*digits = 6;
	*out = place;
	if (place_digits(place) > 6)
		return BROKEN_FORMAT;
	switch (catalog_county_elsewhere(c->catalog, place, year * 100 + month)) {
	case CODE_OK:
		return BROKEN_RULES;
	case CODE_OTHER_EDITION:
		return BROKEN_RETIRED_CODE;
	case CODE_AREA:
		return BROKEN_FORMAT;
	case CODE_UNKNOWN:
	case CODE_FORMAT:
	case CODE_DATE:
	case CODE_FUTURE:
	case CODE_CHECK:
	case CODE_SECTION:
		break;
	}
	return BROKEN_UNKNOWN_CODE;
}

bool read_workplace(const struct field *s, day_t day, const char **text)
{
	const char *given;
	char canonical[13];
	place_t place = 0;
	enum broken b;
	int digits;

	if (!read_raw(s, &given))
		return false;
	b = judge_workplace(s->codec, day, given, &place, &digits);
	if (b != BROKEN_RULES) {
		advise_workplace(s, b, day, given);
		return false;
	}
	place_print(place, digits, canonical);
	*text = arena_strdup(s->codec->arena, canonical);
	return true;
}

bool read_area(const struct field *s, const char **text)
{
	const char *given;
	char canonical[13];
	place_t place = 0;
	size_t len;

	if (!read_raw(s, &given))
		return false;
	len = strlen(given);
	if ((len != 6 && len != 9 && len != 12) ||
	    place_parse(given, (int)len, &place) != CODE_OK || place_digits(place) > 6) {
		advise_area(s, BROKEN_FORMAT, given);
		return false;
	}
	if (!is_area(s->codec, place)) {
		advise_area(s, BROKEN_UNKNOWN_CODE, given);
		return false;
	}
	place_print(place, 6, canonical);
	*text = arena_strdup(s->codec->arena, canonical);
	return true;
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
		advise_choice(s, BROKEN_RETIRED_CODE, LIST_EDUCATION, text);
		return false;
	case CODE_FORMAT:
		advise_choice(s, BROKEN_FORMAT, LIST_EDUCATION, text);
		return false;
	case CODE_AREA:
	case CODE_DATE:
	case CODE_FUTURE:
	case CODE_CHECK:
	case CODE_SECTION:
	case CODE_UNKNOWN:
		break;
	}
	advise_choice(s, BROKEN_UNKNOWN_CODE, LIST_EDUCATION, text);
	return false;
}

const struct term *term_of(const struct codec *c, const char *list, const char *code)
{
	return strcmp(list, "skills") == 0 ? catalog_skill(c->catalog, code)
					   : catalog_licence(c->catalog, code);
}

bool read_terms(const struct field *s, const char *list, size_t max, uint8_t *ids, uint8_t *n)
{
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
		t = term_of(s->codec, list, text);
		if (!t) {
			advise_term(&entry, list, text, ids, *n);
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
	if (codec_employer_code(s->codec, text, code)) {
		*out = arena_strdup(s->codec->arena, code);
		return true;
	}
	field_fault(s,
	    code_normalise(text, true, code, sizeof(code)) && employer_check(code) == CODE_CHECK
		? BROKEN_CHECK_DIGIT
		: BROKEN_FORMAT,
	    NULL, CODE_OF_EMPLOYER);
	return false;
}
