/*
 * Reading config/data, and making a city of it.
 */
#include "tests/city/tables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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
