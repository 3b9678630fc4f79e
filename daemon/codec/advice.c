/*
 * What would be right: codes to put in the place of a wrong one.
 *
 * A name is answered with its code; a place of another level with those inside it, or the
 * one around it; a retired one with what took over; a slip with what is nearest.  Where
 * nothing is near, it is said how such a code is written.
 */
#include "daemon/codec/advice.h"

#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/catalog/catalog.h"
#include "daemon/codec/codec.h"
#include "daemon/codec/read_codes.h"
#include "matcher/codes.h"

/* What the reader who refused wanted; each kind reads its own members. */
struct wanted {
	const struct codec *codec;
	bool of_a_post;
	int digits;
	day_t day;
	const char *list;
	const uint8_t *there;
	size_t n_there;
};

static void say(const struct field *s, enum broken b, const struct offers *o,
    const char *how_written)
{
	char offered[OFFERS_TEXT];

	offers_print(o, offered);
	field_fault(s, b, NULL,
	    o->n == 0      ? how_written
	    : !how_written ? offered
			   : arena_printf(s->codec->arena, "%s, as %s", how_written, offered));
}

static bool is_occupation(const void *arg, const char *code)
{
	const struct wanted *w = arg;
	occupation_t o = 0;

	return judge_occupation(w->codec, w->of_a_post, code, &o) == BROKEN_RULES;
}

void advise_occupation(const struct field *s, enum broken b, bool of_a_post, const char *given)
{
	struct wanted w = { .codec = s->codec, .of_a_post = of_a_post };
	struct offers o = { .wrong = given, .is_taken = is_occupation, .arg = &w };

	catalog_nearest(s->codec->catalog, "occupations", &o);
	if (o.n)
		say(s, b, &o, NULL);
	else
		say(s, b, &o,
		    of_a_post ? "an occupation, as 4-07-05-01"
			      : "an occupation or a group, as 4-07-05-01, 4-07-05, 4-07");
}

static bool is_place(const void *arg, const char *code)
{
	const struct wanted *w = arg;
	place_t place = 0;

	return judge_place(w->codec, w->digits, code, &place) == BROKEN_RULES;
}

/* A division of another level: those of the level wanted that are inside it, or around it. */
static void offer_related(const struct codec *c, place_t place, int digits, struct offers *o)
{
	char around[13];

	place_print(place, digits, around);
	if (!offers_add(o, around))
		catalog_inside(c->catalog, place, digits, o);
}

/* Its county was renamed or raised to a city under another code, perhaps more than once. */
static bool offer_successor(const struct codec *c, place_t place, int digits, struct offers *o)
{
	uint32_t county = (uint32_t)(place / 1000000);
	uint32_t next;

	for (int i = 0; i < 4 && (next = catalog_successor(c->catalog, county)); i++) {
		county = next;
		offer_related(c, (place_t)county * 1000000, digits, o);
	}
	return county != place / 1000000;
}

static bool is_named(const void *arg, const char *code)
{
	(void)arg;
	return strlen(code) < 12;
}

static void offer_divisions(const struct codec *c, int digits, struct offers *o)
{
	struct offers named = { .wrong = o->wrong, .is_taken = is_named };
	size_t len = strlen(o->wrong);
	place_t place = 0;

	if ((len == 4 || len == 6 || len == 9 || len == 12) &&
	    place_parse(o->wrong, (int)len, &place) == CODE_OK) {
		if (catalog_division(c->catalog, place))
			offer_related(c, place, digits, o);
		else if (offer_successor(c, place, digits, o) || is_retired(c, place))
			return; /* what is nearest by its digits is another county */
		else if (len != (size_t)digits)
			offer_related(c, place - place % 1000000, digits, o);
	}
	if (!o->n)
		catalog_nearest(c->catalog, "divisions", o);
	if (o->n || place)
		return;
	/* The name of a division above those that are wanted. */
	catalog_nearest(c->catalog, "divisions", &named);
	if (named.n &&
	    place_parse(named.text[0], (int)strlen(named.text[0]), &place) == CODE_OK)
		offer_related(c, place, digits, o);
}

void advise_place(const struct field *s, enum broken b, int digits, const char *given)
{
	struct wanted w = { .codec = s->codec, .digits = digits };
	struct offers o = { .wrong = given, .is_taken = is_place, .arg = &w };

	offer_divisions(s->codec, digits, &o);
	say(s, b, &o, arena_printf(s->codec->arena, "%d digits", digits));
}

void advice_of_place(const struct codec *c, int digits, const char *given,
    char out[static OFFERS_TEXT])
{
	struct wanted w = { .codec = c, .digits = digits };
	struct offers o = { .wrong = given, .is_taken = is_place, .arg = &w };

	offer_divisions(c, digits, &o);
	offers_print(&o, out);
}

static bool is_workplace(const void *arg, const char *code)
{
	const struct wanted *w = arg;
	place_t place = 0;
	int digits;

	return judge_workplace(w->codec, w->day, code, &place, &digits) == BROKEN_RULES;
}

void advise_workplace(const struct field *s, enum broken b, day_t day, const char *given)
{
	struct wanted w = { .codec = s->codec, .day = day };
	struct offers o = { .wrong = given, .is_taken = is_workplace, .arg = &w };
	size_t len = strlen(given);
	place_t place = 0;

	if ((len == 6 || len == 9 || len == 12) &&
	    place_parse(given, (int)len, &place) == CODE_OK &&
	    (int)(place / 100000000) != catalog_city(s->codec->catalog)) {
		char county[13];

		place_print(place, 6, county);
		if (!offers_add(&o, county))
			(void)offer_successor(s->codec, place, 6, &o);
	} else {
		offer_divisions(s->codec, 12, &o);
	}
	if (o.n)
		say(s, b, &o, NULL);
	else
		say(s, b, &o,
		    "12 digits of the city, or the 6 of a county outside it, as 110105");
}

static bool is_known_area(const void *arg, const char *code)
{
	const struct wanted *w = arg;
	place_t place = 0;

	return place_parse(code, 6, &place) == CODE_OK && is_area(w->codec, place);
}

void advise_area(const struct field *s, enum broken b, const char *given)
{
	struct wanted w = { .codec = s->codec };
	struct offers o = { .wrong = given, .is_taken = is_known_area, .arg = &w };
	char county[7] = "";

	strncat(county, given, 6);
	if (strlen(given) > 6)
		(void)offers_add(&o, county);
	if (!o.n)
		catalog_nearest(s->codec->catalog, "divisions", &o);
	say(s, b, &o, "6 digits");
}

static bool is_term(const void *arg, const char *code)
{
	const struct wanted *w = arg;
	const struct term *t = term_of(w->codec, w->list, code);

	return t && !memchr(w->there, t->id, w->n_there);
}

void advise_term(const struct field *s, const char *list, const char *given,
    const uint8_t *there, size_t n)
{
	struct wanted w = { .codec = s->codec, .list = list, .there = there, .n_there = n };
	struct offers o = { .wrong = given, .is_taken = is_term, .arg = &w };

	catalog_nearest(s->codec->catalog, list, &o);
	say(s, BROKEN_UNKNOWN_CODE, &o, o.n ? NULL : "a code of the catalogue");
}

/* A word that people write for a code is answered with it; else all of the list are. */
void advise_choice(const struct field *s, enum broken b, enum code_list of, const char *given)
{
	int place = choice_find_word(of, given);

	if (place >= 0)
		field_fault(s, b, NULL, choice_code(of, place));
	else if (of == LIST_EDUCATION)
		field_fault(s, b, NULL, "GB/T 4658-2006, as 21, 31, 41, 61, 71");
	else
		field_fault(s, b, NULL, choice_codes(of));
}
