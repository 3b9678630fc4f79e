/*
 * Dice: see dice.h.  The mixing function is the finaliser of SplitMix64, and
 * everything after it is integer arithmetic: the same city on every machine.
 */
#include "tests/city/dice.h"

static uint64_t mix(uint64_t x)
{
	x ^= x >> 30;
	x *= 0xbf58476d1ce4e5b9u;
	x ^= x >> 27;
	x *= 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

struct dice dice_for(uint64_t seed, enum stream stream, uint64_t index)
{
	uint64_t s = mix(seed + 0x9e3779b97f4a7c15u * ((uint64_t)stream + 1));

	return (struct dice){ .key = mix(s ^ mix(index + 0x632be59bd9b4e019u)) };
}

uint64_t dice_throw(struct dice *d)
{
	return mix(d->key + 0x9e3779b97f4a7c15u * ++d->turn);
}

uint32_t dice_below(struct dice *d, uint32_t n)
{
	return (uint32_t)((dice_throw(d) >> 32) * n >> 32);
}

int dice_between(struct dice *d, int lo, int hi)
{
	return lo + (int)dice_below(d, (uint32_t)(hi - lo + 1));
}

bool dice_chance(struct dice *d, uint32_t per_mille)
{
	return dice_below(d, 1000) < per_mille;
}

size_t dice_pick(struct dice *d, const uint16_t *weights, size_t n)
{
	uint32_t sum = 0;
	uint32_t at;
	size_t i;

	for (i = 0; i < n; i++)
		sum += weights[i];
	at = dice_below(d, sum);
	for (i = 0; i + 1 < n && at >= weights[i]; i++)
		at -= weights[i];
	return i;
}

size_t dice_weighted(struct dice *d, const uint64_t *cum, size_t lo, size_t hi)
{
	uint64_t at = cum[lo] + dice_throw(d) % (cum[hi] - cum[lo]);

	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (cum[mid] <= at)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

uint32_t dice_spread(struct dice *d)
{
	/* A product of three is skewed as a lognormal is, without its logarithm. */
	uint32_t x = 70 + dice_below(d, 61);
	uint32_t y = 70 + dice_below(d, 61);
	uint32_t z = 80 + dice_below(d, 61);
	uint32_t p = x * y / 100 * z / 100;

	return p < 40 ? 40 : p > 250 ? 250 : p;
}
