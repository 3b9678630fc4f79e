/*
 * Fields: where a value stands, what is said of one that is wrong, and what holds
 * between members: which there may be, and which may not be alike.
 *
 * JSON null counts as absent everywhere: clients in many languages cannot leave
 * a member out.  A member that nobody knows is answered with the name that was
 * probably meant.
 */
#include "daemon/codec/field.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/buf.h"
#include "daemon/base/utf8.h"
#include "daemon/codec/codec.h"

struct field field_top(const struct codec *c, const json_t *object)
{
	return (struct field){ .codec = c, .value = object };
}

struct field field_member(const struct field *in, const char *key)
{
	const json_t *v = json_object_get(in->value, key);

	return (struct field){ .codec = in->codec,
		.in = in,
		.key = key,
		.value = json_is_null(v) ? NULL : v };
}

struct field field_required(const struct field *in, const char *key)
{
	struct field s = field_member(in, key);

	/* In something that is not an object everything is missing: said once, there. */
	if (!s.value && json_is_object(in->value))
		field_fault(&s, BROKEN_REQUIRED, "nothing", "");
	return s;
}

struct field field_sealed(struct field s)
{
	s.sealed = true;
	return s;
}

struct field field_item(const struct field *list, size_t i)
{
	return (struct field){ .codec = list->codec,
		.in = list,
		.at = i,
		.value = json_array_get(list->value, i),
		.sealed = list->sealed };
}

/* The JSON pointer, RFC 6901. */
static void put_pointer(const struct field *s, struct buf *b)
{
	if (!s->in)
		return;
	put_pointer(s->in, b);
	buf_putc(b, '/');
	if (!s->key) {
		buf_putu(b, s->at);
		return;
	}
	for (const char *k = s->key; *k; k++) {
		if (*k == '~')
			buf_puts(b, "~0");
		else if (*k == '/')
			buf_puts(b, "~1");
		else
			buf_putc(b, *k);
	}
}

/* What stands there, short enough to quote. */
static void describe(const json_t *v, char *out, size_t n)
{
	switch (v ? json_typeof(v) : JSON_NULL) {
	case JSON_STRING:
		utf8_cut(out, n, json_string_value(v));
		if (utf8_unwanted(out))
			snprintf(out, n, "unprintable text");
		return;
	case JSON_INTEGER:
		snprintf(out, n, "%lld", (long long)json_integer_value(v));
		return;
	case JSON_REAL: {
		char digits[64];
		size_t len = json_dumpb(v, digits, sizeof(digits) - 1, JSON_ENCODE_ANY);

		digits[len < sizeof(digits) ? len : 0] = '\0';
		snprintf(out, n, "%s", digits);
		return;
	}
	case JSON_TRUE:
		snprintf(out, n, "true");
		return;
	case JSON_FALSE:
		snprintf(out, n, "false");
		return;
	case JSON_OBJECT:
		snprintf(out, n, "an object");
		return;
	case JSON_ARRAY:
		snprintf(out, n, "a list of %zu", json_array_size(v));
		return;
	case JSON_NULL:
		snprintf(out, n, "null");
		return;
	}
}

void body_fault(const struct codec *c, enum broken b, const char *found, const char *expected)
{
	const struct broken_rule *r = broken_rule(b);

	fault_add(c->faults, "", r->name, found, expected, r->en, r->zh);
}

void field_fault(const struct field *s, enum broken b, const char *found, const char *expected)
{
	field_fault_said(s, b, b, found, expected);
}

void field_fault_said(const struct field *s, enum broken b, enum broken said, const char *found,
    const char *expected)
{
	const struct broken_rule *r = broken_rule(said);
	struct buf pointer = { 0 };
	char where[96];
	char what[64] = "";

	buf_puts(&pointer, "");
	put_pointer(s, &pointer);
	utf8_cut(where, sizeof(where), pointer.data);
	buf_free(&pointer);
	if (s->sealed)
		found = s->value ? NOT_SHOWN : "nothing";
	if (!found) {
		describe(s->value, what, sizeof(what));
		found = what;
	}
	fault_add(s->codec->faults, where, broken_rule(b)->name, found, expected, r->en, r->zh);
}

static const char *nearest(const char *name, const char *const *known, size_t n)
{
	const char *found = NULL;
	size_t best = strlen(name) / 2 + 1;

	for (size_t i = 0; i < n; i++) {
		size_t d = utf8_distance(name, known[i], best);

		if (d < best || (strlen(name) >= 4 && strstr(known[i], name))) {
			best = d < best ? d : best;
			found = known[i];
		}
	}
	return found;
}

void field_read_only(const struct field *object, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		json_object_del((json_t *)object->value, names[i]);
	json_object_del((json_t *)object->value, "code_names");
}

void field_drop_nulls(json_t *value)
{
	json_t *below;
	const char *name;
	void *next;
	size_t i;

	json_object_foreach_safe(value, next, name, below)
	{
		if (json_is_null(below))
			json_object_del(value, name);
		else
			field_drop_nulls(below);
	}
	json_array_foreach(value, i, below) field_drop_nulls(below);
}

void field_only(const struct field *object, const char *const *known, size_t n)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)object->value, name, value)
	{
		size_t i = 0;

		while (i < n && strcmp(known[i], name) != 0)
			i++;
		if (i < n)
			continue;

		struct field s = { .codec = object->codec,
			.in = object,
			.key = name,
			.value = value };
		/* Looked for only while it is kept: it takes longer than the reading. */
		const char *meant =
		    object->codec->faults->n < FAULTS_MAX ? nearest(name, known, n) : NULL;

		/* What stands under a wrong name may be something sealed. */
		field_fault(&s, BROKEN_UNKNOWN_MEMBER, "(not shown)",
		    meant ? meant : "no such member");
	}
}

/* What an entry is known by; NULL: it does not count. */
static const json_t *known_by(const json_t *entry, const char *key, const char *but)
{
	const json_t *without = but ? json_object_get(entry, but) : NULL;

	if (without && !json_is_null(without))
		return NULL;
	return key ? json_object_get(entry, key) : entry;
}

void field_once(const struct field *list, const char *key, const char *but,
    const char *expected)
{
	for (size_t i = 1; i < json_array_size(list->value); i++) {
		struct field later = field_item(list, i);
		struct field named = key ? field_member(&later, key) : later;
		const json_t *earlier = NULL;

		if (!known_by(later.value, key, but))
			continue;
		for (size_t j = 0; j < i && !json_equal(earlier, named.value); j++)
			earlier = known_by(json_array_get(list->value, j), key, but);
		if (named.value && json_equal(earlier, named.value))
			field_fault(&named, BROKEN_DUPLICATE, NULL, expected);
	}
}
