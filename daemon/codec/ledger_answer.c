/*
 * Answers of the ledger that are passed on: what has to be read from them or
 * put into them on the way.
 */
#include "daemon/codec/ledger_answer.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/count.h"
#include "daemon/base/hex.h"
#include "daemon/codec/field.h"
#include "daemon/codec/path_ids.h"
#include "daemon/codec/writers.h"

int64_t codec_member_number(const char *json, const char *name)
{
	json_t *tree = json_loads(json, 0, NULL);
	const json_t *value = json_object_get(tree, name);
	int64_t n = json_is_integer(value) ? json_integer_value(value) : -1;

	json_decref(tree);
	return n;
}

const char *codec_member_text(struct arena *a, const char *json, const char *name)
{
	json_t *tree = json_loads(json, 0, NULL);
	const char *value = json_string_value(json_object_get(tree, name));
	const char *copy = value ? arena_strdup(a, value) : NULL;

	json_decref(tree);
	return copy;
}

const char *codec_with_members(struct arena *a, const char *json, const struct text_member *m,
    size_t n)
{
	json_t *tree = json_loads(json, 0, NULL);
	struct buf b = { 0 };

	if (!tree)
		return json;
	for (size_t i = 0; i < n; i++) {
		if (m[i].value)
			json_object_set_new(tree, m[i].name, json_string(m[i].value));
	}
	write_tree(&b, tree, 0);
	json_decref(tree);
	return buf_to_arena(a, &b);
}

static void open_one(struct arena *a, json_t *item, const char *row, const char *member,
    const char *column, contact_opener *open, void *arg)
{
	const char *hex = json_string_value(json_object_get(item, member));
	const char *plain = NULL;

	if (hex) {
		size_t max = strlen(hex) / 2;
		uint8_t *sealed = arena_alloc(a, max + 1);

		plain = open(arg, column, row, sealed, hex_read(hex, sealed, max));
	}
	json_object_set_new(item, member, plain ? json_string(plain) : json_null());
}

static const char *employer_of(const json_t *object)
{
	const char *code = json_string_value(json_object_get(object, "employer"));

	return code ? code : "";
}

const char *codec_open_lines(struct arena *a, const char *json, contact_opener *open, void *arg)
{
	json_t *tree = json_loads(json, 0, NULL);
	const char *employer = employer_of(tree);
	const char *district = json_string_value(json_object_get(tree, "district"));
	struct buf b = { 0 };
	json_t *line;
	size_t i;

	json_array_foreach(json_object_get(tree, "lines"), i, line)
	{
		open_one(a, line,
		    arena_printf(a, "%.9s/%s/%s", codec_organisation(employer), district,
			json_string_value(json_object_get(line, "ref"))),
		    "interview_contact", "contact", open, arg);
		field_drop_nulls(line);
	}
	write_tree(&b, tree, 0);
	json_decref(tree);
	return buf_to_arena(a, &b);
}

const char *codec_open_contacts(struct arena *a, const char *json, contact_opener *open,
    void *arg)
{
	json_t *tree = json_loads(json, 0, NULL);
	struct buf b = { 0 };
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(tree, "items"), i, item)
	{
		const char *row =
		    arena_printf(a, "%.9s/%s/%s", codec_organisation(employer_of(item)),
			json_string_value(json_object_get(item, "district")),
			json_string_value(json_object_get(item, "sealed_quarter")));

		open_one(a, item, row, "contact", "contact", open, arg);
		open_one(a, item, row, "telephone", "phone", open, arg);
		json_object_del(item, "sealed_quarter");
	}
	write_tree(&b, tree, 0);
	json_decref(tree);
	return buf_to_arena(a, &b);
}

/* Who is named by what is sealed. */
static void open_person(struct arena *a, json_t *who, contact_opener *open, void *arg)
{
	static const struct {
		const char *member, *column;
	} sealed[] = { { "citizen_number", "citizen" }, { "name", "name" },
		{ "telephone", "phone" }, { "address", "address" } };
	const char *of = json_string_value(json_object_get(who, "sealed"));
	const char *row = of ? arena_strdup(a, of) : NULL;

	for (size_t i = 0; row && i < COUNT(sealed); i++)
		if (json_object_get(who, sealed[i].member))
			open_one(a, who, row, sealed[i].member, sealed[i].column, open, arg);
	json_object_del(who, "sealed");
}

static int by_number(const void *a, const void *b)
{
	const char *first =
	    json_string_value(json_object_get(*(json_t *const *)a, "citizen_number"));
	const char *other =
	    json_string_value(json_object_get(*(json_t *const *)b, "citizen_number"));

	return strcmp(first ? first : "", other ? other : "");
}

/* The order in which they came is that of numbers that another exchange does not have. */
static void sort_people(struct arena *a, json_t *people)
{
	size_t n = json_array_size(people), i;
	json_t **them = arena_alloc(a, n * sizeof(json_t *) + 1), *one;

	json_array_foreach(people, i, one) them[i] = json_incref(one);
	if (n)
		qsort(them, n, sizeof(json_t *), by_number);
	json_array_clear(people);
	for (i = 0; i < n; i++)
		json_array_append_new(people, them[i]);
}

json_t *codec_open_people(struct arena *a, const char *json, contact_opener *open, void *arg)
{
	json_t *tree = json_loads(json, 0, NULL), *item, *one;
	size_t i, k;

	json_array_foreach(json_object_get(tree, "items"), i, item)
	{
		json_t *people = json_object_get(item, "members");

		open_person(a, item, open, arg);
		json_array_foreach(people, k, one) open_person(a, one, open, arg);
		sort_people(a, people);
	}
	return tree;
}
