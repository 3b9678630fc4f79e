/*
 * The people: seekers and the households that applied for help.
 *
 * Every 600 persons hold one zero-employment household of two to four, who
 * stand side by side.  A citizen number is unique by construction: an index is
 * (round, area), and within an area every round owns the birth dates of one
 * residue modulo ROUNDS.
 */
#include <string.h>

#include "tests/city/ids.h"
#include "tests/city/names.h"
#include "tests/city/tables.h"

#define BLOCK  600u
#define ROUNDS 512

static uint32_t household_at(const struct city *c, uint32_t i, int *members)
{
	struct dice d = dice_for(c->seed, STREAM_HOUSEHOLD, i);

	*members = dice_between(&d, 2, 4);
	return i * BLOCK + dice_below(&d, BLOCK - 4);
}

void city_household(const struct city *c, uint32_t i, struct city_household *out)
{
	struct dice d = dice_for(c->seed, STREAM_HOUSEHOLD, (uint64_t)i + ((uint64_t)1 << 40));

	out->first = household_at(c, i, &out->members);
	out->applied = city_day(2007, 2, 1) + (int)dice_below(&d, 130);
	out->determined = out->applied + dice_between(&d, 7, 20);
}

/* Which household i belongs to, and as which member; false: none. */
static bool is_member(const struct city *c, uint32_t i, uint32_t *household, int *place)
{
	int members;
	uint32_t first;

	*household = i / BLOCK;
	if (*household >= c->size.households)
		return false;
	first = household_at(c, *household, &members);
	*place = (int)(i - first);
	return i >= first && *place < members;
}

static enum city_kind kind_of(const struct city *c, uint32_t i, struct dice *d)
{
	/* Per mille; the members of households are taken out before. */
	static const uint16_t weights[] = { 121, 60, 100, 340, 379 };
	size_t kind = dice_pick(d, weights, COUNT(weights));
	uint32_t household;
	int place;

	return is_member(c, i, &household, &place) ? KIND_ZERO_EMPLOYMENT
						   : (enum city_kind)(KIND_4050 + kind);
}

/* A birth date within the span that this index owns. */
static int birth_between(const struct city *c, uint32_t i, struct dice *d, int lo, int hi)
{
	int round = (int)(i / c->n_areas);
	int day = dice_between(d, lo, hi);

	day -= ((day - round) % ROUNDS + ROUNDS) % ROUNDS;
	return day < lo ? day + ROUNDS : day;
}

static void set_birth(const struct city *c, struct dice *d, struct city_person *p)
{
	int lo, hi;

	switch (p->kind) {
	case KIND_4050:
		lo = p->woman ? city_day(1958, 1, 1) : city_day(1950, 1, 1);
		hi = p->woman ? city_day(1967, 12, 31) : city_day(1957, 12, 31);
		if (p->woman && dice_chance(d, 60)) {
			p->retirement_age = 55;
			lo = city_day(1953, 1, 1);
			hi = city_day(1957, 12, 31);
		}
		break;
	case KIND_OTHER:
		lo = city_day(1962, 1, 1);
		hi = city_day(1990, 12, 31);
		if (dice_chance(d, 25)) {
			lo = city_day(1989, 7, 13); /* 16 and 17 */
			hi = city_day(1991, 7, 11);
		} else if (p->woman && dice_chance(d, 20)) {
			lo =
			    city_day(1932, 1, 1); /* past retirement; they see ordinary posts */
			hi = city_day(1956, 12, 31);
		}
		break;
	case KIND_ZERO_EMPLOYMENT:
	case KIND_RECOGNISED:
	case KIND_CERTIFICATE:
	case KIND_UNEMPLOYED:
	default:
		lo = p->woman ? city_day(1968, 1, 1) : city_day(1958, 1, 1);
		hi = city_day(1988, 12, 31);
		break;
	}
	if (strcmp(p->group, "graduate") == 0) {
		lo = city_day(1982, 1, 1);
		hi = city_day(1986, 12, 31);
	}
	p->birth = birth_between(c, p->index, d, lo, hi);
}

static void set_citizen(const struct city *c, struct dice *d, struct city_person *p)
{
	uint32_t area =
	    c->areas[(c->area_first + (uint64_t)p->index % c->n_areas * c->area_step) %
		     c->n_areas];
	int sequence = (p->woman ? 996 : 997) + 2 * (int)dice_below(d, 2);

	if (p->birth < city_day(1950, 1, 1) || (p->woman && dice_chance(d, 100)))
		sequence = 0;
	id_citizen(area, p->birth, sequence, p->citizen);
}

static void set_group(struct dice *d, struct city_person *p)
{
	static const uint16_t unemployed[] = { 780, 120, 40, 60 };
	static const uint16_t other[] = { 420, 550, 30 };

	p->group = "local";
	if (p->kind == KIND_UNEMPLOYED)
		p->group = (const char *const[]){ "local", "graduate", "serviceman",
			"land_expropriated" }[dice_pick(d, unemployed, COUNT(unemployed))];
	else if (p->kind == KIND_OTHER)
		p->group = (const char *const[]){ "local", "migrant",
			"transferred" }[dice_pick(d, other, COUNT(other))];
	if (strcmp(p->group, "serviceman") == 0)
		p->woman = dice_chance(d, 80);
}

static void set_home(const struct city *c, struct dice *d, struct city_person *p)
{
	uint32_t household;
	int place;
	struct dice home = *d;
	bool together = is_member(c, p->index, &household, &place);
	size_t i;

	/* A household's members throw the same dice for what they share. */
	if (together)
		home = dice_for(c->seed, STREAM_HOUSEHOLD,
		    (uint64_t)household + ((uint64_t)2 << 40));
	i = dice_weighted(&home, c->homes, 0, c->n_communities);
	p->community = c->communities[i].code;
	p->hukou = county_of(p->community);
	p->urban = together || !dice_chance(&home, 120);
	if (strcmp(p->group, "migrant") == 0) {
		p->hukou = c->outside[dice_below(&home, (uint32_t)c->n_outside)];
		p->urban = dice_chance(&home, 250);
	} else if (strcmp(p->group, "land_expropriated") == 0) {
		p->urban = dice_chance(&home, 700);
	}
	name_surname(&home, p->name, sizeof(p->name));
	name_address(&home, c->communities[i].street, p->address, sizeof(p->address));
	/* No mobile number begins with 10. */
	snprintf(p->telephone, sizeof(p->telephone), "1000%07u", dice_below(&home, 10000000));
	dice_throw(d);
	name_given(d, p->name, sizeof(p->name));
}

static void set_status(struct dice *d, struct city_person *p)
{
	static const char *const codes[] = { "HC3", "HC4", "HC5", "HC6a", "HC6b", "HC6c",
		"HC6d", "HC6e", "HC7" };
	static const uint16_t weights[] = { 30, 6, 14, 22, 8, 1, 3, 11, 5 };
	static const char *const reasons[] = { "L1", "L2", "L3", "L4" };
	static const uint16_t reason_weights[] = { 55, 15, 20, 10 };
	bool long_out = false;

	if (p->kind == KIND_OTHER)
		return;
	if (p->kind == KIND_RECOGNISED) {
		p->recognition = codes[dice_pick(d, weights, COUNT(weights))];
		long_out =
		    strcmp(p->recognition, "HC3") == 0 || strcmp(p->recognition, "HC7") == 0;
	}
	if (strcmp(p->group, "graduate") == 0) {
		p->unemployed_since = dice_between(d, city_day(2007, 6, 15), CITY_TODAY);
		return;
	}
	p->unemployed_since = dice_between(d, city_day(2005, 3, 1), city_day(2007, 7, 10));
	if (long_out) /* everybody of them is 16 by then */
		p->unemployed_since =
		    dice_between(d, city_day(2005, 1, 1), city_day(2006, 6, 1));
	else if (p->kind == KIND_ZERO_EMPLOYMENT) /* before the household applied */
		p->unemployed_since =
		    dice_between(d, city_day(2005, 3, 1), city_day(2007, 1, 31));
	if (p->recognition)
		p->recognised_on = long_out ? p->unemployed_since + 370
					    : dice_between(d, p->unemployed_since, CITY_TODAY);
	p->prior_job = !(p->recognition && strcmp(p->recognition, "HC4") == 0) &&
		       dice_chance(d, p->kind == KIND_UNEMPLOYED ? 600 : 900);
	if (p->prior_job && dice_chance(d, p->kind == KIND_UNEMPLOYED ? 150 : 650))
		p->laid_off = reasons[dice_pick(d, reason_weights, COUNT(reason_weights))];
	p->certificate = p->kind == KIND_CERTIFICATE || (p->laid_off && dice_chance(d, 500)) ||
			 (p->kind == KIND_ZERO_EMPLOYMENT && dice_chance(d, 500));
	if (!p->certificate)
		return;
	p->certificate_group = p->laid_off                       ? p->laid_off
			       : p->kind == KIND_ZERO_EMPLOYMENT ? "ZEH"
								 : "other";
	/* The policy under which they are issued began on 4 November 2005. */
	p->certificate_issued = dice_between(d, city_day(2005, 11, 4), city_day(2007, 7, 1));
	if (p->certificate_issued < p->unemployed_since)
		p->certificate_issued = p->unemployed_since;
}

static bool has_trade(const struct city_person *p, uint32_t code)
{
	for (int i = 0; i < p->n_wishes; i++) {
		uint32_t w = p->wishes[i];
		uint32_t width = w % 100 ? 1 : w % 10000 ? 100 : 10000;

		/* A wish for a group holds everything below it, and the other way round. */
		if (w / width == code / width || (code % 100 == 0 && w / 100 == code / 100) ||
		    (code % 10000 == 0 && w / 10000 == code / 10000))
			return true;
	}
	return false;
}

static void set_wishes(const struct city *c, struct dice *d, struct city_person *p)
{
	static const uint16_t counts[] = { 20, 30, 25, 15, 10 };
	int wanted = 1 + (int)dice_pick(d, counts, COUNT(counts));
	size_t lo, hi;
	uint32_t first = c->trades[dice_weighted(d, c->supply, 0, c->n_trades)].code;

	p->wishes[p->n_wishes++] = first;
	for (int tries = 0; p->n_wishes < wanted && tries < 12; tries++) {
		uint32_t code;

		/* Most further wishes are near the first. */
		trades_below(c, dice_chance(d, 400) ? first / 100 * 100 : first / 10000 * 10000,
		    &lo, &hi);
		if (dice_chance(d, 400)) {
			lo = 0;
			hi = c->n_trades;
		}
		code = c->trades[dice_weighted(d, c->supply, lo, hi)].code;
		if (dice_chance(d, 120))
			code = code / 100 * 100;
		else if (dice_chance(d, 40))
			code = code / 10000 * 10000;
		if (!has_trade(p, code))
			p->wishes[p->n_wishes++] = code;
	}
	for (int n = (int)dice_below(d, CITY_EXPERIENCE + 1); n > 0; n--) {
		uint32_t code = first;
		bool is_new = true;

		if (p->n_experience) {
			trades_below(c, first / 10000 * 10000, &lo, &hi);
			code = c->trades[dice_weighted(d, c->supply, lo, hi)].code;
		}
		for (int i = 0; i < p->n_experience; i++)
			is_new = is_new && p->experience[i] != code;
		if (!is_new)
			continue;
		p->experience_months[p->n_experience] =
		    dice_between(d, 2, 12) * dice_between(d, 1, 15);
		p->experience[p->n_experience++] = code;
	}
}

/* Ids of a vocabulary at home in `group`, each with a chance; a few from anywhere. */
static int pick_words(struct dice *d, const struct word words[256], uint32_t group,
    uint32_t chance, uint32_t anywhere, uint8_t *out, int max)
{
	int n = 0;

	for (int id = 1; id < 256 && n < max; id++) {
		if (!words[id].code[0])
			continue;
		if (words[id].group == group ? dice_chance(d, chance)
					     : !words[id].group && dice_chance(d, anywhere))
			out[n++] = (uint8_t)id;
	}
	return n;
}

static void set_means(const struct city *c, struct dice *d, struct city_person *p)
{
	static const char *const educations[] = { "81", "71", "61", "41", "44", "47", "31",
		"21", "14" };
	static const uint16_t weights[] = { 40, 300, 220, 100, 100, 40, 120, 70, 10 };
	static const char *const levels[] = { "community", "street", "county", "adjacent",
		"city" };
	static const uint16_t level_weights[] = { 30, 120, 300, 250, 300 };
	uint32_t group = p->wishes[0] / 100 * 100;
	int major = (int)(p->wishes[0] / 1000000);
	uint32_t base = major == 2 ? 1200 : major == 6 ? 850 : 700;

	p->education = educations[dice_pick(d, weights, COUNT(weights))];
	if (strcmp(p->group, "graduate") == 0 || (major == 2 && dice_chance(d, 700)))
		p->education = dice_chance(d, 550) ? "31" : "21";
	p->n_skills = pick_words(d, c->skills, group, 450, 60, p->skills, CITY_SKILLS);
	p->n_licences = pick_words(d, c->licences, group, 450, 60, p->licences, CITY_LICENCES);
	if (!dice_chance(d, 150))
		p->pay_wish = base * dice_spread(d) / 100 / 50 * 5000;
	p->farthest = levels[dice_pick(d, level_weights, COUNT(level_weights))];
	p->shifts = 1u | (dice_chance(d, 500) ? 2u : 0u) | (dice_chance(d, 300) ? 4u : 0u) |
		    (dice_chance(d, 400) ? 8u : 0u);
	p->forms = 1u | (dice_chance(d, 350) ? 2u : 0u);
}

/* The youngest age at which a school is over, the shortest first. */
static const struct {
	const char *education;
	int age;
} schools[] = { { "81", 12 }, { "71", 16 }, { "61", 18 }, { "41", 18 }, { "44", 18 },
	{ "47", 18 }, { "31", 21 }, { "21", 22 }, { "14", 25 } };

static int birthday(int birth, int age)
{
	return birth + age * 1461 / 4 + 1;
}

/* Nobody has finished a school too young for it, worked before they were 16 or at school, or
 * while they were without work, or ever when they say they never did. */
static void keep_possible(struct city_person *p)
{
	size_t school = COUNT(schools);
	int left, n = 0;

	while (--school && (strcmp(schools[school].education, p->education) != 0))
		continue;
	while (birthday(p->birth, schools[school].age) > CITY_TODAY)
		school--;
	p->education = schools[school].education;
	left = (p->unemployed_since ? p->unemployed_since : CITY_TODAY) -
	       birthday(p->birth, schools[school].age > 16 ? schools[school].age : 16);
	left = p->unemployed_since && !p->prior_job ? 0 : left * 12 / 366;
	for (int i = 0; i < p->n_experience; i++) {
		int months = p->experience_months[i] < left ? p->experience_months[i] : left;

		if (months < 1)
			continue;
		left -= months;
		p->experience[n] = p->experience[i];
		p->experience_months[n++] = months;
	}
	p->n_experience = n;
}

void city_person(const struct city *c, uint32_t i, struct city_person *out)
{
	struct dice d = dice_for(c->seed, STREAM_PERSON, i);

	*out = (struct city_person){ .index = i };
	out->kind = kind_of(c, i, &d);
	out->woman = dice_chance(&d, 480);
	set_group(&d, out);
	set_birth(c, &d, out);
	set_citizen(c, &d, out);
	set_home(c, &d, out);
	set_status(&d, out);
	set_wishes(c, &d, out);
	set_means(c, &d, out);
	keep_possible(out);
}
