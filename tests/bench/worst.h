/*
 * The queries that a search would rather not be asked.
 */
#ifndef TESTS_BENCH_WORST_H
#define TESTS_BENCH_WORST_H

#include "tests/bench/side.h"

struct worst {
	char name[96];
	double us;
};

/* The index as a side; `self` is a struct indexed. */
struct indexed {
	struct index *index;
	const struct terms *terms;
};
struct index *indexed_market(const struct market *m);
struct side index_side(struct indexed *ix);

/* The slowest of the hard queries, each the median of five times and its answer compared
 * with the twin's; false when one differs.  */
bool worst_find(const struct market *m, struct indexed *ix, struct worst *out);
/* The same in a market of which a fifth stands in one occupation and one street. */
bool worst_find_giant(const struct market *m, const struct terms *t, struct worst *out);

#endif
