/*
 * The tables of a city: what config/data says, and the weights by which
 * records are drawn from it.  Made once, then only read.
 */
#ifndef TESTS_CITY_TABLES_H
#define TESTS_CITY_TABLES_H

#include "tests/city/city.h"
#include "tests/city/dice.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct community {
	uint64_t code;
	const char *street; /* its name, for an address */
};

struct trade {
	uint32_t code; /* a detailed occupation */
	const char *name;
};

struct word {
	char code[5];
	uint32_t group; /* 4070500, or 0 */
};

/* Cumulative weights: n + 1 of them, the first 0. */
struct city {
	uint64_t seed;
	struct city_size size;
	struct community *communities; /* by code */
	size_t n_communities;
	uint64_t *homes, *works; /* cumulative: where people live, where work is */
	uint32_t counties[32];
	size_t county_first[33];
	size_t n_counties;
	struct trade *trades; /* by code */
	size_t n_trades;
	uint64_t *supply, *demand;              /* cumulative */
	struct word skills[256], licences[256]; /* by id */
	uint32_t *areas;                        /* for citizen numbers */
	size_t n_areas, area_step, area_first;
	uint32_t *
	    outside; /* counties outside the city, in force: where in-migrants are registered */
	size_t n_outside;
	struct city_return *returns;
	struct text *texts; /* the files read: names point into them */
};

/* The county of a community's code. */
uint32_t county_of(uint64_t community);
/* An index among c->counties; n_counties when it is none. */
size_t county_index(const struct city *c, uint32_t county);
/* An index among c->trades: the details of a minor or middle group lie in lo .. hi-1. */
void trades_below(const struct city *c, uint32_t group, size_t *lo, size_t *hi);

/* weights.c: where people live and work, and in which trades. */
void weigh_places(struct city *c);
void weigh_trades(struct city *c);
/* employers.c: the returns and how the vacancies are spread over them. */
void returns_make(struct city *c);

#endif
