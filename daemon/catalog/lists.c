/*
 * The lists as a whole: every code with its names, for whoever has to choose one.
 *
 * Long lists come from their own tables, short ones (config/data/choices.tsv)
 * are compiled in.  An occupation that is a group and has no details bears the
 * digits of a group and is printed in full, because that is how a post names it.
 */
#include "daemon/catalog/catalog_tables.h"

#include <stdio.h>
#include <string.h>

#include "daemon/tables/choices.h"

static void print_place(place_t code, int digits, char *out, size_t n)
{
	snprintf(out, n, "%012llu", (unsigned long long)code);
	out[digits] = '\0';
}

static void each_division(const struct catalog *c, code_visitor *each, void *arg)
{
	static const int above[] = { [6] = 4, [9] = 6, [12] = 9 };

	for (size_t i = 0; i < c->n_divisions; i++) {
		const struct division *d = &c->divisions[i];
		struct code code = { .zh = d->name };

		print_place(d->code, d->digits, code.text, sizeof(code.text));
		if (d->digits > 4) {
			memcpy(code.parent, code.text, sizeof(code.parent));
			code.parent[above[d->digits]] = '\0';
		}
		code.level = d->digits == 4 ? 1 : d->digits / 3;
		each(arg, &code);
	}
}

/* 4-07-05-01, 4-07-05-00, 4-07-00-00, 4-00-00-00 cut to what says something. */
static int print_occupation(occupation_t o, bool in_full, char *out, size_t n)
{
	unsigned code = (unsigned)o;
	int level = code % 100 ? 4 : code / 100 % 100 ? 3 : code / 10000 % 100 ? 2 : 1;

	snprintf(out, n, "%u-%02u-%02u-%02u", code / 1000000, code / 10000 % 100,
	    code / 100 % 100, code % 100);
	if (!in_full)
		out[(size_t)3 * (unsigned)level - 2] = '\0';
	return level;
}

/* The nearest group above that exists: 1-01-00-01 has no minor group. */
static occupation_t group_above(const struct catalog *c, occupation_t o)
{
	for (occupation_t width = 100; width <= 1000000; width *= 100) {
		occupation_t group = o / width * width;

		if (group != o && catalog_occupation(c, group))
			return group;
	}
	return 0;
}

static void each_occupation(const struct catalog *c, code_visitor *each, void *arg)
{
	for (size_t i = 0; i < c->n_occupations; i++) {
		const struct occupation *o = &c->occupations[i];
		occupation_t above = group_above(c, o->code);
		struct code code = { .zh = o->name, .en = o->en, .spellings = o->spellings };

		code.level =
		    print_occupation(o->code, is_leaf(c, o), code.text, sizeof(code.text));
		if (above)
			print_occupation(above, false, code.parent, sizeof(code.parent));
		each(arg, &code);
	}
}

static void each_term(const struct words *words, code_visitor *each, void *arg)
{
	for (size_t id = 1; id < 256; id++) {
		const struct term *t = &words->by_id[id];
		struct code code = { .zh = t->zh, .en = t->en, .level = 1 };

		if (!t->code)
			continue;
		snprintf(code.text, sizeof(code.text), "%s", t->code);
		if (t->group)
			print_occupation(t->group, false, code.parent, sizeof(code.parent));
		each(arg, &code);
	}
}

static void each_skill(const struct catalog *c, code_visitor *each, void *arg)
{
	each_term(&c->skills, each, arg);
}

static void each_licence(const struct catalog *c, code_visitor *each, void *arg)
{
	each_term(&c->licences, each, arg);
}

static void each_industry(const struct catalog *c, int edition, code_visitor *each, void *arg)
{
	for (size_t i = 0; i < c->n_industries; i++) {
		const struct industry *x = &c->industries[i];
		struct code code = { .level = (int)strlen(x->code) };

		if (x->edition != edition)
			continue;
		if (!x->code[0]) {
			code.level = 1;
			code.zh = x->name;
		}
		snprintf(code.text, sizeof(code.text), "%c%s", x->section, x->code);
		if (x->code[0]) {
			memcpy(code.parent, code.text, sizeof(code.parent));
			code.parent[code.level == 2 ? 1 : code.level] = '\0';
		}
		each(arg, &code);
	}
}

static void each_industry_2002(const struct catalog *c, code_visitor *each, void *arg)
{
	each_industry(c, 2002, each, arg);
}

static void each_industry_2017(const struct catalog *c, code_visitor *each, void *arg)
{
	each_industry(c, 2017, each, arg);
}

static const struct {
	const char *name;
	void (*walk)(const struct catalog *c, code_visitor *each, void *arg);
} tables[] = {
	{ "divisions", each_division },
	{ "occupations", each_occupation },
	{ "skills", each_skill },
	{ "licences", each_licence },
	{ "industries-2002", each_industry_2002 },
	{ "industries-2017", each_industry_2017 },
};
enum { N_TABLES = sizeof(tables) / sizeof(*tables) };

static void each_choice(const struct choice_list *list, code_visitor *each, void *arg)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct choice *r = &list->rows[i];
		struct code code = { .zh = r->zh,
			.en = r->en,
			.level = r->parent[0] ? 2 : 1,
			.definition_zh = r->definition_zh,
			.definition_en = r->definition_en,
			.spellings = r->spellings };

		snprintf(code.text, sizeof(code.text), "%s", r->code);
		snprintf(code.parent, sizeof(code.parent), "%s", r->parent);
		each(arg, &code);
	}
}

bool catalog_list(const struct catalog *c, const char *list, code_visitor *each, void *arg)
{
	for (size_t i = 0; i < N_TABLES; i++) {
		if (strcmp(tables[i].name, list) != 0)
			continue;
		tables[i].walk(c, each, arg);
		return true;
	}
	for (size_t i = 0; i < LISTS; i++) {
		if (strcmp(choice_lists[i].name, list) != 0)
			continue;
		each_choice(&choice_lists[i], each, arg);
		return true;
	}
	return false;
}

const char *catalog_list_name(size_t i)
{
	if (i < N_TABLES)
		return tables[i].name;
	i -= N_TABLES;
	return i < LISTS ? choice_lists[i].name : NULL;
}
