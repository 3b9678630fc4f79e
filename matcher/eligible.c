/*
 * The hard rules: may she hold this post on this day, and if not, which rule
 * says so.
 *
 * One function a rule, in the order of the enum, which is the order in which a
 * refusal is named (rules/eligibility); its name is the slug of its page.  No rule knows sex,
 * ethnicity, religion, health or hukou, and no rule weighs anything: what is better or worse is
 * the score's.
 */
#include "matcher/pair.h"

/* rules/closed */
static bool is_closed(const struct pair *p)
{
	return !p->v->open || p->v->open_posts == 0 || p->terms->today > p->v->valid_until;
}

/* rules/inactive */
static bool is_inactive(const struct pair *p)
{
	return !p->s->active;
}

/* rules/city */
static bool is_elsewhere(const struct pair *p)
{
	return p->far == AREA_NONE;
}

/* rules/under-16 */
static bool is_under_16(const struct pair *p)
{
	return p->s->age_class == AGE_UNDER_16;
}

/* rules/occupation, rules/widened */
static bool is_unwished(const struct pair *p)
{
	return p->near > (p->widened ? OCC_MAJOR : OCC_MIDDLE);
}

/* rules/education */
static bool is_undereducated(const struct pair *p)
{
	return p->s->education < p->v->education_min;
}

/* rules/licence */
static bool is_unlicensed(const struct pair *p)
{
	for (uint8_t i = 0; i < p->v->n_licences; i++) {
		if (!has_id(p->s->licences, p->s->n_licences, p->v->licences[i]))
			return true;
	}
	return false;
}

/* What one side did not state, nobody is refused for. */
static bool is_outside(uint8_t wanted, uint8_t offered)
{
	return wanted && offered && !(wanted & offered);
}

/* rules/shift */
static bool is_wrong_shift(const struct pair *p)
{
	return is_outside(p->s->shifts, p->v->shift);
}

/* rules/form */
static bool is_wrong_form(const struct pair *p)
{
	return is_outside(p->s->forms, p->v->form);
}

/* rules/distance; another city is RULE_CITY's. */
static bool is_too_far(const struct pair *p)
{
	return p->far != AREA_NONE && p->far > (enum area_level)p->s->farthest;
}

/* rules/reserved: P1 to P3 from the first day, P4 and P5 from the day of release, P6 never. */
static bool is_reserved(const struct pair *p)
{
	if (!p->v->reserved || p->s->rank <= RANK_P3)
		return false;
	return p->s->rank > RANK_P5 || p->terms->today < p->v->released_on;
}

static const struct {
	const char *name;
	bool (*fails)(const struct pair *p);
} rules[RULES] = {
	[RULE_NONE] = { "none", NULL },
	[RULE_CLOSED] = { "closed", is_closed },
	[RULE_INACTIVE] = { "inactive", is_inactive },
	[RULE_CITY] = { "city", is_elsewhere },
	[RULE_UNDER_16] = { "under-16", is_under_16 },
	[RULE_OCCUPATION] = { "occupation", is_unwished },
	[RULE_EDUCATION] = { "education", is_undereducated },
	[RULE_LICENCE] = { "licence", is_unlicensed },
	[RULE_SKILL_FLOOR] = { "skill-floor", NULL }, /* rules/skill-floor */
	[RULE_SHIFT] = { "shift", is_wrong_shift },
	[RULE_FORM] = { "form", is_wrong_form },
	[RULE_DISTANCE] = { "distance", is_too_far },
	[RULE_RESERVED] = { "reserved", is_reserved },
};

const char *rule_name(enum rule r)
{
	return r < RULES ? rules[r].name : "unknown";
}

enum rule pair_refused_by(const struct pair *p)
{
	for (unsigned r = RULE_CLOSED; r < RULES; r++) {
		if (rules[r].fails && rules[r].fails(p))
			return (enum rule)r;
	}
	return RULE_NONE;
}

enum rule eligible(const struct terms *t, const struct seeker *s, const struct vacancy *v,
    bool widened)
{
	struct pair p = pair_of(t, s, v);

	p.widened = widened;
	return pair_refused_by(&p);
}

uint32_t ineligible_rules(const struct terms *t, const struct seeker *s,
    const struct vacancy *v, bool widened)
{
	struct pair p = pair_of(t, s, v);
	uint32_t failed = 0;

	p.widened = widened;
	for (unsigned r = RULE_CLOSED; r < RULES; r++) {
		if (rules[r].fails && rules[r].fails(&p))
			failed |= UINT32_C(1) << r;
	}
	return failed;
}
