/*
 * The city's records as the matcher's: coded as the daemon's codec would have
 * coded the requests, so that the same market can stand in a ledger.
 *
 * Ranks are those of each person's kind; what the ledger would derive from her
 * dated facts is the same for nearly all.
 */
#include "tests/bench/market.h"

#include <stdlib.h>
#include <string.h>

#define YEAR_DAYS(years) ((years)*36525 / 100)

static uint64_t mix(uint64_t x)
{
	x ^= x >> 30;
	x *= UINT64_C(0xbf58476d1ce4e5b9);
	x ^= x >> 27;
	x *= UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

uint32_t market_random(uint64_t *state, uint32_t n)
{
	*state += UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)((mix(*state) >> 32) * n >> 32);
}

/* Sixty-two bits, as the daemon gives them; no two alike below two millions. */
uint64_t market_seeker_id(uint32_t index)
{
	return mix((uint64_t)index + 1) >> 2 | 1u;
}

/* GB/T 4658 as model.h orders it. */
static education_t education_rank(const char *code)
{
	if (!code)
		return 0;
	switch (code[0]) {
	case '1':
		return 7;
	case '2':
		return 6;
	case '3':
		return 5;
	case '4':
	case '6':
		return 4;
	case '7':
		return 3;
	case '8':
		return 2;
	default:
		return 1;
	}
}

/* The place of a word in a list that ends with NULL. */
static unsigned place_in(const char *const *list, const char *word)
{
	unsigned i = 0;

	while (list[i] && strcmp(list[i], word) != 0)
		i++;
	return i;
}

static uint32_t month_pay(uint32_t fen, const struct city_vacancy *v)
{
	uint64_t hours = (uint64_t)v->weekly_hours * 52;

	if (strcmp(v->period, "hour") == 0)
		return (uint32_t)(fen * hours / 12);
	if (strcmp(v->period, "day") == 0)
		return (uint32_t)(fen * hours / 8 / 12);
	return strcmp(v->period, "piece") == 0 ? 0 : fen;
}

void market_vacancy(const struct city_return *r, const struct city_vacancy *v,
    struct vacancy *out)
{
	static const char *const shifts[] = { "day", "evening", "night", "rotating", NULL };
	static const char *const forms[] = { "full", "part", NULL };

	*out = (struct vacancy){ .id = (uint64_t)v->index + 1,
		.version = 1,
		.employer = (uint64_t)r->employer + 1,
		.place = v->place,
		.occupation = v->occupation,
		.open_posts = (uint32_t)v->posts,
		.pay_min = month_pay(v->pay_min, v),
		.pay_max = month_pay(v->pay_max, v),
		.posted_on = v->since,
		.valid_until = v->until,
		.released_on = v->reserved && v->index % 2 ? v->approved + 45 : DAY_NEVER,
		.experience_months = (uint16_t)v->experience_months,
		.education_min = education_rank(v->education),
		.shift = (uint8_t)(1u << place_in(shifts, v->shift)),
		.form = (uint8_t)(1u << place_in(forms, v->form)),
		.open = true,
		.reserved = v->reserved,
		.n_required = (uint8_t)v->n_required,
		.n_wished = (uint8_t)v->n_wished,
		.n_licences = (uint8_t)v->n_licences };
	memcpy(out->required, v->required, sizeof(v->required));
	memcpy(out->wished, v->wished, sizeof(v->wished));
	memcpy(out->licences, v->licences, sizeof(v->licences));
}

static uint8_t age_class(const struct city_person *p)
{
	int days = CITY_TODAY - p->birth;
	int retirement = p->retirement_age ? p->retirement_age : p->woman ? 50 : 60;
	bool is_unproven = p->woman && !p->retirement_age && days < YEAR_DAYS(55);

	if (days < YEAR_DAYS(16))
		return AGE_UNDER_16;
	if (days < YEAR_DAYS(18))
		return AGE_16_17;
	if (days < YEAR_DAYS(retirement))
		return AGE_WORKING;
	return is_unproven ? AGE_UNKNOWN : AGE_RETIRED;
}

void market_seeker(const struct city_person *p, struct seeker *out)
{
	static const uint8_t ranks[] = { [KIND_ZERO_EMPLOYMENT] = RANK_P1,
		[KIND_4050] = RANK_P2,
		[KIND_RECOGNISED] = RANK_P3,
		[KIND_CERTIFICATE] = RANK_P4,
		[KIND_UNEMPLOYED] = RANK_P5,
		[KIND_OTHER] = RANK_P6 };
	static const char *const levels[] = { "community", "street", "county", "adjacent",
		"city", NULL };

	*out = (struct seeker){ .id = market_seeker_id(p->index),
		.version = 1,
		.place = p->community,
		/* Who was never unemployed waits since she came to the exchange. */
		.waiting_since = p->unemployed_since ? p->unemployed_since
						     : CITY_TODAY - (int)(p->index % 400),
		.class_until = DAY_NEVER,
		.pay_wish = p->pay_wish,
		.rank = p->kind == KIND_UNEMPLOYED && p->certificate ? RANK_P4 : ranks[p->kind],
		.age_class = age_class(p),
		.farthest = (uint8_t)place_in(levels, p->farthest),
		.shifts = (uint8_t)p->shifts,
		.forms = (uint8_t)p->forms,
		.education = education_rank(p->education),
		.active = true,
		.n_wishes = (uint8_t)p->n_wishes,
		.n_skills = (uint8_t)p->n_skills,
		.n_licences = (uint8_t)p->n_licences,
		.n_experience = (uint8_t)p->n_experience };
	memcpy(out->wishes, p->wishes, sizeof(p->wishes));
	memcpy(out->skills, p->skills, sizeof(p->skills));
	memcpy(out->licences, p->licences, sizeof(p->licences));
	for (int i = 0; i < p->n_experience; i++)
		out->experience[i] =
		    (struct experience){ p->experience[i], (uint16_t)p->experience_months[i] };
}

bool market_make(struct market *m, const char *data_dir, uint64_t seed, uint32_t vacancies,
    uint32_t seekers)
{
	struct city *c = city_new_sized(data_dir, seed, seekers, vacancies);
	struct city_person p;
	struct city_return r;
	struct city_vacancy v;

	if (!c)
		return false;
	*m = (struct market){ calloc(vacancies, sizeof(*m->vacancies)),
		calloc(seekers, sizeof(*m->seekers)), vacancies, seekers };
	if (!m->vacancies || !m->seekers)
		abort();
	for (uint32_t i = 0; i < seekers; i++) {
		city_person(c, i, &p);
		market_seeker(&p, &m->seekers[i]);
	}
	for (uint32_t i = 0; i < city_size(c).returns; i++) {
		city_return(c, i, &r);
		for (uint32_t k = r.first; k < r.first + r.n; k++) {
			city_vacancy(c, &r, k, &v);
			market_vacancy(&r, &v, &m->vacancies[k]);
		}
	}
	city_free(c);
	return true;
}

void market_release(struct market *m)
{
	free(m->vacancies);
	free(m->seekers);
	*m = (struct market){ 0 };
}
