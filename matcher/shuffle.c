/*
 * SipHash-2-4 (Aumasson and Bernstein, 2012) of two numbers: without the key nobody can tell
 * what it gives, nor choose an id that comes early.
 *
 * It knows neither ranks nor lists.
 */
#include "matcher/shuffle.h"

static uint64_t rotated(uint64_t x, unsigned by)
{
	return x << by | x >> (64 - by);
}

static void mix(uint64_t v[4], unsigned rounds)
{
	while (rounds-- > 0) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotated(v[1], 13) ^ v[0];
		v[3] = rotated(v[3], 16) ^ v[2];
		v[0] = rotated(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotated(v[1], 17) ^ v[2];
		v[3] = rotated(v[3], 21) ^ v[0];
		v[2] = rotated(v[2], 32);
	}
}

static void take(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	mix(v, 2);
	v[0] ^= word;
}

uint64_t shuffled(const struct shuffle_key *key, uint64_t seeker, uint64_t vacancy)
{
	uint64_t v[4] = {
		UINT64_C(0x736f6d6570736575) ^ key->of[0],
		UINT64_C(0x646f72616e646f6d) ^ key->of[1],
		UINT64_C(0x6c7967656e657261) ^ key->of[0],
		UINT64_C(0x7465646279746573) ^ key->of[1],
	};

	take(v, seeker);
	take(v, vacancy);
	take(v, UINT64_C(16) << 56); /* how long it was */
	v[2] ^= 0xff;
	mix(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
