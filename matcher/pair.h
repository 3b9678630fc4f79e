/*
 * What eligibility, score, search and explanation share about one pair, inside
 * matcher only.
 */
#ifndef MATCHER_PAIR_H
#define MATCHER_PAIR_H

#include "matcher/match.h"

/* The wish through which she is judged for a post of this occupation: the first of her
 * nearest ones.  OCC_NONE when none meets it; *wish is 0 then. */
enum occupation_level nearest_wish(const struct seeker *s, occupation_t post, uint8_t *wish);

/* Her months of experience in the post's minor group, all of it together. */
uint32_t relevant_months(const struct seeker *s, const struct vacancy *v);

bool has_id(const uint8_t *ids, uint8_t n, uint8_t id);

#endif
