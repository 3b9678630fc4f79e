/*
 * Names beside codes, from the catalogue in memory.
 *
 * An answer is read as text, once, by its keys: which members hold codes of which
 * list says config/data/member_lists.tsv.  Each code stands once, however often the
 * answer has it; what has no name here, as another city's division, is left out.
 * Short lists are not named: their words stand in the description of the API.
 */
#include "daemon/api/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api/app.h"
#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/count.h"
#include "daemon/catalog/catalog.h"
#include "daemon/tables/choices.h"

#define NAMED_MAX 1024 /* a power of two; what is beyond goes without */
#define CODE_MAX  16

/* By member; printed by the build. */
static const struct row {
	const char *member, *lists;
} rows[] = {
#include "daemon/api/member_lists.inc"
};

struct naming {
	const struct catalog *catalog;
	struct buf b;
	char named[NAMED_MAX][CODE_MAX];
	size_t n;
};

/* False: it stands already, or there are too many. */
static bool is_new(struct naming *x, const char *code)
{
	size_t at = 5381;

	for (const char *c = code; *c; c++)
		at = at * 33 + (unsigned char)*c;
	for (at %= NAMED_MAX; x->named[at][0]; at = (at + 1) % NAMED_MAX)
		if (strcmp(x->named[at], code) == 0)
			return false;
	if (x->n == NAMED_MAX / 2)
		return false;
	x->n++;
	memcpy(x->named[at], code, strlen(code) + 1);
	return true;
}

static void put_name(struct naming *x, const char *code, const char *zh, const char *en)
{
	buf_key(&x->b, code);
	buf_puts(&x->b, "{\"zh\":");
	buf_json(&x->b, zh && *zh ? zh : NULL);
	buf_puts(&x->b, ",\"en\":");
	buf_json(&x->b, en && *en ? en : NULL);
	buf_putc(&x->b, '}');
}

static place_t padded(const char *digits, size_t n)
{
	place_t place = 0;

	for (size_t i = 0; i < 12; i++)
		place = place * 10 + (i < n ? (place_t)(digits[i] - '0') : 0);
	return place;
}

/* A community with its street, a street with its county. */
static void name_division(struct naming *x, const char *code)
{
	size_t n = strlen(code), above = n == 12 ? 9 : n == 9 ? 6 : 0;
	const struct division *d, *up;
	char name[256];

	if (strspn(code, "0123456789") != n || n > 12)
		return;
	d = catalog_division(x->catalog, padded(code, n));
	up = above ? catalog_division(x->catalog, padded(code, above)) : NULL;
	if (!d || (size_t)d->digits != n)
		return;
	snprintf(name, sizeof(name), "%s%s", up ? up->name : "", d->name);
	put_name(x, code, name, NULL);
}

static void name_occupation(struct naming *x, const char *code)
{
	const struct occupation *o;
	occupation_t number;

	if (occupation_parse(code, &number) != CODE_OK)
		return;
	o = catalog_occupation(x->catalog, number);
	if (o)
		put_name(x, code, o->name, o->en);
}

static void name_skill(struct naming *x, const char *code)
{
	const struct term *t = catalog_skill(x->catalog, code);

	if (t)
		put_name(x, code, t->zh, t->en);
}

static void name_licence(struct naming *x, const char *code)
{
	const struct term *t = catalog_licence(x->catalog, code);

	if (t)
		put_name(x, code, t->zh, t->en);
}

static void name_education(struct naming *x, const char *code)
{
	int place = choice_find(LIST_EDUCATION, code);
	const struct choice *c = place < 0 ? NULL : &choice_lists[LIST_EDUCATION].rows[place];

	if (c)
		put_name(x, code, c->zh, c->en);
}

static const struct {
	const char *list;
	void (*name)(struct naming *x, const char *code);
} namers[] = {
	{ "divisions", name_division },
	{ "occupations", name_occupation },
	{ "skills", name_skill },
	{ "licences", name_licence },
	{ "education", name_education },
};

static int by_member(const void *a, const void *b)
{
	return strcmp(((const struct row *)a)->member, ((const struct row *)b)->member);
}

/* Which of the namers a member's codes go to; -1: its value is none of them. */
static int namer_of(const char *key, size_t n)
{
	char member[32];
	const struct row wanted = { member, NULL }, *found;

	if (n >= sizeof(member))
		return -1;
	memcpy(member, key, n);
	member[n] = '\0';
	found = bsearch(&wanted, rows, COUNT(rows), sizeof(*rows), by_member);
	for (size_t i = 0; found && i < COUNT(namers); i++) {
		size_t len = strlen(namers[i].list);

		if (strncmp(found->lists, namers[i].list, len) == 0 &&
		    (!found->lists[len] || found->lists[len] == ' '))
			return (int)i;
	}
	return -1;
}

static void name_code(struct naming *x, int namer, const char *text, size_t n)
{
	char code[CODE_MAX];

	if (namer < 0 || n == 0 || n >= sizeof(code) || memchr(text, '\\', n))
		return;
	memcpy(code, text, n);
	code[n] = '\0';
	if (is_new(x, code))
		namers[namer].name(x, code);
}

/* Behind the quote that ends a text; `p` stands behind the one that begins it. */
static const char *text_end(const char *p)
{
	while (*p && *p != '"')
		p += *p == '\\' && p[1] ? 2 : 1;
	return p;
}

static void name_all(struct naming *x, const char *json)
{
	int namer = -1;

	for (const char *p = json; (p = strchr(p, '"')); p++) {
		const char *from = p + 1;

		p = text_end(from);
		if (!*p)
			return;
		if (p[1 + strspn(p + 1, " \n")] == ':')
			namer = namer_of(from, (size_t)(p - from));
		else
			name_code(x, namer, from, (size_t)(p - from));
	}
}

const char *names_beside(struct flow *f, const char *json)
{
	size_t n = strlen(json);
	struct naming *x;
	const char *named = json;

	if (n < 3 || json[0] != '{' || json[n - 1] != '}')
		return json;
	x = arena_alloc(flow_arena(f), sizeof(*x));
	x->catalog = flow_app(f)->catalog;
	buf_putc(&x->b, '{');
	name_all(x, json);
	if (x->b.len > 1)
		named = arena_printf(flow_arena(f), "%.*s,\"code_names\":%s}}", (int)(n - 1),
		    json, x->b.data);
	buf_free(&x->b);
	return named;
}

struct naming *names_begin(struct flow *f)
{
	struct naming *x = arena_alloc(flow_arena(f), sizeof(*x));

	x->catalog = flow_app(f)->catalog;
	return x;
}

void names_occupation(struct naming *x, occupation_t o)
{
	char code[12];

	occupation_print(o, code);
	if (is_new(x, code))
		name_occupation(x, code);
}

void names_place(struct naming *x, place_t place, int digits)
{
	char code[13];

	place_print(place, digits, code);
	if (is_new(x, code))
		name_division(x, code);
}

void names_end(struct naming *x, struct buf *object)
{
	if (x->b.len && object->len && object->data[object->len - 1] == '}') {
		object->len--;
		buf_puts(object, ",\"code_names\":{");
		buf_put(object, x->b.data, x->b.len);
		buf_puts(object, "}}");
	}
	buf_free(&x->b);
}
