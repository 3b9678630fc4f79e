/*
 * The synthetic city: employers, returns, seekers and households of any size,
 * for tests, benchmarks and the first start.
 *
 * Every record is a function of (seed, scale, index) alone: there is no state
 * to carry, so any record can be made at any time, in any order.  Divisions,
 * occupations, skills and licences are the real ones of config/data; supply
 * and demand are Zipf-skewed and lean apart, as in a real market.  Citizen
 * numbers are such as nobody can have (sequences 996 to 999 for births from
 * 1950 on, and 000), organisation codes and telephones likewise.
 *
 * It shares no code with matcher/ or daemon/: check digits and days are its
 * own, so that it can contradict them.
 */
#ifndef TESTS_CITY_CITY_H
#define TESTS_CITY_CITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CITY_PEOPLE_MIN 1000u
#define CITY_PEOPLE_MAX 2000000u

/* The day the sandbox lives on, and the quarter it files. */
#define CITY_TODAY   2749 /* 2007-07-12, days since 2000-01-01 */
#define CITY_QUARTER "2007Q2"

struct city;

/* NULL: the reason went to stderr.  A vacancy for every three people. */
struct city *city_new(const char *data_dir, uint64_t seed, uint32_t people);
/* As many of each as wanted, both within the bounds above; the people are the same. */
struct city *city_new_sized(const char *data_dir, uint64_t seed, uint32_t people,
    uint32_t vacancies);
void city_free(struct city *c);

/* How many of each there are; indices run from 0. */
struct city_size {
	uint32_t people, households, employers, returns, vacancies;
};
struct city_size city_size(const struct city *c);

/* Which aid a person is entitled to by what is registered of her. */
enum city_kind {
	KIND_ZERO_EMPLOYMENT, /* member of such a household */
	KIND_4050,
	KIND_RECOGNISED,  /* HC3 to HC7 */
	KIND_CERTIFICATE, /* holder, none of the above */
	KIND_UNEMPLOYED,
	KIND_OTHER /* in-migrants, people with a job */
};

enum { CITY_WISHES = 5, CITY_SKILLS = 8, CITY_LICENCES = 4, CITY_EXPERIENCE = 3 };

struct city_person {
	uint32_t index;
	enum city_kind kind;
	char citizen[19];
	char name[32];
	char telephone[16];
	char address[160];
	uint64_t community; /* 12 digits */
	bool urban;
	uint32_t hukou; /* 6 digits */
	int birth;      /* days since 2000-01-01 */
	bool woman;
	const char *education;
	const char *group;    /* "local" */
	int retirement_age;   /* 0: the statutory one */
	int unemployed_since; /* 0: not registered unemployed */
	bool prior_job;
	const char *laid_off;    /* "L1", or NULL */
	const char *recognition; /* "HC6a", or NULL */
	int recognised_on;
	bool certificate;
	const char *certificate_group;
	int certificate_issued;
	uint32_t wishes[CITY_WISHES]; /* MNNSSDD; zero tails are wider groups */
	uint32_t experience[CITY_EXPERIENCE];
	int experience_months[CITY_EXPERIENCE];
	uint8_t skills[CITY_SKILLS], licences[CITY_LICENCES];
	int n_wishes, n_experience, n_skills, n_licences;
	uint32_t pay_wish; /* fen a month; 0 none */
	const char *farthest;
	unsigned shifts, forms; /* sets: 1 day 2 evening 4 night 8 rotating; 1 full 2 part */
};
void city_person(const struct city *c, uint32_t i, struct city_person *out);

struct city_household {
	uint32_t first; /* index of its first member; the others follow */
	int members;    /* 2 to 4 */
	int applied, determined;
};
void city_household(const struct city *c, uint32_t i, struct city_household *out);

enum { CITY_SITES = 3 };

struct city_employer {
	uint32_t index;
	char code[19]; /* nine characters, or eighteen */
	char name[64];
	const char *kind;
	uint32_t districts[CITY_SITES];
	int since[CITY_SITES];
	int n_sites;
};
void city_employer(const struct city *c, uint32_t i, struct city_employer *out);

/* A return is one employer's to one district; without vacancies it is nil. */
struct city_return {
	uint32_t employer;
	uint32_t district;
	uint32_t first, n; /* its vacancies, by index */
	int staff;
	int mistake; /* 0, or what an earlier try had wrong: 1 to CITY_MISTAKES */
};
#define CITY_MISTAKES 5
void city_return(const struct city *c, uint32_t i, struct city_return *out);

struct city_vacancy {
	uint32_t index;
	uint32_t occupation;
	const char *name; /* the occupation's */
	uint64_t place;
	int posts;
	uint32_t pay_min, pay_max; /* fen a period; min 0: none stated */
	const char *period;
	int weekly_hours;
	const char *education; /* or NULL */
	uint8_t required[3], wished[3], licences[1];
	int n_required, n_wished, n_licences;
	int experience_months;
	const char *shift, *form;
	int contract_months;
	int since, until;
	unsigned insurance;    /* a set, in the order of the API */
	bool reserved;         /* then the approval is "GY2007-<index>" */
	const char *post_kind; /* of a reserved post */
	int approved;
	bool is_new;
};
/* `v` must lie within r: what it is depends on the return's district. */
void city_vacancy(const struct city *c, const struct city_return *r, uint32_t v,
    struct city_vacancy *out);

/* "K012", "L03" */
const char *city_skill_code(const struct city *c, uint8_t id);
const char *city_licence_code(const struct city *c, uint8_t id);

/* The requests, one JSON object a line, as `vacancyctl batch` takes them. */
void city_write_employer(const struct city *c, uint32_t i, FILE *out);
/* The approvals of return i's reserved posts; they come before the return. */
uint32_t city_write_posts(const struct city *c, uint32_t i, FILE *out);
/* The return; before it, when there was one, the try that must be refused. */
uint32_t city_write_return(const struct city *c, uint32_t i, FILE *out);
void city_write_seeker(const struct city *c, uint32_t i, FILE *out);
void city_write_household(const struct city *c, uint32_t i, FILE *out);

/* Days since 2000-01-01. */
int city_day(int year, int month, int day);
void city_date(int day, char out[static 11]);

#endif
