/*
 * Matching: may she hold this post, how well does it fit, and in which order.
 *
 * Pure: the day, the policy and the adjacency are arguments.  One score for a
 * pair, the same both ways, and one order, used by lists, rounds and auditors alike.
 */
#ifndef MATCHER_MATCH_H
#define MATCHER_MATCH_H

#include "matcher/model.h"

enum priority_mode { PRIORITY_RANK_FIRST, PRIORITY_WITHIN_BAND, PRIORITY_OFF };

/* Weights and order: a value, parsed by daemon/config from config/policy. */
struct policy {
	char version[32];              /* "zhengzhou-2007.1" */
	uint16_t occupation[OCC_NONE]; /* 350, 245, 140, 50 */
	uint16_t area[AREA_NONE];      /* 200, 170, 110, 60, 20 */
	uint16_t skills;               /* 200 */
	uint16_t skills_unstated;      /* 100: the post names none */
	uint16_t pay;                  /* 150 */
	uint16_t pay_slack_percent;    /* 25 */
	uint16_t experience;           /* 60 */
	uint16_t freshness[5]; /* 40 30 20 10 0, falling, at <= 7, 30, 60, 90, more days */
	uint16_t freshness_days[4];
	uint16_t band; /* 25 */
	enum priority_mode priority;
};

/* Hard rules, by name.  RULE_NONE: eligible. */
enum rule {
	RULE_NONE,
	RULE_CLOSED,   /* the vacancy is closed, filled or past its last day */
	RULE_INACTIVE, /* she is withdrawn or placed */
	RULE_CITY,     /* another city */
	RULE_UNDER_16,
	RULE_OCCUPATION, /* not in the middle (or widened: major) group of any wish */
	RULE_EDUCATION,
	RULE_LICENCE,
	RULE_SKILL_FLOOR, /* unused unless policy demands required skills */
	RULE_SHIFT,
	RULE_FORM,
	RULE_DISTANCE, /* farther than she would travel */
	RULE_RESERVED, /* public-welfare post, she is not P1 to P3 (after release: to P5) */
	RULES
};
const char *rule_name(enum rule r); /* "education" */

struct score {
	uint16_t total;
	uint16_t occupation, area, skills, pay, experience, freshness;
	uint8_t occupation_level, area_level; /* the levels that gave them */
	uint8_t wish;                         /* which wish met the post, 0 = her first */
	uint8_t required_met, wished_met;
	uint16_t age_days; /* since the vacancy was posted, 65535 or more */
	uint32_t months;   /* of experience in the post's minor group */
	bool fit;          /* if it is eligible: the occupation to the minor group, every
			      required skill, the months of experience */
};

/*
 * Which order people come in.  Whoever may only see whether somebody has priority gets
 * ORDER_ONE_SET: P1 to P3 count as one, and what follows in the order is nothing that a rank
 * decided, so that it tells no rank.
 */
enum order_mode { ORDER_STATUTORY, ORDER_ONE_SET };

/* Secret: who has it can tell apart what the shuffle decided from what it did not. */
struct shuffle_key {
	uint64_t of[2];
};

struct terms {
	const struct policy *policy;
	const struct adjacency *near;
	day_t today;
	enum order_mode order;
	struct shuffle_key shuffle; /* of ORDER_ONE_SET */
};

/* The first rule that fails, in the order of the enum; `widened` admits the major group. */
enum rule eligible(const struct terms *t, const struct seeker *s, const struct vacancy *v,
    bool widened);
/* Every rule that fails, as a bit set (1u << rule). */
uint32_t ineligible_rules(const struct terms *t, const struct seeker *s,
    const struct vacancy *v, bool widened);
struct score score_pair(const struct terms *t, const struct seeker *s, const struct vacancy *v);

struct match {
	uint64_t id; /* of the other side */
	struct score score;
	uint8_t rank; /* seekers only; 0 for vacancies */
	bool widened;
	day_t since; /* posted_on, or waiting_since */
};

/*
 * < 0 when a comes first; 0 only for the same id.  What is widened follows what is not.
 *
 * Seeker -> vacancies: score, posted earlier, id.  Vacancy -> seekers: who fits before who
 * does not; those who do not by score, waiting longer, id, whatever their rank; those who do,
 * by priority, the statutory order:
 *   rank_first   class, band, waiting longer, score, id
 *   within_band  band, class, waiting longer, score, id
 *   off          score, waiting longer, id
 * and as one set:
 *   rank_first   P1 to P3 or not, band, waiting longer, shuffle, id
 *   within_band  band, P1 to P3 or not, waiting longer, shuffle, id
 *   off          as the statutory one, which knows no rank
 * where a wait of more than a year is one of a year, fit or not.
 * The shuffle is a keyed hash of both ids; `vacancy` is whose list it is.
 */
int match_order_vacancies(const struct match *a, const struct match *b);
int match_order_seekers(const struct terms *t, uint64_t vacancy, const struct match *a,
    const struct match *b);

/*
 * The index: every open vacancy and waiting seeker of a city, by occupation and
 * place, with upper bounds above them; searched exactly, and cheap to change.
 * About 60 bytes a vacancy and 220 a seeker with two or three wishes.
 */
struct index;
struct index *index_new(void);
void index_free(struct index *ix); /* NULL is fine */
/* An empty index that will be filled with very many: until it is settled they are kept but not
 * searched, and then put in their places together, which costs a third. */
void index_hold(struct index *ix);
void index_settle(struct index *ix);
/* Fetches into the cache what a put will look at first: for many at once, before they are put.
 */
void index_fetch_vacancy(const struct index *ix, uint64_t id);
void index_fetch_seeker(const struct index *ix, uint64_t id);
/* Older versions never overwrite newer.  Copies.  True when it changed something. */
bool index_put_vacancy(struct index *ix, const struct vacancy *v);
bool index_put_seeker(struct index *ix, const struct seeker *s);
/* Closed and inactive ones too: they are kept, so that an older version stays out.  False:
 * never heard of.  Copies; a vacancy's employer and pay_min are not kept (0). */
bool index_vacancy(const struct index *ix, uint64_t id, struct vacancy *out);
bool index_seeker(const struct index *ix, uint64_t id, struct seeker *out);
size_t index_count_vacancies(const struct index *ix); /* open ones */
size_t index_count_seekers(const struct index *ix);   /* active ones */
size_t index_count_busy(const struct index *ix);

#define K_MAX 100

/* The best k (1..K_MAX, more is K_MAX), best first; returns how many.  Middle group first;
 * only when fewer than k are found is the major group added, after them, marked `widened`. */
size_t best_vacancies(const struct index *ix, const struct terms *t, const struct seeker *s,
    struct match *out, size_t k);
size_t best_seekers(const struct index *ix, const struct terms *t, const struct vacancy *v,
    struct match *out, size_t k);

/*
 * Where an eligible pair stands among all who are eligible, widened or not, from 1: in the
 * order of the list, and by score alone, where equal scores share a place.  Exact, however
 * many they are.
 */
struct position {
	size_t by_order, by_score;
};
struct position position_of_vacancy(const struct index *ix, const struct terms *t,
    const struct seeker *s, const struct vacancy *v);
struct position position_of_seeker(const struct index *ix, const struct terms *t,
    const struct vacancy *v, const struct seeker *s);

/* What skills are called; NULL: no such id.  SKILL_WORD_MAX bytes at most, and nothing that
 * JSON would escape. */
#define SKILL_WORD_MAX 48
struct skill_words {
	const char *of[UINT8_MAX + 1][2]; /* English, Chinese */
};

/* Explanations, from the numbers that decided.  NUL-terminated UTF-8; cut at n, between
 * characters.  EXPLAIN_MAX bytes hold every one of them. */
#define EXPLAIN_MAX 1280
/* The end of the text, which has no NUL, and nothing that JSON would escape; it uses out to
 * EXPLAIN_MAX as it likes. */
char *explain_write(const struct score *s, const struct seeker *who, const struct vacancy *post,
    const struct skill_words *words, bool zh, char out[static EXPLAIN_MAX]);
void explain_score(const struct score *s, const struct seeker *who, const struct vacancy *post,
    const struct skill_words *words, bool zh, char *out, size_t n);
void explain_rule(enum rule r, bool zh, char *out, size_t n);

#endif
