/*
 * Upper bounds: what the entries under a summary can be at best for whoever
 * asks, inside matcher only.
 *
 * A bound is the order key (order.h) of a match that no entry below can come
 * before; ORDER_NONE says that none of them is eligible.  An entry alone has a
 * bound too, close to its score, before it is unpacked and judged.
 */
#ifndef MATCHER_BOUNDS_H
#define MATCHER_BOUNDS_H

#include "matcher/query.h"

struct vacancy_bounds {
	struct span span;
	uint64_t skills[SHARES]; /* which are named, by what one of them brings at most */
	uint32_t licences;       /* all of them demand these */
	uint32_t pay_max;
	uint16_t oldest, newest, valid_until, released_on, experience_months;
	uint32_t grades;   /* 8 less the lowest education asked for */
	bool any_unstated; /* one names no skill */
	bool any_unreserved;
	bool any_piece; /* one's pay cannot be compared */
};

struct posting_bounds {
	struct span span;
	uint64_t skills;
	uint32_t licences, pay_wish;
	uint32_t grades[TENURES]; /* 1 and the highest education, of who has been so long */
	uint16_t oldest, months;
	uint8_t farthest;
};

void vacancy_summarise(const struct vacancy_entry *e, const struct more_ids *more,
    struct vacancy_bounds *out);
void vacancy_widen(struct vacancy_bounds *b, const struct vacancy_bounds *by);
uint64_t vacancy_bound(struct query *q, const struct vacancy_bounds *b);
/* Of one entry, once its cell was bounded; no closer than that it is past the limit. */
uint64_t vacancy_entry_bound(const struct query *q, const struct vacancy_entry *e,
    const struct more_ids *more, uint64_t limit);

void posting_summarise(const struct posting *p, struct posting_bounds *out);
void posting_widen(struct posting_bounds *b, const struct posting_bounds *by);
/* And by score alone, which bounds those who do not fit among themselves. */
uint64_t posting_bound(struct query *q, const struct posting_bounds *b, uint32_t *by_score);
uint64_t posting_entry_bound(const struct query *q, const struct posting *p);

/* How many of these ids may be in a folded set. */
static inline uint8_t bits_met(const uint8_t *ids, uint8_t n, uint64_t set)
{
	uint8_t met = 0;

	for (uint8_t i = 0; i < n; i++)
		met += set >> ids[i] % SKILL_BITS & 1;
	return met;
}

/* Whether somebody with these skills, folded, and so many months in the post's minor group may
 * be all that fit demands beside the occupation. */
static inline bool is_able(const struct query *q, uint64_t skills, uint32_t months)
{
	return !(q->required & ~skills) && months >= q->vacancy->experience_months;
}

#endif
