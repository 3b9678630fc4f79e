/*
 * A query, prepared: what every bound of one search needs, worked out once.
 *
 * What it says of a summary decides nothing: a level that is too near, or a key that
 * is too early, costs time.  What it says of a cell is exact.  The cell that was
 * looked at last is remembered, because the next entry mostly stands in it or beside
 * it.
 */
#include "matcher/query.h"

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

static void query_begin(struct query *q, const struct terms *t, place_t place)
{
	memset(q, 0, sizeof(*q));
	memset(q->county_far, UINT8_MAX, sizeof(q->county_far));
	q->terms = t;
	q->cell.at = CELL_NONE;
	q->place = place;
	q->community = community_bit(place);
	q->street = street_bit(place);
	q->county = (uint32_t)(place / 1000000);
	q->home_far[0] = area_level(place, place, t->near);
	q->home_far[1] = area_level(place, place ^ 1, t->near);
	q->home_far[2] = area_level(place,
	    place / 1000000 * 1000000 + (place / 1000 % 1000 == 1 ? 2000 : 1000), t->near);
	best_from_here(t->policy->occupation, q->occupation, OCC_NONE);
	best_from_here(t->policy->area, q->area, AREA_NONE);
	for (unsigned all = 1; all <= WEIGHT_MAX; all++)
		q->skill_share[all] = (((uint32_t)t->policy->skills << 16) + all - 1) / all;
	q->today = day_short(t->today);
	for (size_t i = 0; i < sizeof(q->fresh_since) / sizeof(*q->fresh_since); i++)
		q->fresh_since[i] = day_short(t->today - t->policy->freshness_days[i]);
}

/* At most one part of so many. */
static const uint8_t parts
    [SHARES] = { [SHARE_WHOLE] = 1, [SHARE_HALF] = 2, [SHARE_THIRD] = 3, [SHARE_FIFTH] = 5 };

void query_as_seeker(struct query *q, const struct terms *t, const struct seeker *s)
{
	query_begin(q, t, s->place);
	q->seeker = s;
	q->licences = (uint32_t)folded(s->licences, s->n_licences, LICENCE_BITS);
	q->marks.first = hours_of(s->shifts, s->forms);
	q->marks.second = (uint8_t)((2u << s->education) - 1);
	q->hours = 15 * spread(q->marks.first);
	q->grade = 8 - s->education;
	q->n_trades = s->n_wishes;
	for (uint8_t i = 0; i < s->n_wishes; i++)
		q->trades[i] = trade_of(s->wishes[i]);
	for (uint8_t i = 0; i < s->n_skills; i++) {
		q->has[s->skills[i]] = true;
		q->skills[i] = folded(&s->skills[i], 1, SKILL_BITS);
	}
	for (unsigned i = 0; i < SHARES; i++)
		q->share_points[i] = (uint16_t)(t->policy->skills / parts[i] + 1);
	for (uint8_t i = 0; i < s->n_experience; i++)
		q->months += s->experience[i].months;
	if (s->pay_wish && t->policy->pay_slack_percent)
		q->pay_loss = ((uint64_t)t->policy->pay * 100 << 32) /
			      ((uint64_t)s->pay_wish * t->policy->pay_slack_percent);
	q->rest = best_skills(t->policy, s->n_skills > 0, true) + t->policy->pay +
		  t->policy->experience + t->policy->freshness[0];
}

void query_as_vacancy(struct query *q, const struct terms *t, const struct vacancy *v)
{
	query_begin(q, t, v->place);
	q->vacancy = v;
	q->licences = (uint32_t)folded(v->licences, v->n_licences, LICENCE_BITS);
	q->required = folded(v->required, v->n_required, SKILL_BITS);
	q->marks.first = hours_of(v->shift, v->form);
	q->marks.second = (uint8_t)(UINT8_MAX << v->education_min);
	q->hours = 15 * spread(q->marks.first);
	q->grade = v->education_min + 1;
	q->tenure = (uint8_t)tenure_of(v->experience_months);
	q->n_trades = 1;
	q->trades[0] = trade_of(v->occupation);
	q->freshness = freshness_points(t->policy, days_since(v->posted_on, t->today));
	q->rest = best_skills(t->policy, v->n_required + v->n_wished > 0,
		      v->n_required + v->n_wished == 0) +
		  t->policy->pay + t->policy->experience + q->freshness;
}

static enum occupation_level level_of(struct query *q, occupation_t occupation)
{
	uint8_t wish;

	if (occupation != q->trade.of) {
		q->trade.of = occupation;
		q->trade.level = q->seeker
				     ? nearest_wish(q->seeker, occupation, &wish)
				     : occupation_level(occupation, q->vacancy->occupation);
	}
	return q->trade.level;
}

enum occupation_level query_level(struct query *q, const struct span *s)
{
	struct trade from, to;
	unsigned most = 0;

	if (s->from_occupation == s->to_occupation)
		return level_of(q, s->from_occupation);
	from = trade_of(s->from_occupation);
	to = trade_of(s->to_occupation);
	for (uint8_t i = 0; i < q->n_trades; i++) {
		const struct trade *t = &q->trades[i];
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
static enum area_level far_to_county(struct query *q, uint32_t county)
{
	uint8_t *far = q->county_far;
	uint32_t i = county % COUNTIES_MAX;

	if (county / COUNTIES_MAX != q->county / COUNTIES_MAX)
		return AREA_NONE;
	if (far[i] == UINT8_MAX)
		far[i] =
		    (uint8_t)area_level(q->place, county * UINT64_C(1000000), q->terms->near);
	return (enum area_level)far[i];
}

/* Where in the asker's own county does not matter but in these three ways. */
static enum area_level far_at_home(const struct query *q, place_t place)
{
	return q->home_far[place == q->place ? 0 : place / 1000 == q->place / 1000 ? 1 : 2];
}

enum area_level query_far(struct query *q, const struct span *s)
{
	uint32_t from = (uint32_t)(s->from_place / 1000000);
	uint32_t to = (uint32_t)(s->to_place / 1000000);

	if (q->county < from || to < q->county)
		return from == to ? far_to_county(q, from) : AREA_ADJACENT;
	if (!(s->streets & q->street))
		return AREA_COUNTY;
	return s->communities & q->community ? AREA_COMMUNITY : AREA_STREET;
}

unsigned query_skill_points(const struct query *q, unsigned all, unsigned met)
{
	return all ? q->skill_share[all] * met >> 16 : q->terms->policy->skills_unstated;
}

unsigned query_pay_points(const struct query *q, uint32_t offered)
{
	uint32_t wish = q->seeker->pay_wish, pay = q->terms->policy->pay;
	uint64_t lost = (wish - (offered < wish ? offered : wish)) * q->pay_loss >> 32;

	if (offered == 0 && wish)
		return pay / 2;
	return pay - (uint32_t)(lost < pay ? lost : pay);
}

unsigned query_freshness(const struct query *q, uint16_t posted_on)
{
	unsigned older = 0;

	for (size_t i = 0; i < sizeof(q->fresh_since) / sizeof(*q->fresh_since); i++)
		older += posted_on < q->fresh_since[i];
	return q->terms->policy->freshness[older];
}

uint64_t query_key(const struct query *q, enum occupation_level level, bool able,
    unsigned points, uint16_t oldest)
{
	uint64_t widened = level == OCC_MAJOR ? ORDER_WIDENED : 0;
	unsigned total = q->occupation[level] + points;

	if (q->seeker)
		return order_by_score(total, oldest) | widened;
	oldest = order_since(q->terms, oldest);
	if (level > OCC_MINOR || !able)
		return order_by_score(total, oldest) | ORDER_UNFIT | widened;
	return order_by_priority(q->terms, q->best_rank, total, oldest);
}

uint64_t cell_bound(struct query *q, uint64_t cell)
{
	uint64_t changed = q->cell.at == CELL_NONE ? CELL_NONE : cell ^ q->cell.at;
	/* Only in the asker's own county does it matter where. */
	uint64_t where = cell_county(cell) == q->county ? ~CELL_OCCUPATION : CELL_COUNTY;

	q->cell.at = cell;
	if (!(changed & (where | CELL_OCCUPATION)))
		return q->cell.bound;
	if (changed & CELL_OCCUPATION)
		q->cell.level =
		    q->seeker ? nearest_wish(q->seeker, cell_occupation(cell), &q->cell.wish)
			      : occupation_level(cell_occupation(cell), q->vacancy->occupation);
	if (changed & where)
		q->cell.far = cell_county(cell) == q->county
				  ? far_at_home(q, cell_place(cell))
				  : far_to_county(q, cell_county(cell));
	q->cell.bound = ORDER_NONE;
	if (q->cell.level != OCC_NONE && q->cell.far != AREA_NONE &&
	    (!q->seeker || q->cell.far <= (enum area_level)q->seeker->farthest))
		q->cell.bound =
		    query_key(q, q->cell.level, true, q->area[q->cell.far] + q->rest, 0);
	return q->cell.bound;
}
