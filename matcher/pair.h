/*
 * What eligibility, score, search and explanation share about one pair, inside
 * matcher only.
 */
#ifndef MATCHER_PAIR_H
#define MATCHER_PAIR_H

#include "matcher/match.h"

/* A seeker and a post, and how near they are: found once, for every rule and for the score. */
struct pair {
	const struct terms *terms;
	const struct seeker *s;
	const struct vacancy *v;
	enum occupation_level near;
	uint8_t wish; /* the nearest, the first of several alike */
	enum area_level far;
	bool widened; /* the major group is admitted */
};
struct pair pair_of(const struct terms *t, const struct seeker *s, const struct vacancy *v);
enum rule pair_refused_by(const struct pair *p);
struct score pair_score(const struct pair *p);

/* The wish through which she is judged for a post of this occupation: the first of her
 * nearest ones.  OCC_NONE when none meets it; *wish is 0 then. */
enum occupation_level nearest_wish(const struct seeker *s, occupation_t post, uint8_t *wish);

/* Her months of experience in an occupation's minor group, all of it together. */
uint32_t months_of(const struct seeker *s, occupation_t occupation);

/* The components of a score, each rising with what it is given of. */
uint16_t skill_points(const struct policy *p, uint8_t required, uint8_t wished,
    uint8_t required_met, uint8_t wished_met);
uint16_t pay_points(const struct policy *p, uint32_t offered, uint32_t asked);
uint16_t experience_points(const struct policy *p, uint32_t have, uint32_t required);
uint16_t freshness_points(const struct policy *p, uint16_t age_days);
uint16_t days_since(day_t posted_on, day_t today);

bool has_id(const uint8_t *ids, uint8_t n, uint8_t id);

#endif
