/*
 * Words: the occupational classification, and the vocabularies of skills and
 * licences.
 *
 * Records carry a skill as one byte, so an id is 1 to 255 and is never given
 * again; people and programs outside use the code.
 */
#include "daemon/catalog/catalog_tables.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/oom.h"

static int by_occupation(const void *a, const void *b)
{
	const struct occupation *x = a;
	const struct occupation *y = b;

	return (x->code > y->code) - (x->code < y->code);
}

static struct occupation *occupation_of(const struct catalog *c, occupation_t code)
{
	const struct occupation key = { .code = code };

	return bsearch(&key, c->occupations, c->n_occupations, sizeof(key), by_occupation);
}

/* No two may be called alike, or a name would be a guess. */
static const struct occupation *called_so(const struct catalog *c, const char *word, size_t n)
{
	for (size_t i = 0; i < c->n_occupations; i++) {
		const struct occupation *o = &c->occupations[i];

		if (is_leaf(c, o) &&
		    (tsv_has_word(o->spellings, word, n) ||
			(strlen(o->name) == n && memcmp(o->name, word, n) == 0)))
			return o;
	}
	return NULL;
}

/* What people call them every day. */
static bool read_names(struct catalog *c)
{
	struct tsv t;

	if (!catalog_open(c, &t, "occupation_names.tsv", "code\ten\tspellings\tsource"))
		return false;
	while (tsv_next(&t)) {
		occupation_t code;
		struct occupation *o = occupation_parse_full(t.field[0], &code) == CODE_OK
					   ? occupation_of(c, code)
					   : NULL;

		if (!o || !is_leaf(c, o))
			return tsv_refuse(&t, "not an occupation that a post can be",
			    t.field[0]);
		for (const char *word = t.field[2]; *word; word += *word == '|') {
			size_t n = strcspn(word, "|");

			if (called_so(c, word, n))
				return tsv_refuse(&t, "a name that another has", word);
			word += n;
		}
		o->en = t.field[1];
		o->spellings = t.field[2];
	}
	return !t.is_broken;
}

bool read_occupations(struct catalog *c)
{
	struct tsv t;

	if (!catalog_open(c, &t, "occupations_csco2022.tsv", "code\tlevel\tname\tparent"))
		return false;
	c->occupations = must_alloc(t.lines * sizeof(*c->occupations));
	while (tsv_next(&t)) {
		struct occupation *o = &c->occupations[c->n_occupations++];

		if (occupation_parse_full(t.field[0], &o->code) != CODE_OK)
			return tsv_refuse(&t, "not an occupation code", t.field[0]);
		o->name = t.field[2];
		o->en = o->spellings = "";
	}
	qsort(c->occupations, c->n_occupations, sizeof(*c->occupations), by_occupation);
	for (size_t i = 1; i < c->n_occupations; i++) {
		if (c->occupations[i].code == c->occupations[i - 1].code)
			return tsv_refuse_table(&t, "two have its code",
			    c->occupations[i].name);
	}
	return !t.is_broken && read_names(c);
}

const struct occupation *catalog_occupation(const struct catalog *c, occupation_t code)
{
	return occupation_of(c, code);
}

bool is_leaf(const struct catalog *c, const struct occupation *o)
{
	const struct occupation *next = o + 1;
	occupation_t width = 1;

	while (width < 1000000 && o->code % (width * 100) == 0)
		width *= 100;
	return next == c->occupations + c->n_occupations ||
	       next->code / width != o->code / width;
}

static const struct term *by_code(const struct words *words, const char *code)
{
	for (size_t id = 1; id < 256; id++) {
		const struct term *term = &words->by_id[id];

		if (term->code && strcmp(term->code, code) == 0)
			return term;
	}
	return NULL;
}

/* Explanations are written with them as they are. */
static bool name_skill(struct skill_words *words, const struct term *term)
{
	const char *const names[] = { term->en, term->zh };

	for (size_t i = 0; i < 2; i++) {
		if (strlen(names[i]) > SKILL_WORD_MAX || strpbrk(names[i], "\"\\"))
			return false;
		words->of[term->id][i] = names[i];
	}
	return true;
}

static bool read_vocabulary(struct catalog *c, const char *name, struct words *words)
{
	struct tsv t;

	if (!catalog_open(c, &t, name, "id\tcode\tzh\ten\tgroup"))
		return false;
	while (tsv_next(&t)) {
		char *end;
		long id = strtol(t.field[0], &end, 10);
		struct term *term;

		if (end == t.field[0] || *end || id < 1 || id > 255)
			return tsv_refuse(&t, "an id is 1 to 255", t.field[0]);
		term = &words->by_id[id];
		if (term->code)
			return tsv_refuse(&t, "this id is taken", t.field[0]);
		if (by_code(words, t.field[1]))
			return tsv_refuse(&t, "this code is taken", t.field[1]);
		*term = (struct term){ (uint8_t)id, t.field[1], t.field[2], t.field[3], 0 };
		if (*t.field[4] && occupation_parse(t.field[4], &term->group) != CODE_OK)
			return tsv_refuse(&t, "not a group of occupations", t.field[4]);
		if (words == &c->skills && !name_skill(&c->skill_words, term))
			return tsv_refuse(&t, "a name is too long, or has quotes", t.field[1]);
		words->n++;
	}
	return !t.is_broken;
}

bool read_words(struct catalog *c)
{
	return read_vocabulary(c, "skills.tsv", &c->skills) &&
	       read_vocabulary(c, "licences.tsv", &c->licences);
}

static const struct term *by_id(const struct words *words, uint8_t id)
{
	return words->by_id[id].code ? &words->by_id[id] : NULL;
}

const struct term *catalog_skill(const struct catalog *c, const char *code)
{
	return by_code(&c->skills, code);
}

const struct term *catalog_skill_by_id(const struct catalog *c, uint8_t id)
{
	return by_id(&c->skills, id);
}

const struct skill_words *catalog_skill_words(const struct catalog *c)
{
	return &c->skill_words;
}

const struct term *catalog_licence(const struct catalog *c, const char *code)
{
	return by_code(&c->licences, code);
}

const struct term *catalog_licence_by_id(const struct catalog *c, uint8_t id)
{
	return by_id(&c->licences, id);
}
