/*
 * The order of a list, for both sides (rules/order), written as a number: each
 * deciding field in its own bits, the weightiest highest.
 *
 * It is a total order with the id at its end: two different ids never compare
 * equal, so a list depends on nothing but what is in it.  Rank moves a person
 * only among those who fit; it never touches a score.  A better match in any
 * one field never has a greater number: the bounds of the search stand on that.
 */
#include "matcher/order.h"

#include "matcher/shuffle.h"

uint64_t order_of_vacancy(const struct match *m)
{
	return order_by_score(m->score.total, day_short(m->since)) |
	       (m->widened ? ORDER_WIDENED : 0);
}

uint64_t order_of_seeker(const struct terms *t, uint64_t vacancy, const struct match *m)
{
	uint16_t since = order_since(t, day_short(m->since));
	uint64_t widened = m->widened ? ORDER_WIDENED : 0;
	uint64_t key;

	if (!m->score.fit)
		return order_by_score(m->score.total, since) | ORDER_UNFIT | widened;
	key = order_by_priority(t, (enum rank)m->rank, m->score.total, since);
	if (t->order == ORDER_ONE_SET && t->policy->priority != PRIORITY_OFF)
		key |= shuffled(&t->shuffle, m->id, vacancy) >> (64 - SHUFFLE_BITS);
	return key | widened;
}

static int by_key(uint64_t key_a, uint64_t key_b, const struct match *a, const struct match *b)
{
	if (key_a != key_b)
		return key_a < key_b ? -1 : 1;
	return (a->id > b->id) - (a->id < b->id);
}

int match_order_vacancies(const struct match *a, const struct match *b)
{
	return by_key(order_of_vacancy(a), order_of_vacancy(b), a, b);
}

int match_order_seekers(const struct terms *t, uint64_t vacancy, const struct match *a,
    const struct match *b)
{
	return by_key(order_of_seeker(t, vacancy, a), order_of_seeker(t, vacancy, b), a, b);
}
