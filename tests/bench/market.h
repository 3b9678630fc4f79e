/*
 * The market: the synthetic city as the matcher's values, any number of each.
 *
 * Vacancy i has the id i + 1, as the ledger that bench_copy fills numbers them;
 * a seeker's id is market_seeker_id of her index.  The skews are the city's.
 */
#ifndef TESTS_BENCH_MARKET_H
#define TESTS_BENCH_MARKET_H

#include "matcher/match.h"
#include "tests/city/city.h"

struct market {
	struct vacancy *vacancies;
	struct seeker *seekers;
	size_t n_vacancies, n_seekers;
};

/* False: the reason went to stderr. */
bool market_make(struct market *m, const char *data_dir, uint64_t seed, uint32_t vacancies,
    uint32_t seekers);
void market_release(struct market *m);

void market_vacancy(const struct city_return *r, const struct city_vacancy *v,
    struct vacancy *out);
void market_seeker(const struct city_person *p, struct seeker *out);
uint64_t market_seeker_id(uint32_t index);

/* A number below n out of a state that is moved on. */
uint32_t market_random(uint64_t *state, uint32_t n);

#endif
