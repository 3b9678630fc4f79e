/*
 * What one side of a comparison took, by round, and how it is printed: members of one JSON
 * object.
 */
#ifndef TESTS_BENCH_TIMES_H
#define TESTS_BENCH_TIMES_H

#include <stddef.h>

enum { ROUNDS_MAX = 16 };

struct answers;

struct times {
	double mean[ROUNDS_MAX], p50[ROUNDS_MAX], p99[ROUNDS_MAX];
};

void times_note(struct times *t, size_t round, struct answers *a, size_t n);
void times_print(const char *name, const struct times *t, size_t rounds);
/* Ours, then the peer's. */
void times_print_beside(const char *name, const struct times times[2], size_t rounds);
/* The same of two directions, by their names. */
void times_print_pairs(const char *name, const char *const names[2], struct times times[2][2],
    size_t rounds);

#endif
