/*
 * A side of a comparison: whoever can say which vacancies or which seekers are
 * the best k.  The times of single queries, and what is told of them.
 */
#ifndef TESTS_BENCH_SIDE_H
#define TESTS_BENCH_SIDE_H

#include "tests/bench/market.h"

enum direction { TO_VACANCIES, TO_SEEKERS };

struct side {
	const char *name;
	/* Exactly one of s and v is set.  An answer's id, score.total and widened are set. */
	size_t (*best)(void *self, const struct seeker *s, const struct vacancy *v,
	    struct match *out, size_t k);
	void *self;
};

/* Queries are numbers of seekers or of vacancies of a market. */
struct batch {
	const struct market *market;
	enum direction direction;
	const uint32_t *queries;
	size_t n, k;
};

/* The answers of a batch, query after query, k each. */
struct answers {
	struct match *matches;
	size_t *counts;
	double *us; /* how long each took */
};

struct answers answers_new(size_t n, size_t k);
void answers_release(struct answers *a);
/* Microseconds since some moment, by the clock on the wall or of this thread's processor. */
typedef double clock_us(void);
double wall_us(void);
double processor_us(void);
/* What two readings of a clock cost beside what they time. */
double timer_us(clock_us *clock);

/* Each query once, timed one by one. */
void side_run(const struct side *side, const struct batch *b, clock_us *clock,
    struct answers *out);
/* The median of `times` runs of one query, of the processor. */
double side_time(const struct side *side, const struct seeker *s, const struct vacancy *v,
    size_t k, int times);
/* False when they differ for one query; says which on stderr. */
bool answers_equal(const struct batch *b, const struct side *x, const struct answers *a,
    const struct side *y, const struct answers *c);

/* The p-th part of a hundred of n times, which it sorts. */
double percentile(double *us, size_t n, double p);
double mean(const double *us, size_t n);

#endif
