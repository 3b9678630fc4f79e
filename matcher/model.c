/*
 * How near two codes are: the level at which two occupations, and two places,
 * meet (rules/occupation, rules/places).
 *
 * It goes by the digits alone and knows no table but the adjacency it is given.
 * Two equal places do not meet in a community when they are both known only to
 * their street.
 */
#include "matcher/model.h"

enum occupation_level occupation_level(occupation_t wish, occupation_t post)
{
	if (wish == post)
		return OCC_DETAIL;
	if (wish / 1000000 != post / 1000000)
		return OCC_NONE;
	if (wish / 10000 != post / 10000 || wish / 10000 % 100 == 0)
		return OCC_MAJOR;
	/* A wish for a middle group goes no deeper; posts may hang directly under one. */
	if (wish / 100 != post / 100 || wish % 10000 == 0)
		return OCC_MIDDLE;
	return OCC_MINOR;
}

static bool touches(const struct adjacency *near, uint32_t a, uint32_t b)
{
	size_t low = 0;
	size_t high = near ? near->n : 0;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const uint32_t *pair = near->pairs[mid];

		if (pair[0] == a && pair[1] == b)
			return true;
		if (pair[0] < a || (pair[0] == a && pair[1] < b))
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

enum area_level area_level(place_t a, place_t b, const struct adjacency *near)
{
	if (a / 100000000 != b / 100000000)
		return AREA_NONE;
	if (a / 1000000 != b / 1000000)
		return touches(near, (uint32_t)(a / 1000000), (uint32_t)(b / 1000000))
			   ? AREA_ADJACENT
			   : AREA_CITY;
	if (a / 1000000 % 100 == 0)
		return AREA_CITY;
	if (a / 1000 != b / 1000 || a / 1000 % 1000 == 0)
		return AREA_COUNTY;
	return a == b && a % 1000 != 0 ? AREA_COMMUNITY : AREA_STREET;
}
