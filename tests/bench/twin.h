/*
 * The twin: the same answers as the index's, by looking at everybody.
 *
 * A straight scan over the arrays with the matcher's own rules, score and
 * order; only the search is another.  It skips at once whoever shares no major
 * group, as anyone would who had no index.
 */
#ifndef TESTS_BENCH_TWIN_H
#define TESTS_BENCH_TWIN_H

#include "tests/bench/market.h"

size_t twin_vacancies(const struct market *m, const struct terms *t, const struct seeker *s,
    struct match *out, size_t k);
size_t twin_seekers(const struct market *m, const struct terms *t, const struct vacancy *v,
    struct match *out, size_t k);
/* Of a pair that is eligible. */
struct position twin_position_of_vacancy(const struct market *m, const struct terms *t,
    const struct seeker *s, const struct vacancy *v);
struct position twin_position_of_seeker(const struct market *m, const struct terms *t,
    const struct vacancy *v, const struct seeker *s);

#endif
