/*
 * The nearest known codes to a wrong one: what an error offers.
 *
 * Near is a name for its code, then at most two edits (a swap of neighbours is one), then a
 * part of a name, then a long common beginning; among equals, what agrees most at both ends.
 * Whoever refused says what they would take, and nothing else is offered.
 */
#include "daemon/catalog/catalog_tables.h"

#include <stdio.h>
#include <string.h>

enum {
	EDITS_MAX = 2,
	/* Two edits farther apart than this are not a slip; and most codes end here, cheaply.
	 */
	SPAN_MAX = 5,
	TEXT_MAX = CODE_LEN,
	/* A common beginning that says something: "4-09", "4101". */
	PREFIX_MIN = 4,
	/* Two characters of Chinese, the least part of a name that says something. */
	PART_MIN = 6
};

struct offer {
	int edits;
	size_t prefix; /* characters that agree at the beginning */
	size_t alike;  /* at the beginning and at the end */
	char text[TEXT_MAX];
};

struct near {
	const struct offers *for_whom;
	const char *wrong;       /* as given: it may be a name */
	char code[TEXT_MAX + 1]; /* the same normalised; "" when too long to be a code */
	size_t len;
	struct offer best[OFFERED];
	size_t n;
};

static int least(int a, int b)
{
	return a < b ? a : b;
}

/* Edits from a to b, or EDITS_MAX + 1 when there are more.  Only the diagonal's
 * neighbourhood is looked at: further out there are more edits anyway. */
static int edits(const char *a, size_t na, const char *b, size_t nb)
{
	enum { MANY = EDITS_MAX + 1 };
	int rows[3][TEXT_MAX + 2];

	if (na > TEXT_MAX || nb > TEXT_MAX || na > nb + EDITS_MAX || nb > na + EDITS_MAX)
		return MANY;
	for (size_t j = 0; j <= nb; j++)
		rows[0][j] = (int)j;
	for (size_t i = 1; i <= na; i++) {
		int *row = rows[i % 3];
		const int *above = rows[(i + 2) % 3];
		const int *two_above = rows[(i + 1) % 3];
		int lowest = MANY;

		for (size_t j = 0; j <= nb; j++) {
			row[j] = MANY;
			if (j + EDITS_MAX < i || j > i + EDITS_MAX)
				continue;
			if (j == 0) {
				row[j] = (int)i;
			} else {
				row[j] = least(above[j - 1] + (a[i - 1] != b[j - 1]),
				    1 + least(above[j], row[j - 1]));
				if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
				    a[i - 2] == b[j - 1])
					row[j] = least(row[j], two_above[j - 2] + 1);
			}
			lowest = least(lowest, row[j]);
		}
		if (lowest >= MANY)
			return MANY;
	}
	return least(rows[na % 3][nb], MANY);
}

static bool is_nearer(const struct offer *a, const struct offer *b)
{
	if (a->edits != b->edits)
		return a->edits < b->edits;
	if (a->alike != b->alike)
		return a->alike > b->alike;
	return strcmp(a->text, b->text) < 0;
}

static bool is_for(const struct offers *o, const char *code)
{
	return strcmp(code, o->wrong) != 0 && (!o->is_taken || o->is_taken(o->arg, code));
}

static void keep(struct near *near, const struct offer *o)
{
	size_t at = near->n;

	if ((near->n == OFFERED && !is_nearer(o, &near->best[OFFERED - 1])) ||
	    !is_for(near->for_whom, o->text))
		return;
	if (near->n < OFFERED)
		near->n++;
	else
		at--;
	for (; at > 0 && is_nearer(o, &near->best[at - 1]); at--)
		near->best[at] = near->best[at - 1];
	near->best[at] = *o;
}

/* Characters that agree at the end, beyond those at the beginning: "K12" is K012. */
static size_t common_end(const struct near *near, const char *text, size_t prefix)
{
	size_t len = strlen(text);
	size_t n = 0;

	while (n + prefix < len && n + prefix < near->len &&
	       near->code[near->len - 1 - n] == text[len - 1 - n])
		n++;
	return n;
}

/* How much of a name that is not in ASCII the two have in common: one holds the other. */
static size_t part_of_name(const char *wrong, const char *name)
{
	size_t a = strlen(wrong), b = strlen(name);

	if ((unsigned char)*wrong < 0x80 || a < PART_MIN || b < PART_MIN)
		return 0;
	return strstr(name, wrong) ? a : strstr(wrong, name) ? b : 0;
}

static void consider(struct near *near, const char *text, const char *zh, const char *en)
{
	struct offer o = { 0 };

	snprintf(o.text, sizeof(o.text), "%s", text);
	if (strcmp(near->wrong, zh) == 0 || strcmp(near->wrong, en) == 0) {
		keep(near, &o);
		return;
	}
	o.alike = part_of_name(near->wrong, zh);
	if (o.alike) {
		o.edits = EDITS_MAX + 1;
		keep(near, &o);
		return;
	}
	if (near->len == 0)
		return;
	while (o.prefix < near->len && near->code[o.prefix] == text[o.prefix])
		o.prefix++;
	o.alike = o.prefix + common_end(near, text, o.prefix);
	o.edits = EDITS_MAX + 1;
	if (near->len <= o.alike + SPAN_MAX)
		o.edits = edits(near->code, near->len, text, strlen(text));
	if (o.edits <= EDITS_MAX || o.prefix >= PREFIX_MIN)
		keep(near, &o);
}

static void consider_divisions(const struct catalog *c, struct near *near)
{
	for (size_t i = 0; i < c->n_divisions; i++) {
		const struct division *d = &c->divisions[i];
		char text[13];

		place_print(d->code, d->digits, text);
		consider(near, text, d->name, d->name);
	}
}

/* Whoever wrote a group ("4-77") is offered groups. */
static void consider_occupations(const struct catalog *c, struct near *near)
{
	bool is_group =
	    *near->code >= '1' && *near->code <= '8' && near->len <= strlen("4-07-05");

	for (size_t i = 0; i < c->n_occupations; i++) {
		const struct occupation *o = &c->occupations[i];
		unsigned code = (unsigned)o->code;
		char text[TEXT_MAX];

		if (is_group && code % 100 == 0)
			occupation_print(o->code, text);
		else if (!is_group && is_leaf(c, o))
			snprintf(text, sizeof(text), "%u-%02u-%02u-%02u", code / 1000000,
			    code / 10000 % 100, code / 100 % 100, code % 100);
		else
			continue;
		consider(near, text, o->name, o->name);
	}
}

static void consider_words(const struct words *words, struct near *near)
{
	for (size_t id = 1; id < 256; id++) {
		const struct term *t = &words->by_id[id];

		if (t->code)
			consider(near, t->code, t->zh, t->en);
	}
}

static bool is_list(const char *list, const char *singular)
{
	size_t n = strlen(singular);

	return strncmp(list, singular, n) == 0 && (!list[n] || strcmp(list + n, "s") == 0);
}

void catalog_nearest(const struct catalog *c, const char *list, struct offers *o)
{
	struct near near = { .for_whom = o, .wrong = o->wrong };

	if (code_normalise(o->wrong, false, near.code, sizeof(near.code)))
		near.len = strlen(near.code);
	if (is_list(list, "division"))
		consider_divisions(c, &near);
	else if (is_list(list, "occupation"))
		consider_occupations(c, &near);
	else if (is_list(list, "skill"))
		consider_words(&c->skills, &near);
	else if (is_list(list, "licence"))
		consider_words(&c->licences, &near);
	for (size_t i = 0; i < near.n; i++)
		(void)offers_add(o, near.best[i].text);
}

void catalog_inside(const struct catalog *c, place_t above, int digits, struct offers *o)
{
	place_t width = 1;

	while (width < 100000000 && above % (width * 10) == 0)
		width *= 10;
	for (size_t i = 0; i < c->n_divisions && o->n < OFFERED; i++) {
		const struct division *d = &c->divisions[i];
		char text[13];

		if (d->digits != digits || d->code / width != above / width)
			continue;
		place_print(d->code, d->digits, text);
		(void)offers_add(o, text);
	}
}

bool offers_add(struct offers *o, const char *code)
{
	for (size_t i = 0; i < o->n; i++) {
		if (strcmp(o->text[i], code) == 0)
			return false;
	}
	if (o->n == OFFERED || strlen(code) >= CODE_LEN || !is_for(o, code))
		return false;
	snprintf(o->text[o->n++], CODE_LEN, "%s", code);
	return true;
}

void offers_print(const struct offers *o, char out[static OFFERS_TEXT])
{
	int n = 0;

	*out = '\0';
	for (size_t i = 0; i < o->n; i++)
		n += snprintf(out + n, (size_t)(OFFERS_TEXT - n), "%s%s", i ? ", " : "",
		    o->text[i]);
}
