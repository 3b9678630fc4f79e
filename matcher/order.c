/*
 * The one order of a list, for both sides.
 *
 * A total order: two different ids never compare equal, so a list depends on
 * nothing but what is in it.  Rank moves a person only among those who fit; it
 * never touches a score.
 */
#include "matcher/match.h"

static int lower_first(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int higher_first(uint64_t a, uint64_t b)
{
	return (a < b) - (a > b);
}

static int earlier_first(day_t a, day_t b)
{
	return (a > b) - (a < b);
}

int match_order_vacancies(const struct match *a, const struct match *b)
{
	int c = lower_first(a->widened, b->widened);

	if (!c)
		c = higher_first(a->score.total, b->score.total);
	if (!c)
		c = earlier_first(a->since, b->since);
	return c ? c : lower_first(a->id, b->id);
}

static int by_class(const struct match *a, const struct match *b)
{
	return lower_first(rank_class((enum rank)a->rank), rank_class((enum rank)b->rank));
}

static int by_band(const struct policy *p, const struct match *a, const struct match *b)
{
	unsigned width = p->band ? p->band : 1;

	return higher_first(a->score.total / width, b->score.total / width);
}

/* Among two who fit: what is decided before the score itself is looked at. */
static int by_priority(const struct policy *p, const struct match *a, const struct match *b)
{
	int c = 0;

	switch (p->priority) {
	case PRIORITY_RANK_FIRST:
		c = by_class(a, b);
		if (!c)
			c = by_band(p, a, b);
		break;
	case PRIORITY_WITHIN_BAND:
		c = by_band(p, a, b);
		if (!c)
			c = by_class(a, b);
		break;
	case PRIORITY_OFF:
		return 0;
	}
	return c ? c : earlier_first(a->since, b->since);
}

int match_order_seekers(const struct policy *p, const struct match *a, const struct match *b)
{
	int c = lower_first(a->widened, b->widened);

	if (!c)
		c = higher_first(a->fit, b->fit);
	if (!c && a->fit)
		c = by_priority(p, a, b);
	if (!c)
		c = higher_first(a->score.total, b->score.total);
	if (!c)
		c = earlier_first(a->since, b->since);
	return c ? c : lower_first(a->id, b->id);
}
