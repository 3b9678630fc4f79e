/*
 * How many people live and work where, and in which occupations.
 *
 * The weights of supply and demand are the same Zipf law over the same order of
 * occupations, but demand is multiplied by a factor of each occupation's own,
 * from one half to one and a half: so some trades are short of hands and others
 * of posts.
 */
#include <stdlib.h>

#include "tests/city/tables.h"

/* What is asked for most, the commonest first; everything else comes after. */
static const uint32_t popular[] = { 4090801, 4070501, 4010203, 4030205, 4030201, 4020202,
	4010204, 6050103, 4100106, 4020501, 4100105, 4030102, 4020708, 4010201, 4060103,
	6310103, 6310505, 4020601, 4090802, 4091001, 6180204, 4030202, 4020206, 3010202,
	6290101, 4120101, 6200101, 4040503, 6310102, 6180101, 4090803, 4100302, 4060101,
	6140200, 4020603, 6010403, 6020302, 2060301, 6310305, 4100202, 4020201, 6040201,
	4030101, 6300501, 6290104, 6290401, 3010401, 4140102, 4100301, 6250407, 3010403,
	4070502, 6080102, 6020101, 4020602, 6290103, 6290302, 2050801, 2080301, 4070503,
	4060102, 6280111, 4010501, 6220201, 6180112, 4070304, 4050301 };

/* Labour force by county entry, thousands, as config/data/README.md has it (Zhengdong in
 * Jinshui); and how much work there is for each hundred of it. */
static const struct {
	uint32_t county, people, work;
} forces[] = { { 410102, 300, 100 }, { 410103, 310, 110 }, { 410104, 210, 110 },
	{ 410105, 615, 130 }, { 410106, 55, 80 }, { 410108, 90, 80 }, { 410122, 95, 70 },
	{ 410171, 60, 250 }, { 410172, 90, 220 }, { 410173, 25, 150 }, { 410181, 190, 80 },
	{ 410182, 120, 80 }, { 410183, 170, 70 }, { 410184, 140, 80 }, { 410185, 130, 60 } };

void weigh_places(struct city *c)
{
	c->homes = calloc(c->n_communities + 1, sizeof(*c->homes));
	c->works = calloc(c->n_communities + 1, sizeof(*c->works));
	for (size_t i = 0; i < c->n_communities; i++) {
		uint32_t county = county_of(c->communities[i].code);
		size_t k = county_index(c, county);
		size_t n = c->county_first[k + 1] - c->county_first[k];
		struct dice d = dice_for(c->seed, STREAM_PLACE, c->communities[i].code);
		uint64_t people = 50;
		uint64_t work = 80;

		for (size_t f = 0; f < COUNT(forces); f++) {
			if (forces[f].county == county) {
				people = forces[f].people;
				work = forces[f].work;
			}
		}
		people = people * 1000 / n * (300 + dice_below(&d, 1400)) + 1;
		/* Work gathers in fewer places than people do. */
		work = people * work / 100 * (100 + dice_below(&d, 900)) / 550 + 1;
		c->homes[i + 1] = c->homes[i] + people;
		c->works[i + 1] = c->works[i] + work;
	}
}

struct turn {
	uint64_t key;
	size_t trade;
};

static int by_key(const void *a, const void *b)
{
	const struct turn *x = a;
	const struct turn *y = b;

	return x->key < y->key ? -1 : x->key > y->key;
}

void weigh_trades(struct city *c)
{
	struct turn *order = calloc(c->n_trades, sizeof(*order));
	uint64_t *supply = calloc(c->n_trades, sizeof(*supply));

	for (size_t i = 0; i < c->n_trades; i++) {
		/* The order of occupations is the trade's, not the seed's. */
		struct dice d = dice_for(0, STREAM_ORDER, c->trades[i].code);

		order[i] = (struct turn){ COUNT(popular) + (dice_throw(&d) >> 8), i };
		for (size_t p = 0; p < COUNT(popular); p++) {
			if (popular[p] == c->trades[i].code)
				order[i].key = p;
		}
	}
	qsort(order, c->n_trades, sizeof(*order), by_key);
	for (size_t k = 0; k < c->n_trades; k++)
		supply[order[k].trade] = 1000000000u / (k + 4);
	free(order);

	c->supply = calloc(c->n_trades + 1, sizeof(*c->supply));
	c->demand = calloc(c->n_trades + 1, sizeof(*c->demand));
	for (size_t i = 0; i < c->n_trades; i++) {
		struct dice d = dice_for(c->seed, STREAM_OCCUPATION, c->trades[i].code);

		c->supply[i + 1] = c->supply[i] + supply[i];
		c->demand[i + 1] =
		    c->demand[i] + supply[i] * (500 + dice_below(&d, 1001)) / 1000;
	}
	free(supply);
}

void trades_below(const struct city *c, uint32_t group, size_t *lo, size_t *hi)
{
	uint32_t width = group % 100 ? 1 : group % 10000 ? 100 : 10000;
	size_t ends[2] = { 0, 0 };

	for (int e = 0; e < 2; e++) {
		uint32_t bound = group + (e ? width : 0);
		size_t a = 0;
		size_t b = c->n_trades;

		while (a < b) {
			size_t mid = a + (b - a) / 2;

			if (c->trades[mid].code < bound)
				a = mid + 1;
			else
				b = mid;
		}
		ends[e] = a;
	}
	*lo = ends[0];
	*hi = ends[1];
}
