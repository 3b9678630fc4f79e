/*
 * The order as a number, inside matcher only: less comes first, and equal
 * ones go by id.
 */
#ifndef MATCHER_ORDER_H
#define MATCHER_ORDER_H

#include "matcher/entry.h"
#include "matcher/match.h"

#define ORDER_NONE    UINT64_MAX /* after every match */
#define ORDER_WIDENED (UINT64_C(1) << 63)
#define ORDER_UNFIT   (UINT64_C(1) << 62)

/* Sixteen bits a field, the weightiest first; what is better higher is written descending. */
static inline uint64_t order_fields(uint64_t before, uint16_t field)
{
	return before << 16 | field;
}

static inline uint16_t order_descending(unsigned value)
{
	return (uint16_t)(UINT16_MAX - value);
}

static inline uint64_t order_by_score(unsigned total, uint16_t since)
{
	return order_fields(order_descending(total), since);
}

/* The shuffle's bits at the end of a key: what the fields before it and the two highest bits
 * leave. */
enum { SHUFFLE_BITS = 30 };

/* A wait of more than a year counts as a year where it must tell no rank: the longest waits are
 * those of the long unemployed, who are P3 by it. */
enum { WAIT_TOLD_DAYS = 365 };

static inline uint16_t order_since(const struct terms *t, uint16_t since)
{
	uint16_t least = day_short(t->today - WAIT_TOLD_DAYS);

	return t->order == ORDER_ONE_SET && since < least ? least : since;
}

/* Among those who fit: what is decided before the score itself, or the shuffle, is looked at.
 * A class is two bits; the band gives two of its sixteen up, which are always set.  As one set
 * it is the key of whom the shuffle puts first. */
static inline uint64_t order_by_priority(const struct terms *t, enum rank rank, unsigned total,
    uint16_t since)
{
	const struct policy *p = t->policy;
	bool as_one_set = t->order == ORDER_ONE_SET;
	unsigned class = as_one_set ? !rank_has_priority(rank) : rank_class(rank);
	unsigned band = order_descending(total / (p->band ? p->band : 1u)) & 0x3fff;
	uint64_t key;

	if (p->priority == PRIORITY_OFF)
		return order_by_score(total, since);
	key = p->priority == PRIORITY_RANK_FIRST ? class << 14 | band : band << 2 | class;
	key = order_fields(key, since);
	return as_one_set ? key << SHUFFLE_BITS : order_fields(key, order_descending(total));
}

/* Days compare within DAY_FIRST .. DAY_LAST. */
uint64_t order_of_vacancy(const struct match *m);
uint64_t order_of_seeker(const struct terms *t, uint64_t vacancy, const struct match *m);

#endif
