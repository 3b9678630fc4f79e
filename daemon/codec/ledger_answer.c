/*
 * Answers of the ledger that are passed on: what has to be read from them or
 * put into them on the way.
 */
#include "daemon/codec/ledger_answer.h"

#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
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
