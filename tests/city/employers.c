/*
 * The employers, their quarter's returns and the vacancies in them.
 *
 * The number of vacancies is exact: the returns share it by their weights,
 * each taking what falls between its two cumulative sums.  A return to which
 * none falls is a nil return.  About three employers in a hundred file
 * nothing, so that a bureau has somebody to remind.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/city/ids.h"
#include "tests/city/names.h"
#include "tests/city/tables.h"

/* The posts that the city reserves: occupation and kind (rules/public-welfare-posts). */
static const struct {
	uint32_t occupation;
	const char *kind;
} welfare[] = { { 4090801, "cleaning" }, { 4070501, "guarding" }, { 4091001, "greening" },
	{ 4060103, "parking" }, { 3010401, "community" }, { 6290204, "facilities" },
	{ 3010403, "community" }, { 3010208, "logistics" } };

void city_employer(const struct city *c, uint32_t i, struct city_employer *out)
{
	static const uint16_t weights[] = { 850, 120, 30 };
	struct dice d = dice_for(c->seed, STREAM_EMPLOYER, i);
	int sites = 1 + (int)dice_pick(&d, weights, COUNT(weights));
	char organisation[10];

	*out = (struct city_employer){ .index = i };
	name_firm(&d, out->name, sizeof(out->name), &out->kind);
	for (int tries = 0; out->n_sites < sites && tries < 8; tries++) {
		size_t at = dice_weighted(&d, c->works, 0, c->n_communities);
		uint32_t county = county_of(c->communities[at].code);
		bool is_new = true;

		for (int s = 0; s < out->n_sites; s++)
			is_new = is_new && out->districts[s] != county;
		if (!is_new)
			continue;
		out->since[out->n_sites] =
		    dice_between(&d, city_day(1996, 1, 1), city_day(2007, 3, 1));
		out->districts[out->n_sites++] = county;
	}
	id_organisation(i, organisation);
	if (dice_chance(&d, 300))
		id_credit(out->districts[0], organisation, out->code);
	else
		memcpy(out->code, organisation, sizeof(organisation));
}

/* How much of the city's demand a return takes; 0 is a nil return. */
static uint32_t return_weight(struct dice *d)
{
	static const uint16_t weights[] = { 250, 450, 220, 70, 10 };
	static const int upto[] = { 0, 3, 8, 20, 60 };
	size_t k = dice_pick(d, weights, COUNT(weights));

	return k ? (uint32_t)dice_between(d, upto[k - 1] + 1, upto[k]) : 0;
}

void returns_make(struct city *c)
{
	size_t room = (size_t)c->size.employers * CITY_SITES;
	uint64_t *upto = calloc(room + 1, sizeof(*upto));
	uint64_t all;
	uint32_t n = 0;

	c->returns = calloc(room, sizeof(*c->returns));
	for (uint32_t e = 0; e < c->size.employers; e++) {
		struct city_employer employer;
		struct dice d = dice_for(c->seed, STREAM_RETURN, e);

		city_employer(c, e, &employer);
		if (dice_chance(&d, 30))
			continue;
		for (int s = 0; s < employer.n_sites; s++, n++) {
			uint32_t weight = return_weight(&d);

			upto[n + 1] = upto[n] + weight;
			c->returns[n] = (struct city_return){ .employer = e,
				.district = employer.districts[s],
				.staff = (int)(weight + 1) * dice_between(&d, 3, 30) };
			if (weight && dice_chance(&d, 12))
				c->returns[n].mistake = dice_between(&d, 1, CITY_MISTAKES);
		}
	}
	c->size.returns = n;
	all = upto[n] ? upto[n] : 1;
	for (uint32_t r = 0; r < n; r++) {
		uint64_t first = upto[r] * c->size.vacancies / all;
		uint64_t end = upto[r + 1] * c->size.vacancies / all;

		c->returns[r].first = (uint32_t)first;
		c->returns[r].n = (uint32_t)(end - first);
		if (first == end)
			c->returns[r].mistake = 0;
	}
	free(upto);
}

void city_return(const struct city *c, uint32_t i, struct city_return *out)
{
	*out = c->returns[i];
}

static int some_posts(struct dice *d)
{
	int posts = 1;

	/* Geometric, about 2.6 in the mean, with a bound. */
	while (posts < 60 && dice_chance(d, 615))
		posts++;
	return posts;
}

static void set_pay(struct dice *d, struct city_vacancy *v)
{
	static const uint16_t periods[] = { 900, 40, 40, 20 };
	static const char *const names[] = { "month", "hour", "day", "piece" };
	int major = (int)(v->occupation / 1000000);
	uint32_t base = major == 2 ? 1400 : major == 6 ? 950 : 800;
	uint32_t yuan = base * dice_spread(d) / 100 / 10 * 10;
	size_t period = dice_pick(d, periods, COUNT(periods));
	uint32_t hours;

	if (v->reserved)
		yuan = (uint32_t)dice_between(d, 52, 75) * 10;
	if (yuan < 520) /* the minimum wage is 480 */
		yuan = 520 + dice_below(d, 8) * 10;
	v->period = names[period];
	v->weekly_hours =
	    strcmp(v->form, "part") == 0 ? dice_between(d, 15, 28) : dice_between(d, 38, 48);
	hours = (uint32_t)v->weekly_hours;
	v->pay_max = yuan * 100;
	if (period == 1)
		v->pay_max = v->pay_max * 12 / (hours * 52) + 10;
	else if (period == 2)
		v->pay_max = v->pay_max * 12 * 8 / (hours * 52) + 100;
	if (dice_chance(d, 800))
		v->pay_min = v->pay_max * (uint32_t)dice_between(d, 70, 100) / 100;
}

static int pick_of_group(struct dice *d, const struct word words[256], uint32_t group,
    uint8_t *out, int max)
{
	uint8_t found[64];
	int n = 0;
	int taken = 0;

	for (int id = 1; id < 256 && n < (int)sizeof(found); id++) {
		if (words[id].code[0] && words[id].group == group)
			found[n++] = (uint8_t)id;
	}
	while (taken < max && n > 0) {
		uint32_t i = dice_below(d, (uint32_t)n);

		out[taken++] = found[i];
		found[i] = found[--n];
	}
	return taken;
}

static void set_conditions(const struct city *c, struct dice *d, struct city_vacancy *v)
{
	static const char *const educations[] = { NULL, "71", "61", "31", "21" };
	static const uint16_t any[] = { 450, 280, 160, 80, 30 };
	static const uint16_t professional[] = { 50, 0, 150, 500, 300 };
	static const char *const shifts[] = { "day", "evening", "night", "rotating" };
	static const uint16_t shift_weights[] = { 720, 60, 50, 170 };
	uint32_t group = v->occupation / 100 * 100;
	bool is_professional = v->occupation / 1000000 == 2;
	uint8_t skills[5];
	int n = pick_of_group(d, c->skills, group, skills, dice_between(d, 0, 3));

	v->education =
	    educations[dice_pick(d, is_professional ? professional : any, COUNT(any))];
	v->shift = shifts[dice_pick(d, shift_weights, COUNT(shift_weights))];
	v->form = dice_chance(d, 80) ? "part" : "full";
	for (int i = 0; i < n; i++) {
		if (!v->reserved && v->n_required < 2 && dice_chance(d, 300))
			v->required[v->n_required++] = skills[i];
		else
			v->wished[v->n_wished++] = skills[i];
	}
	if (dice_chance(d, 450))
		v->n_licences = pick_of_group(d, c->licences, group, v->licences, 1);
	if (!v->reserved && dice_chance(d, 350))
		v->experience_months = dice_between(d, 1, 8) * 6;
}

void city_vacancy(const struct city *c, const struct city_return *r, uint32_t v,
    struct city_vacancy *out)
{
	struct dice d = dice_for(c->seed, STREAM_VACANCY, v);
	size_t county = county_index(c, r->district);
	size_t place =
	    dice_weighted(&d, c->works, c->county_first[county], c->county_first[county + 1]);
	struct city_vacancy made = { .index = v, .place = c->communities[place].code };
	size_t trade = dice_weighted(&d, c->demand, 0, c->n_trades);
	size_t end;

	made.reserved = dice_chance(&d, 40);
	if (made.reserved) {
		size_t k = dice_below(&d, COUNT(welfare));

		made.post_kind = welfare[k].kind;
		made.approved = dice_between(&d, city_day(2007, 1, 15), city_day(2007, 7, 1));
		made.is_new = dice_chance(&d, 900);
		trades_below(c, welfare[k].occupation, &trade, &end);
	}
	made.occupation = c->trades[trade].code;
	made.name = c->trades[trade].name;
	made.posts = some_posts(&d);
	set_conditions(c, &d, &made);
	set_pay(&d, &made);
	made.contract_months = made.reserved ? 12 : 12 * dice_between(&d, 1, 3);
	made.since = dice_between(&d, city_day(2007, 4, 1), city_day(2007, 7, 9));
	made.until = dice_between(&d, city_day(2007, 9, 1), city_day(2007, 12, 31));
	made.insurance = dice_chance(&d, 850) ? 31u : 8u | dice_below(&d, 32);
	*out = made;
}
