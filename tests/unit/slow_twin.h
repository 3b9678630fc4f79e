/*
 * The slow twin of the search: every pair judged by rules written a second time
 * from the rulings, the whole list sorted, the first k taken.
 *
 * It shares nothing with matcher/ but the plain structs: codes are compared as
 * text, the order is a list of numbers, and no cell is searched.
 */
#ifndef TESTS_UNIT_SLOW_TWIN_H
#define TESTS_UNIT_SLOW_TWIN_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/small_market.h"

enum { POSTS = 300, PEOPLE = 300 };

struct market {
	struct vacancy posts[POSTS];
	struct seeker people[PEOPLE];
	struct policy policy;
	struct terms terms;
	struct index *index;
};

/* How many leading digits of a, as text of `digits`, agree with b's. */
static inline int agreeing(uint64_t a, uint64_t b, int digits)
{
	char x[24];
	char y[24];
	int n = 0;

	snprintf(x, sizeof(x), "%0*" PRIu64, digits, a);
	snprintf(y, sizeof(y), "%0*" PRIu64, digits, b);
	while (n < digits && x[n] == y[n])
		n++;
	return n;
}

static inline int slow_occupation_level(occupation_t wish, occupation_t post)
{
	int same = agreeing(wish, post, 7);
	char text[8];
	int depth = 7; /* digits that the wish says */

	snprintf(text, sizeof(text), "%07" PRIu32, wish);
	while (depth > 1 && strcmp(text + depth - 2, "00") == 0) {
		text[depth - 2] = '\0';
		depth -= 2;
	}
	if (same == 7)
		return 0;
	if (depth < same)
		same = depth;
	return same >= 5 ? 1 : same >= 3 ? 2 : same >= 1 ? 3 : 4;
}

static inline int slow_area_level(place_t a, place_t b)
{
	int same = agreeing(a, b, 12);

	if (same == 12 && a % 1000)
		return 0;
	if (same >= 9)
		return 1;
	if (same >= 6)
		return 2;
	if (same < 4)
		return 5;
	for (size_t i = 0; i < nearby.n; i++) {
		if (touching[i][0] == a / 1000000 && touching[i][1] == b / 1000000)
			return 3;
	}
	return 4;
}

static inline int slow_has(const uint8_t *ids, int n, int id)
{
	int found = 0;

	for (int i = 0; i < n; i++)
		found |= ids[i] == id;
	return found;
}

/* False: not eligible.  `level` is that of her nearest wish. */
static inline bool slow_pair(const struct market *m, const struct seeker *s,
    const struct vacancy *v, struct match *out)
{
	static const int by_level[] = { 350, 245, 140, 50 };
	static const int by_area[] = { 200, 170, 110, 60, 20 };
	int area = slow_area_level(s->place, v->place);
	int age = m->terms.today - v->posted_on;
	int level = 4;
	int required = 0;
	int wished = 0;
	int months = 0;
	int pay = 150;
	int experience = 60;
	int skills = 100;

	for (int i = s->n_wishes - 1; i >= 0; i--) {
		int l = slow_occupation_level(s->wishes[i], v->occupation);

		if (l <= level)
			level = l;
	}
	if (!v->open || v->open_posts < 1 || v->valid_until < TODAY || !s->active)
		return false;
	if (area > s->farthest || s->age_class == AGE_UNDER_16 || level > 3)
		return false;
	if (s->education < v->education_min)
		return false;
	if (v->shift && s->shifts && (v->shift & s->shifts) == 0)
		return false;
	if (v->form && s->forms && (v->form & s->forms) == 0)
		return false;
	if (v->reserved && (s->rank == 6 || (s->rank >= 4 && TODAY < v->released_on)))
		return false;
	for (int i = 0; i < v->n_licences; i++) {
		if (!slow_has(s->licences, s->n_licences, v->licences[i]))
			return false;
	}

	for (int i = 0; i < v->n_required; i++)
		required += slow_has(s->skills, s->n_skills, v->required[i]);
	for (int i = 0; i < v->n_wished; i++)
		wished += slow_has(s->skills, s->n_skills, v->wished[i]);
	if (v->n_required + v->n_wished)
		skills = 200 * (2 * required + wished) / (2 * v->n_required + v->n_wished);
	if (v->pay_max == 0 && s->pay_wish > 0)
		pay = 75;
	else if (v->pay_max < s->pay_wish) {
		int64_t lost = INT64_C(150) * (s->pay_wish - v->pay_max) * 100 /
			       (INT64_C(25) * s->pay_wish);

		pay = lost > 150 ? 0 : (int)(150 - lost);
	}
	for (int i = 0; i < s->n_experience; i++) {
		if (agreeing(s->experience[i].occupation, v->occupation, 7) >= 5)
			months += s->experience[i].months;
	}
	if (months < v->experience_months)
		experience = 60 * months / v->experience_months;

	memset(out, 0, sizeof(*out));
	out->score.total =
	    (uint16_t)(by_level[level] + by_area[area] + skills + pay + experience +
		       (age <= 7       ? 40
			   : age <= 30 ? 30
			   : age <= 60 ? 20
			   : age <= 90 ? 10
				       : 0));
	out->rank = s->rank;
	out->score.fit =
	    level <= 1 && required == v->n_required && months >= v->experience_months;
	out->widened = level == 3;
	return true;
}

/* Sort keys, most weighty first, smaller first. */
static inline int compare_keys(const int64_t *a, const int64_t *b, int n)
{
	for (int i = 0; i < n; i++) {
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	}
	return 0;
}

struct slow {
	struct match m;
	int64_t keys[8];
};

static inline uint64_t slow_left(uint64_t x, int by)
{
	return (x << by) | (x >> (64 - by));
}

static inline void slow_round(uint64_t *a, uint64_t *b, uint64_t *c, uint64_t *d)
{
	*a += *b;
	*b = slow_left(*b, 13) ^ *a;
	*a = slow_left(*a, 32);
	*c += *d;
	*d = slow_left(*d, 16) ^ *c;
	*a += *d;
	*d = slow_left(*d, 21) ^ *a;
	*c += *b;
	*b = slow_left(*b, 17) ^ *c;
	*c = slow_left(*c, 32);
}

/* SipHash-2-4 of any text, byte by byte as its paper has it; less than 120 bytes. */
static inline uint64_t slow_siphash(const uint64_t key[2], const char *text, size_t n)
{
	uint8_t padded[128] = { 0 };
	size_t whole = n / 8 * 8 + 8;
	uint64_t a = key[0] ^ UINT64_C(0x736f6d6570736575);
	uint64_t b = key[1] ^ UINT64_C(0x646f72616e646f6d);
	uint64_t c = key[0] ^ UINT64_C(0x6c7967656e657261);
	uint64_t d = key[1] ^ UINT64_C(0x7465646279746573);

	memcpy(padded, text, n);
	padded[whole - 1] = (uint8_t)n;
	for (size_t i = 0; i < whole; i += 8) {
		uint64_t word = 0;

		for (size_t j = 8; j-- > 0;)
			word = word << 8 | padded[i + j];
		d ^= word;
		slow_round(&a, &b, &c, &d);
		slow_round(&a, &b, &c, &d);
		a ^= word;
	}
	c ^= 255;
	for (int i = 0; i < 4; i++)
		slow_round(&a, &b, &c, &d);
	return a ^ b ^ c ^ d;
}

/* Thirty bits, as more have no room in the matcher's number. */
static inline int64_t slow_shuffle(const struct terms *t, uint64_t seeker, uint64_t vacancy)
{
	char both[16];

	for (int i = 0; i < 8; i++) {
		both[i] = (char)(seeker >> 8 * i);
		both[8 + i] = (char)(vacancy >> 8 * i);
	}
	return (int64_t)(slow_siphash(t->shuffle.of, both, 16) >> 34);
}

static inline int by_keys(const void *a, const void *b)
{
	return compare_keys(((const struct slow *)a)->keys, ((const struct slow *)b)->keys, 8);
}

/* `vacancy` is whose list it is, or 0: a seeker's. */
static inline void set_keys(struct slow *one, const struct terms *t, uint64_t vacancy)
{
	const struct match *m = &one->m;
	const struct policy *p = t->policy;
	bool one_set = t->order == ORDER_ONE_SET;
	/* Who waits more than a year is shown as if it were one. */
	int64_t since =
	    one_set && vacancy && m->since < t->today - 365 ? t->today - 365 : m->since;
	int64_t class = one_set ? m->rank > 3 : m->rank < 4 ? m->rank : 4;
	int64_t band = -(m->score.total / 25);
	int64_t score = -(int64_t)m->score.total;
	int64_t *k = one->keys;

	memset(k, 0, sizeof(one->keys));
	k[0] = m->widened;
	k[5] = score;
	k[6] = since;
	k[7] = (int64_t)m->id;
	if (!vacancy)
		return;
	k[1] = !m->score.fit;
	if (!m->score.fit || p->priority == PRIORITY_OFF)
		return;
	k[2] = p->priority == PRIORITY_RANK_FIRST ? class : band;
	k[3] = p->priority == PRIORITY_RANK_FIRST ? band : class;
	k[4] = since;
	if (one_set)
		k[5] = slow_shuffle(t, m->id, vacancy);
}

/* Everybody of the other side in order, for post or person number i; returns how many are
 * eligible.  The widened are in the list after the others, so whoever takes k takes them only
 * when the others are too few. */
static inline size_t slow_list(const struct market *m, size_t i, bool people, struct slow *out)
{
	size_t n = 0;

	for (size_t j = 0; j < (people ? PEOPLE : POSTS); j++) {
		const struct seeker *who = &m->people[people ? j : i];
		const struct vacancy *post = &m->posts[people ? i : j];

		if (!slow_pair(m, who, post, &out[n].m))
			continue;
		out[n].m.id = people ? who->id : post->id;
		out[n].m.since = people ? who->waiting_since : post->posted_on;
		set_keys(&out[n], &m->terms, people ? post->id : 0);
		n++;
	}
	qsort(out, n, sizeof(*out), by_keys);
	return n;
}

#endif
