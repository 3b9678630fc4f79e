/*
 * Places: the divisions of the city with their reporting units, the area codes
 * of all editions, and which county entries touch.
 *
 * A division's unit is not its prefix: a zone may own streets that are coded
 * under a district, so the longest prefix that a unit claims decides.
 */
#include "daemon/catalog/catalog_tables.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/oom.h"

struct claim {
	const char *unit;
	const char *prefix;
	size_t len;
};

struct claims {
	struct claim *at;
	size_t n;
};

/* prefixes: a comma list; it is cut in place. */
static bool add_claims(struct tsv *t, struct claims *claims)
{
	char *rest = (char *)t->field[5];

	while (rest) {
		const char *prefix = strsep(&rest, ",");
		size_t len = strlen(prefix);

		if (len < 6 || len > 12 || strspn(prefix, "0123456789") != len)
			return tsv_refuse(t, "a prefix has 6 to 12 digits", prefix);
		claims->at = must_realloc(claims->at, (claims->n + 1) * sizeof(*claims->at));
		claims->at[claims->n++] = (struct claim){ t->field[0], prefix, len };
	}
	return true;
}

static bool read_units(struct catalog *c, struct claims *claims)
{
	char name[32];
	struct tsv t;

	snprintf(name, sizeof(name), "units_%d.tsv", c->city);
	if (!catalog_open(c, &t, name, "unit\tkind\tname_zh\tname_en\tgb_code\tprefixes"))
		return false;
	while (tsv_next(&t)) {
		if (!add_claims(&t, claims))
			return false;
	}
	return !t.is_broken;
}

static const char *unit_of(const struct claims *claims, const char *code)
{
	const struct claim *best = NULL;

	for (size_t i = 0; i < claims->n; i++) {
		const struct claim *one = &claims->at[i];

		if (strncmp(code, one->prefix, one->len) == 0 &&
		    (!best || one->len > best->len))
			best = one;
	}
	return best ? best->unit : NULL;
}

static int by_division(const void *a, const void *b)
{
	const struct division *x = a;
	const struct division *y = b;

	return (x->code > y->code) - (x->code < y->code);
}

static bool add_division(struct catalog *c, struct tsv *t, const struct claims *claims)
{
	static const struct {
		const char *level;
		int written, digits;
	} levels[] = { { "city", 6, 4 }, { "county", 6, 6 }, { "street", 9, 9 },
		{ "community", 12, 12 } };
	struct division *d = &c->divisions[c->n_divisions++];

	for (size_t i = 0; i < sizeof(levels) / sizeof(*levels); i++) {
		if (strcmp(t->field[1], levels[i].level) != 0)
			continue;
		d->digits = levels[i].digits;
		d->name = t->field[2];
		if (place_parse(t->field[0], levels[i].written, &d->code) != CODE_OK)
			return tsv_refuse(t, "not a code of its level", t->field[0]);
		if (d->code / 100000000 != (place_t)c->city)
			return tsv_refuse(t, "not of this city", t->field[0]);
		d->unit = d->digits == 4 ? "" : unit_of(claims, t->field[0]);
		if (!d->unit)
			return tsv_refuse(t, "no reporting unit owns it", t->field[0]);
		return true;
	}
	return tsv_refuse(t, "no such level", t->field[1]);
}

static bool read_divisions(struct catalog *c, const struct claims *claims)
{
	char name[32];
	struct tsv t;

	snprintf(name, sizeof(name), "divisions_%d.tsv", c->city);
	if (!catalog_open(c, &t, name, "code\tlevel\tname\tparent"))
		return false;
	c->divisions = must_alloc(t.lines * sizeof(*c->divisions));
	while (tsv_next(&t)) {
		if (!add_division(c, &t, claims))
			return false;
	}
	qsort(c->divisions, c->n_divisions, sizeof(*c->divisions), by_division);
	for (size_t i = 1; i < c->n_divisions; i++) {
		if (c->divisions[i].code == c->divisions[i - 1].code)
			return tsv_refuse_table(&t, "two have its code", c->divisions[i].name);
	}
	return !t.is_broken;
}

int catalog_city(const struct catalog *c)
{
	return c->city;
}

const struct division *catalog_division(const struct catalog *c, place_t code)
{
	const struct division key = { .code = code };

	return bsearch(&key, c->divisions, c->n_divisions, sizeof(key), by_division);
}

static int by_area(const void *a, const void *b)
{
	const struct area *x = a;
	const struct area *y = b;

	return (x->code > y->code) - (x->code < y->code);
}

/* Rows that add up others, not places. */
static bool is_sum(const char *name)
{
	return strcmp(name, "市辖区") == 0 || strcmp(name, "县") == 0 ||
	       strcmp(name, "市") == 0 || strstr(name, "直辖") != NULL;
}

/* A province; or a city, unless it has no counties, as Dongguan.  Rows stand by code. */
static bool is_above_counties(const struct area *areas, size_t n, size_t at)
{
	uint32_t code = areas[at].code;

	if (code % 10000 == 0)
		return true;
	if (code % 100 != 0)
		return false;
	for (size_t i = at + 1; i < n && areas[i].code < code + 100; i++) {
		if (areas[i].is_place && areas[i].first)
			return true;
	}
	return false;
}

static bool read_areas(struct catalog *c)
{
	uint32_t *codes;
	struct tsv t;
	size_t n = 0;

	if (!catalog_open(c, &t, "areas_gb2260.tsv", "code\tname\tfirst_edition\tlast_edition"))
		return false;
	c->areas = must_alloc(t.lines * sizeof(*c->areas));
	while (tsv_next(&t)) {
		place_t code;

		if (place_parse(t.field[0], 6, &code) != CODE_OK)
			return tsv_refuse(&t, "six digits are expected", t.field[0]);
		c->areas[n++] = (struct area){ (uint32_t)(code / 1000000),
			(int)strtol(t.field[2], NULL, 10), (int)strtol(t.field[3], NULL, 10),
			!is_sum(t.field[1]) };
	}
	qsort(c->areas, n, sizeof(*c->areas), by_area);
	for (size_t i = 0; i < n; i++)
		c->areas[i].is_place &= !is_above_counties(c->areas, n, i);
	codes = must_alloc(n * sizeof(*codes));
	for (size_t i = 0; i < n; i++) {
		codes[i] = c->areas[i].code;
		if (c->areas[i].last > c->newest_area)
			c->newest_area = c->areas[i].last;
	}
	c->area_codes = (struct areas){ n, codes };
	return !t.is_broken;
}

static bool read_successors(struct catalog *c)
{
	struct tsv t;

	if (!catalog_open(c, &t, "area_successors.tsv", "code\tname\tsuccessor"))
		return false;
	c->successors = must_alloc(t.lines * sizeof(*c->successors));
	while (tsv_next(&t)) {
		place_t code, next;

		if (place_parse(t.field[0], 6, &code) != CODE_OK ||
		    place_parse(t.field[2], 6, &next) != CODE_OK || code == next)
			return tsv_refuse(&t, "two codes of six digits", t.field[0]);
		c->successors[c->n_successors++] =
		    (struct successor){ (uint32_t)(code / 1000000),
			    (uint32_t)(next / 1000000) };
	}
	return !t.is_broken;
}

uint32_t catalog_successor(const struct catalog *c, uint32_t area)
{
	for (size_t i = 0; i < c->n_successors; i++) {
		if (c->successors[i].code == area)
			return c->successors[i].next;
	}
	return 0;
}

enum code_fault catalog_area(const struct catalog *c, const char *text, int edition)
{
	const struct area *found;
	struct area key = { 0 };
	place_t code;

	if (place_parse(text, 6, &code) != CODE_OK)
		return CODE_FORMAT;
	key.code = (uint32_t)(code / 1000000);
	found = bsearch(&key, c->areas, c->area_codes.n, sizeof(key), by_area);
	if (!found)
		return CODE_UNKNOWN;
	return found->first <= edition && edition <= found->last ? CODE_OK : CODE_OTHER_EDITION;
}

enum code_fault catalog_county_elsewhere(const struct catalog *c, place_t place, int edition)
{
	const struct area key = { .code = (uint32_t)(place / 1000000) };
	const struct area *found =
	    bsearch(&key, c->areas, c->area_codes.n, sizeof(key), by_area);

	if (key.code / 100 == (uint32_t)c->city)
		return CODE_AREA;
	if (!found)
		return CODE_UNKNOWN;
	if (!found->is_place)
		return CODE_AREA;
	if (found->last == c->newest_area ||
	    (found->first <= edition && edition <= found->last))
		return CODE_OK;
	return CODE_OTHER_EDITION;
}

const struct areas *catalog_areas(const struct catalog *c)
{
	return &c->area_codes;
}

static int by_pair(const void *a, const void *b)
{
	const uint32_t *x = a;
	const uint32_t *y = b;

	if (x[0] != y[0])
		return x[0] < y[0] ? -1 : 1;
	return (x[1] > y[1]) - (x[1] < y[1]);
}

/* Touching is mutual: a pair that is written once counts both ways. */
static bool read_adjacency(struct catalog *c)
{
	uint32_t(*pairs)[2];
	char name[32];
	struct tsv t;
	size_t n = 0;

	snprintf(name, sizeof(name), "adjacency_%d.tsv", c->city);
	if (!catalog_open(c, &t, name, "county\tneighbour"))
		return false;
	pairs = must_alloc(2 * t.lines * sizeof(*pairs));
	c->near.pairs = (const uint32_t(*)[2])pairs;
	while (tsv_next(&t)) {
		place_t code[2];

		for (int i = 0; i < 2; i++) {
			if (place_parse(t.field[i], 6, &code[i]) != CODE_OK ||
			    !catalog_division(c, code[i]))
				return tsv_refuse(&t, "not a county of this city", t.field[i]);
		}
		for (int i = 0; i < 2; i++, n++) {
			pairs[n][0] = (uint32_t)(code[i] / 1000000);
			pairs[n][1] = (uint32_t)(code[1 - i] / 1000000);
		}
	}
	qsort(pairs, n, sizeof(*pairs), by_pair);
	c->near.n = n;
	return !t.is_broken;
}

const struct adjacency *catalog_adjacency(const struct catalog *c)
{
	return &c->near;
}

/* All that are missing, at once: they are another city's to give. */
static bool are_there(const struct catalog *c)
{
	static const char *const names[] = { "divisions", "units", "adjacency" };
	bool are = true;
	char path[512];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s/%s_%d.tsv", c->dir, names[i], c->city);
		if (access(path, R_OK) == 0)
			continue;
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		are = false;
	}
	if (!are)
		fprintf(stderr,
		    "city = %d: its tables are to be given; see "
		    "vacancyd-operating(7), \"Another city\"\n",
		    c->city);
	return are;
}

bool read_places(struct catalog *c)
{
	struct claims claims = { 0 };
	bool ok = are_there(c) && read_units(c, &claims) && read_divisions(c, &claims);

	free(claims.at);
	return ok && read_areas(c) && read_successors(c) && read_adjacency(c);
}
