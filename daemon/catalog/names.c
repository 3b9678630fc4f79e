/*
 * Names for codes, found in one sorted array that is made with the catalogue.
 *
 * A division stands there under its name and under what remains when its ending
 * is left out; a way to it is its name behind those of divisions around it.
 */
#include "daemon/catalog/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/count.h"
#include "daemon/base/oom.h"
#include "daemon/catalog/catalog_tables.h"

enum { WAY_MAX = 300 }; /* bytes of a name that is looked for */

struct name {
	char list; /* o, s, l, d */
	const char *text;
	size_t n; /* of its bytes that count */
	char code[16];
};

struct names {
	struct name *at;
	size_t n, room;
};

/* The longest first: what is left of 社区居委会 is not 社区. */
static const char *const endings[] = { "社区居民委员会", "社区居民居委会", "居民居委会",
	"居民委员会", "村民委员会", "社区居委会", "街道办事处", "居委会", "村委会", "办事处",
	"社区", "街道", "村", "镇", "乡", "区", "县", "市" };

static int compare(const void *x, const void *y)
{
	const struct name *a = x, *b = y;
	size_t least = a->n < b->n ? a->n : b->n;
	int order;

	if (a->list != b->list)
		return a->list - b->list;
	order = memcmp(a->text, b->text, least);
	return order ? order : (a->n > b->n) - (a->n < b->n);
}

static void add(struct names *names, char list, const char *text, size_t n, const char *code)
{
	struct name *one;

	if (!n)
		return;
	if (names->n == names->room) {
		names->room = names->room * 2 + 4096;
		names->at = must_realloc(names->at, names->room * sizeof(*names->at));
	}
	one = &names->at[names->n++];
	*one = (struct name){ .list = list, .text = text, .n = n };
	snprintf(one->code, sizeof(one->code), "%s", code);
}

static void add_words(struct names *names, char list, const char *words, const char *code)
{
	for (size_t len; words && *words; words += len + (words[len] == '|')) {
		len = strcspn(words, "|");
		add(names, list, words, len, code);
	}
}

struct adding {
	struct names *names;
	const struct catalog *catalog;
	char list;
};

static void add_code(void *arg, const struct code *c)
{
	struct adding *a = arg;
	size_t n = c->zh ? strlen(c->zh) : 0;

	if (a->list == 'o' && strlen(c->text) < strlen("4-07-05-01"))
		return; /* a group */
	add(a->names, a->list, c->zh, n, c->text);
	if (c->en)
		add(a->names, a->list, c->en, strlen(c->en), c->text);
	add_words(a->names, a->list, c->spellings, c->text);
	for (size_t i = 0; a->list == 'd' && i < COUNT(endings); i++) {
		size_t end = strlen(endings[i]);

		/* One character alone is no name. */
		if (n >= end + 6 && memcmp(c->zh + n - end, endings[i], end) == 0)
			add(a->names, 'd', c->zh, n - end, c->text);
	}
}

void names_read(struct catalog *c)
{
	static const struct {
		char list;
		const char *name;
	} lists[] = { { 'o', "occupations" }, { 's', "skills" }, { 'l', "licences" },
		{ 'd', "divisions" } };

	c->names = must_alloc(sizeof(*c->names));
	for (size_t i = 0; i < COUNT(lists); i++) {
		struct adding a = { c->names, c, lists[i].list };

		(void)catalog_list(c, lists[i].name, add_code, &a);
	}
	qsort(c->names->at, c->names->n, sizeof(*c->names->at), compare);
}

void names_free(struct names *names)
{
	if (names)
		free(names->at);
	free(names);
}

static void keep(struct named *out, const char *code)
{
	for (size_t i = 0; i < out->n && i < NAMED_MAX; i++)
		if (strcmp(out->code[i], code) == 0)
			return;
	if (out->n < NAMED_MAX)
		snprintf(out->code[out->n], sizeof(out->code[0]), "%s", code);
	out->n++;
}

typedef bool accepts(const struct catalog *c, const char *code, const char *before, size_t n);

/* All of one name; `fits` says which of them count. */
static void find(const struct catalog *c, char list, const char *text, size_t n, accepts *fits,
    const char *before, struct named *out)
{
	const struct names *names = c->names;
	const struct name key = { .list = list, .text = text, .n = n };
	size_t low = 0, high = names->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (compare(&names->at[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < names->n && compare(&names->at[low], &key) == 0; low++)
		if (!fits || fits(c, names->at[low].code, before, (size_t)(text - before)))
			keep(out, names->at[low].code);
}

/* What is left of a way when the name of one around it is taken off its beginning. */
static size_t take_name(const char *way, size_t n, const char *name)
{
	size_t len = strlen(name);

	if (n >= len && memcmp(way, name, len) == 0)
		return len;
	for (size_t i = 0; i < COUNT(endings); i++) {
		size_t end = strlen(endings[i]);

		if (len < end + 6 || memcmp(name + len - end, endings[i], end) != 0)
			continue;
		if (n < len - end || memcmp(way, name, len - end) != 0)
			continue;
		len -= end;
		/* 经八路办事处 for 经八路街道 */
		for (size_t k = 0; k < COUNT(endings); k++)
			if (n - len >= strlen(endings[k]) &&
			    memcmp(way + len, endings[k], strlen(endings[k])) == 0)
				return len + strlen(endings[k]);
		return len;
	}
	return 0;
}

/* Whether the way before a name is made of names of divisions around it. */
static bool is_around(const struct catalog *c, const char *code, const char *way, size_t n)
{
	static const int digits[] = { 4, 6, 9 };
	size_t own = strlen(code);

	if (n >= strlen("河南省") && memcmp(way, "河南省", strlen("河南省")) == 0) {
		way += strlen("河南省");
		n -= strlen("河南省");
	}
	for (size_t i = 0; i < COUNT(digits) && (size_t)digits[i] < own; i++) {
		char text[16] = "000000000000";
		const struct division *d;
		size_t taken;
		place_t place;

		memcpy(text, code, (size_t)digits[i]);
		if (place_parse(text, 12, &place) != CODE_OK ||
		    !(d = catalog_division(c, place)))
			continue;
		taken = take_name(way, n, d->name);
		way += taken;
		n -= taken;
	}
	return n == 0;
}

struct named catalog_divisions_named(const struct catalog *c, const char *name)
{
	struct named out = { 0 };
	size_t n = strlen(name);
	char without[WAY_MAX + 1] = "";

	if (n > WAY_MAX)
		return out;
	/* The name is the end of the way; the longest that is one, so that the way is short. */
	for (size_t at = 0; at < n && !out.n; at++)
		if (((unsigned char)name[at] & 0xc0u) != 0x80u)
			find(c, 'd', name + at, n - at, is_around, name, &out);
	/* 社区居委会 for 社区居民委员会: the committee stands under the name without it. */
	for (size_t i = 0; i < COUNT(endings) && !out.n; i++) {
		size_t end = strlen(endings[i]);

		if (n > end && strstr(endings[i], "委") &&
		    memcmp(name + n - end, endings[i], end) == 0)
			return catalog_divisions_named(c, memcpy(without, name, n - end));
	}
	return out;
}

struct named catalog_occupations_named(const struct catalog *c, const char *name)
{
	struct named out = { 0 };

	find(c, 'o', name, strlen(name), NULL, name, &out);
	return out;
}

struct named catalog_terms_named(const struct catalog *c, const char *list, const char *name)
{
	struct named out = { 0 };

	find(c, list[0], name, strlen(name), NULL, name, &out);
	return out;
}
