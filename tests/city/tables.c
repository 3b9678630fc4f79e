/*
 * Reading config/data, and weighing it.
 *
 * It owns every table and every weight.  Surprising: the weights of supply and
 * demand are the same Zipf law over the same order of occupations, but demand
 * is multiplied by a factor of each occupation's own, from one half to one and
 * a half: so some trades are short of hands and others of posts.
 */
#include "tests/city/tables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The lines of one file; fields are cut in place. */
struct text {
	char *bytes;
	struct text *next;
};

struct table {
	char *at; /* the next line */
	const char *field[8];
	size_t fields;
};

/* What is asked for most, the commonest first; everything else comes after. */
static const uint32_t popular[] = { 4090801, 4070501, 4010203, 4030205, 4030201, 4020202,
	4010204, 6050103, 4100106, 4020501, 4100105, 4030102, 4020708, 4010201, 4060103,
	6310103, 6310505, 4020601, 4090802, 4091001, 6180204, 4030202, 4020206, 3010202,
	6290101, 4120101, 6200101, 4040503, 6310102, 6180101, 4090803, 4100302, 4060101,
	6140200, 4020603, 6010403, 6020302, 2060301, 6310305, 4100202, 4020201, 6040201,
	4030101, 6300501, 6290104, 6290401, 3010401, 4140102, 4100301, 6250407, 3010403,
	4070502, 6080102, 6020101, 4020602, 6290103, 6290302, 2050801, 2080301, 4070503,
	4060102, 6280111, 4010501, 6220201, 6180112, 4070304, 4050301 };

/* Labour force by county entry, thousands, as config/data/README.md has it (Zhengdong in
 * Jinshui); and how much work there is for each hundred of it. */
static const struct {
	uint32_t county, people, work;
} forces[] = { { 410102, 300, 100 }, { 410103, 310, 110 }, { 410104, 210, 110 },
	{ 410105, 615, 130 }, { 410106, 55, 80 }, { 410108, 90, 80 }, { 410122, 95, 70 },
	{ 410171, 60, 250 }, { 410172, 90, 220 }, { 410173, 25, 150 }, { 410181, 190, 80 },
	{ 410182, 120, 80 }, { 410183, 170, 70 }, { 410184, 140, 80 }, { 410185, 130, 60 } };

static bool open_table(struct city *c, const char *dir, const char *file, struct table *t)
{
	char path[4096];
	struct text *x = calloc(1, sizeof(*x));
	size_t n = 0;
	FILE *in;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	in = fopen(path, "r");
	if (!in) {
		fprintf(stderr, "city: %s: %s\n", path, strerror(errno));
		free(x);
		return false;
	}
	if (getdelim(&x->bytes, &n, '\0', in) <= 0) {
		fprintf(stderr, "city: %s is empty\n", path);
		free(x->bytes);
		free(x);
		fclose(in);
		return false;
	}
	fclose(in);
	x->next = c->texts;
	c->texts = x;
	t->at = x->bytes;
	strsep(&t->at, "\n"); /* the header */
	return true;
}

static bool next_row(struct table *t)
{
	char *line = strsep(&t->at, "\n");

	if (!line || !*line)
		return false;
	for (t->fields = 0; line && t->fields < COUNT(t->field);)
		t->field[t->fields++] = strsep(&line, "\t");
	while (t->fields < COUNT(t->field))
		t->field[t->fields++] = "";
	return true;
}

/* Room for one more; grows by doubling. */
static void *grown(void *p, size_t n, size_t size)
{
	if ((n & (n - 1)) != 0 && n)
		return p;
	p = realloc(p, (n ? 2 * n : 1) * size);
	if (!p)
		abort();
	return p;
}

/* "4-07-05-01" -> 4070501 */
static uint32_t occupation_number(const char *code)
{
	uint32_t n = 0;

	for (; *code; code++) {
		if (*code != '-')
			n = n * 10 + (uint32_t)(*code - '0');
	}
	return n;
}

uint32_t county_of(uint64_t community)
{
	return (uint32_t)(community / 1000000);
}

size_t county_index(const struct city *c, uint32_t county)
{
	size_t i = 0;

	while (i < c->n_counties && c->counties[i] != county)
		i++;
	return i;
}

static int by_code(const void *a, const void *b)
{
	const struct community *x = a;
	const struct community *y = b;

	return x->code < y->code ? -1 : x->code > y->code;
}

static int by_trade(const void *a, const void *b)
{
	const struct trade *x = a;
	const struct trade *y = b;

	return x->code < y->code ? -1 : x->code > y->code;
}

static void name_streets(struct city *c, const struct community *streets, size_t n)
{
	for (size_t i = 0; i < c->n_communities; i++) {
		struct community wanted = { .code = c->communities[i].code / 1000 };
		const struct community *street =
		    bsearch(&wanted, streets, n, sizeof(*streets), by_code);

		c->communities[i].street = street ? street->street : "";
	}
}

static bool read_places(struct city *c, const char *dir)
{
	struct community *streets = NULL;
	size_t n_streets = 0;
	struct table t;

	if (!open_table(c, dir, "divisions_4101.tsv", &t))
		return false;
	while (next_row(&t)) {
		struct community place = { .code = strtoull(t.field[0], NULL, 10),
			.street = t.field[2] };

		if (strcmp(t.field[1], "community") == 0) {
			c->communities = grown(c->communities, c->n_communities, sizeof(place));
			c->communities[c->n_communities++] = place;
		} else if (strcmp(t.field[1], "street") == 0) {
			streets = grown(streets, n_streets, sizeof(place));
			streets[n_streets++] = place;
		}
	}
	if (!c->communities || !streets) {
		fprintf(stderr, "city: no communities in divisions_4101.tsv\n");
		free(streets);
		return false;
	}
	qsort(c->communities, c->n_communities, sizeof(*c->communities), by_code);
	qsort(streets, n_streets, sizeof(*streets), by_code);
	name_streets(c, streets, n_streets);
	free(streets);
	for (size_t i = 0; i < c->n_communities; i++) {
		uint32_t county = county_of(c->communities[i].code);

		if (c->n_counties && c->counties[c->n_counties - 1] == county)
			continue;
		if (c->n_counties == COUNT(c->counties)) {
			fprintf(stderr, "city: too many counties\n");
			return false;
		}
		c->county_first[c->n_counties] = i;
		c->counties[c->n_counties++] = county;
	}
	c->county_first[c->n_counties] = c->n_communities;
	return true;
}

static void weigh_places(struct city *c)
{
	c->homes = calloc(c->n_communities + 1, sizeof(*c->homes));
	c->works = calloc(c->n_communities + 1, sizeof(*c->works));
	for (size_t i = 0; i < c->n_communities; i++) {
		uint32_t county = county_of(c->communities[i].code);
		size_t k = county_index(c, county);
		size_t n = c->county_first[k + 1] - c->county_first[k];
		struct dice d = dice_for(c->seed, STREAM_PLACE, c->communities[i].code);
		uint64_t people = 50;
		uint64_t work = 80;

		for (size_t f = 0; f < COUNT(forces); f++) {
			if (forces[f].county == county) {
				people = forces[f].people;
				work = forces[f].work;
			}
		}
		people = people * 1000 / n * (300 + dice_below(&d, 1400)) + 1;
		/* Work gathers in fewer places than people do. */
		work = people * work / 100 * (100 + dice_below(&d, 900)) / 550 + 1;
		c->homes[i + 1] = c->homes[i] + people;
		c->works[i + 1] = c->works[i] + work;
	}
}

static bool read_trades(struct city *c, const char *dir)
{
	struct table t;

	if (!open_table(c, dir, "occupations_csco2022.tsv", &t))
		return false;
	while (next_row(&t)) {
		struct trade trade = { occupation_number(t.field[0]), t.field[2] };
		uint32_t major = trade.code / 1000000;

		/* Heads of organs, soldiers and the rest are not hired through an exchange. */
		if (strcmp(t.field[1], "4") != 0 || major == 1 || major > 6)
			continue;
		c->trades = grown(c->trades, c->n_trades, sizeof(trade));
		c->trades[c->n_trades++] = trade;
	}
	qsort(c->trades, c->n_trades, sizeof(*c->trades), by_trade);
	return c->n_trades > 0;
}

struct turn {
	uint64_t key;
	size_t trade;
};

static int by_key(const void *a, const void *b)
{
	const struct turn *x = a;
	const struct turn *y = b;

	return x->key < y->key ? -1 : x->key > y->key;
}

static void weigh_trades(struct city *c)
{
	struct turn *order = calloc(c->n_trades, sizeof(*order));
	uint64_t *supply = calloc(c->n_trades, sizeof(*supply));

	for (size_t i = 0; i < c->n_trades; i++) {
		/* The order of occupations is the trade's, not the seed's. */
		struct dice d = dice_for(0, STREAM_ORDER, c->trades[i].code);

		order[i] = (struct turn){ COUNT(popular) + (dice_throw(&d) >> 8), i };
		for (size_t p = 0; p < COUNT(popular); p++) {
			if (popular[p] == c->trades[i].code)
				order[i].key = p;
		}
	}
	qsort(order, c->n_trades, sizeof(*order), by_key);
	for (size_t k = 0; k < c->n_trades; k++)
		supply[order[k].trade] = 1000000000u / (k + 4);
	free(order);

	c->supply = calloc(c->n_trades + 1, sizeof(*c->supply));
	c->demand = calloc(c->n_trades + 1, sizeof(*c->demand));
	for (size_t i = 0; i < c->n_trades; i++) {
		struct dice d = dice_for(c->seed, STREAM_OCCUPATION, c->trades[i].code);

		c->supply[i + 1] = c->supply[i] + supply[i];
		c->demand[i + 1] =
		    c->demand[i] + supply[i] * (500 + dice_below(&d, 1001)) / 1000;
	}
	free(supply);
}

void trades_below(const struct city *c, uint32_t group, size_t *lo, size_t *hi)
{
	uint32_t width = group % 100 ? 1 : group % 10000 ? 100 : 10000;
	size_t ends[2] = { 0, 0 };

	for (int e = 0; e < 2; e++) {
		uint32_t bound = group + (e ? width : 0);
		size_t a = 0;
		size_t b = c->n_trades;

		while (a < b) {
			size_t mid = a + (b - a) / 2;

			if (c->trades[mid].code < bound)
				a = mid + 1;
			else
				b = mid;
		}
		ends[e] = a;
	}
	*lo = ends[0];
	*hi = ends[1];
}

static bool read_words(struct city *c, const char *dir, const char *file,
    struct word words[256])
{
	struct table t;

	if (!open_table(c, dir, file, &t))
		return false;
	while (next_row(&t)) {
		struct word *w = &words[strtoul(t.field[0], NULL, 10) & 255];

		snprintf(w->code, sizeof(w->code), "%s", t.field[1]);
		w->group = occupation_number(t.field[4]) * (*t.field[4] ? 100 : 0);
	}
	return true;
}

static size_t common_divisor(size_t a, size_t b)
{
	while (b) {
		size_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* Counties of all editions; "districts of a city" and whole provinces are nobody's origin. */
static bool read_areas(struct city *c, const char *dir)
{
	struct table t;

	if (!open_table(c, dir, "areas_gb2260.tsv", &t))
		return false;
	while (next_row(&t)) {
		uint32_t area = (uint32_t)strtoul(t.field[0], NULL, 10);

		if (area % 100 == 0 || strcmp(t.field[1], "市辖区") == 0 ||
		    strcmp(t.field[1], "县") == 0)
			continue;
		c->areas = grown(c->areas, c->n_areas, sizeof(area));
		c->areas[c->n_areas++] = area;
		if (strcmp(t.field[3], "201607") == 0 && area / 100 != 4101) {
			c->outside = grown(c->outside, c->n_outside, sizeof(area));
			c->outside[c->n_outside++] = area;
		}
	}
	if (!c->n_areas || !c->n_outside)
		return false;

	/* A step without a common divisor visits every area once a round. */
	struct dice d = dice_for(c->seed, STREAM_ORDER, 1);

	c->area_first = dice_below(&d, (uint32_t)c->n_areas);
	c->area_step = c->n_areas / 3 + dice_below(&d, 1000);
	while (common_divisor(c->area_step, c->n_areas) != 1)
		c->area_step++;
	return true;
}

const char *city_skill_code(const struct city *c, uint8_t id)
{
	return c->skills[id].code;
}

const char *city_licence_code(const struct city *c, uint8_t id)
{
	return c->licences[id].code;
}

struct city_size city_size(const struct city *c)
{
	return c->size;
}

void city_free(struct city *c)
{
	struct text *x, *next;

	if (!c)
		return;
	for (x = c->texts; x; x = next) {
		next = x->next;
		free(x->bytes);
		free(x);
	}
	free(c->communities);
	free(c->homes);
	free(c->works);
	free(c->trades);
	free(c->supply);
	free(c->demand);
	free(c->areas);
	free(c->outside);
	free(c->returns);
	free(c);
}

static struct city *make_city(const char *data_dir, uint64_t seed, uint32_t people,
    uint32_t vacancies)
{
	struct city *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	c->seed = seed;
	c->size.people = people;
	c->size.households = people / 600;
	c->size.employers = vacancies / 4;
	c->size.vacancies = vacancies;
	if (!read_places(c, data_dir) || !read_trades(c, data_dir) ||
	    !read_areas(c, data_dir) || !read_words(c, data_dir, "skills.tsv", c->skills) ||
	    !read_words(c, data_dir, "licences.tsv", c->licences)) {
		city_free(c);
		return NULL;
	}
	weigh_places(c);
	weigh_trades(c);
	returns_make(c);
	return c;
}

struct city *city_new(const char *data_dir, uint64_t seed, uint32_t people)
{
	if (people < CITY_PEOPLE_MIN || people > CITY_PEOPLE_MAX) {
		fprintf(stderr, "city: %u to %u people\n", CITY_PEOPLE_MIN, CITY_PEOPLE_MAX);
		return NULL;
	}
	return make_city(data_dir, seed, people, people / 3);
}

struct city *city_new_sized(const char *data_dir, uint64_t seed, uint32_t people,
    uint32_t vacancies)
{
	if (people < CITY_PEOPLE_MIN || people > CITY_PEOPLE_MAX ||
	    vacancies < CITY_PEOPLE_MIN || vacancies > CITY_PEOPLE_MAX) {
		fprintf(stderr, "city: %u to %u people and vacancies\n", CITY_PEOPLE_MIN,
		    CITY_PEOPLE_MAX);
		return NULL;
	}
	return make_city(data_dir, seed, people, vacancies);
}
