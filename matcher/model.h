/*
 * The model: a seeker, a vacancy, and the codes they are described with, as
 * plain values.
 *
 * Days are whole numbers, days since 2000-01-01 (`day_t`); money is fen; a
 * monthly pay is fen a month of the stated weekly hours.  An occupation is its
 * code without hyphens (4-07-05-01 is 4070501; 4-07-05 is 4070500), so a zero
 * tail is a wider group.  A place is its twelve digits as a number.
 *
 * Nothing here is a name, a citizen number, a birth date or a household.
 */
#ifndef MATCHER_MODEL_H
#define MATCHER_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int32_t day_t;
#define DAY_NEVER INT32_MAX
/* The days a record may name: 1910-04-15 to 2089-09-15.  An end that is later is DAY_NEVER. */
#define DAY_FIRST (-32768)
#define DAY_LAST  (DAY_FIRST + 65534)

typedef uint32_t occupation_t; /* MNNSSDD */
typedef uint64_t place_t;      /* 12 digits */

/* Priority ranks, P1 first. */
enum rank { RANK_P1 = 1, RANK_P2, RANK_P3, RANK_P4, RANK_P5, RANK_P6 };

/* The order's classes: P1, P2, P3, then P4 to P6 together. */
static inline unsigned rank_class(enum rank r)
{
	return r >= RANK_P4 ? 3u : (unsigned)r - 1u;
}

/* All that may be told of a rank to whoever may not see it. */
static inline bool rank_has_priority(enum rank r)
{
	return r <= RANK_P3;
}

enum age_class { AGE_UNDER_16 = 1, AGE_16_17, AGE_WORKING, AGE_RETIRED, AGE_UNKNOWN };

/* How far: the level at which two places meet. */
enum area_level {
	AREA_COMMUNITY,
	AREA_STREET,
	AREA_COUNTY,
	AREA_ADJACENT,
	AREA_CITY,
	AREA_NONE
};

/* How near: the level at which two occupations meet. */
enum occupation_level { OCC_DETAIL, OCC_MINOR, OCC_MIDDLE, OCC_MAJOR, OCC_NONE };

enum shift { SHIFT_DAY = 1, SHIFT_EVENING = 2, SHIFT_NIGHT = 4, SHIFT_ROTATING = 8 };
enum form { FORM_FULL = 1, FORM_PART = 2 };

/* Education, GB/T 4658, as an order: 0 none stated, 1 other (9x), 2 primary, 3 junior high,
 * 4 senior high and secondary vocational, 5 junior college, 6 bachelor, 7 postgraduate. */
typedef uint8_t education_t;

#define WISHES_MAX     5
#define SKILLS_MAX     16 /* a seeker's; a vacancy's are 8 required and 8 wished */
#define VACANCY_SKILLS 8
#define LICENCES_MAX   8
#define EXPERIENCE_MAX 5
#define POSTS_MAX      10000 /* of a vacancy */
#define MONTHS_MAX     1200  /* of experience that a vacancy asks for */
/* Ids of vacancies and versions of records have bounds of their own; a seeker's id has none. */
#define VACANCY_ID_MAX ((UINT64_C(1) << 40) - 1)
#define VERSION_MAX    UINT32_MAX

struct vacancy {
	uint64_t id;
	uint64_t version;
	uint64_t employer;
	place_t place;
	occupation_t occupation;
	uint32_t open_posts; /* posts less live placements; 0: nothing to offer */
	/* Fen a month; 0: by the piece, to be agreed, or none stated. */
	uint32_t pay_min, pay_max;
	day_t posted_on, valid_until;
	day_t released_on; /* a reserved post: from this day P4 and P5 too; DAY_NEVER */
	uint16_t experience_months;
	education_t education_min;
	uint8_t shift; /* one of enum shift; 0 not stated: meets everybody */
	uint8_t form;  /* one of enum form; 0 not stated: meets everybody */
	bool open;
	bool reserved;
	uint8_t n_required, n_wished, n_licences;
	uint8_t required[VACANCY_SKILLS], wished[VACANCY_SKILLS], licences[LICENCES_MAX];
};

struct experience {
	occupation_t occupation;
	uint16_t months;
};

struct seeker {
	uint64_t id;
	uint64_t version;
	place_t place; /* community of residence */
	day_t waiting_since;
	day_t class_until; /* rank and age class hold before this day */
	uint32_t pay_wish;
	uint8_t rank;          /* enum rank */
	uint8_t age_class;     /* enum age_class */
	uint8_t farthest;      /* enum area_level */
	uint8_t shifts, forms; /* sets; 0 not stated: takes any */
	education_t education;
	bool active; /* registered, not withdrawn, not placed, not busy */
	bool busy;   /* so, but for three live referrals: in no list until one ends */
	uint8_t n_wishes, n_skills, n_licences, n_experience;
	/* In her order; each a detail, a minor or a middle group. */
	occupation_t wishes[WISHES_MAX];
	uint8_t skills[SKILLS_MAX], licences[LICENCES_MAX];
	struct experience experience[EXPERIENCE_MAX];
};

/*
 * By code: the level of the common ancestor, not deeper than the wish.  A post's
 * code is a leaf of the classification (152 minor groups have no details), so
 * an equal wish meets it in detail whatever its tail.
 */
enum occupation_level occupation_level(occupation_t wish, occupation_t post);

/* Which county entries touch (six-digit codes); borrowed by whoever compares places. */
struct adjacency {
	size_t n;
	const uint32_t (*pairs)[2]; /* both directions, sorted */
};
/* A place known only to its street or county meets others at that level at best.
 * Another city is AREA_NONE, touching or not.  `near` may be NULL: nothing touches. */
enum area_level area_level(place_t a, place_t b, const struct adjacency *near);

/* Calendar; proleptic Gregorian, no time zone. */
day_t day_of(int year, int month, int day);
void day_split(day_t d, int *year, int *month, int *day);
bool day_is_real(int year, int month, int day);
bool day_parse(const char *iso, day_t *out); /* "2007-07-12" only */
/* Years past 9999, DAY_NEVER among them, print as 9999-12-31; before 0 as 0000-01-01. */
void day_print(day_t d, char out[static 11]);

/*
 * The record: a vacancy or a seeker as bytes, written by the ledger (its
 * generated column `record`, config/schema) and carried unchanged through
 * outbox, board and stream.  Big-endian.  Format number 1.
 */
#define RECORD_FORMAT 1
/* False, and *out unspecified, when it is short, long, of another format or kind, or any
 * value is out of its bounds. */
bool vacancy_unpack(const uint8_t *p, size_t n, struct vacancy *out);
bool seeker_unpack(const uint8_t *p, size_t n, struct seeker *out);

#endif
