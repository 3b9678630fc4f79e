/*
 * Means and percentiles of rounds, and their print.  It times nothing itself.
 */
#include "tests/bench/times.h"

#include <stdio.h>

#include "tests/bench/side.h"

void times_note(struct times *t, size_t round, struct answers *a, size_t n)
{
	t->mean[round] = mean(a->us, n);
	t->p50[round] = percentile(a->us, n, 50);
	t->p99[round] = percentile(a->us, n, 99);
}

static void print_list(const char *name, const double *values, size_t n)
{
	printf("\"%s\": [", name);
	for (size_t i = 0; i < n; i++)
		printf("%s%.3f", i ? ", " : "", values[i]);
	printf("]");
}

void times_print(const char *name, const struct times *t, size_t rounds)
{
	printf("\"%s\": {", name);
	print_list("mean", t->mean, rounds);
	printf(", ");
	print_list("p50", t->p50, rounds);
	printf(", ");
	print_list("p99", t->p99, rounds);
	printf("}");
}

void times_print_beside(const char *name, const struct times times[2], size_t rounds)
{
	printf("\"%s\": {", name);
	times_print("ours", &times[0], rounds);
	printf(", ");
	times_print("peer", &times[1], rounds);
	printf("}");
}

void times_print_pairs(const char *name, const char *const names[2], struct times times[2][2],
    size_t rounds)
{
	printf(", \"%s\": {", name);
	for (int d = 0; d < 2; d++) {
		printf("%s", d ? ", " : "");
		times_print_beside(names[d], times[d], rounds);
	}
	printf("}");
}
