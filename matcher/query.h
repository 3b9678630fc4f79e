/*
 * A query: a seeker who asks for vacancies, or a vacancy for seekers, inside
 * matcher only.
 */
#ifndef MATCHER_QUERY_H
#define MATCHER_QUERY_H

#include "matcher/entry.h"
#include "matcher/match.h"
#include "matcher/tree.h"

/*
 * Grades: for each combination of shift and form, in four bits, the best that is
 * below with those hours; 0: nobody.  Whoever wants both an education and hours
 * is seldom met by one who has only either.
 */

/* Months of experience in steps, from none; who has more has what is less too. */
enum { TENURES = 4, TENURE_MONTHS = 12 };

static inline unsigned tenure_of(uint32_t months)
{
	unsigned whole = months / TENURE_MONTHS;

	return whole < TENURES ? whole : TENURES - 1;
}

/* Each of eight bits as four. */
static inline uint32_t spread(uint8_t hours)
{
	uint32_t x = hours;

	x = (x | x << 12) & 0x000f000f;
	x = (x | x << 6) & 0x03030303;
	return (x | x << 3) & 0x11111111;
}

/* What lies below: the least and the greatest occupation, and place; and which streets and
 * communities, as bits, several to a bit. */
struct span {
	uint32_t from_occupation, to_occupation;
	uint64_t from_place, to_place;
	uint64_t communities;
	uint32_t streets;
};

static inline uint64_t community_bit(place_t place)
{
	return UINT64_C(1) << place % 1000000 % 61;
}

static inline uint32_t street_bit(place_t place)
{
	return UINT32_C(1) << place / 1000 % 1000 % 32;
}

/* An occupation and the groups it lies in, by level. */
struct trade {
	uint32_t at[OCC_NONE];
};

enum { COUNTIES_MAX = 100, WEIGHT_MAX = 3 * VACANCY_SKILLS };

/* What one skill is of all that a vacancy names: a required one counts twice. */
enum share { SHARE_WHOLE, SHARE_HALF, SHARE_THIRD, SHARE_FIFTH, SHARES };

/* Prepared once a search. */
struct query {
	const struct terms *terms;
	const struct seeker *seeker;   /* or NULL */
	const struct vacancy *vacancy; /* or NULL */
	place_t place;
	uint64_t community; /* its bit, and its street's */
	uint32_t street;
	uint32_t county;
	enum rank best_rank;             /* of the class that is being searched */
	struct trade trades[WISHES_MAX]; /* the wishes, or the post's occupation */
	uint8_t n_trades;
	struct marks marks;          /* an entry must meet both: hours, and educations */
	uint32_t hours;              /* the hours in four bits each, as grades are */
	uint8_t grade;               /* that is needed in one of them */
	uint8_t tenure;              /* that the vacancy demands */
	uint32_t licences;           /* folded */
	uint64_t required;           /* the vacancy's skills, folded */
	uint64_t skills[SKILLS_MAX]; /* the bit of each of hers */
	uint16_t share_points[SHARES];
	uint32_t months;         /* all her experience */
	bool has[UINT8_MAX + 1]; /* her skills */
	/* At best, at a level or any farther one. */
	uint16_t occupation[OCC_NONE + 1], area[AREA_NONE + 1];
	/* What one of so many skills brings, in 1/2^16 of a point, and what a fen too little
	 * costs her, in 1/2^32; rounded to her advantage.  They spare each bound a division. */
	uint32_t skill_share[WEIGHT_MAX + 1];
	uint64_t pay_loss;
	unsigned rest;           /* all components but occupation and area, at best */
	uint16_t freshness;      /* the vacancy's */
	uint16_t fresh_since[4]; /* the days from which on a vacancy is so fresh, and today */
	uint16_t today;
	/* How far the counties of the city are, as they are met; UINT8_MAX: not yet.  And
	 * within the asker's own: the same community, the same street, any other. */
	uint8_t county_far[COUNTIES_MAX];
	enum area_level home_far[3];
	/* The cell that is being looked at: entries of one mostly stand together. */
	struct {
		uint64_t at;
		enum occupation_level level;
		uint8_t wish; /* hers, if she asks */
		enum area_level far;
		uint64_t bound; /* of anything in it */
	} cell;
	/* The occupation that a summary spoke of last, and how near it is. */
	struct {
		occupation_t of;
		enum occupation_level level;
	} trade;
};

/* The bound of this cell; the bounds of its entries are asked for after it. */
uint64_t cell_bound(struct query *q, uint64_t cell);

void query_as_seeker(struct query *q, const struct terms *t, const struct seeker *s);
void query_as_vacancy(struct query *q, const struct terms *t, const struct vacancy *v);

/* The nearest level at which any of the asker's trades meets any occupation within. */
enum occupation_level query_level(struct query *q, const struct span *s);
enum area_level query_far(struct query *q, const struct span *s);
/* Points of skills: so much met of all that is named, a required skill counted twice. */
unsigned query_skill_points(const struct query *q, unsigned all, unsigned met);
/* The points of a vacancy that offers her so much. */
unsigned query_pay_points(const struct query *q, uint32_t offered);
/* And of one posted on that day, written short: a later one has as many or more. */
unsigned query_freshness(const struct query *q, uint16_t posted_on);
/* The order key of a match at this level, with so many points beside it; `able`: with the
 * skills and the experience that fit demands, which only a vacancy's list asks for. */
uint64_t query_key(const struct query *q, enum occupation_level level, bool able,
    unsigned points, uint16_t oldest);

#endif
