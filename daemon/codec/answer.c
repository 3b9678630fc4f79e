/*
 * Answers of the ledger that are passed on: what has to be read from them or
 * put into them on the way.
 */
#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/codec/field.h"

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
