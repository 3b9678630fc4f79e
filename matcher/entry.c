/*
 * Packing and unpacking what the index keeps.
 *
 * It changes nothing on the way: a record within its bounds (record.c) comes out
 * as it went in, but for the two fields that are not kept.  Values from elsewhere
 * that are out of them are cut to the nearest.
 */
#include "matcher/entry.h"

#include "matcher/map.h"
#include "matcher/pair.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct vacancy_entry) == 40, "a vacancy is forty bytes");
_Static_assert(sizeof(struct seeker_entry) == 96, "a seeker is ninety-six bytes");
_Static_assert(sizeof(struct posting) == 32, "a wish is thirty-two bytes");
_Static_assert(MAP_VALUE_BITS == 26, "a posting has room for a seeker's number");

static uint32_t at_most(uint32_t value, uint32_t most)
{
	return value < most ? value : most;
}

static uint8_t ids_stated(const struct vacancy_entry *e)
{
	return (uint8_t)(e->n_required + e->n_wished + e->n_licences);
}

static uint32_t list_of(const struct vacancy_entry *e)
{
	uint32_t number;

	memcpy(&number, e->ids, sizeof(number));
	return number;
}

void more_ids_free(struct more_ids *m)
{
	free(m->lists);
	free(m->unused);
}

static uint8_t *new_list(struct more_ids *m, uint8_t name[IDS_INLINE])
{
	uint32_t number;

	if (m->n_unused) {
		number = m->unused[--m->n_unused];
	} else {
		m->lists = grown(m->lists, m->n, &m->room, sizeof(*m->lists));
		number = (uint32_t)m->n++;
	}
	memcpy(name, &number, sizeof(number));
	return m->lists[number];
}

const uint8_t *vacancy_ids(const struct vacancy_entry *e, const struct more_ids *more)
{
	return ids_stated(e) > IDS_INLINE ? more->lists[list_of(e)] : e->ids;
}

void vacancy_release(const struct vacancy_entry *e, struct more_ids *more)
{
	if (ids_stated(e) <= IDS_INLINE)
		return;
	more->unused =
	    grown(more->unused, more->n_unused, &more->unused_room, sizeof(*more->unused));
	more->unused[more->n_unused++] = list_of(e);
}

void vacancy_pack(const struct vacancy *v, struct more_ids *more, struct vacancy_entry *out)
{
	uint8_t *ids;

	*out = (struct vacancy_entry){
		.cell = cell_of(v->occupation, v->place),
		.id = v->id,
		.posted_on = day_short(v->posted_on),
		.education_min = v->education_min,
		.shift = v->shift,
		.reserved = v->reserved,
		.version = (uint32_t)v->version,
		.pay_max = v->pay_max,
		.valid_until = day_short(v->valid_until),
		.released_on = day_short(v->released_on),
		.open_posts = at_most(v->open_posts, POSTS_MAX),
		.experience_months = at_most(v->experience_months, MONTHS_MAX),
		.form = v->form,
		.n_licences = v->n_licences,
		.open = v->open,
		.n_required = v->n_required,
		.n_wished = v->n_wished,
	};
	ids = ids_stated(out) > IDS_INLINE ? new_list(more, out->ids) : out->ids;
	memcpy(ids, v->required, v->n_required);
	memcpy(ids + v->n_required, v->wished, v->n_wished);
	memcpy(ids + v->n_required + v->n_wished, v->licences, v->n_licences);
}

void vacancy_expand(const struct vacancy_entry *e, const struct more_ids *more,
    struct vacancy *out)
{
	const uint8_t *ids = vacancy_ids(e, more);

	*out = (struct vacancy){
		.id = e->id,
		.version = e->version,
		.place = cell_place(e->cell),
		.occupation = cell_occupation(e->cell),
		.open_posts = e->open_posts,
		.pay_max = e->pay_max,
		.posted_on = day_long(e->posted_on),
		.valid_until = day_long(e->valid_until),
		.released_on = day_long(e->released_on),
		.experience_months = e->experience_months,
		.education_min = e->education_min,
		.shift = e->shift,
		.form = e->form,
		.open = e->open,
		.reserved = e->reserved,
		.n_required = e->n_required,
		.n_wished = e->n_wished,
		.n_licences = e->n_licences,
	};
	memcpy(out->required, ids, e->n_required);
	memcpy(out->wished, ids + e->n_required, e->n_wished);
	memcpy(out->licences, ids + e->n_required + e->n_wished, e->n_licences);
}

static void put24(uint8_t *out, uint32_t value)
{
	out[0] = (uint8_t)value;
	out[1] = (uint8_t)(value >> 8);
	out[2] = (uint8_t)(value >> 16);
}

void seeker_pack(const struct seeker *s, struct seeker_entry *out)
{
	*out = (struct seeker_entry){
		.id = s->id,
		.place = s->place,
		.rank = s->rank,
		.age_class = s->age_class,
		.farthest = s->farthest,
		.shifts = s->shifts,
		.forms = s->forms,
		.education = s->education,
		.active = s->active,
		.busy = s->busy,
		.n_wishes = s->n_wishes,
		.version = (uint32_t)s->version,
		.pay_wish = s->pay_wish,
		.waiting_since = day_short(s->waiting_since),
		.class_until = day_short(s->class_until),
		.n_skills = s->n_skills,
		.n_licences = s->n_licences,
		.n_experience = s->n_experience,
	};
	for (uint8_t i = 0; i < s->n_wishes; i++)
		put24(out->wishes[i], s->wishes[i]);
	memcpy(out->skills, s->skills, s->n_skills);
	memcpy(out->licences, s->licences, s->n_licences);
	for (uint8_t i = 0; i < s->n_experience; i++) {
		put24(out->experience[i], s->experience[i].occupation);
		memcpy(out->experience[i] + 3, &s->experience[i].months, 2);
	}
}

void seeker_expand(const struct seeker_entry *e, struct seeker *out)
{
	*out = (struct seeker){
		.id = e->id,
		.version = e->version,
		.place = e->place,
		.waiting_since = day_long(e->waiting_since),
		.class_until = day_long(e->class_until),
		.pay_wish = e->pay_wish,
		.rank = e->rank,
		.age_class = e->age_class,
		.farthest = e->farthest,
		.shifts = e->shifts,
		.forms = e->forms,
		.education = e->education,
		.active = e->active,
		.busy = e->busy,
		.n_wishes = e->n_wishes,
		.n_skills = (uint8_t)e->n_skills,
		.n_licences = (uint8_t)e->n_licences,
		.n_experience = (uint8_t)e->n_experience,
	};
	for (uint8_t i = 0; i < out->n_wishes; i++)
		out->wishes[i] = get24(e->wishes[i]);
	memcpy(out->skills, e->skills, SKILLS_MAX);
	memcpy(out->licences, e->licences, LICENCES_MAX);
	for (uint8_t i = 0; i < out->n_experience; i++) {
		out->experience[i].occupation = get24(e->experience[i]);
		memcpy(&out->experience[i].months, e->experience[i] + 3, 2);
	}
}

/* By the digits alone. */
static enum occupation_level common_group(occupation_t a, occupation_t b)
{
	return a == b                       ? OCC_DETAIL
	       : a / 100 == b / 100         ? OCC_MINOR
	       : a / 10000 == b / 10000     ? OCC_MIDDLE
	       : a / 1000000 == b / 1000000 ? OCC_MAJOR
					    : OCC_NONE;
}

static enum occupation_level nearest_earlier(const struct seeker *s, uint8_t wish)
{
	enum occupation_level nearest = OCC_NONE;

	for (uint8_t i = 0; i < wish; i++) {
		enum occupation_level level = occupation_level(s->wishes[i], s->wishes[wish]);

		nearest = level < nearest ? level : nearest;
	}
	return nearest;
}

/* Two that share a group more narrow than a post's are equally far from it, unless the one is
 * a middle group itself: of that nothing is said. */
static unsigned rivals_of(const struct seeker *s, uint8_t wish)
{
	occupation_t mine = s->wishes[wish];
	bool is_wide = mine % 10000 == 0 || mine / 10000 % 100 == 0;
	unsigned rivals = 0;

	for (uint8_t i = 0; i < s->n_wishes; i++) {
		enum occupation_level level = common_group(s->wishes[i], mine);

		if (i == wish || level == OCC_NONE)
			continue;
		if (is_wide)
			return 7;
		if (level != OCC_DETAIL)
			rivals |= 1u << (level - OCC_MINOR);
	}
	return rivals;
}

void posting_of(const struct seeker *s, uint32_t entry, uint8_t wish, struct posting *out)
{
	*out = (struct posting){
		.cell = cell_of(s->wishes[wish], s->place),
		.skills = folded(s->skills, s->n_skills, SKILL_BITS),
		.entry = entry,
		.licences = folded(s->licences, s->n_licences, LICENCE_BITS),
		.months = at_most(months_of(s, s->wishes[wish]), MONTHS_MAX),
		.pay_wish = at_most(s->pay_wish, PAY_MOST),
		.waiting_since = day_short(s->waiting_since),
		.takes = s->age_class == AGE_UNDER_16 ? 0 : hours_of(s->shifts, s->forms),
		.education = s->education,
		.farthest = s->farthest,
		.wish = wish,
		.earlier = nearest_earlier(s, wish),
		.rivals = rivals_of(s, wish),
		.is_last_rank = s->rank > RANK_P5,
	};
}
