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
#include "daemon/codec/writers.h"
#include "daemon/flow/expected.h"

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

/* The ledger says in English what would be right. */
static void add_expected_zh(json_t *fault)
{
	const char *expected = json_string_value(json_object_get(fault, "expected"));
	struct buf zh = { 0 };

	if (!expected)
		return;
	expected_put_zh(&zh, expected);
	json_object_set_new(fault, "expected_zh", json_string(zh.data ? zh.data : ""));
	buf_free(&zh);
}

bool codec_write_receipts(struct buf *out, const char *reply,
    const struct receipt_entry *entries, size_t n, size_t *refused)
{
	json_t *tree = json_loads(reply, 0, NULL);
	const json_t *receipts = json_object_get(tree, "receipts");
	size_t at = 0;
	bool fine;

	*refused = 0;
	for (size_t i = 0; i < n; i++) {
		const json_t *one;
		json_t *fault;

		buf_puts(out, entries[i].text);
		if (entries[i].is_sent) {
			one = json_array_get(receipts, at++);
			fault = json_array_get(one, 2);
			write_text(out, "result", json_string_value(json_array_get(one, 0)));
			if (fault) {
				++*refused;
				buf_key(out, "errors");
				buf_putc(out, '[');
				add_expected_zh(fault);
				write_tree(out, fault, 0);
				buf_putc(out, ']');
			} else {
				write_text(out, "vacancy",
				    json_string_value(json_array_get(one, 1)));
			}
			buf_putc(out, '}');
		}
		buf_putc(out, '\n');
	}
	fine = at == json_array_size(receipts);
	json_decref(tree);
	return fine;
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

const char *codec_open_lines(struct arena *a, const char *json, contact_opener *open, void *arg)
{
	json_t *tree = json_loads(json, 0, NULL);
	const char *employer = json_string_value(json_object_get(tree, "employer"));
	const char *district = json_string_value(json_object_get(tree, "district"));
	struct buf b = { 0 };
	json_t *line;
	size_t i;

	json_array_foreach(json_object_get(tree, "lines"), i, line)
	{
		open_one(a, line,
		    arena_printf(a, "%s/%s/%s", employer, district,
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
		const char *row = arena_printf(a, "%s/%s/%s",
		    json_string_value(json_object_get(item, "employer")),
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
