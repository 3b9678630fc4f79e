/*
 * Whoever asks, prepared: what every bound of one search needs, worked out once.
 *
 * It decides nothing: a level that is too near, or a key that is too early, costs
 * time.  The surprising thing: the cell that was looked at last is remembered,
 * because the next entry mostly stands in it.
 */
#include "matcher/ask.h"

#include "matcher/order.h"
#include "matcher/pair.h"

#include <string.h>

static void best_from_here(const uint16_t *points, uint16_t *out, size_t n)
{
	out[n] = 0;
	for (size_t i = n; i-- > 0;)
		out[i] = points[i] > out[i + 1] ? points[i] : out[i + 1];
}

unsigned freshness_at_best(const struct policy *p, day_t newest, day_t today)
{
	unsigned best = p->freshness[4];

	for (int i = 3; i >= 0 && days_since(newest, today) <= p->freshness_days[i]; i--)
		best = p->freshness[i] > best ? p->freshness[i] : best;
	return best;
}

static unsigned best_skills(const struct policy *p, bool some, bool none)
{
	unsigned best = some ? p->skills : 0;

	return none && p->skills_unstated > best ? p->skills_unstated : best;
}

static struct trade trade_of(occupation_t o)
{
	return (struct trade){ { [OCC_DETAIL] = o,
	    [OCC_MINOR] = o / 100,
	    [OCC_MIDDLE] = o / 10000,
	    [OCC_MAJOR] = o / 1000000 } };
}

static void ask_begin(struct ask *a, const struct terms *t)
{
	memset(a, 0, sizeof(*a));
	a->terms = t;
	best_from_here(t->policy->occupation, a->occupation, OCC_NONE);
	best_from_here(t->policy->area, a->area, AREA_NONE);
}

void ask_as_seeker(struct ask *a, const struct terms *t, const struct seeker *s)
{
	ask_begin(a, t);
	a->seeker = s;
	a->skills = folded(s->skills, s->n_skills);
	a->skills_hidden = s->n_skills - (unsigned)__builtin_popcountll(a->skills);
	a->licences = folded(s->licences, s->n_licences);
	a->takes = hours_of(s->shifts, s->forms);
	a->hours = 15 * spread(a->takes);
	a->grade = 8 - s->education;
	a->n_trades = s->n_wishes;
	for (uint8_t i = 0; i < s->n_wishes; i++)
		a->trades[i] = trade_of(s->wishes[i]);
	for (uint8_t i = 0; i < s->n_skills; i++)
		a->has[s->skills[i]] = true;
	for (uint8_t i = 0; i < s->n_experience; i++)
		a->months += s->experience[i].months;
	a->rest = best_skills(t->policy, s->n_skills > 0, true) + t->policy->pay +
		  t->policy->experience + freshness_at_best(t->policy, t->today, t->today);
}

void ask_as_vacancy(struct ask *a, const struct terms *t, const struct vacancy *v)
{
	ask_begin(a, t);
	a->vacancy = v;
	a->licences = folded(v->licences, v->n_licences);
	a->takes = hours_of(v->shift, v->form);
	a->hours = 15 * spread(a->takes);
	a->grade = v->education_min + 1;
	a->n_trades = 1;
	a->trades[0] = trade_of(v->occupation);
	a->freshness = freshness_points(t->policy, days_since(v->posted_on, t->today));
	a->rest = best_skills(t->policy, v->n_required + v->n_wished > 0,
		      v->n_required + v->n_wished == 0) +
		  t->policy->pay + t->policy->experience + a->freshness;
}

enum occupation_level ask_level(const struct ask *a, const struct span *s)
{
	struct trade from = trade_of(s->from_occupation), to = trade_of(s->to_occupation);

	for (unsigned level = OCC_DETAIL; level < OCC_NONE; level++) {
		for (uint8_t i = 0; i < a->n_trades; i++) {
			uint32_t group = a->trades[i].at[level];

			if (from.at[level] <= group && group <= to.at[level])
				return (enum occupation_level)level;
		}
	}
	return OCC_NONE;
}

enum area_level ask_far(place_t at, const struct span *s, const struct adjacency *near)
{
	enum area_level level;

	if (s->from_place <= at && at <= s->to_place)
		return s->from_place == s->to_place ? area_level(at, at, near) : AREA_COMMUNITY;
	/* Codes are in order, so none within shares more digits than the nearer end. */
	level = area_level(at, at < s->from_place ? s->from_place : s->to_place, near);
	if (level <= AREA_COUNTY || s->from_place / 1000000 == s->to_place / 1000000)
		return level;
	return AREA_ADJACENT;
}

uint64_t ask_key(const struct ask *a, enum occupation_level level, unsigned points,
    uint16_t oldest)
{
	uint64_t widened = level == OCC_MAJOR ? ORDER_WIDENED : 0;
	unsigned total = a->occupation[level] + points;

	if (a->seeker)
		return order_by_score(total, oldest) | widened;
	if (level > OCC_MINOR)
		return order_by_score(total, oldest) | ORDER_UNFIT | widened;
	return order_by_priority(a->terms->policy, a->best_rank, total, oldest);
}

static enum area_level far_to(struct ask *a, place_t place)
{
	place_t at = a->seeker ? a->seeker->place : a->vacancy->place;

	/* Only within the own county does it matter where. */
	if (place / 1000000 != a->cell.county) {
		a->cell.county = place / 1000000;
		a->cell.county_far = area_level(at, place, a->terms->near);
		return a->cell.county_far;
	}
	return a->cell.county_far > AREA_COUNTY ? a->cell.county_far
						: area_level(at, place, a->terms->near);
}

uint64_t cell_bound(struct ask *a, occupation_t occupation, place_t place)
{
	uint8_t wish;

	if (occupation == a->cell.occupation && place == a->cell.place)
		return a->cell.bound;
	if (occupation != a->cell.occupation)
		a->cell.level = a->seeker
				    ? nearest_wish(a->seeker, occupation, &wish)
				    : occupation_level(occupation, a->vacancy->occupation);
	if (place != a->cell.place)
		a->cell.far = far_to(a, place);
	a->cell.occupation = occupation;
	a->cell.place = place;
	a->cell.bound = ORDER_NONE;
	if (a->cell.level != OCC_NONE && a->cell.far != AREA_NONE &&
	    (!a->seeker || a->cell.far <= (enum area_level)a->seeker->farthest))
		a->cell.bound = ask_key(a, a->cell.level, a->area[a->cell.far] + a->rest, 0);
	return a->cell.bound;
}
