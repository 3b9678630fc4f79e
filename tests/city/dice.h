/*
 * Dice: random numbers by counter.  A throw depends on the city's seed, a
 * stream, an index and how many throws came before it in this record: nothing
 * else, so records are independent of each other and of any order.
 */
#ifndef TESTS_CITY_DICE_H
#define TESTS_CITY_DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum stream {
	STREAM_PERSON,
	STREAM_HOUSEHOLD,
	STREAM_EMPLOYER,
	STREAM_RETURN,
	STREAM_VACANCY,
	STREAM_OCCUPATION,
	STREAM_PLACE,
	STREAM_ORDER
};

struct dice {
	uint64_t key, turn;
};

struct dice dice_for(uint64_t seed, enum stream stream, uint64_t index);
uint64_t dice_throw(struct dice *d);
/* 0 .. n-1; n > 0 */
uint32_t dice_below(struct dice *d, uint32_t n);
/* lo .. hi */
int dice_between(struct dice *d, int lo, int hi);
bool dice_chance(struct dice *d, uint32_t per_mille);
/* An index by weights that sum to `sum`. */
size_t dice_pick(struct dice *d, const uint16_t *weights, size_t n);
/* An index lo <= i < hi by cumulative weights: i has cum[i + 1] - cum[i]. */
size_t dice_weighted(struct dice *d, const uint64_t *cum, size_t lo, size_t hi);
/* About 100, from 40 to 250, skewed to the right as pay is. */
uint32_t dice_spread(struct dice *d);

#endif
