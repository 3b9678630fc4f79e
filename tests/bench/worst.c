/*
 * Hard queries: wide wishes that hardly anything meets, conditions that hardly
 * anybody fulfils, long lists, giant cells.
 *
 * They are made from the market, so that they are hard at any size: the largest
 * middle groups of five major ones, the street with the most people in it.
 */
#include "tests/bench/worst.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/twin.h"

#define GROUPS         900
#define NOBODYS        250 /* a licence that is in no register */
#define GIANT_TRADE    4070501
#define GIANT_STREET   UINT64_C(410105003)
#define TIMES          5
#define HARD_QUERIES   64
#define SAMPLE_QUERIES 12

struct hard {
	char name[64];
	bool is_seeker;
	struct seeker s;
	struct vacancy v;
};

struct hard_list {
	struct hard all[HARD_QUERIES];
	size_t n;
};

struct index *indexed_market(const struct market *m)
{
	struct index *ix = index_new();

	for (size_t i = 0; i < m->n_vacancies; i++)
		index_put_vacancy(ix, &m->vacancies[i]);
	for (size_t i = 0; i < m->n_seekers; i++)
		index_put_seeker(ix, &m->seekers[i]);
	return ix;
}

static size_t best(void *self, const struct seeker *s, const struct vacancy *v,
    struct match *out, size_t k)
{
	const struct indexed *ix = self;

	return s ? best_vacancies(ix->index, ix->terms, s, out, k)
		 : best_seekers(ix->index, ix->terms, v, out, k);
}

struct side index_side(struct indexed *ix)
{
	return (struct side){ "the index", best, ix };
}

static struct hard *add(struct hard_list *l, const char *name, const struct seeker *s,
    const struct vacancy *v)
{
	struct hard *h = &l->all[l->n++];

	if (l->n > HARD_QUERIES)
		abort();
	snprintf(h->name, sizeof(h->name), "%s", name);
	h->is_seeker = s != NULL;
	if (s)
		h->s = *s;
	else
		h->v = *v;
	return h;
}

/* The largest middle group of each of up to five major groups, largest first. */
static uint8_t largest_groups(const struct market *m, occupation_t out[WISHES_MAX])
{
	static uint32_t sizes[GROUPS];
	uint8_t n = 0;

	memset(sizes, 0, sizeof(sizes));
	for (size_t i = 0; i < m->n_vacancies; i++)
		sizes[m->vacancies[i].occupation / 10000]++;
	while (n < WISHES_MAX) {
		uint32_t largest = 0;

		for (uint32_t g = 1; g < GROUPS; g++) {
			if (sizes[g] > sizes[largest])
				largest = g;
		}
		if (largest == 0)
			break;
		out[n++] = largest * 10000;
		for (uint32_t g = largest / 100 * 100; g < largest / 100 * 100 + 100; g++)
			sizes[g] = 0;
	}
	return n;
}

/* Somebody who takes anything anywhere, in the five largest trades. */
static struct seeker widest_seeker(const struct market *m)
{
	struct seeker s = m->seekers[0];

	s.id = 1;
	s.rank = RANK_P1;
	s.age_class = AGE_WORKING;
	s.farthest = AREA_CITY;
	s.shifts = 0;
	s.forms = 0;
	s.education = 7;
	s.pay_wish = 0;
	s.n_wishes = largest_groups(m, s.wishes);
	s.n_skills = s.n_experience = 0;
	for (s.n_licences = 0; s.n_licences < LICENCES_MAX; s.n_licences++)
		s.licences[s.n_licences] = (uint8_t)(s.n_licences + 1);
	return s;
}

static void add_seekers(struct hard_list *l, const struct market *m)
{
	struct seeker s = widest_seeker(m);
	struct seeker t = s;

	add(l, "five middle groups, anything will do", &s, NULL);
	s.rank = RANK_P6;
	s.n_licences = 0;
	s.education = 0;
	add(l, "five middle groups, no education, no licence", &s, NULL);
	s.shifts = SHIFT_NIGHT;
	add(l, "five middle groups, nights, no education", &s, NULL);
	s.forms = FORM_PART;
	add(l, "five middle groups, part-time nights, no education", &s, NULL);
	s.pay_wish = 100000000;
	add(l, "five middle groups, part-time nights, a pay that nobody offers", &s, NULL);
	s.farthest = AREA_STREET;
	add(l, "five middle groups, that pay, in her street only", &s, NULL);
	s.place = UINT64_C(410101001001); /* in a county without posts */
	add(l, "five middle groups in a street without posts", &s, NULL);
	t.shifts = SHIFT_EVENING;
	t.forms = FORM_PART;
	t.n_skills = 0;
	t.pay_wish = 100000000;
	add(l, "five middle groups, part-time evenings, much pay", &t, NULL);
	t.place = UINT64_C(410101001001);
	add(l, "five middle groups, part-time evenings, from afar", &t, NULL);
	t.n_wishes = 1;
	add(l, "one middle group, part-time evenings, from afar", &t, NULL);
}

static void add_vacancies(struct hard_list *l, const struct market *m)
{
	static const uint16_t strides[] = { 1, 7, 31 };
	occupation_t groups[WISHES_MAX];
	uint8_t n = largest_groups(m, groups);

	for (uint8_t g = 0; g < n && g < sizeof(strides) / sizeof(*strides); g++) {
		struct vacancy v;
		size_t i = 0;

		while (m->vacancies[i].occupation / 10000 != groups[g] / 10000)
			i++;
		v = m->vacancies[i];
		v.id = 1;
		v.reserved = false;
		v.education_min = 0;
		v.n_licences = v.n_required = v.n_wished = 0;
		v.shift = v.form = 0;
		v.experience_months = 600;
		v.pay_max = 1;
		add(l, "a post in a large trade, no conditions", NULL, &v);
		v.n_licences = 1;
		v.licences[0] = NOBODYS;
		add(l, "a post in a large trade, a licence that nobody has", NULL, &v);
		v.n_licences = 0;
		v.education_min = 7;
		add(l, "a post in a large trade, for graduates", NULL, &v);
		v.shift = SHIFT_NIGHT;
		v.form = FORM_PART;
		add(l, "a post in a large trade, part-time nights for graduates", NULL, &v);
		v.reserved = true;
		v.released_on = DAY_NEVER;
		add(l, "a reserved one, part-time nights for graduates", NULL, &v);
		v.place = UINT64_C(410101001001);
		add(l, "a reserved one in a county where nobody lives", NULL, &v);
	}
}

/* Ordinary ones, for lists of a hundred. */
static void add_ordinary(struct hard_list *l, const struct market *m, const char *name,
    size_t below_s, size_t below_v)
{
	uint64_t state = 77;

	for (int i = 0; i < SAMPLE_QUERIES; i++) {
		const struct seeker *s = &m->seekers[market_random(&state, (uint32_t)below_s)];
		const struct vacancy *v =
		    &m->vacancies[market_random(&state, (uint32_t)below_v)];

		add(l, name, i % 2 ? s : NULL, i % 2 ? NULL : v);
	}
}

/* Every query of the list with k of 20 and 100. */
static bool run_all(const struct hard_list *l, const struct market *m, struct indexed *ix,
    struct worst *out)
{
	static const size_t ks[] = { 20, K_MAX };
	struct side side = index_side(ix);

	for (size_t i = 0; i < 2 * l->n; i++) {
		const struct hard *h = &l->all[i / 2];
		const struct seeker *s = h->is_seeker ? &h->s : NULL;
		const struct vacancy *v = h->is_seeker ? NULL : &h->v;
		struct match ours[K_MAX], theirs[K_MAX];
		size_t k = ks[i % 2];
		size_t n = best(ix, s, v, ours, k);
		size_t m_n = s ? twin_vacancies(m, ix->terms, s, theirs, k)
			       : twin_seekers(m, ix->terms, v, theirs, k);
		double us = side_time(&side, s, v, k, TIMES);
		bool good = n == m_n;

		for (size_t j = 0; j < n && good; j++)
			good = ours[j].id == theirs[j].id &&
			       ours[j].score.total == theirs[j].score.total &&
			       ours[j].widened == theirs[j].widened;
		if (!good) {
			fprintf(stderr, "the index and the twin differ: %s, k = %zu\n", h->name,
			    k);
			return false;
		}
		fprintf(stderr, "%10.1f us  %s, k = %zu: %zu found\n", us, h->name, k, n);
		if (us > out->us) {
			out->us = us;
			snprintf(out->name, sizeof(out->name), "%s, k = %zu", h->name, k);
		}
	}
	return true;
}

bool worst_find(const struct market *m, struct indexed *ix, struct worst *out)
{
	struct hard_list *l = calloc(1, sizeof(*l));
	bool good;

	if (!l)
		abort();
	add_seekers(l, m);
	add_vacancies(l, m);
	add_ordinary(l, m, "an ordinary one", m->n_seekers, m->n_vacancies);
	good = run_all(l, m, ix, out);
	free(l);
	return good;
}

static void make_giant(const struct market *m, struct market *giant)
{
	*giant = *m;
	giant->vacancies = malloc(m->n_vacancies * sizeof(*m->vacancies));
	giant->seekers = malloc(m->n_seekers * sizeof(*m->seekers));
	if (!giant->vacancies || !giant->seekers)
		abort();
	memcpy(giant->vacancies, m->vacancies, m->n_vacancies * sizeof(*m->vacancies));
	memcpy(giant->seekers, m->seekers, m->n_seekers * sizeof(*m->seekers));
	for (size_t i = 0; i < m->n_vacancies / 5; i++) {
		giant->vacancies[i].occupation = GIANT_TRADE;
		giant->vacancies[i].place = GIANT_STREET * 1000 + 1 + i % 9;
	}
	for (size_t i = 0; i < m->n_seekers / 5; i++) {
		giant->seekers[i].wishes[0] = GIANT_TRADE;
		giant->seekers[i].n_wishes = 1;
		giant->seekers[i].place = GIANT_STREET * 1000 + 1 + i % 9;
	}
}

bool worst_find_giant(const struct market *m, const struct terms *t, struct worst *out)
{
	struct hard_list *l = calloc(1, sizeof(*l));
	struct market giant;
	struct indexed ix = { NULL, t };
	struct seeker s;
	struct vacancy v;
	bool good;

	if (!l)
		abort();
	make_giant(m, &giant);
	ix.index = indexed_market(&giant);
	add_ordinary(l, &giant, "giant cell: one of it", m->n_seekers / 5, m->n_vacancies / 5);
	s = giant.seekers[0];
	s.shifts = SHIFT_NIGHT;
	s.forms = FORM_PART;
	s.education = 0;
	s.n_licences = 0;
	s.pay_wish = 100000000;
	add(l, "giant cell: part-time nights, no education, much pay", &s, NULL);
	v = giant.vacancies[0];
	v.n_licences = 1;
	v.licences[0] = NOBODYS;
	add(l, "giant cell: a licence that nobody has", NULL, &v);
	v.n_licences = 0;
	v.education_min = 7;
	v.shift = SHIFT_NIGHT;
	v.form = FORM_PART;
	add(l, "giant cell: part-time nights for graduates", NULL, &v);
	good = run_all(l, &giant, &ix, out);
	index_free(ix.index);
	market_release(&giant);
	free(l);
	return good;
}
