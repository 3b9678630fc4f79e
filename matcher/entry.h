/*
 * What the index keeps of a vacancy and of a seeker: the model's values in as
 * few bytes as their bounds allow, inside matcher only.
 *
 * 40 bytes a vacancy, where it stands in the tree; 96 a seeker, once, and 32
 * for each of her wishes, where the search meets her first.
 */
#ifndef MATCHER_ENTRY_H
#define MATCHER_ENTRY_H

#include "matcher/model.h"

enum { IDS_INLINE = 7, IDS_MOST = 2 * VACANCY_SKILLS + LICENCES_MAX };

/* Not kept: the employer, and the lower end of the pay; no match asks for them. */
struct vacancy_entry {
	uint64_t cell;
	uint64_t id : 40, posted_on : 16, education_min : 3, shift : 4, reserved : 1;
	uint32_t version, pay_max;
	uint64_t valid_until : 16, released_on : 16, open_posts : 14, experience_months : 11,
	    form : 2, n_licences : 4, open : 1;
	uint8_t n_required : 4, n_wished : 4;
	uint8_t ids[IDS_INLINE]; /* required, wished, licences; or where more of them are */
};

/* The ids of the few vacancies that state more than fit inline. */
struct more_ids {
	uint8_t (*lists)[IDS_MOST];
	size_t n, room;
	uint32_t *unused;
	size_t n_unused, unused_room;
};
void more_ids_free(struct more_ids *m);

void vacancy_pack(const struct vacancy *v, struct more_ids *more, struct vacancy_entry *out);
void vacancy_expand(const struct vacancy_entry *e, const struct more_ids *more,
    struct vacancy *out);
/* Before an entry is forgotten. */
void vacancy_release(const struct vacancy_entry *e, struct more_ids *more);
/* Required, wished, licences, one after another. */
const uint8_t *vacancy_ids(const struct vacancy_entry *e, const struct more_ids *more);

struct seeker_entry {
	uint64_t id;
	uint64_t place : 40, rank : 3, age_class : 3, farthest : 3, shifts : 4, forms : 2,
	    education : 3, active : 1, busy : 1, n_wishes : 3;
	uint32_t version, pay_wish;
	uint16_t waiting_since, class_until;
	uint16_t n_skills : 5, n_licences : 4, n_experience : 3;
	uint8_t wishes[WISHES_MAX][3];
	uint8_t skills[SKILLS_MAX], licences[LICENCES_MAX];
	uint8_t experience[EXPERIENCE_MAX][5]; /* occupation, months */
};

/* An occupation as it stands there. */
static inline uint32_t get24(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16;
}

void seeker_pack(const struct seeker *s, struct seeker_entry *out);
void seeker_expand(const struct seeker_entry *e, struct seeker *out);

enum { SKILL_BITS = 64, LICENCE_BITS = 27, PAY_BITS = 24, PAY_MOST = (1 << PAY_BITS) - 1 };
/* A set of ids as so many bits, several ids to a bit: what is missing is truly missing. */
static inline uint64_t folded(const uint8_t *ids, size_t n, unsigned bits)
{
	uint64_t set = 0;

	for (size_t i = 0; i < n; i++)
		set |= UINT64_C(1) << ids[i] % bits;
	return set;
}

/* One wish of a seeker, with what rules her out of most posts.  Who may take no post at all
 * takes no hours. */
struct posting {
	uint64_t cell;   /* of the wish and the residence */
	uint64_t skills; /* folded, and so are the licences */
	uint64_t entry : 26, licences : LICENCE_BITS, months : 11;
	/* A pay that has no room is PAY_MOST.  An earlier wish is as near to every post that
	 * this one meets at the level `earlier` or farther; and of another, whose group this
	 * one shares up to a level and no further, a post at that level does not tell. */
	uint64_t pay_wish : PAY_BITS,
			    waiting_since : 16,
			    takes : 8,
			    education : 3,
			    farthest : 3,
			    wish : 3,
			    earlier : 3,
			    rivals : 3,
			    is_last_rank : 1;
	/* rank is in the seeker's entry: a posting stands in its class's tree */
};
/* Whether another wish may be nearer to a post at this level. */
static inline bool posting_has_rival(const struct posting *p, enum occupation_level level)
{
	return level != OCC_DETAIL && (p->rivals >> (level - OCC_MINOR) & 1);
}
void posting_of(const struct seeker *s, uint32_t entry, uint8_t wish, struct posting *out);

/* The cell in which an occupation and a place stand, as a number in the order of the trees:
 * middle group, county, occupation, place.  Whoever asks stays within her middle groups and
 * goes from county to county, so what lies near in both stands near. */
static inline uint64_t cell_of(occupation_t occupation, place_t place)
{
	return (uint64_t)(occupation / 10000) << 54 | place / 1000000 << 34 |
	       (uint64_t)(occupation % 10000) << 20 | place % 1000000;
}

#define CELL_OCCUPATION (UINT64_C(0x3ff) << 54 | UINT64_C(0x3fff) << 20)
#define CELL_COUNTY     (UINT64_C(0xfffff) << 34)
#define CELL_NONE       UINT64_MAX /* none of them */

static inline uint32_t cell_county(uint64_t cell)
{
	return (uint32_t)(cell >> 34 & 0xfffff);
}

static inline occupation_t cell_occupation(uint64_t cell)
{
	return (occupation_t)(cell >> 54) * 10000 + (occupation_t)(cell >> 20 & 0x3fff);
}

static inline place_t cell_place(uint64_t cell)
{
	return (place_t)cell_county(cell) * 1000000 + (cell & 0xfffff);
}

/* The combinations of shift and form in two sets of them; an empty set takes any. */
static inline uint8_t hours_of(unsigned shifts, unsigned forms)
{
	unsigned s = shifts ? shifts : 15;

	return (uint8_t)((forms != FORM_PART ? s : 0) | (forms != FORM_FULL ? s << 4 : 0));
}

/* Days as sixteen bits that compare as the days do; what is farther is the farthest, and
 * the last of all is "never". */
static inline uint16_t day_short(day_t d)
{
	return d <= DAY_FIRST ? 0 : d > DAY_LAST ? UINT16_MAX : (uint16_t)(d - DAY_FIRST);
}
static inline day_t day_long(uint16_t d)
{
	return d == UINT16_MAX ? DAY_NEVER : DAY_FIRST + d;
}

#endif
