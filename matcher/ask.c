/*
 * Whoever asks, prepared: what every bound of one search needs, worked out once.
 *
 * What it says of a summary decides nothing: a level that is too near, or a key that
 * is too early, costs time.  What it says of a cell is exact.  The surprising thing:
 * the cell that was looked at last is remembered, because the next entry mostly
 * stands in it or beside it.
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

static void ask_begin(struct ask *a, const struct terms *t, place_t place)
{
	memset(a, 0, sizeof(*a));
	memset(a->county_far, UINT8_MAX, sizeof(a->county_far));
	a->terms = t;
	a->cell.at = CELL_NONE;
	a->place = place;
	a->community = community_bit(place);
	a->street = street_bit(place);
	a->county = (uint32_t)(place / 1000000);
	a->home_far[0] = area_level(place, place, t->near);
	a->home_far[1] = area_level(place, place ^ 1, t->near);
	a->home_far[2] = area_level(place,
	    place / 1000000 * 1000000 + (place / 1000 % 1000 == 1 ? 2000 : 1000), t->near);
	best_from_here(t->policy->occupation, a->occupation, OCC_NONE);
	best_from_here(t->policy->area, a->area, AREA_NONE);
	for (unsigned all = 1; all <= WEIGHT_MAX; all++)
		a->skill_share[all] = (((uint32_t)t->policy->skills << 16) + all - 1) / all;
	a->today = day_short(t->today);
	for (size_t i = 0; i < sizeof(a->fresh_since) / sizeof(*a->fresh_since); i++)
		a->fresh_since[i] = day_short(t->today - t->policy->freshness_days[i]);
}

/* At most one part of so many. */
static const uint8_t parts
    [SHARES] = { [SHARE_WHOLE] = 1, [SHARE_HALF] = 2, [SHARE_THIRD] = 3, [SHARE_FIFTH] = 5 };

void ask_as_seeker(struct ask *a, const struct terms *t, const struct seeker *s)
{
	ask_begin(a, t, s->place);
	a->seeker = s;
	a->licences = folded(s->licences, s->n_licences);
	a->marks.first = hours_of(s->shifts, s->forms);
	a->marks.second = (uint8_t)((2u << s->education) - 1);
	a->hours = 15 * spread(a->marks.first);
	a->grade = 8 - s->education;
	a->n_trades = s->n_wishes;
	for (uint8_t i = 0; i < s->n_wishes; i++)
		a->trades[i] = trade_of(s->wishes[i]);
	for (uint8_t i = 0; i < s->n_skills; i++) {
		a->has[s->skills[i]] = true;
		a->skills[i] = folded(&s->skills[i], 1);
	}
	for (unsigned i = 0; i < SHARES; i++)
		a->share_points[i] = (uint16_t)(t->policy->skills / parts[i] + 1);
	for (uint8_t i = 0; i < s->n_experience; i++)
		a->months += s->experience[i].months;
	if (s->pay_wish && t->policy->pay_slack_percent)
		a->pay_loss = ((uint64_t)t->policy->pay * 100 << 32) /
			      ((uint64_t)s->pay_wish * t->policy->pay_slack_percent);
	a->rest = best_skills(t->policy, s->n_skills > 0, true) + t->policy->pay +
		  t->policy->experience + t->policy->freshness[0];
}

void ask_as_vacancy(struct ask *a, const struct terms *t, const struct vacancy *v)
{
	ask_begin(a, t, v->place);
	a->vacancy = v;
	a->licences = folded(v->licences, v->n_licences);
	a->marks.first = hours_of(v->shift, v->form);
	a->marks.second = (uint8_t)(UINT8_MAX << v->education_min);
	a->hours = 15 * spread(a->marks.first);
	a->grade = v->education_min + 1;
	a->n_trades = 1;
	a->trades[0] = trade_of(v->occupation);
	a->freshness = freshness_points(t->policy, days_since(v->posted_on, t->today));
	a->rest = best_skills(t->policy, v->n_required + v->n_wished > 0,
		      v->n_required + v->n_wished == 0) +
		  t->policy->pay + t->policy->experience + a->freshness;
}

static enum occupation_level level_of(struct ask *a, occupation_t occupation)
{
	uint8_t wish;

	if (occupation != a->trade.of) {
		a->trade.of = occupation;
		a->trade.level = a->seeker
				     ? nearest_wish(a->seeker, occupation, &wish)
				     : occupation_level(occupation, a->vacancy->occupation);
	}
	return a->trade.level;
}

enum occupation_level ask_level(struct ask *a, const struct span *s)
{
	struct trade from, to;
	unsigned most = 0;

	if (s->from_occupation == s->to_occupation)
		return level_of(a, s->from_occupation);
	from = trade_of(s->from_occupation);
	to = trade_of(s->to_occupation);
	for (uint8_t i = 0; i < a->n_trades; i++) {
		const struct trade *t = &a->trades[i];
		unsigned levels = 0;

		/* What is within at one level is within at all wider ones. */
		for (unsigned level = OCC_DETAIL; level < OCC_NONE; level++)
			levels +=
			    (from.at[level] <= t->at[level]) & (t->at[level] <= to.at[level]);
		most = levels > most ? levels : most;
	}
	return (enum occupation_level)(OCC_NONE - most);
}

/* To anywhere in a county that is not the asker's. */
static enum area_level far_to_county(struct ask *a, uint32_t county)
{
	uint8_t *far = a->county_far;
	uint32_t i = county % COUNTIES_MAX;

	if (county / COUNTIES_MAX != a->county / COUNTIES_MAX)
		return AREA_NONE;
	if (far[i] == UINT8_MAX)
		far[i] =
		    (uint8_t)area_level(a->place, county * UINT64_C(1000000), a->terms->near);
	return (enum area_level)far[i];
}

/* Where in the asker's own county does not matter but in these three ways. */
static enum area_level far_at_home(const struct ask *a, place_t place)
{
	return a->home_far[place == a->place ? 0 : place / 1000 == a->place / 1000 ? 1 : 2];
}

enum area_level ask_far(struct ask *a, const struct span *s)
{
	uint32_t from = (uint32_t)(s->from_place / 1000000);
	uint32_t to = (uint32_t)(s->to_place / 1000000);

	if (a->county < from || to < a->county)
		return from == to ? far_to_county(a, from) : AREA_ADJACENT;
	if (!(s->streets & a->street))
		return AREA_COUNTY;
	return s->communities & a->community ? AREA_COMMUNITY : AREA_STREET;
}

unsigned ask_skill_points(const struct ask *a, unsigned all, unsigned met)
{
	return all ? a->skill_share[all] * met >> 16 : a->terms->policy->skills_unstated;
}

unsigned ask_pay_points(const struct ask *a, uint32_t offered)
{
	uint32_t wish = a->seeker->pay_wish, pay = a->terms->policy->pay;
	uint64_t lost = (wish - (offered < wish ? offered : wish)) * a->pay_loss >> 32;

	return pay - (uint32_t)(lost < pay ? lost : pay);
}

unsigned ask_freshness(const struct ask *a, uint16_t posted_on)
{
	unsigned older = 0;

	for (size_t i = 0; i < sizeof(a->fresh_since) / sizeof(*a->fresh_since); i++)
		older += posted_on < a->fresh_since[i];
	return a->terms->policy->freshness[older];
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

uint64_t cell_bound(struct ask *a, uint64_t cell)
{
	uint64_t changed = a->cell.at == CELL_NONE ? CELL_NONE : cell ^ a->cell.at;
	/* Only in the asker's own county does it matter where. */
	uint64_t where = cell_county(cell) == a->county ? ~CELL_OCCUPATION : CELL_COUNTY;

	a->cell.at = cell;
	if (!(changed & (where | CELL_OCCUPATION)))
		return a->cell.bound;
	if (changed & CELL_OCCUPATION)
		a->cell.level =
		    a->seeker ? nearest_wish(a->seeker, cell_occupation(cell), &a->cell.wish)
			      : occupation_level(cell_occupation(cell), a->vacancy->occupation);
	if (changed & where)
		a->cell.far = cell_county(cell) == a->county
				  ? far_at_home(a, cell_place(cell))
				  : far_to_county(a, cell_county(cell));
	a->cell.bound = ORDER_NONE;
	if (a->cell.level != OCC_NONE && a->cell.far != AREA_NONE &&
	    (!a->seeker || a->cell.far <= (enum area_level)a->seeker->farthest))
		a->cell.bound = ask_key(a, a->cell.level, a->area[a->cell.far] + a->rest, 0);
	return a->cell.bound;
}
