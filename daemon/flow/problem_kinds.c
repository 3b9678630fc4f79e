/*
 * The kinds of problem: one row a slug, in English and Chinese, from
 * config/data/problems.tsv; and the reasons of "wrong-state", from wrong_states.tsv.
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

static const struct wrong_state states[] = {
#include "daemon/tables/wrong_state_rows.inc"
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

/* What stands in quotes from here is a text of it. */
static const struct wrong_state *state_of(const char *quoted)
{
	size_t n = strcspn(quoted, "\"");

	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++)
		if (strlen(states[i].reason) == n && memcmp(states[i].reason, quoted, n) == 0)
			return &states[i];
	return NULL;
}

const struct wrong_state *wrong_state_in(const char *members)
{
	static const char key[] = "\"reason\":";
	const struct wrong_state *found = NULL;

	/* A member within another may have the name too. */
	while (!found && members && (members = strstr(members, key))) {
		members += strlen(key);
		members += strspn(members, " ");
		if (*members == '"')
			found = state_of(members + 1);
	}
	return found;
}
