/*
 * The kinds of problem: one row a slug, in English and Chinese, from
 * config/data/problems.tsv.
 *
 * Who refuses and when is decided elsewhere.  A slug never changes its meaning:
 * programs compare it.
 */
#include "daemon/flow/problem.h"

#include <string.h>

/* The first row is what an unknown slug becomes. */
static const struct problem_kind kinds[] = {
#include "daemon/tables/problem_rows.inc"
};

const struct problem_kind *problem_kinds(size_t *n)
{
	*n = sizeof(kinds) / sizeof(*kinds);
	return kinds;
}

const struct problem_kind *problem_kind(const char *slug)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(kinds[i].slug, slug) == 0)
			return &kinds[i];
	return &kinds[0];
}
