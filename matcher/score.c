/*
 * The score of a pair: 0 to the sum of the weights (1000), in components which
 * are the explanation (rules/score); a component's name is the slug of its page.
 *
 * Whole numbers and floor divisions of what is not negative, so that any
 * program in any language finds the same.  Every component is at most its
 * weight.  It is the same from both sides, and it does not ask whether the pair
 * is eligible.
 */
#include "matcher/pair.h"

#include <string.h>

bool has_id(const uint8_t *ids, uint8_t n, uint8_t id)
{
	return n && memchr(ids, id, n);
}

enum occupation_level nearest_wish(const struct seeker *s, occupation_t post, uint8_t *wish)
{
	enum occupation_level nearest = OCC_NONE;

	*wish = 0;
	for (uint8_t i = 0; i < s->n_wishes; i++) {
		enum occupation_level level = occupation_level(s->wishes[i], post);

		if (level < nearest) {
			nearest = level;
			*wish = i;
		}
	}
	return nearest;
}

uint32_t months_of(const struct seeker *s, occupation_t occupation)
{
	uint32_t months = 0;

	for (uint8_t i = 0; i < s->n_experience; i++) {
		if (s->experience[i].occupation / 100 == occupation / 100)
			months += s->experience[i].months;
	}
	return months;
}

static uint8_t count_met(const struct seeker *s, const uint8_t *ids, uint8_t n)
{
	uint8_t met = 0;

	for (uint8_t i = 0; i < n; i++)
		met += has_id(s->skills, s->n_skills, ids[i]);
	return met;
}

/* rules/skills: a required skill weighs twice a wished one. */
uint16_t skill_points(const struct policy *p, uint8_t required, uint8_t wished,
    uint8_t required_met, uint8_t wished_met)
{
	uint32_t all = 2u * required + wished;

	if (all == 0)
		return p->skills_unstated;
	return (uint16_t)(p->skills * (2u * required_met + wished_met) / all);
}

/* rules/pay: nothing is left at pay_slack_percent below the wish; half, where the two cannot be
 * compared. */
uint16_t pay_points(const struct policy *p, uint32_t offered, uint32_t asked)
{
	uint64_t short_of;
	uint64_t lost;

	if (offered >= asked)
		return p->pay;
	if (offered == 0)
		return p->pay / 2;
	if (p->pay_slack_percent == 0)
		return 0;
	short_of = asked - offered;
	lost = p->pay * short_of * 100 / ((uint64_t)asked * p->pay_slack_percent);
	return lost >= p->pay ? 0 : (uint16_t)(p->pay - lost);
}

/* rules/experience */
uint16_t experience_points(const struct policy *p, uint32_t have, uint32_t required)
{
	if (have >= required)
		return p->experience;
	return (uint16_t)(p->experience * have / required);
}

/* rules/freshness */
uint16_t freshness_points(const struct policy *p, uint16_t age_days)
{
	for (size_t i = 0; i < sizeof(p->freshness_days) / sizeof(*p->freshness_days); i++) {
		if (age_days <= p->freshness_days[i])
			return p->freshness[i];
	}
	return p->freshness[4];
}

uint16_t days_since(day_t posted_on, day_t today)
{
	int64_t days = (int64_t)today - posted_on;

	return (uint16_t)(days < 0 ? 0 : days > UINT16_MAX ? UINT16_MAX : days);
}

struct pair pair_of(const struct terms *t, const struct seeker *s, const struct vacancy *v)
{
	struct pair p = { .terms = t, .s = s, .v = v };

	p.near = nearest_wish(s, v->occupation, &p.wish);
	p.far = area_level(s->place, v->place, t->near);
	return p;
}

/* rules/occupation and rules/area are levels. */
struct score pair_score(const struct pair *pair)
{
	const struct policy *p = pair->terms->policy;
	const struct seeker *s = pair->s;
	const struct vacancy *v = pair->v;
	struct score out = {
		.occupation = pair->near == OCC_NONE ? 0 : p->occupation[pair->near],
		.area = pair->far == AREA_NONE ? 0 : p->area[pair->far],
		.pay = pay_points(p, v->pay_max, s->pay_wish),
		.occupation_level = (uint8_t)pair->near,
		.area_level = (uint8_t)pair->far,
		.wish = pair->wish,
		.required_met = count_met(s, v->required, v->n_required),
		.wished_met = count_met(s, v->wished, v->n_wished),
		.age_days = days_since(v->posted_on, pair->terms->today),
		.months = months_of(s, v->occupation),
	};

	out.skills =
	    skill_points(p, v->n_required, v->n_wished, out.required_met, out.wished_met);
	out.experience = experience_points(p, out.months, v->experience_months);
	out.freshness = freshness_points(p, out.age_days);
	out.total = (uint16_t)(out.occupation + out.area + out.skills + out.pay +
			       out.experience + out.freshness);
	/* rules/fit */
	out.fit = out.occupation_level <= OCC_MINOR && out.required_met == v->n_required &&
		  out.months >= v->experience_months;
	return out;
}

struct score score_pair(const struct terms *t, const struct seeker *s, const struct vacancy *v)
{
	struct pair p = pair_of(t, s, v);

	return pair_score(&p);
}
