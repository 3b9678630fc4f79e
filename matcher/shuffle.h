/*
 * The shuffle: a number that stands for a seeker in one vacancy's list and tells nothing of
 * them, inside matcher only.
 */
#ifndef MATCHER_SHUFFLE_H
#define MATCHER_SHUFFLE_H

#include <stdint.h>

#include "matcher/match.h"

/* SipHash-2-4 of the two, eight bytes each, the least first. */
uint64_t shuffled(const struct shuffle_key *key, uint64_t seeker, uint64_t vacancy);

#endif
