/*
 * Who asks: a seeker for vacancies, or a vacancy for seekers, inside matcher
 * only.
 */
#ifndef MATCHER_ASK_H
#define MATCHER_ASK_H

#include "matcher/entry.h"
#include "matcher/match.h"

/*
 * Grades: for each combination of shift and form, in four bits, the best that is
 * below with those hours; 0: nobody.  Whoever wants both an education and hours
 * is seldom met by one who has only either.
 */

/* Each of eight bits as four. */
static inline uint32_t spread(uint8_t hours)
{
	uint32_t x = hours;

	x = (x | x << 12) & 0x000f000f;
	x = (x | x << 6) & 0x03030303;
	return (x | x << 3) & 0x11111111;
}

/* What lies below: the least and the greatest occupation, and place. */
struct span {
	uint32_t from_occupation, to_occupation;
	uint64_t from_place, to_place;
};

/* An occupation and the groups it lies in, by level. */
struct trade {
	uint32_t at[OCC_NONE];
};

/* Who asks, prepared once a search. */
struct ask {
	const struct terms *terms;
	const struct seeker *seeker;     /* or NULL */
	const struct vacancy *vacancy;   /* or NULL */
	enum rank best_rank;             /* of the class that is being searched */
	struct trade trades[WISHES_MAX]; /* the wishes, or the post's occupation */
	uint8_t n_trades;
	uint8_t takes;             /* combinations of shift and form */
	uint32_t hours;            /* the same in four bits each, as grades are */
	uint8_t grade;             /* that is needed in one of them */
	uint64_t skills, licences; /* folded */
	unsigned skills_hidden;    /* how many more skills there are than bits of them */
	uint32_t months;           /* all her experience */
	bool has[UINT8_MAX + 1];   /* her skills */
	/* At best, at a level or any farther one. */
	uint16_t occupation[OCC_NONE + 1], area[AREA_NONE + 1];
	unsigned rest;      /* all components but occupation and area, at best */
	uint16_t freshness; /* the vacancy's */
	/* The cell that is being looked at: entries of one mostly stand together. */
	struct {
		occupation_t occupation;
		place_t place;
		uint64_t county;
		enum occupation_level level;
		enum area_level county_far, far;
		uint64_t bound; /* of anything in it */
	} cell;
};

/* The bound of this cell; the bounds of its entries are asked for after it. */
uint64_t cell_bound(struct ask *a, occupation_t occupation, place_t place);

void ask_as_seeker(struct ask *a, const struct terms *t, const struct seeker *s);
void ask_as_vacancy(struct ask *a, const struct terms *t, const struct vacancy *v);

/* The nearest level at which any of the asker's trades meets any occupation within. */
enum occupation_level ask_level(const struct ask *a, const struct span *s);
enum area_level ask_far(place_t at, const struct span *s, const struct adjacency *near);
/* The order key of a match at this level, with so many points beside it. */
uint64_t ask_key(const struct ask *a, enum occupation_level level, unsigned points,
    uint16_t oldest);
/* The points of a vacancy of that day or any before. */
unsigned freshness_at_best(const struct policy *p, day_t newest, day_t today);

#endif
